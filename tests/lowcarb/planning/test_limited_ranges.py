"""Plans within limits whose cohorts breathe: sizes, what they save, what is missing."""

from typing import Any

import numpy as np
import pytest

from lowcarb import Forecast, InputError, Series
from lowcarb.errors import FloorsNotMet
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.decide import decide
from lowcarb.planning.excess import random_saved
from lowcarb.planning.fairness import Fairness
from lowcarb.planning.history import History, Spent
from lowcarb.planning.plan import Plan
from lowcarb.planning.planner import Planner
from lowcarb.planning.policies import CandidateView, Planned
from lowcarb.report.plan.verdict import what_fairness_costs
from lowcarb_solvers import Excess, Limits, Problem, knapsack
from tests.helpers.data import START, mixed_fleet
from tests.helpers.limited_fleet import FLEET, turns_in

_HOURS = np.arange(48, dtype=np.float64)
_TIMES = START.timestamp() + 3600.0 * _HOURS
# Two clean hours, and then four times as much.
_TIMES_LOW = np.where(_HOURS < 2, 1.0, 4.0)
FORECAST = Forecast(
    series={
        name: Series(times=_TIMES, values=level * _TIMES_LOW)
        for name, level in {"FR": 100.0, "DE": 400.0}.items()
    },
    source="made",
)


def planner(*texts: str, **more: Any) -> Planner:
    limits = AskedLimits.of(
        texts, rest=more.pop("rest", None), budget_kg=more.pop("budget_kg", None)
    )
    given = {"cohort_size": 2, "rounds": 4, "cohort_range": "1..4", **more}
    return Planner(fleet=FLEET, fairness=Fairness(min_share=0), limits=limits, **given)


def sizes(plan: Plan) -> list[int]:
    return [len(one.clients) for one in plan.rounds]


def test_seats_go_to_clean_rounds_within_limits() -> None:
    """One of c and d in each round: b's seats of dirty rounds go where it is clean."""
    plan = planner("group=practice >= 1").plan(START, FORECAST)
    assert sizes(plan) == [3, 3, 1, 1]
    assert plan.limits is not None
    (row,) = plan.limits.rows
    assert row.amounts.min() >= 1
    assert plan.not_met == []
    assert plan.cohort_range == (1, 4)
    assert repr(plan).startswith("Plan(4 rounds of 1 to 4 (2 on average)")


def test_what_a_range_saves_is_compared_within_the_same_limits() -> None:
    plan = planner("group=practice >= 1").plan(START, FORECAST)
    fixed = planner("group=practice >= 1", cohort_range=None).plan(START, FORECAST)
    assert plan.fixed is not None
    assert plan.fixed.objective == pytest.approx(fixed.planned_g)
    assert plan.to_dict()["fixed_cohorts_g"] == pytest.approx(13_000)
    said = what_fairness_costs(plan)
    assert "Within the same limits 2 in every round would emit 0.40 kg (3.2%) more." in said
    assert fixed.fixed is None


def test_limits_that_one_size_does_not_keep_are_said() -> None:
    """Only a and b are there in the second round: both are 3 kWh, and one of them 2 at most."""
    online = np.ones((4, 4), dtype=np.bool_)
    online[2:, 1] = False
    plan = planner("kwh region=FR <= 2").plan(START, FORECAST, online=online)
    assert plan.not_met == []
    assert sizes(plan)[1] == 1
    assert plan.limits is not None
    assert plan.limits.even_breaks == ("kwh region=FR <= 2",)
    assert (
        "Within the same limits 2 in every round cannot be compared: it does not keep 1 limit."
    ) in what_fairness_costs(plan)


def test_turns_that_are_missing_to_the_total_are_said() -> None:
    plan = planner(rest=3).plan(START, FORECAST)
    assert sizes(plan) == [1, 1, 1, 1]
    assert plan.missing_in_all == 4
    said = "the training is 4 turns short: turn caps and rest leave no more turns"
    assert plan.not_met == [said]
    with pytest.raises(FloorsNotMet, match="the training is 4 turns short"):
        plan.raise_for_shortfalls()
    (written,) = plan.to_dict()["shortfalls"]
    assert written == {
        "short": 4,
        "unit": "turns",
        "why": "turn caps and rest leave no more turns",
    }


def test_seats_below_the_least_size_are_said() -> None:
    online = np.ones((4, 4), dtype=np.bool_)
    online[1:, 1] = False
    plan = planner("region <= 2", cohort_range="2..4").plan(START, FORECAST, online=online)
    assert "round 2 is 1 seat short: only 1 client available" in plan.not_met


def test_rounds_that_are_over_are_gone_from_the_total_and_from_budgets() -> None:
    spent = Spent(
        last=np.array([2, 2, 1, 0]), kwh=np.array([2.0, 4.0, 3.0, 0.0]), grams=np.zeros(4)
    )
    history = History(turns=np.array([2, 2, 1, 0]), rounds=2, spent=spent, asked=5)
    plan = planner("group=practice <= 2 in all", "kwh <= 12 in all").plan(START, FORECAST, history)
    assert sum(sizes(plan)) == 3
    assert turns_in(plan, "cd") <= 1
    assert plan.limits is not None
    assert {row.rule.name: row.done for row in plan.limits.rows} == {
        "group=practice <= 2 in all": 1,
        "kwh <= 12 in all": 9,
    }


def test_prices_of_limits() -> None:
    plan = planner("group=practice >= 1").plan(START, FORECAST, prices=True)
    assert plan.limits is not None
    (price,) = plan.limits.prices or ()
    # Without c in each round the four dirty turns are of 1 and 2 kWh at 400 g/kWh again.
    assert price.saved == pytest.approx(12_600 - 3_000)


@pytest.mark.parametrize("limit", ["region <= 50%", "group=practice >= 25 %"])
def test_shares_of_rounds_of_several_sizes_are_refused(limit: str) -> None:
    with pytest.raises(InputError, match="expected a number where rounds have 1 to 4 clients"):
        planner(limit)
    planner(limit, cohort_range="2..2")
    planner("group=practice >= 25% in all")


def test_the_size_of_a_round_is_settled_within_limits() -> None:
    """Five of ten are there and taken to be back: within limits, too, no turns are put off."""
    costs = np.repeat(np.arange(1.0, 11)[:, np.newaxis], 6, axis=1)
    available = np.ones(costs.shape, dtype=np.bool_)
    available[:3, 0] = False
    problem = Problem.from_costs(
        costs, 3, cohort_least=1, cohort_most=6, elastic=True, available=available
    )
    view = CandidateView.of_fleet(mixed_fleet(["A"], clients=10))

    def asked(most: float) -> int:
        rule = knapsack("turns", np.ones(10), most, rounds=6, unit="kWh")
        limits = Limits(rules=(rule,))
        return len(decide(problem, Planned(), view, assumed=True, limits=limits).cohort)

    assert asked(10.0) == 3
    assert asked(3.0) == 3


def test_random_cohorts_use_excess_energy_in_as_many_seats_as_they_are_charged_for() -> None:
    """A total of half the usual size leaves random cohorts half of the seats."""
    costs = np.full((4, 3), 10.0)
    problem = Problem.from_costs(
        costs, 4, cohort_least=1, cohort_most=4, cohort_total=6, elastic=True
    )
    site = Excess(
        name="roof",
        clients=np.ones(4, dtype=np.bool_),
        amount=np.ones(4),
        supply=np.full(3, 9.0),
        saves=np.full(3, 10.0),
    )
    assert problem.random_cost == pytest.approx(60)
    assert random_saved([site], problem) == pytest.approx(60)
