"""A plan is there by the time limit and a second, whatever the problem and however busy it is."""

import subprocess
import sys
import time
from collections.abc import Iterator

import numpy as np
import pytest

from benchmarks.instances import any_size
from lowcarb_solvers import Status, chain, solve


@pytest.fixture
def _busy() -> Iterator[None]:
    """Keep two cores busy."""
    loops = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(2)]
    yield
    for loop in loops:
        loop.kill()
        loop.wait()


@pytest.mark.slow
@pytest.mark.timeout(600)
@pytest.mark.usefixtures("_busy")
def test_no_plan_is_more_than_a_second_late() -> None:
    solve(any_size(0, most=2_000))  # imports and the first child process are not timed
    late = {}
    for seed in range(60):
        problem = any_size(seed)
        limit = float(np.random.default_rng(seed).choice([0.05, 0.1, 0.3, 0.5, 1.0, 2.0]))
        began = time.monotonic()
        solution = solve(problem, *chain(limit))
        late[seed] = time.monotonic() - began - limit
        assert solution.status in (Status.OPTIMAL, Status.FEASIBLE)
        assert problem.violations(solution.cohorts) == []
    assert max(late.values()) <= 1.0, {seed: by for seed, by in late.items() if by > 0.5}
