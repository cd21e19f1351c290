"""Rows that are not right: refused, merged or shown as the gaps that they are."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from lowcarb import errors
from tests.helpers.forecast_calls import call
from tests.helpers.forecast_services import BY_NAME, KINDS, NOW, Kind, Row, each_kind

Edit = Callable[[Kind, list[Row]], Sequence[Row]]


def swap(_: Kind, rows: list[Row]) -> list[Row]:
    return [*rows[:4], rows[5], rows[4], *rows[6:]]


def value(given: Any) -> Edit:
    return lambda _, rows: [*rows[:4], (rows[4][0], given), *rows[5:]]


EDITS: dict[str, Edit] = {
    "null": value(None),
    "NaN": value(float("nan")),
    "infinite": value(float("inf")),
    "negative": value(-1),
    "too large": value(1e9),
    "a text": value("211"),
    "a truth": value(True),
    "unordered": swap,
    "different duplicates": lambda _, rows: [*rows[:5], (rows[4][0], 7), *rows[5:]],
}


# The columns of Energy-Charts have gaps by nature: see below.
REFUSED = [
    pytest.param(kind, fault, id=f"{kind.name}-{fault}")
    for kind in KINDS
    for fault in EDITS
    if (kind.name, fault) != ("Energy-Charts", "null")
]


@pytest.mark.parametrize(("kind", "fault"), REFUSED)
def test_a_value_that_is_not_right_is_refused(kind: Kind, fault: str) -> None:
    rows = EDITS[fault](kind, kind.rows())
    result = call(kind, kind.say(rows))
    assert type(result.error) is errors.BadResponseError
    # It is seen where it is, and not only that something is wrong.
    assert fault in ("NaN", "infinite") or "not of the form" not in str(result.error)


@each_kind
def test_a_missing_stretch_stays_visible(kind: Kind) -> None:
    rows = kind.rows()
    result = call(kind, kind.say([*rows[:4], *rows[6:]]))
    series = result.series
    assert series is not None
    assert series.ends[3] == rows[4][0].timestamp()
    assert series.times[4] == rows[6][0].timestamp()
    assert "without" in series.describe_coverage()


def test_a_hole_in_the_columns_of_energy_charts_stays_visible() -> None:
    kind = BY_NAME["Energy-Charts"]
    rows = kind.rows()
    series = call(kind, kind.say(value(None)(kind, rows))).series
    assert series is not None
    assert len(series.values) == len(rows) - 1
    assert series.ends[3] == rows[4][0].timestamp()


@each_kind
def test_identical_duplicates_are_merged(kind: Kind) -> None:
    rows = kind.rows()
    series = call(kind, kind.say([*rows[:5], rows[4], *rows[5:]])).series
    assert series is not None
    assert len(series.values) == len(rows)


@each_kind
def test_a_short_horizon_is_given_as_it_is(kind: Kind) -> None:
    series = call(kind, kind.say(kind.rows(3))).series
    assert series is not None
    assert series.ends[-1] == (NOW + 3 * kind.step).timestamp()


@each_kind
def test_no_rows_are_no_data(kind: Kind) -> None:
    assert type(call(kind, kind.say([])).error) is errors.NoDataError


@each_kind
def test_an_answer_about_yesterday_does_not_cover_now(kind: Kind) -> None:
    rows = kind.rows(24, NOW - timedelta(days=2))
    assert type(call(kind, kind.say(rows)).error) is errors.CoverageError


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.zoned], ids=lambda kind: kind.name)
def test_an_answer_for_another_zone_is_refused(kind: Kind) -> None:
    assert type(call(kind, kind.say(zone=kind.other)).error) is errors.BadResponseError
