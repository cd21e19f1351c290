"""Large fleets: deadlines that hold, memory that does not grow with clients x rounds."""

import subprocess
import sys
import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import INSTANCES, Instance
from lowcarb_solvers import Cbc, Greedy, Status, solve
from tests.data import ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("time_limit", [1.0, 2.0, 4.0])
@pytest.mark.parametrize("seed", range(3))
def test_the_deadline_holds_for_distinct_clients(time_limit: float, seed: int) -> None:
    problem = INSTANCES["three-thousand"].problem(seed)
    began = time.monotonic()
    solution = solve(problem, Greedy(), Cbc(time_limit=time_limit))
    assert time.monotonic() - began <= time_limit + 1
    assert problem.violations(solution.cohorts) == []
    assert solution.shortfalls == ()
    assert solution.status in (Status.OPTIMAL, Status.FEASIBLE)


def test_a_million_clients_are_optimal_on_classes() -> None:
    problem = INSTANCES["million"].problem()
    rng = np.random.default_rng(0)
    problem = replace(problem, at_least=(rng.random(problem.clients) < 0.02).astype(np.int64))
    solution = solve(problem)
    assert solution.status is Status.OPTIMAL
    assert solution.solver == "cbc"
    assert solution.shortfalls == ()
    assert problem.violations(solution.cohorts) == []


# Runs in a process of its own, since the peak of this one is not known.
PEAK = """
import resource
from benchmarks.instances import Instance
from lowcarb_solvers import solve
problem = Instance(clients=1_000_000, rounds=24, cohort_size=1000, hardware={hardware}).problem()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
solution = solve(problem)
solution.cohort(0)
print(solution.solver, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(("hardware", "most_mb"), [(5, 120), (None, 350)])
def test_memory_does_not_grow_with_clients_times_rounds(hardware: int | None, most_mb: int) -> None:
    # 1,000,000 x 24 floats are 183 MB. Merged fleets need no matrix at all; a fleet that cannot be
    # merged needs one of counts, of which only the pages with chosen clients are ever touched.
    done = subprocess.run(
        [sys.executable, "-c", PEAK.format(hardware=hardware)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env={"PYTHONPATH": f"{ROOT}:{ROOT / 'solvers'}"},
        check=True,
    )
    assert int(done.stdout.split()[1]) < most_mb, done.stdout


def test_availability_at_size_keeps_every_floor() -> None:
    problem = Instance(
        clients=3000, rounds=60, cohort_size=100, max_share=2.0, online=0.7
    ).problem()
    for rank in ("regret", "cost"):
        solution = Greedy(rank)(problem)
        assert problem.violations(solution.cohorts) == []
        assert solution.classes.missing(solution.answer) == 0
