"""The sentences, the pictures and the page of a sweep over deadlines and ranges."""

import csv
import io
from dataclasses import replace
from typing import Any

import pytest

from lowcarb import Planner
from lowcarb.replay import Sweep, starts_within, sweep
from lowcarb.report.pictures.picture import Picture
from lowcarb.report.sweep.html import sweep_to_html
from lowcarb.report.sweep.pictures import pictures_of
from lowcarb.report.sweep.verdict import against_at_once, hours, verdict
from lowcarb_solvers import Greedy
from tests.helpers.html_pages import read_page
from tests.helpers.recorded_days import RECORDING, fleet

PLANNER = Planner(fleet=fleet(6), cohort_size=2, rounds=3, solvers=(Greedy(),))
STARTS = starts_within(RECORDING, replace(PLANNER, rounds=24), 2)


def swept(**options: Any) -> Sweep:
    given: dict[str, Any] = {"min_shares": ["0", "1"], "cohort_sizes": [2], **options}
    return sweep(PLANNER, RECORDING, STARTS, **given)


def drawn(found: Sweep, name: str) -> tuple[Picture, list[dict[str, str]]]:
    (picture,) = (one for one in pictures_of(found) if one.name == name)
    return picture, list(csv.DictReader(io.StringIO(picture.csv())))


@pytest.fixture(scope="module")
def found() -> Sweep:
    return swept(deadlines=["18h", "5h"])


def test_what_choosing_the_hours_saved(found: Sweep) -> None:
    shares = against_at_once(found)
    for k, point in enumerate(found.points):
        ilp, at_once = (point.comparison.summaries[name] for name in ("ilp", "at-once"))
        assert shares[k] == 1 - ilp.realised_g / at_once.realised_g
    (sentence,) = hours(found)
    low, high = sorted(100 * shares[k] for k in (0, 1))
    assert f"by deadline: 18h {low:.1f}% to {high:.1f}%, 5h " in sentence
    assert "random cohorts at once at cohort size 2, deadline " in verdict(found)
    page = read_page(sweep_to_html(found, []))
    for words in (sentence, "vs at once (%)", "Where there is a deadline, the hours of rounds"):
        assert words in page.text


def test_grams_are_drawn_by_deadline(found: Sweep) -> None:
    picture, rows = drawn(found, "by_deadline")
    assert [float(row["hours"]) for row in rows] == [5, 18]
    for share in ("0", "1"):
        by_deadline = [float(row[f"cohort size 2, min share {share}_g"]) for row in rows]
        points = [p for p in found.points if p.values["min_share"] == share]
        grams = [p.comparison.summaries["ilp"].realised_g for p in reversed(points)]
        assert by_deadline == pytest.approx(grams, abs=1e-3)
    assert picture.bytes("png").startswith(b"\x89PNG")


def test_where_only_the_deadline_differs_all_who_played_are_drawn() -> None:
    _, rows = drawn(swept(min_shares=["1"], deadlines=["5h", "18h"]), "by_deadline")
    assert set(rows[0]) == {"hours", "ilp_g", "at-once_g", "oracle_g"}
    assert rows[0]["at-once_g"] == rows[1]["at-once_g"]


def test_grams_are_drawn_by_cohort_range() -> None:
    found = swept(cohort_ranges=["2..2", "1..4"])
    picture, rows = drawn(found, "by_cohort_range")
    assert [row["cohort_range"] for row in rows] == ["2..2", "1..4"]
    column = [float(row["cohort size 2, min share 1_g"]) for row in rows]
    points = [p for p in found.points if p.values["min_share"] == "1"]
    grams = [p.comparison.summaries["ilp"].realised_g for p in points]
    assert column == pytest.approx(grams, abs=1e-3)
    assert picture.bytes("png").startswith(b"\x89PNG")
    assert hours(found) == []


def test_many_lines_are_cut_and_that_is_said() -> None:
    found = swept(min_shares=[k / 10 for k in range(10)], cohort_ranges=["2..2", "1..4"])
    picture, rows = drawn(found, "by_cohort_range")
    assert len(rows[0]) == 1 + 8
    assert "The first 8 of 10 lines; the table has all of them." in picture.caption
