"""Whatever happens to CBC, a verified answer comes, in time, with one clear note."""

import signal
import time
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.instances import INSTANCES, Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import (
    Cbc,
    Classes,
    Greedy,
    Solution,
    SparseCounts,
    Status,
    child,
    merge,
    solve,
    solver,
)
from lowcarb_solvers.cbc_model import cbc_path
from tests.helpers.fallback import check_fallback
from tests.helpers.processes import eventually, fake_cbc, is_gone

PROBLEM = INSTANCES["two-days"].problem()


WRITE_TO_SOLUTION = 'while [ "$1" != "-solution" ]; do shift; done; '


@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("exit 3", "CBC failed: PulpSolverError"),
        ("kill -9 $$", "CBC failed: PulpSolverError"),
        ("exit 0", "CBC failed: PulpSolverError"),
        ("head -c 100000 /dev/urandom", "CBC failed: PulpSolverError"),
        (f"{WRITE_TO_SOLUTION} head -c 100000 /dev/urandom > $2", "CBC failed"),
        (f"{WRITE_TO_SOLUTION} : > $2", "CBC failed: IndexError"),
        (f"{WRITE_TO_SOLUTION} echo 'Infeasible - objective value 0' > $2", "CBC: "),
        (f"{WRITE_TO_SOLUTION} echo 'Optimal - objective value 0' > $2", "answer of cbc was worse"),
        (
            f"{WRITE_TO_SOLUTION} echo 'Optimal - objective value 0' > $2; "
            "echo '0 X0000400 0.5 0' >> $2",
            "not whole numbers",
        ),
        (f"{WRITE_TO_SOLUTION} echo 'Stopped on time - no integer' > $2", "CBC: "),
    ],
)
def test_a_cbc_that_fails_or_lies(tmp_path: Path, script: str, note: str) -> None:
    check_fallback(PROBLEM, Cbc(path=fake_cbc(tmp_path, script)), note)


def test_a_cbc_that_is_missing() -> None:
    check_fallback(PROBLEM, Cbc(path="/nowhere/cbc"), "no CBC program at /nowhere/cbc")


def test_a_cbc_that_hangs_is_killed_with_its_children(tmp_path: Path) -> None:
    pid = tmp_path / "pid"
    path = fake_cbc(tmp_path, f"sleep 600 & echo $! > {pid}; wait")
    # A child that has loaded its libraries is there, so that the limit is for CBC alone.
    assert solve(PROBLEM).solver == "cbc"
    began = time.monotonic()
    cbc = Cbc(path=path, time_limit=3.0)
    check_fallback(PROBLEM, cbc, "within the time limit of 3 s", late=True)
    assert time.monotonic() - began < 12
    sleeper = int(pid.read_text())
    assert eventually(lambda: is_gone(sleeper))


def test_a_child_that_dies_at_work(tmp_path: Path) -> None:
    # $PPID of the fake CBC is the child process itself.
    check_fallback(PROBLEM, Cbc(path=fake_cbc(tmp_path, "kill -9 $PPID")), "child process died")
    assert solve(PROBLEM).solver == "cbc"


def test_a_full_disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import resource

    # A limit on file size stands in for the full disk: writing the model fails half way.
    for idle in list(child._idle):
        idle.kill()
    child._idle.clear()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (4096, hard))
    before = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)
    try:
        check_fallback(PROBLEM, Cbc(), "CBC failed: ")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signal.signal(signal.SIGXFSZ, before)
        for idle in list(child._idle):
            idle.kill()
        child._idle.clear()
    assert list(tmp_path.iterdir()) == [], "half-written files are removed"


def test_files_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    assert solve(PROBLEM).solver == "cbc"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_a_feasible_problem_is_never_called_infeasible() -> None:
    rng = np.random.default_rng(0)
    answered = set()
    feasible = 0
    seed = 0
    while feasible < 200:
        seed += 1
        problem = small(seed, elastic=False, most_clients=14, most_rounds=8)
        large = feasible % 20 == 0
        if large:
            problem = replace(
                Instance(clients=300, rounds=24, cohort_size=20, max_share=2).problem(seed),
                elastic=False,
            )
        elif highs(problem, whole=False) is None:
            continue
        feasible += 1
        limit = 0.05 if large else float(rng.choice([0.05, 0.1, 0.3, 1.0]))
        relax = bool(rng.random() < 0.7)
        solution = solve(problem, Greedy(), Cbc(time_limit=limit, relax=relax))
        assert solution.status in (Status.OPTIMAL, Status.FEASIBLE), (seed, solution)
        assert problem.violations(solution.cohorts) == []
        answered.add(solution.solver)
    # Whether time ends between prices and plan is chance.
    assert {"cbc", "regret"} <= answered <= {"cbc", "regret", "prices"}


def test_a_model_too_large_to_write_is_not_begun() -> None:
    problem = Instance(clients=3000, rounds=60, cohort_size=100).problem()
    check_fallback(
        problem,
        Cbc(time_limit=0.5, relax=False),
        "cannot be written within the time limit of 0.5 s",
        late=True,
    )


@pytest.mark.parametrize("bound", ["10000.5", "1e9"])
def test_an_incumbent_comes_with_its_gap(tmp_path: Path, bound: str) -> None:
    # The real CBC solves; then its report is rewritten into that of a stop on time, which PuLP
    # calls "Optimal" (1, 2).
    real = cbc_path(None)
    script = (
        f'{real} "$@" > /dev/null; {WRITE_TO_SOLUTION} sed -i '
        "'1s/.*/Stopped on time - objective value 999/' $2; "
        "echo 'Result - Stopped on time limit'; echo 'Objective value: 999'; "
        f"echo 'Lower bound:    {bound}'"
    )
    cbc = Cbc(path=fake_cbc(tmp_path, script), relax=False)
    solution = cbc(merge(PROBLEM), Greedy()(merge(PROBLEM)))
    assert solution.status is Status.FEASIBLE
    assert solution.notes == ("CBC: Stopped on time limit",)
    assert solution.objective == pytest.approx(solve(PROBLEM).objective)
    if bound == "1e9":
        assert solution.bound is None, "a bound above the verified cost is no bound"
    else:
        assert solution.gap is not None
        assert 0 < solution.gap < 1
    assert solve(PROBLEM, Greedy(), cbc).status is Status.OPTIMAL, "proven by its prices"


@dataclass(frozen=True)
class Liar:
    """Claims an optimum that breaks the floors."""

    name: str = "liar"

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        del start
        counts = np.zeros((len(classes), classes.problem.rounds), dtype=np.int64)
        return Solution(
            status=Status.OPTIMAL,
            solver=self.name,
            classes=classes,
            sparse=SparseCounts.of(counts - 1),
        )


def test_an_answer_that_breaks_a_constraint_is_thrown_away() -> None:
    solution = solve(PROBLEM, Greedy(), Liar())
    assert solution.solver == "regret"
    assert "the answer of liar was thrown away" in solution.notes[0]
    alone = solve(PROBLEM, Liar())
    assert alone.status is Status.UNKNOWN
    assert alone.counts is None


def test_an_answer_to_another_problem_is_checked_against_the_one_that_was_asked() -> None:
    @dataclass(frozen=True)
    class Elsewhere:
        name: str = "elsewhere"

        def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
            del start
            other = replace(classes.problem, at_least=0 * classes.problem.at_least)
            return replace(Greedy()(merge(other)), solver=self.name)

    problem = replace(PROBLEM, elastic=False)
    solution = solve(problem, Greedy(), Elsewhere())
    assert solution.solver == "regret"
    assert "the answer of elsewhere was thrown away" in solution.notes[0]
    assert problem.violations(solution.cohorts) == []


@pytest.mark.parametrize("most", [0, 10**9])
def test_an_answer_is_checked_whether_its_cohorts_are_drawn_or_not(
    most: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(solver, "_DRAWN_TURNS", most)
    right = solve(PROBLEM)

    def crowded(classes: Classes, _: Solution | None = None) -> Solution:
        counts = right.answer.copy()
        counts[0, 0] = classes.size[0] + 1
        return replace(right, classes=classes, sparse=SparseCounts.of(counts), solver="crowded")

    crowded.name = "crowded"  # type: ignore[attr-defined]
    found = solve(PROBLEM, crowded)  # type: ignore[arg-type]
    assert found.status is Status.UNKNOWN
    assert "the answer of crowded was thrown away" in found.notes[0]
