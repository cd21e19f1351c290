"""Where floors cannot be met: who lacks how much."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from lowcarb_solvers import (
    Cbc,
    Greedy,
    Problem,
    Solution,
    Solver,
    SparseCounts,
    Status,
    merge,
    solve,
)
from lowcarb_solvers import cbc as cbc_module
from lowcarb_solvers.completion import Completion
from lowcarb_solvers.deadline import OutOfTimeError, never
from lowcarb_solvers.shared_shortfalls import _by_counting, _by_flow, share_shortfalls
from tests.helpers.reference import brute_force

CHAINS: list[tuple[Solver, ...]] = [
    (),
    (Greedy(),),
    (Greedy("cost"),),
    (Cbc(),),
    (Cbc(relax=False),),
]


def owing(owed: int, clients: int = 12, rounds: int = 12, seats: int = 8) -> Problem:
    costs = np.random.default_rng(owed).uniform(1, 100, (clients, rounds))
    return Problem.from_costs(costs, seats, at_least=owed, elastic=True)


@pytest.mark.parametrize("solvers", CHAINS)
@pytest.mark.parametrize(("owed", "turns"), [(8, 8), (9, 8), (10, 8), (12, 8)])
def test_all_get_what_each_can_have(owed: int, turns: int, solvers: tuple[Solver, ...]) -> None:
    solution = solve(owing(owed), *solvers)
    assert solution.turns.tolist() == [turns] * 12
    assert [s.short for s in solution.shortfalls] == [owed - turns] * 12 * (owed > turns)


@pytest.mark.parametrize("solvers", CHAINS)
def test_what_cannot_be_shared_evenly_falls_to_the_cheapest(solvers: tuple[Solver, ...]) -> None:
    # 108 turns owed, 100 seats: eight clients lack one turn.
    problem = replace(owing(9), cohort_size=np.array([8] * 10 + [10] * 2))
    solution = solve(problem, *solvers)
    assert sorted(solution.turns.tolist()) == [8] * 8 + [9] * 4
    if solvers == ():
        assert solution.status is Status.OPTIMAL


@pytest.mark.parametrize("reduced", [False, True])
def test_the_proof_knows_who_is_worst_off(reduced: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    if reduced:
        monkeypatch.setattr(cbc_module, "_MOST_DIRECT", 0)
    shared = 0
    for seed in range(150):
        problem = replace(
            small(seed, elastic=True), cohort_size=np.full(small(seed, elastic=True).rounds, 2)
        )
        expected = brute_force(problem)
        solution = solve(problem, Greedy(), Cbc(time_limit=60))
        assert expected is not None
        assert solution.status is Status.OPTIMAL, seed
        answer = solution.answer
        assert solution.classes.missing(answer) == expected.missing
        assert solution.classes.worst_shortfall(answer) == expected.worst
        assert solution.objective == pytest.approx(expected.cost, rel=1e-9, abs=1e-9)
        shared += expected.worst > 1
    assert shared > 5


def test_an_unfair_answer_is_not_proven() -> None:
    problem = owing(9)
    fair = solve(problem)
    unfair = np.zeros_like(fair.answer)
    unfair[:8] = 1  # twelve turns for eight of them, none for four

    def dumping(classes: object, _: Solution | None = None) -> Solution:
        del classes
        return replace(
            fair, sparse=SparseCounts.of(unfair), solver="dumping", status=Status.OPTIMAL
        )

    dumping.name = "dumping"  # type: ignore[attr-defined]
    capped = replace(problem, at_most=np.full(12, 12))
    solution = solve(capped, dumping)  # type: ignore[arg-type]
    assert solution.status is Status.FEASIBLE
    assert solve(capped, dumping, Greedy()).solver == "regret"  # type: ignore[arg-type]


@pytest.mark.parametrize("seed", range(60))
def test_counting_and_flow_agree(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = replace(small(seed, elastic=True, most_clients=9, most_rounds=7), available=None)
    classes = merge(problem)
    there = replace(classes, available=np.ones((len(classes), problem.rounds), dtype=np.bool_))
    for _ in range(5):
        turns = rng.integers(0, problem.rounds + 2, len(classes))
        assert _by_counting(classes, turns, never) == _by_flow(there, turns, never)


def test_met_floors_change_nothing() -> None:
    for problem in (owing(8), Instance(clients=50, rounds=20, cohort_size=5, online=0.8).problem()):
        classes = merge(problem)
        assert share_shortfalls(classes) is classes
    strict = merge(replace(owing(9), elastic=False))
    assert share_shortfalls(strict) is strict


def test_one_who_is_hardly_there_does_not_make_it_slow() -> None:
    available = np.ones((12, 12), dtype=np.bool_)
    available[0, 1:] = False
    solution = solve(replace(owing(9), available=available))
    assert solution.status is Status.OPTIMAL
    assert solution.classes.most_short == 8
    assert solution.turns[0] == 1


def test_without_time_shortfalls_stay_as_they_fall(monkeypatch: pytest.MonkeyPatch) -> None:
    problem = replace(owing(9), available=np.ones((12, 12), dtype=np.bool_))
    monkeypatch.setattr(Completion, "_augment", lambda *_: False)
    with pytest.raises(OutOfTimeError, match="which floors can be met"):
        share_shortfalls(merge(problem), lambda: True)
    solution = solve(problem, Cbc())
    assert "which floors can be met" in solution.notes[0]
    assert solution.classes.missing(solution.answer) == 12
