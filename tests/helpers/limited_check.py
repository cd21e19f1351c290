"""Answers to problems with limits against what a reference found."""

from collections.abc import Iterable

import pytest

from lowcarb_solvers import Status
from lowcarb_solvers.limits import LimitedProblem, LimitedSolution, Stage, solve_limited
from tests.helpers.limited_reference import Outcome, enumerate_limited, goals_of


def check_limited(limited: LimitedProblem, expected: Outcome | None) -> LimitedSolution:
    """Check an answer against what a reference found, stage by stage."""
    solution = solve_limited(limited, gap=0.0, time_limit=60)
    if expected is None:
        assert solution.status is Status.INFEASIBLE
        assert solution.sparse is None
        return solution
    missing, cost = expected
    assert solution.status is Status.OPTIMAL
    assert limited.violations(solution.cohorts) == []
    assert solution.objective == pytest.approx(cost, rel=1e-6, abs=1e-6)
    assert limited.cost(solution.cohorts) == pytest.approx(solution.objective)
    for stage in Stage:
        goals = zip(goals_of(limited), missing, strict=True) if missing else ()
        total = sum(value for (of, unit), value in goals if of is stage and unit != "worst")
        assert solution.missed(stage) == pytest.approx(total, abs=1e-5)
    return solution


def check_by_enumeration(instances: Iterable[LimitedProblem]) -> tuple[int, int]:
    """Check answers against enumeration; return how many have none, and how many lack something."""
    infeasible = short = 0
    for limited in instances:
        expected = enumerate_limited(limited)
        infeasible += expected is None
        short += expected is not None and any(expected[0])
        check_limited(limited, expected)
    return infeasible, short
