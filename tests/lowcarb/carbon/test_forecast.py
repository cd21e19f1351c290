"""Means over windows, gaps, and which issue is used."""

from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import CoverageError, Forecast, InputError, Issues, Provenance, Series

HOUR = 3600.0
T0 = datetime(2022, 7, 15, tzinfo=UTC)


def series(values: list[float], steps: list[float] | None = None) -> Series:
    hours = np.arange(len(values)) if steps is None else np.cumsum([0, *steps])
    return Series(times=T0.timestamp() + HOUR * np.asarray(hours), values=np.asarray(values, float))


def forecast(one: Series) -> Forecast:
    return Forecast(series={"DE": one}, source="test.csv")


@pytest.mark.parametrize(
    ("start_min", "duration_min", "mean"),
    [
        (0, 60, 100),
        (0, 20, 100),
        (30, 60, 150),
        (59, 2, 150),
        (0, 180, 200),
        (45, 60, 100 * 0.25 + 200 * 0.75),
        (120, 60, 300),
    ],
)
def test_mean_over_a_window(start_min: float, duration_min: float, mean: float) -> None:
    found = forecast(series([100, 200, 300])).mean(
        "DE", T0 + timedelta(minutes=start_min), timedelta(minutes=duration_min)
    )
    assert found == pytest.approx(mean, rel=1e-12)


def test_within_one_value_the_mean_is_that_value_to_the_last_bit() -> None:
    # Clients whose rows are equal count as one class: a bit more or less would make them two.
    values = np.random.default_rng(0).uniform(50, 700, 96)
    one = series(values.tolist())
    for duration_s in (1200.0, 2400.0, 3600.0):
        assert one.means(one.times, duration_s).tolist() == values.tolist()


def test_zero_is_a_value() -> None:
    assert forecast(series([0, 0, 5])).mean("DE", T0, timedelta(hours=2)) == 0


@given(
    values=st.lists(st.floats(0, 2000), min_size=2, max_size=30),
    begin=st.floats(0, 1),
    length=st.floats(0.01, 1),
)
def test_mean_agrees_with_summing_seconds(values: list[float], begin: float, length: float) -> None:
    one = series(values)
    total = len(values) * 3600
    start = int(begin * (total - 60))
    duration = max(1, int(length * (total - start)))
    each = np.repeat(values, 3600)[start : start + duration]
    found = one.means(np.array([T0.timestamp() + start]), float(duration))[0]
    assert found == pytest.approx(each.mean(), rel=1e-9, abs=1e-9)


def test_a_value_holds_to_the_next_and_the_last_as_long_as_the_step_before() -> None:
    one = series([1, 2, 4])
    assert one.means(np.array([T0.timestamp() + 2.999 * HOUR]), 3.5)[0] == pytest.approx(4)
    assert np.isnan(one.means(np.array([T0.timestamp() + 2.999 * HOUR]), 5.0)[0])


def test_outside_is_an_error_that_says_what_is_covered() -> None:
    with pytest.raises(CoverageError, match="covers 2022-07-15 00:00 to 2022-07-15 03:00 UTC") as e:
        forecast(series([1, 2, 3])).mean("DE", T0 - timedelta(minutes=1), timedelta(minutes=2))
    assert e.value.file == "test.csv"


def test_a_gap_matters_only_where_it_is_touched() -> None:
    one = forecast(series([1, 2, 3, 4, 5], steps=[1, 1, 4, 1]))
    assert one.mean("DE", T0 + timedelta(hours=2), timedelta(hours=1)) == 3
    assert one.mean("DE", T0 + timedelta(hours=6), timedelta(hours=2)) == 4.5
    with pytest.raises(CoverageError, match="without 2022-07-15 03:00 to 2022-07-15 06:00"):
        one.mean("DE", T0 + timedelta(hours=2), timedelta(minutes=61))


@pytest.mark.parametrize(
    ("times", "values", "message"),
    [
        ([0], [1], "at least two"),
        ([0, 0], [1, 1], "ascend"),
        ([0, 1, 2], [1, 1], "3 times but 2 values"),
        ([0, 1], [1, -1], "from 0 to 100000"),
        ([0, 1], [1, np.nan], "from 0 to 100000"),
    ],
)
def test_what_is_no_series(times: list[float], values: list[float], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Series(times=np.array(times, float), values=np.array(values, float))


def test_ends_that_are_known_need_not_be_guessed() -> None:
    times = T0.timestamp() + HOUR * np.array([0.0, 1.0, 9.0])
    one = forecast(Series(times=times, values=np.array([1.0, 2.0, 3.0]), until=times + 600.0))
    assert one.mean("DE", T0 + timedelta(hours=9), timedelta(minutes=10)) == 3
    with pytest.raises(CoverageError, match="to 2022-07-15 09:10 UTC, without 2022-07-15 00:10"):
        one.mean("DE", T0, timedelta(minutes=11))
    long = Series(times=times, values=np.ones(3), until=np.append(times[1:], times[-1] + 1.0))
    assert not np.isnan(long.means(times[:1], 9 * HOUR + 1)).any()


@pytest.mark.parametrize("until", [[0, 2, 3], [1, 3, 3], [1, 2], [1, 2, np.nan]])
def test_ends_that_cannot_be_are_refused(until: list[float]) -> None:
    with pytest.raises(InputError, match="until: expected an end for each value"):
        Series(times=np.array([0.0, 1.0, 2.0]), values=np.ones(3), until=np.array(until))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"provider": None}, "provider: expected text, got None"),
        ({"zone": 7}, "zone: expected text, got 7"),
        ({"zone": "\ud800"}, "zone: expected text that can be written"),
        ({"signal": 1}, "signal: expected average or marginal, got 1"),
        ({"signal": "Average"}, "signal: expected average or marginal, got 'Average'"),
        ({"accounting": b"x"}, "accounting: expected lifecycle or direct, got b'x'"),
        ({"quality": "fresh"}, "quality: expected a Quality, got 'fresh'"),
        ({"issued_at": "2022-07-15"}, "issued_at: expected a time with a zone, got '2022-07-15'"),
        ({"fetched_at": datetime(3000, 1, 1, tzinfo=UTC)}, "is not from 1900 to 2499"),
    ],
)
def test_what_is_no_origin(wrong: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        Provenance(**({"provider": "mine", "zone": "DE"} | wrong))


def test_origins_need_times_with_a_zone() -> None:
    with pytest.raises(InputError, match="issued_at: expected a time with a zone"):
        Provenance(provider="mine", zone="DE", issued_at=datetime(2022, 7, 15))  # noqa: DTZ001


def test_unknown_regions_and_naive_times_are_refused() -> None:
    one = forecast(series([1, 2]))
    with pytest.raises(InputError, match="region 'FR' is not in the forecast"):
        one.mean("FR", T0, timedelta(hours=1))
    with pytest.raises(InputError, match="with a zone"):
        one.mean("DE", datetime(2022, 7, 15), timedelta(hours=1))  # noqa: DTZ001


def test_the_newest_issue_by_then_is_used() -> None:
    issues = Issues(
        forecasts=tuple(
            Forecast(
                series={"DE": series([day, day])},
                source="f.csv",
                issued_at=T0 + timedelta(days=day),
            )
            for day in range(3)
        ),
        source="f.csv",
    )
    assert issues.newest.issued_at == T0 + timedelta(days=2)
    assert issues.at(T0 + timedelta(days=1)).issued_at == T0 + timedelta(days=1)
    assert issues.at(T0 + timedelta(hours=47)).issued_at == T0 + timedelta(days=1)
    with pytest.raises(CoverageError, match="no forecast was issued by 2022-07-14"):
        issues.at(T0 - timedelta(hours=1))


def test_an_unknown_region_is_answered_with_some_of_the_known_ones() -> None:
    many = Forecast(series={f"R{i:02d}": series([1, 2]) for i in range(34)}, source="f.csv")
    with pytest.raises(InputError, match=r"which has R00, R01, .*, R29 and 4 more$"):
        many.of("XX")


def test_the_first_time_that_all_regions_cover() -> None:
    def region(first: int, steps: list[float]) -> Series:
        hours = first + np.cumsum([0, *steps])
        return Series(times=T0.timestamp() + HOUR * hours, values=np.ones(len(hours)))

    several = Forecast(
        series={"A": region(0, [1] * 9), "B": region(2, [1] * 6), "C": region(0, [1, 1, 3, 1, 1])},
        source="f.csv",
    )
    for regions, hours in (("A", 0), ("AB", 2), ("ABC", 2), ("XA", 0)):
        assert several.first_covered(list(regions)) == T0 + hours * timedelta(hours=1)
    late = Forecast(series={"B": region(3, [1] * 6), "C": several.series["C"]}, source="f.csv")
    assert late.first_covered(["B", "C"]) == T0 + timedelta(hours=5)
    issued = Forecast(series=several.series, source="f.csv", issued_at=T0 + timedelta(hours=6.5))
    assert issued.first_covered(["A"]) == T0 + timedelta(hours=7)
