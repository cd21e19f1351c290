"""Every peer that can be imported here solves the program to its optimum."""

import numpy as np
import pytest

from benchmarks import peers
from benchmarks.instances import small
from benchmarks.solve import by_pulp, by_scipy
from benchmarks.solve.methods import Run
from benchmarks.solve.program import OPTIMAL, answer
from benchmarks.solve.stopwatch import Stopwatch

RUNS: dict[str, Run] = {
    "highs": by_scipy.integers,
    "linprog": by_scipy.relaxed,
    "pulp-cbc": lambda problem, watch: by_pulp.naive(problem, watch, whole=True),
    "pulp-clp": lambda problem, watch: by_pulp.naive(problem, watch, whole=False),
}


@pytest.mark.parametrize("method", RUNS)
@pytest.mark.parametrize("seed", range(5))
def test_as_little_is_missing_and_the_rest_is_as_cheap(method: str, seed: int) -> None:
    problem = small(seed, elastic=True)
    watch = Stopwatch(30.0)
    found = RUNS[method](problem, watch)
    best = peers.highs(problem)
    assert best is not None
    assert found.status == OPTIMAL
    assert found.missing == best.missing
    assert found.cost is not None
    if best.missing == 0:
        assert found.cost == pytest.approx(best.cost, rel=1e-7, abs=1e-7)
    else:
        # They do not share what is missing.
        assert found.cost <= best.cost + 1e-7
    assert watch.build_cpu_s is not None
    assert 0 < watch.build_cpu_s < watch.cpu_s


def test_some_of_these_problems_lack_turns_and_some_do_not() -> None:
    optima = [peers.highs(small(seed, elastic=True)) for seed in range(5)]
    assert {optimum is not None and optimum.missing > 0 for optimum in optima} == {True, False}


def test_missing_turns_and_seats_are_counted_and_excess_makes_up_for_neither() -> None:
    problem = small(1, elastic=True)
    nothing = np.zeros((problem.clients, problem.rounds), dtype=np.int64)
    owed = int(problem.at_least.sum() + problem.cohort_size.sum())
    assert answer(problem, nothing, "made up").missing == owed
    assert answer(problem, nothing + 1, "made up").missing == 0
