"""Small problems against one large model of HiGHS."""

from collections.abc import Iterable

import pytest

from benchmarks.instances import small
from benchmarks.peers import highs
from lowcarb_solvers import Status, solve


def check_optima(seeds: Iterable[int]) -> int:
    """Fail where a random problem is not solved to its optimum; return how many CBC solved."""
    by_cbc = 0
    for seed in seeds:
        problem = small(seed, elastic=bool(seed % 2), most_clients=14, most_rounds=8)
        expected = highs(problem, whole=False)
        solution = solve(problem)
        if expected is None:
            assert solution.status is Status.INFEASIBLE
            continue
        by_cbc += solution.solver == "cbc"
        assert solution.status is Status.OPTIMAL, seed
        assert solution.classes.missing(solution.answer) == expected.missing
        assert solution.classes.worst_shortfall(solution.answer) == expected.worst
        assert solution.objective == pytest.approx(expected.cost, rel=1e-9, abs=1e-9)
        assert problem.violations(solution.cohorts) == []
    return by_cbc
