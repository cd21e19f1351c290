"""Typical days: reading, learning, and the tail beyond a forecast."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import (
    CoverageError,
    Fairness,
    Forecast,
    InputError,
    Planner,
    Provenance,
    Series,
    TypicalDay,
    learn_typical_day,
    read_typical_day,
)
from lowcarb.carbon.typical_day import fill, hourly_means
from lowcarb.carbon.typical_day_csv import HOUR_COLUMNS
from lowcarb.demo.grid_statistics import us_summer_2022
from lowcarb_solvers import Status
from lowcarb_solvers.arrays import FloatArray
from tests.helpers.data import START, invented_forecast, mixed_fleet

HEADER = ",".join(["region", *HOUR_COLUMNS]) + "\n"
RAMP = HEADER + "DE," + ",".join(str(10 * h) for h in range(24)) + "\n"


def read(tmp_path: Path, content: str, units: str = "g/kWh") -> TypicalDay:
    path = tmp_path / "t.csv"
    path.write_text(content)
    return read_typical_day(str(path), units)


def hourly(values: list[float], step_min: float = 60) -> Forecast:
    times = START.timestamp() + 60 * step_min * np.arange(len(values), dtype=np.float64)
    return Forecast(
        series={"DE": Series(times=times, values=np.asarray(values, float))}, source="test"
    )


def test_files_are_read_and_converted(tmp_path: Path) -> None:
    day = read(tmp_path, RAMP)
    assert day.regions == ("DE",)
    assert day.intensity[0].tolist() == [10 * h for h in range(24)]
    pounds = read(tmp_path, RAMP, "lb/MWh")
    assert pounds.intensity[0, 1] == pytest.approx(4.5359237)


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        (RAMP.replace("h23", "h24"), 1, "the column 'h23' is missing"),
        (RAMP.replace("region", "zone"), 1, "the column 'region' is missing"),
        (HEADER.strip() + ",x\nDE" + ",1" * 25 + "\n", 1, "unknown column 'x'"),
        (RAMP + RAMP.splitlines()[1] + "\n", 3, "'DE' stands in an earlier line already"),
        (RAMP.replace("DE", ""), 2, "the region is blank"),
        (RAMP.replace("DE,0,", "DE,-1,"), 2, "h00 of region 'DE': expected a finite number"),
        (RAMP.replace("DE,0,", "DE,,"), 2, "h00 of region 'DE' is blank"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, content: str, line: int, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, content)
    assert error.value.line == line


def test_the_tail_follows_the_hour_of_the_day(tmp_path: Path) -> None:
    day = read(tmp_path, RAMP)
    longer = day.extend(hourly([500.0] * 5), START + timedelta(hours=50))
    for hour in (5, 23, 24, 30, 49):
        mean = longer.mean("DE", START + timedelta(hours=hour), timedelta(hours=1))
        assert mean == 10 * (hour % 24)
    assert longer.mean("DE", START, timedelta(hours=5)) == 500
    with pytest.raises(CoverageError):
        longer.mean("DE", START + timedelta(hours=50), timedelta(hours=1))


@pytest.mark.parametrize(("step_min", "values"), [(30, 10), (5, 60), (180, 3)])
def test_the_tail_is_the_typical_day_whatever_the_step_of_the_series(
    tmp_path: Path, step_min: float, values: int
) -> None:
    day = read(tmp_path, RAMP)
    forecast = hourly([7.0] * values, step_min)
    longer = day.extend(forecast, START + timedelta(hours=48))
    hours = range(values * int(step_min) // 60, 48)
    means = [longer.mean("DE", START + timedelta(hours=h), timedelta(hours=1)) for h in hours]
    assert means == [10 * (h % 24) for h in hours]


@st.composite
def patchy_series(draw: st.DrawFn) -> Series:
    """Steps of 5, 30 and 60 minutes and odd ones in any mixture, with gaps."""
    steps = draw(st.lists(st.sampled_from([300.0, 1800.0, 3600.0, 97.3, 20000.0]), min_size=1))
    first = START.timestamp() + draw(st.floats(-90000, 90000))
    times = np.cumsum([first, *steps], dtype=np.float64)
    values = draw(
        st.lists(st.floats(0, 900), min_size=len(times), max_size=len(times)).map(np.array)
    )
    return Series(times=times, values=values)


@given(
    patchy_series(),
    st.lists(st.floats(0, 900), min_size=24, max_size=24).map(np.array),
    st.floats(-90000, 90000),
    st.floats(1, 200000),
    st.lists(st.floats(0, 1), min_size=1, max_size=20),
)
def test_filling_covers_all_and_alters_nothing(
    series: Series, day: FloatArray, offset: float, length: float, where: list[float]
) -> None:
    begin = START.timestamp() + offset
    filled = fill(series, day, begin, begin + length)
    assert not np.isnan(filled.means(np.array([begin]), length)).any()
    instants = begin + np.array(where) * (length - 1)
    means = filled.means(instants, 1.0)
    assert not np.isnan(means).any()
    known = series.means(instants, 1.0)
    np.testing.assert_allclose(means[~np.isnan(known)], known[~np.isnan(known)], atol=1e-2)
    # Where no part of the second was known, it is the typical day.
    touched = (
        (series.times[:, np.newaxis] < instants + 1.001)
        & (series.ends[:, np.newaxis] > instants - 0.001)
    ).any(axis=0)
    within = np.floor(instants / 3600) == np.floor((instants + 1) / 3600)
    hours = ((instants % 86400) // 3600).astype(int)
    untouched = ~touched & within
    np.testing.assert_array_equal(means[untouched], day[hours[untouched]])


def test_a_typical_day_is_as_long_as_it_is_asked_for(tmp_path: Path) -> None:
    day, provenance = read(tmp_path, RAMP), Provenance(provider="typical days", zone="DE")
    late = START + timedelta(hours=22, minutes=59)
    series = day.series("DE", late, late + timedelta(hours=5), provenance)
    assert series.values.tolist() == [220, 230, 0, 10, 20, 30]
    assert series.ends[-1] == (late + timedelta(hours=5)).timestamp()
    assert series.provenance is provenance
    # A moment is a series too.
    assert day.series("DE", late, late, provenance).values.tolist() == [220, 230]


def test_hours_that_were_never_seen_have_no_mean() -> None:
    times = START.timestamp() + 1800.0 * np.arange(5, dtype=np.float64)
    means = hourly_means(Series(times=times, values=np.array([1.0, 3.0, 5.0, 7.0, 9.0])))
    assert means[:2].tolist() == [2, 6]
    assert np.isnan(means[2:]).all()
    short = Series(times=START.timestamp() + np.array([600.0, 1200.0]), values=np.ones(2))
    assert np.isnan(hourly_means(short)).all()


def test_a_forecast_that_reaches_far_enough_is_left_alone(tmp_path: Path) -> None:
    forecast = hourly([1.0] * 5)
    assert read(tmp_path, RAMP).extend(forecast, START + timedelta(hours=5)) is forecast


def test_learnt_days_are_means_of_each_hour() -> None:
    past = hourly([float(h % 24) + (h // 24) for h in range(72)])
    assert learn_typical_day(past).intensity[0].tolist() == [h + 1.0 for h in range(24)]
    with pytest.raises(InputError, match="no value at 20:00 UTC"):
        learn_typical_day(hourly([1.0] * 20))


def test_embedded_days_can_be_learnt_back_from_themselves() -> None:
    typical = us_summer_2022().typical
    times = START.timestamp() + 3600.0 * np.arange(48, dtype=np.float64)
    forecast = Forecast(
        series={
            region: Series(times=times, values=np.tile(day, 2))
            for region, day in zip(typical.regions, typical.intensity, strict=True)
        },
        source="typical",
    )
    assert learn_typical_day(forecast).intensity == pytest.approx(typical.intensity)


def test_a_plan_reaches_beyond_its_forecast() -> None:
    short = invented_forecast(4, hours=24)
    fleet = mixed_fleet(sorted(short.series), clients=12)
    planner = Planner(fleet=fleet, cohort_size=3, rounds=60, fairness=Fairness(min_share="0.8"))
    with pytest.raises(CoverageError):
        planner.plan(START, short)
    plan = planner.plan(START, learn_typical_day(short).extend(short, planner.end(START)))
    assert plan.solution.status is Status.OPTIMAL
    assert plan.shortfalls == ()
    note = "the forecast ends in round 25; from there on typical days stand in"
    assert planner.reach_note(START, short) == note
    # The same days as a forecast give the same plan.
    long = learn_typical_day(short).extend(short, START + timedelta(hours=60))
    assert planner.plan(START, long).planned_g == pytest.approx(plan.planned_g)
    assert planner.reach_note(START, long) is None


def test_regions_without_a_typical_day_are_named() -> None:
    short = invented_forecast(4, hours=24)
    fleet = mixed_fleet(sorted(short.series), clients=12)
    days = learn_typical_day(replace(short, series={"R00": short.series["R00"]}))
    planner = Planner(fleet=fleet, cohort_size=3, rounds=30)
    with pytest.raises(CoverageError, match="does not cover region 'R0"):
        planner.plan(START, days.extend(short, planner.end(START)))
