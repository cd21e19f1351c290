"""Answers to problems with limits against enumeration, and against HiGHS on single clients."""

import pytest

from lowcarb_solvers import Status
from lowcarb_solvers.limits import LimitedProblem, LimitedSolution, Stage, solve_limited
from tests.helpers.limited_instances import KINDS, small_limited
from tests.helpers.limited_reference import (
    Outcome,
    SingleClients,
    enumerate_limited,
    goals_of,
)


def check(limited: LimitedProblem, expected: Outcome | None) -> LimitedSolution:
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


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_agrees_with_enumeration(kind: str) -> None:
    for seed in range(2):
        limited = small_limited(seed, (kind,), elastic=bool(seed % 2), tight=1.2)
        check(limited, enumerate_limited(limited))


@pytest.mark.parametrize("block", range(4))
def test_combinations_agree_with_enumeration(block: int) -> None:
    for seed in range(15 * block, 15 * block + 15):
        limited = small_limited(seed, elastic=bool(seed % 2), tight=1 + 0.3 * (seed % 3))
        check(limited, enumerate_limited(limited))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_combinations_agree_with_enumeration(block: int) -> None:
    infeasible = short = 0
    for seed in range(1000 + 100 * block, 1100 + 100 * block):
        limited = small_limited(seed, elastic=bool(seed % 2), tight=1 + 0.3 * (seed % 3))
        expected = enumerate_limited(limited)
        infeasible += expected is None
        short += expected is not None and any(expected[0])
        check(limited, expected)
    assert infeasible > 10
    assert short > 10


@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
def test_stages_agree_with_stages_on_single_clients(block: int) -> None:
    """With alike clients that merge; only instances that lack something count."""
    short, seed = 0, 10_000 * (block + 1)
    while short < 50:
        seed += 1
        limited = small_limited(seed, elastic=True, clients=(5, 8), rounds=(3, 5), tight=1.8)
        expected = SingleClients(limited).solve()
        assert expected is not None
        if any(expected[0]):
            short += 1
            check(limited, expected)


@pytest.mark.parametrize("seed", range(5))
def test_merged_classes_agree_with_single_clients(seed: int) -> None:
    limited = small_limited(seed, elastic=False, clients=(6, 10), rounds=(4, 6), tight=0.8)
    solution = check(limited, SingleClients(limited).solve())
    assert len(solution.merged) < limited.problem.clients
