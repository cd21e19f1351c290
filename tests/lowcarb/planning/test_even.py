"""Of clients that are alike, those with fewer turns go first, and the plan stays as good."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb.planning.even import evened
from lowcarb_solvers import Cbc, Greedy, Problem, solve


@st.composite
def problems(draw: st.DrawFn) -> Problem:
    """Few kinds of clients, and floors and caps that are the same for most."""
    clients, rounds = draw(st.integers(2, 7)), draw(st.integers(1, 4))
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    turns = rng.integers(0, 3, clients)
    floor, cap = draw(st.integers(0, 4)), draw(st.integers(4, 7))
    own = rng.integers(0, 3, clients) * draw(st.integers(0, 1))
    available = rng.random((2, rounds))[rng.integers(0, 2, clients)] < 0.8
    return Problem(
        cost_level=rng.integers(1, 5, (2, rounds)).astype(np.float64),
        level_of=rng.integers(0, 2, clients),
        weight=rng.integers(1, 3, clients).astype(np.float64),
        cohort_size=np.full(rounds, draw(st.integers(1, clients))),
        at_least=np.maximum(0, floor + own - turns),
        at_most=cap + own - turns,
        available=available if draw(st.booleans()) else None,
        turns=turns,
        elastic=True,
    )


def missing(problem: Problem, got: np.ndarray) -> tuple[int, int]:
    """Turns that are missing, and those of the client that lacks most."""
    short = np.maximum(0, problem.at_least - got)
    return int(short.sum()), int(short.max())


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(problems())
def test_the_rest_can_be_planned_as_well_as_before(problem: Problem) -> None:
    """What a cohort leaves over is solved again, with the cohort before and after."""
    plan = solve(problem, Greedy("regret"), Cbc(time_limit=20))
    before = plan.cohort(0)
    after = evened(problem, before)
    assert len(set(after.tolist())) == len(before)
    assert after.tolist() == sorted(after.tolist())
    outcomes = [total(problem, cohort) for cohort in (before, after)]
    assert outcomes[1] == outcomes[0]


def total(problem: Problem, cohort: np.ndarray) -> tuple[int, int, int, float]:
    """Missing seats and turns, the worst client's, and cost, if this cohort comes first."""
    taken = np.zeros(problem.clients, dtype=np.int64)
    taken[cohort] = 1
    cost = float(problem.costs(slice(None), 0)[cohort].sum())
    assert (taken <= problem.at_most).all()
    if problem.available is not None:
        assert problem.available[cohort, 0].all()
    if problem.rounds == 1:
        return 0, *missing(problem, taken), round(cost, 6)
    left = replace(
        problem,
        cost_level=problem.cost_level[:, 1:],
        cohort_size=problem.cohort_size[1:],
        at_least=np.maximum(0, problem.at_least - taken),
        at_most=problem.at_most - taken,
        available=None if problem.available is None else problem.available[:, 1:],
        turns=taken if problem.turns is None else problem.turns + taken,
    )
    plan = solve(left, Greedy("regret"), Cbc(time_limit=20)).raise_for_status()
    assert plan.objective is not None
    seats = int(left.cohort_size.sum() - plan.turns.sum())
    return seats, *missing(left, plan.turns), round(cost + plan.objective, 6)


def test_whoever_had_fewer_turns_is_asked() -> None:
    problem = Problem(
        cost_level=np.ones((2, 3)),
        level_of=np.array([0, 0, 0, 1, 0]),
        weight=np.array([1.0, 1.0, 1.0, 1.0, 2.0]),
        cohort_size=np.full(3, 2),
        at_least=np.zeros(5, dtype=np.int64),
        at_most=10 - np.array([3, 2, 1, 0, 0]),
        turns=np.array([3, 2, 1, 0, 0]),
    )
    assert evened(problem, np.array([0, 1])).tolist() == [1, 2]
    assert evened(problem, np.array([1, 2])).tolist() == [1, 2]
    # One who is not like them, and one who cannot come, stay out.
    away = np.array([[True], [True], [False], [True], [True]]) & np.ones((5, 3), dtype=bool)
    assert evened(replace(problem, available=away), np.array([0, 1])).tolist() == [0, 1]
    assert evened(replace(problem, turns=None), np.array([0, 1])).tolist() == [0, 1]


def test_nobody_gives_way_to_one_who_is_owed_less_or_may_come_less_often() -> None:
    problem = Problem(
        cost_level=np.ones((1, 1)),
        level_of=np.zeros(2, dtype=np.int64),
        weight=np.ones(2),
        cohort_size=np.ones(1, dtype=np.int64),
        at_least=np.array([1, 1]),
        at_most=np.array([4, 5]),
        turns=np.array([1, 0]),
        elastic=True,
    )
    first = np.array([0])
    # Floors of two turns and of one: the turn that is left would be missed either way.
    assert evened(problem, first).tolist() == [0]
    assert evened(replace(problem, at_least=np.array([1, 2])), first).tolist() == [1]
    assert evened(replace(problem, at_least=np.array([0, 0])), first).tolist() == [1]
    capped = replace(problem, at_least=np.array([0, 0]), at_most=np.array([4, 1]))
    assert evened(capped, first).tolist() == [0]
