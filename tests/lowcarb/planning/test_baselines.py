"""What other ways to choose would emit, merged no more often than there are problems."""

from collections.abc import Sequence

import numpy as np
import pytest

from lowcarb import Planner
from lowcarb.planning.baselines import Baseline, baselines
from lowcarb_solvers import Classes, Excess, Problem, merge, solve
from tests.helpers.data import START, invented_forecast, mixed_fleet


def problem() -> Problem:
    """Client 0 is cheapest, client 3 dearest; each owes a turn in four rounds of two seats."""
    costs = np.add.outer(np.array([1.0, 10.0, 20.0, 30.0]), np.arange(4.0))
    return Problem.from_costs(costs, 2, at_least=1, elastic=True)


def test_the_cheapest_cohorts_leave_out_whom_the_floors_are_for() -> None:
    found = baselines(problem())
    assert list(found) == ["regret", "greedy", "cheapest", "random"]
    assert found["cheapest"].planned_g == 4 * (1 + 10) + 2 * (0 + 1 + 2 + 3)
    assert found["cheapest"].floors_met == 0.5
    assert found["greedy"].floors_met == found["regret"].floors_met == 1
    assert found["random"].planned_g == pytest.approx(2 * (4 * 15.25 + 6))
    assert found["random"].floors_met is None


def test_classes_that_are_known_are_not_merged_again(monkeypatch: pytest.MonkeyPatch) -> None:
    merged: list[Problem] = []

    def spy(problem: Problem) -> Classes:
        merged.append(problem)
        return merge(problem)

    for module in ("lowcarb.planning.baselines", "lowcarb_solvers.solver"):
        monkeypatch.setattr(f"{module}.merge", spy)
    asked = problem()
    plan = solve(asked)
    found = baselines(plan.classes)
    # The plan once, and once the problem without floors; the three with floors share the first.
    assert len(merged) == 2
    assert merged[0] is asked
    assert not merged[1].at_least.any()
    assert found == baselines(asked)


def test_a_plan_computes_them_once_when_they_are_first_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: list[Classes | Problem] = []

    def spy(problem: Problem | Classes, excess: Sequence[Excess] = ()) -> dict[str, Baseline]:
        asked.append(problem)
        return baselines(problem, excess)

    monkeypatch.setattr("lowcarb.planning.plan.baselines", spy)
    planner = Planner(fleet=mixed_fleet(["R00", "R01"], clients=6), cohort_size=2, rounds=4)
    plan = planner.plan(START, invented_forecast())
    assert plan.planned_g > 0
    assert asked == []
    found = plan.baselines
    assert found == baselines(plan.problem)
    assert plan.baselines is found
    assert asked == [plan.solution.classes]
    assert plan.to_dict()["baselines_g"] == {name: b.planned_g for name, b in found.items()}
    assert len(asked) == 1
