"""Large fleets: deadlines that hold, memory that does not grow with clients x rounds."""

import subprocess
import sys
import time

import pytest

from benchmarks.instances import INSTANCES, Instance
from lowcarb_solvers import Greedy, Status, chain, merge, solve
from tests.helpers.data import ENVIRONMENT, ROOT

pytestmark = pytest.mark.slow


@pytest.mark.parametrize(
    ("solver", "time_limit"), [("cbc", 1.0), ("cbc", 2.0), ("cbc", 4.0), ("flow", 1.0)]
)
@pytest.mark.parametrize(
    "shape",
    [
        INSTANCES["three-thousand"],
        Instance(clients=3000, rounds=60, cohort_size=200, max_share=2.0, online=0.7),
        Instance(clients=20_000, rounds=100, cohort_size=1300, online=0.6),
    ],
)
def test_the_deadline_holds_for_distinct_clients(
    shape: Instance, solver: str, time_limit: float
) -> None:
    problem = shape.problem()
    began = time.monotonic()
    solution = solve(problem, *chain(time_limit, solver=solver))
    assert time.monotonic() - began <= time_limit + 1
    assert problem.violations(solution.cohorts) == []
    assert solution.shortfalls == ()
    assert solution.status in (Status.OPTIMAL, Status.FEASIBLE)


@pytest.mark.parametrize("solver", ["cbc", "flow"])
@pytest.mark.parametrize("name", ["million", "million-distinct"])
def test_a_million_clients_are_proven_optimal(name: str, solver: str) -> None:
    problem = INSTANCES[name].problem()
    # The proof is tested here; how long it takes depends on the machine, see benchmarks/solve.
    solution = solve(problem, *chain(60.0, solver=solver))
    assert solution.status is Status.OPTIMAL
    assert solution.solver == solver
    assert solution.shortfalls == ()
    assert problem.violations(solution.cohorts) == []


# Runs in a process of its own, since the peak of this one is not known.
PEAK = """
import resource
from benchmarks.instances import INSTANCES, PLANNED
from lowcarb_solvers import chain, solve
FAMILIES = {{**INSTANCES, **PLANNED}}
problem = FAMILIES["{name}"].problem()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
solution = solve(problem, *chain(60.0))
solution.cohort(0)
print(solution.solver, (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) // 1024)
"""


@pytest.mark.parametrize(
    ("name", "most_mb"), [("million", 120), ("million-distinct", 400), ("100x10,000", 250)]
)
def test_memory_grows_with_neither_clients_times_rounds_nor_rounds_squared(
    name: str, most_mb: int
) -> None:
    # 10,000 x 10,000 floats are 763 MB, 1,000,000 x 24 are 183 MB. Merged fleets need no matrix at
    # all; a fleet that cannot be merged needs one of counts, of which only the pages with chosen
    # clients are ever touched.
    done = subprocess.run(
        [sys.executable, "-c", PEAK.format(name=name)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=ENVIRONMENT,
        check=True,
    )
    assert int(done.stdout.split()[1]) < most_mb, done.stdout


def test_availability_at_size_keeps_every_floor() -> None:
    problem = Instance(
        clients=3000, rounds=60, cohort_size=100, max_share=2.0, online=0.7
    ).problem()
    for rank in ("regret", "cost"):
        solution = Greedy(rank)(merge(problem))
        assert problem.violations(solution.cohorts) == []
        assert solution.classes.missing(solution.answer) == 0
