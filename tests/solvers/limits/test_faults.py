"""Whatever happens to the solver, a verified answer comes; other solvers can be named."""

import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from benchmarks.limited_instances import large_limited
from lowcarb_solvers import Problem, Status, solve
from lowcarb_solvers.limits import LimitedProblem, Limits, quota, solve_limited
from tests.helpers.limited_instances import small_limited
from tests.helpers.processes import fake_cbc

LIMITED = small_limited(1, ("quota", "cover"), elastic=True)
WRITE_TO_SOLUTION = 'while [ "$1" != "-solution" ]; do shift; done; '


@pytest.mark.parametrize(
    ("script", "note"),
    [
        ("exit 3", "cbc failed: PulpSolverError"),
        (f"{WRITE_TO_SOLUTION} head -c 100000 /dev/urandom > $2", "cbc failed"),
        (f"{WRITE_TO_SOLUTION} echo 'Stopped on time - no integer' > $2", "CBC reported no result"),
        (f"{WRITE_TO_SOLUTION} echo 'Optimal - objective value 0' > $2", "it breaks a row"),
    ],
)
def test_a_cbc_that_fails_or_lies(tmp_path: Path, script: str, note: str) -> None:
    solution = solve_limited(LIMITED, path=fake_cbc(tmp_path, script))
    assert solution.solver == "greedy"
    assert LIMITED.violations(solution.cohorts) == []
    assert any(note in text for text in solution.notes)
    assert solution.status is Status.FEASIBLE


@pytest.mark.parametrize(
    ("end", "note"),
    [
        ("Infeasible - objective value 0", "CBC calls a plan impossible that keeps all it must"),
        ("Stopped on time - no integer", "CBC had no answer in time"),
    ],
)
def test_cbcs_own_words_are_not_for_people(tmp_path: Path, end: str, note: str) -> None:
    said = {"I": "Problem is infeasible", "S": "Stopped on time limit"}[end[0]]
    script = f"echo '{said}'; {WRITE_TO_SOLUTION} echo '{end}' > $2"
    solution = solve_limited(LIMITED, path=fake_cbc(tmp_path, script))
    assert solution.shortfalls == ()
    assert any(note in text for text in solution.notes)
    assert not any(said in text for text in solution.notes)


def test_a_cbc_that_crashes_at_the_end_of_its_time_had_no_answer_in_time(tmp_path: Path) -> None:
    script = 'while [ "$1" != "-sec" ]; do shift; done; sleep $2; exit 3'
    solution = solve_limited(LIMITED, path=fake_cbc(tmp_path, script), time_limit=1.5)
    assert solution.notes[0] == "CBC had no answer in time"
    assert not any("Error" in note for note in solution.notes)


def test_what_is_missing_without_a_proof_is_said_to_be_so(tmp_path: Path) -> None:
    limited = small_limited(1, elastic=True, tight=1.3)
    solution = solve_limited(limited, path=fake_cbc(tmp_path, "exit 3"))
    assert solution.shortfalls
    assert solution.notes[-1] == "it is not known whether a plan exists that misses less"
    assert solve_limited(limited).notes == ()


def test_a_cbc_that_hangs_is_killed(tmp_path: Path) -> None:
    began = time.monotonic()
    solution = solve_limited(LIMITED, path=fake_cbc(tmp_path, "sleep 600"), time_limit=1.0)
    assert time.monotonic() - began < 10
    assert LIMITED.violations(solution.cohorts) == []


def test_another_solver_by_the_name_that_pulp_knows() -> None:
    limited = small_limited(10, ("quota", "cover", "rest"), elastic=False, tight=0.8)
    named, cbc = (solve_limited(limited, gap=0.0, solver=s) for s in ("PULP_CBC_CMD", "cbc"))
    assert named.objective == cbc.objective
    assert named.solver == "PULP_CBC_CMD"
    assert named.bound is not None
    assert cbc.objective is not None
    assert 0 < named.bound <= cbc.objective + 1e-9


@pytest.mark.parametrize("name", ["NO_SUCH_SOLVER", "GLPK_CMD"])
def test_a_solver_that_is_not_there_is_named(name: str) -> None:
    solution = solve_limited(LIMITED, solver=name)
    assert any(name in note for note in solution.notes)
    assert LIMITED.violations(solution.cohorts) == []


def test_greedy_alone_promises_nothing_and_says_so() -> None:
    solution = solve_limited(LIMITED, solver="greedy")
    assert solution.solver == "greedy"
    assert "promises nothing" in solution.notes[0]
    assert LIMITED.violations(solution.cohorts) == []


def test_greedy_lacks_little_where_nothing_need_be_missing() -> None:
    limited = large_limited(400, 40, distinct=False, rounds=12)
    solution = solve_limited(limited, solver="greedy")
    assert limited.violations(solution.cohorts) == []
    assert len(solution.shortfalls) <= 2


def test_greedy_that_may_not_miss_anything_says_that_it_found_nothing() -> None:
    problem = Problem.from_costs(np.ones((2, 2)), [1, 1], at_least=[1, 1])
    # Both seats are the first one's, but the second one is owed a turn.
    rule = quota("first", np.array([True, False]), rounds=2, at_least=[1, 1])
    limited = LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))
    solution = solve_limited(limited, solver="greedy")
    assert solution.status is Status.UNKNOWN
    assert solution.notes[-1] == "greedy found no plan that keeps every limit"
    assert solution.sparse is None
    assert solve_limited(limited).status is Status.INFEASIBLE


def test_no_time_at_all() -> None:
    solution = solve_limited(LIMITED, time_limit=0.0)
    assert LIMITED.violations(solution.cohorts) == []


def test_without_limits_the_plan_is_the_same_as_ever() -> None:
    for seed in range(5):
        limited = replace(small_limited(seed, elastic=True), limits=Limits())
        plain = solve(limited.problem)
        solution = solve_limited(limited)
        assert (solution.status, solution.objective) == (plain.status, plain.objective)
        for one, other in zip(solution.cohorts, plain.cohorts, strict=True):
            assert one.tolist() == other.tolist()
        assert sum(s.short for s in solution.shortfalls) == sum(s.short for s in plain.shortfalls)
