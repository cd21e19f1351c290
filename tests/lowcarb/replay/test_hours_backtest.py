"""Ways to choose hours on days whose cheapest hours are known by hand."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import Client, Fairness, Fleet, Forecast, InputError, Planner, Series
from lowcarb.carbon.issues import Issues
from lowcarb.planning.hours import Hours
from lowcarb.planning.slot_policies import AT_ONCE, slot_policies
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.replay import Backtest, Recording
from lowcarb.replay.hours_backtest import HoursAfter, HoursBacktest, HoursRun
from lowcarb.replay.hours_comparison import HoursComparison, compare_hours
from lowcarb_solvers import chain
from tests.helpers.data import START, mixed_fleet

HOUR = timedelta(hours=1)
SOLVERS = chain(5.0)


def forecast(values: Mapping[str, Sequence[float]], issued_h: int = 0) -> Forecast:
    begin = START + issued_h * HOUR
    series = {
        region: Series(
            times=begin.timestamp() + 3600.0 * np.arange(len(row), dtype=np.float64),
            values=np.array(row, float),
        )
        for region, row in values.items()
    }
    return Forecast(series=series, source="by hand", issued_at=begin)


def two_days() -> Recording:
    """What was forecast first was wrong: the issue of hour 3 knows that hour 5 is the cleanest."""
    actual = {"A": [50, 40, 45, 60, 70, 10, 80, 90], "B": [90, 80, 70, 60, 50, 40, 30, 20]}
    first = {"A": [50, 40, 45, 20, 70, 60, 80, 90], "B": actual["B"]}
    second = {name: row[3:] for name, row in actual.items()}
    issues = Issues(forecasts=(forecast(first), forecast(second, 3)), source="by hand")
    return Recording(issues=issues, actual=forecast(actual))


def planner(rounds: int = 1, deadline_h: int = 8) -> Planner:
    clients = [Client(name=name, region=name, energy_kwh=1.0, duration=HOUR) for name in ("A", "B")]
    return Planner(
        fleet=Fleet.from_clients(clients),
        cohort_size=1,
        rounds=rounds,
        fairness=Fairness(min_share=0),
        solvers=SOLVERS,
        hours=Hours(deadline=START + deadline_h * HOUR),
    )


def played(policy: str, backtest: HoursBacktest) -> HoursRun:
    if policy == "oracle":
        return backtest.oracle(SlotSearch(solvers=SOLVERS))
    return backtest.run(policy, slot_policies(SOLVERS)[policy])


@pytest.mark.parametrize(
    ("policy", "hour", "grams"),
    [("at-once", 0, 50.0), ("ilp", 5, 10.0), ("cheapest-slots", 5, 10.0), ("oracle", 5, 10.0)],
)
def test_a_newer_forecast_is_heard_while_it_waits(policy: str, hour: int, grams: float) -> None:
    backtest = HoursBacktest(planner=planner(), recording=two_days(), start=START)
    run = played(policy, backtest)
    assert run.starts == (START + hour * HOUR,)
    assert run.realised_g == pytest.approx(grams)


def test_a_threshold_trains_when_it_is_clean_enough_or_must() -> None:
    backtest = HoursBacktest(
        planner=planner(rounds=2, deadline_h=4), recording=two_days(), start=START
    )
    run = played("threshold", backtest)
    # Of four hours two are clean enough by the first forecast: 40 and 20; hour 2 is not.
    assert [(start - START) // HOUR for start in run.starts] == [1, 3]


def test_random_cohorts_at_once_are_expected_to_emit() -> None:
    backtest = HoursBacktest(planner=planner(rounds=2), recording=two_days(), start=START)
    assert backtest.random_g() == pytest.approx((50 + 90 + 40 + 80) / 2)


def test_a_planner_without_hours_is_refused() -> None:
    without = Planner(fleet=planner().fleet, cohort_size=1, rounds=1)
    with pytest.raises(InputError, match="hours: expected a planner with hours"):
        HoursBacktest(planner=without, recording=two_days(), start=START)


def test_a_replay_of_rounds_that_follow_each_other_takes_no_hours() -> None:
    with pytest.raises(InputError, match="hours: here rounds follow each other; HoursBacktest"):
        Backtest(planner=planner(), recording=two_days(), start=START)


@cache
def invented_days() -> Recording:
    rng = np.random.default_rng(3)
    actual = {f"R{r}": rng.uniform(50, 500, 96).round(1).tolist() for r in range(3)}
    noisy = {
        name: (np.array(row) * rng.uniform(0.8, 1.2, 96)).tolist() for name, row in actual.items()
    }
    later = {name: row[10:] for name, row in actual.items()}
    issues = Issues(forecasts=(forecast(noisy), forecast(later, 10)), source="by hand")
    return Recording(issues=issues, actual=forecast(actual))


@settings(max_examples=6, deadline=None)
@given(
    rounds=st.integers(1, 4),
    opens=st.integers(0, 15),
    pause=st.sampled_from([None, "6h"]),
    policy=st.sampled_from(["at-once", "cheapest-slots", "threshold", "ilp", "oracle"]),
)
def test_hours_pauses_deadline_and_floors_are_kept(
    rounds: int, opens: int, pause: str | None, policy: str
) -> None:
    one = Planner(
        fleet=mixed_fleet(["R0", "R1", "R2"], clients=4),
        cohort_size=2,
        rounds=rounds,
        fairness=Fairness(min_share=1),
        solvers=SOLVERS,
        hours=Hours(
            deadline=START + 40 * HOUR,
            open_hours=f"{opens:02d}:00-{opens + 8:02d}:00 UTC",
            longest_pause=pause,
        ),
    )
    run = played(policy, HoursBacktest(planner=one, recording=invented_days(), start=START))
    assert len(run.starts) == rounds
    for start in run.starts:
        end = start + one.timetable.longest
        assert opens <= start.hour
        assert end <= start.replace(hour=0, minute=0) + (opens + 8) * HOUR
        assert end <= START + 40 * HOUR
    gaps = [after - before - one.timetable.longest for before, after in pairwise(run.starts)]
    assert all(timedelta() <= gap for gap in gaps)
    assert pause is None or all(gap <= 6 * HOUR for gap in gaps)
    assert run.floors_met == 1
    assert all(len(cohort) == 2 for cohort in run.cohorts)


def compared(**changes: Any) -> HoursComparison:
    every = slot_policies(SOLVERS)
    policies = {name: every[name] for name in (AT_ONCE, "ilp")}
    after = HoursAfter(within=8 * HOUR)
    return compare_hours(planner(), two_days(), [START], policies, after, **changes)


def test_what_was_saved_against_at_once_and_of_the_limit() -> None:
    found = compared(oracle=SlotSearch(solvers=SOLVERS))
    ilp = found.summaries["ilp"]
    assert (ilp.saved_g, ilp.share_of_oracle) == (40.0, 1.0)
    assert ilp.saved == pytest.approx(0.8)
    assert ilp.saved_interval is None
    assert ilp.hours_used == 6
    assert found.summaries[AT_ONCE].saved == 0
    assert found.to_dict()["policies"]["ilp"]["per_start"]["begins"] == [["2022-07-15T05:00:00Z"]]


def test_without_at_once_nothing_is_compared() -> None:
    with pytest.raises(InputError, match="policies: expected 'at-once' among them"):
        compare_hours(planner(), two_days(), [START], {}, HoursAfter(within=8 * HOUR))
