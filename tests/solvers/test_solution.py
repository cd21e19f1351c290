"""A solution says in one line what it is."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import INSTANCES
from lowcarb_solvers import Greedy, Problem, Solution, Status, merge, solve


def test_it_says_what_is_known_and_what_it_costs() -> None:
    solution = solve(Problem.from_costs([[9.0, 1.0], [1503.9, 1200.0]], 1, at_least=1), Greedy())
    assert repr(replace(solution, seconds=0.123)) == (
        "Solution(optimal by regret in 0.12 s: objective 1,209.0, bound 1,209.0, no shortfall)"
    )
    small = solve(Problem.from_costs([[0.0012345]], 1), Greedy())
    assert repr(replace(small, bound=None, status=Status.FEASIBLE, seconds=2)) == (
        "Solution(feasible by regret in 2.00 s: objective 0.001234, bound unknown, no shortfall)"
    )


def test_it_says_what_is_missing() -> None:
    crowded = Problem.from_costs(np.ones((3, 2)), 1, at_least=1, elastic=True)
    assert "1 turn or seat missing" in repr(solve(crowded, Greedy()))
    nothing = solve(Problem.from_costs(np.ones((1, 1)), 2), Greedy())
    assert repr(replace(nothing, seconds=0)) == (
        "Solution(infeasible by regret in 0.00 s: no cohorts)"
    )


@pytest.mark.parametrize("unit", [1e-300, 1.0, 1e300])
def test_no_line_is_long(unit: float) -> None:
    day = INSTANCES["day"].problem()
    problem = replace(day, cost_level=day.cost_level * unit)
    solution = replace(Greedy()(merge(problem)), solver="mine" * 99, bound=unit, notes=("x" * 999,))
    for thing in (solution, solution.classes, problem):
        assert len(repr(thing)) <= 200
        assert "\n" not in repr(thing)
    assert isinstance(solution, Solution)


def test_problems_and_classes_say_their_sizes() -> None:
    problem = Problem.from_costs(np.ones((12, 24)), 4, elastic=True)
    assert repr(problem) == "Problem(12 clients, 24 rounds, 96 seats, elastic)"
    assert repr(merge(problem)) == "Classes(1 of Problem(12 clients, 24 rounds, 96 seats, elastic))"
    one = Problem.from_costs(np.ones((1, 1)), 1)
    assert repr(one) == "Problem(1 client, 1 round, 1 seat)"
