"""Slots and cohorts chosen jointly, against optima by hand and by trying all choices."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.peers import highs
from lowcarb.planning.chosen_hours import choose_hours
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, SlotSolution, chain

SOLVERS = chain(5.0)


def hourly(many: int, length_h: float = 1.0, pause_h: float = np.inf) -> Slots:
    starts = 3600.0 * np.arange(many, dtype=np.float64)
    return Slots(starts=starts, length_s=3600.0 * length_h, pause_s=3600.0 * pause_h)


def found(problem: Problem, slots: Slots, rounds: int) -> SlotSolution:
    return SlotSearch(solvers=SOLVERS)(slots.problem(problem, (rounds, rounds)), slots)


def slots_of(problem: Problem, slots: Slots, rounds: int) -> list[int]:
    chosen, _ = found(problem, slots, rounds).answer
    return [int(j) for j in chosen]


def test_an_owed_turn_decides_which_hours() -> None:
    # Client a is clean in the hours 0 and 1, b only in hour 3, and b is owed a turn.
    problem = Problem.from_costs(
        [[1.0, 1.0, 5.0, 9.0], [9.0, 9.0, 9.0, 2.0]], 1, at_least=[0, 1], elastic=True
    )
    answer = found(problem, hourly(4), 2)
    chosen, held = answer.answer
    assert chosen.tolist() == [0, 3]
    assert [cohort.tolist() for cohort in held.cohorts] == [[0], [1]]
    assert answer.objective == 3.0
    assert answer.bound == pytest.approx(3.0)
    assert answer.gap == pytest.approx(0.0, abs=1e-9)


def test_rounds_of_two_hours_keep_apart() -> None:
    problem = Problem.from_costs([[9.0, 1.0, 2.0, 3.0, 9.0]], 1, elastic=True)
    assert slots_of(problem, hourly(5, length_h=2), 2) == [1, 3]


def test_a_pause_is_not_too_long() -> None:
    problem = Problem.from_costs([[1.0, 9.0, 7.0, 8.0, 0.5]], 1, elastic=True)
    assert slots_of(problem, hourly(5), 2) == [0, 4]
    assert slots_of(problem, hourly(5, pause_h=2), 2) == [2, 4]


def test_what_rounds_at_once_would_emit_stands_beside() -> None:
    problem = Problem.from_costs([[4.0, 4.0, 1.0, 1.0]], 1, elastic=True)
    slots = hourly(4)
    found = choose_hours(slots.problem(problem, (2, 2)), slots, SOLVERS)
    assert found.chosen.tolist() == [2, 3]
    assert found.first.tolist() == [0, 1]
    assert (found.at_once_g, found.saved_g, found.saved) == (8.0, 6.0, 0.75)
    assert found.solution.status == "optimal"


def test_nobody_is_told_of_a_saving_that_is_a_missing_turn() -> None:
    problem = Problem.from_costs(
        [[4.0, 4.0, 1.0, 1.0]],
        1,
        available=[[True, False, True, True]],
        elastic=True,
    )
    slots = hourly(4)
    found = choose_hours(slots.problem(problem, (2, 2)), slots, SOLVERS)
    assert found.chosen.tolist() == [2, 3]
    assert found.saved_g is None
    assert found.saved is None


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_it_is_near_the_best_of_all_choices_and_never_above_its_bound(seed: int) -> None:
    rng = np.random.default_rng(seed)
    clients, many, rounds = int(rng.integers(2, 6)), int(rng.integers(4, 7)), 2
    problem = Problem.from_costs(
        rng.integers(1, 30, (clients, many)).astype(float),
        int(rng.integers(1, clients + 1)),
        at_least=rng.integers(0, 2, clients),
        elastic=True,
    )
    slots = hourly(many, length_h=float(rng.choice([1, 2])))
    question = slots.problem(problem, (rounds, rounds))
    answer = SlotSearch(solvers=SOLVERS)(question, slots)
    chosen, held = answer.answer
    columns = question.held_in(chosen)
    assert columns is not None
    assert not columns.violations(held.cohorts)
    assert (np.diff(slots.starts[chosen]) >= slots.length_s).all()
    apart = slots.length_s // 3600
    optima = [
        highs(columns, whole=False)
        for some in combinations(range(many), rounds)
        if min(np.diff(some)) >= apart and (columns := question.held_in(np.array(some)))
    ]
    missing, cost = min((one.missing, one.cost) for one in optima if one is not None)
    assert held.objective is not None
    assert held.classes.missing(held.seated) >= missing
    if not missing:
        assert held.classes.missing(held.seated) == 0
        assert answer.bound is not None
        assert answer.bound <= cost + 1e-6
        assert cost - 1e-6 <= held.objective <= 1.1 * cost
