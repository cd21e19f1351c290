"""Limits beside a range of cohort sizes, round after round on recorded days."""

from dataclasses import replace
from datetime import timedelta

import numpy as np

from lowcarb import Fairness, Forecast, Issues, Series
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.replay import Backtest, Disruptions, Recording, compare, sweep
from tests.helpers.data import START
from tests.helpers.limited_fleet import FLEET

ROUNDS = 6
_HOURS = np.arange(48, dtype=np.float64)
_TIMES = START.timestamp() + 3600.0 * _HOURS
_SWINGS = 1.5 + np.sin(_HOURS)
ACTUAL = Forecast(
    series={
        "FR": Series(times=_TIMES, values=100 * _SWINGS),
        "DE": Series(times=_TIMES, values=400 * _SWINGS),
    },
    source="made",
)
RECORDING = Recording(
    issues=Issues(
        forecasts=(replace(ACTUAL, issued_at=START - timedelta(hours=1)),), source="made"
    ),
    actual=ACTUAL,
    correct=False,
)
PLANNER = Planner(
    fleet=FLEET,
    cohort_size=2,
    rounds=ROUNDS,
    cohort_range=(1, 4),
    fairness=Fairness(min_share=0),
    limits=AskedLimits.of(["group=practice >= 1", "kwh <= 8", "group=hospital >= 4 in all"]),
)


def test_plans_keep_limits_and_the_total_from_round_to_round() -> None:
    policies = {name: POLICIES[name] for name in ("ilp", "round-robin")}
    found = compare(PLANNER, RECORDING, [START], policies, oracle=Planned())
    for name in ("ilp", "oracle"):
        assert found.broken_limits[name].broken == {}
        (run,) = found.runs[name]
        assert sum(map(len, run.cohorts)) == 2 * ROUNDS
        assert len({len(cohort) for cohort in run.cohorts}) > 1
        assert max(map(len, run.cohorts)) <= 4
    fixed = compare(replace(PLANNER, cohort_range=None), RECORDING, [START], policies)
    saved = found.runs["ilp"][0].realised_g, fixed.runs["ilp"][0].realised_g
    assert saved[0] < saved[1]


def test_clients_that_are_away_unannounced_break_no_limit() -> None:
    online = np.ones((4, ROUNDS), dtype=np.bool_)
    online[1, 2:4] = False
    gone = Disruptions(online=online, announced=False)
    one = Backtest(planner=PLANNER, recording=RECORDING, start=START, disruptions=gone)
    run = one.run("ilp", POLICIES["ilp"])
    assert sum(map(len, run.cohorts)) == 2 * ROUNDS
    assert one.limits is not None
    for rule in one.limits.bound.limits.rules:
        lacks = one.limits.bound.lacks(rule, one.limits.bound.amounts(rule, run.cohorts))
        assert not np.maximum(*lacks).any()


def test_a_sweep_plays_several_ranges_within_limits() -> None:
    found = sweep(
        replace(
            PLANNER,
            cohort_size=1,
            cohort_range=None,
            limits=AskedLimits.of(["group=practice >= 1"]),
        ),
        RECORDING,
        [START],
        min_shares=[0],
        cohort_sizes=[2],
        cohort_ranges=["2..2", "1..4"],
    )
    grams = []
    for point in found.points:
        assert point.comparison.broken_limits["ilp"].kept == 1
        grams.append(point.comparison.summaries["ilp"].realised_g)
    assert grams[1] < grams[0]
