"""Limits in replays: budgets by what was known, rest, sites that the oracle knows too."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest

from lowcarb import Fairness, Forecast, Issues
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.limits_toml import read_limits
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.planning.value import Value
from lowcarb.replay import Backtest, Disruptions, Recording, compare, gap_to_oracle
from lowcarb.replay.broken_limits import BrokenLimits
from lowcarb_solvers import chain
from tests.helpers import solar_sites
from tests.helpers.data import START
from tests.helpers.limited_fleet import FLEET, FORECAST

GAP = chain(60, gap=0.005)


def recorded(actual: Forecast, times: float = 1.0) -> Recording:
    """Days whose forecast says so many times what came true."""
    series = {name: replace(one, values=one.values * times) for name, one in actual.series.items()}
    issued = replace(actual, series=series, issued_at=START - timedelta(hours=1))
    return Recording(
        issues=Issues(forecasts=(issued,), source="made"), actual=actual, correct=False
    )


def backtest(limits: AskedLimits | None, times: float = 1.0, **more: int) -> Backtest:
    planner = Planner(
        fleet=FLEET,
        fairness=Fairness(min_share=0),
        limits=limits,
        **{"cohort_size": 2, "rounds": 6, **more},  # type: ignore[arg-type]
    )
    return Backtest(planner=planner, recording=recorded(FORECAST, times), start=START)


def kept(one: Backtest, name: str = "ilp") -> BrokenLimits:
    return BrokenLimits.of([one.run(name, POLICIES[name])], [one])


def test_rest_and_quotas_from_round_to_round() -> None:
    one = backtest(AskedLimits.of(["region=DE >= 1", "group=practice <= 7 in all"], rest=1))
    found = kept(one)
    assert (found.broken, found.without_rest) == ({}, 0)
    assert found.kept == 1
    assert found.worst is None
    greedy = kept(one, "greedy")
    assert greedy.worst == "region=DE >= 1"
    assert greedy.without_rest == 10
    assert greedy.kept == pytest.approx(1 - 6 / 7)


def test_a_budget_knows_what_came_true() -> None:
    """Twice as much is forecast as comes true: a budget that forecasts would break is kept."""
    limits = AskedLimits.of(["group=practice >= 2 in all", "g <= 4500 in all"])
    one = backtest(limits, times=2.0)
    run = one.run("ilp", POLICIES["ilp"])
    assert one.limits is not None
    assert run.realised_g <= 4500
    assert sum(2 in cohort or 3 in cohort for cohort in run.cohorts) >= 2
    assert run.planned_g > 4500


def test_a_budget_of_what_came_true_is_kept_while_value_is_paid_for() -> None:
    """The dear one's turns are worth anything; each emits 1600 g with its cheapest fellow's 100."""
    one = backtest(AskedLimits.of(["g <= 7000 in all"]), times=2.0)
    valued = replace(FLEET, attributes={**FLEET.attributes, "value": np.array([0.0, 0, 0, 1])})
    one = replace(one, planner=replace(one.planner, fleet=valued))
    paying = Planned(chain(5.0), value=Value(of="column", price_g=1e6))
    run = one.run("ilp", paying)
    assert run.realised_g <= 7000
    assert 1 <= run.turns[3] < 6
    # Without a value nobody pays for the dear one.
    assert one.run("ilp", Planned(chain(5.0))).turns[3] == 0


def test_lost_turns_count_for_budgets_and_not_for_quotas() -> None:
    drops = np.zeros((4, 6), dtype=np.bool_)
    drops[2, 0] = True
    limits = AskedLimits.of(["group=practice >= 1 in all", "kwh <= 40 in all"])
    one = replace(backtest(limits), disruptions=Disruptions(drops=drops))
    run = one.run("ilp", POLICIES["ilp"])
    assert sum(run.turns[2:]) >= 1


@pytest.mark.slow
def test_the_oracle_knows_sites(tmp_path: Path) -> None:
    """Plans and the oracle keep the caps; random's expectation counts excess energy as well."""
    limits = read_limits(solar_sites.write_sites(tmp_path))
    planner = Planner(
        fleet=solar_sites.solar_fleet(),
        cohort_size=solar_sites.COHORT,
        rounds=8,
        limits=limits,
        fairness=Fairness(min_share=0.5),
        solvers=GAP,
    )
    planned = Planned(GAP)
    found = compare(
        planner,
        recorded(solar_sites.solar_forecast()),
        [START + timedelta(hours=4)],
        {"ilp": planned, "random": POLICIES["random"]},
        oracle=planned,
        seeds=40,
        split=True,
    )
    for name in ("ilp", "oracle"):
        assert found.broken_limits[name].broken == {}
        assert found.summaries[name].floors_met == 1
    assert found.broken_limits["random"].kept < 1
    gap = gap_to_oracle(found)
    assert gap is not None
    assert gap.forecast_g + gap.planning_g == pytest.approx(gap.distance_g)
    assert gap.by_region == {}
    (one,) = found.backtests
    assert one.truth.random_cost > found.expected_g
    assert found.summaries["random"].realised_g == pytest.approx(found.expected_g, rel=0.03)
    assert found.summaries["ilp"].realised_g == pytest.approx(
        found.summaries["oracle"].realised_g, rel=0.02
    )
