"""Turns in reserve: as many as are needed, and never at the cost of an owed one."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import POLICIES, Cheapest, Choice, Planned
from lowcarb.planning.reserve import MOST_RESERVE, WithReserve, turns_in_reserve
from lowcarb_solvers import Greedy, Problem
from tests.candidates import choose


@pytest.mark.parametrize(
    ("lost", "turns"),
    [(0, 0), (0.001, 0), (0.002, 1), (0.03, 1), (0.04, 2), (0.09, 2), (0.11, 3), (0.25, 4), (1, 5)],
)
def test_one_client_in_a_thousand_may_lose_all_its_reserve(lost: float, turns: int) -> None:
    assert turns_in_reserve(lost) == turns
    assert turns == MOST_RESERVE or lost ** (turns + 1) <= 1e-3
    assert not turns or lost**turns > 1e-3


def problem(**more: object) -> Problem:
    costs = np.arange(12, dtype=np.float64).reshape(3, 4) ** 2
    made = Problem.from_costs(costs, cohort_size=1, at_least=[0, 1, 1], elastic=True)
    return replace(made, **more)  # type: ignore[arg-type]


def test_clients_that_owe_are_planned_more_often_and_others_are_not() -> None:
    bare = Planned()(problem())
    reserved = choose(WithReserve(Planned(), 1), problem())
    assert bare.solution is not None
    assert reserved.solution is not None
    assert bare.solution.turns.tolist() == [2, 1, 1]
    assert reserved.solution.turns.tolist() == [0, 2, 2]


def test_without_a_reserve_the_problem_is_not_touched() -> None:
    seen = []

    def policy(given: Problem, _: CandidateView) -> Choice:
        seen.append(given)
        return Choice(cohort=np.array([0]), by="mine")

    asked = problem()
    choose(WithReserve(policy, 0), asked)
    assert seen == [asked]
    # One that makes no plan is asked once.
    choose(WithReserve(policy, 2), asked)
    assert len(seen) == 2


def test_no_more_is_kept_than_there_are_seats_and_one_for_each_comes_first() -> None:
    costs = np.arange(20, dtype=np.float64).reshape(4, 5)
    asked = Problem.from_costs(costs, cohort_size=2, at_least=[2, 1, 3, 0], elastic=True)
    for turns, wanted in ((1, [3, 2, 4, 0]), (2, [3, 2, 5, 0]), (3, [3, 2, 5, 0])):
        seen: list[Problem] = []

        def policy(given: Problem, _: CandidateView, seen: list[Problem] = seen) -> Choice:
            seen.append(given)
            return Choice(cohort=np.array([0, 1]), by="mine")

        choose(WithReserve(policy, turns), asked)
        assert seen[0].at_least.tolist() == wanted
        # Ten seats, six of them owed.
        assert seen[0].at_least.sum() <= 10


def test_nobody_is_asked_for_more_turns_than_rounds_are_left() -> None:
    asked = Problem.from_costs(
        np.ones((3, 3)), cohort_size=2, at_least=[3, 1, 0], at_most=[9, 9, 9], elastic=True
    )
    seen: list[Problem] = []

    def policy(given: Problem, _: CandidateView) -> Choice:
        seen.append(given)
        return Choice(cohort=np.array([0, 1]), by="mine")

    choose(WithReserve(policy, 2), asked)
    # Who owes a turn in each round can have none in reserve; its part is for the other.
    assert seen[0].at_least.tolist() == [3, 3, 0]


def test_a_reserve_that_takes_an_owed_turn_is_given_up() -> None:
    # The first client's second turn would take the only round that the second one can have.
    asked = Problem.from_costs(
        [[1.0, 9.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 9.0]],
        cohort_size=1,
        at_least=[1, 1, 0],
        available=np.array([[True, True, False], [True, False, False], [False, False, True]]),
        elastic=True,
    )
    choice = choose(WithReserve(Planned(), 1), asked)
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [1, 1, 1]
    assert choice.cohort.tolist() == [1]


@pytest.mark.parametrize("owed", [5, 99])
def test_a_turn_that_cannot_be_had_anyway_takes_nobody_its_reserve(owed: int) -> None:
    # There are four rounds: whatever is planned, the first client ends up short.
    asked = Problem.from_costs(
        [[0.0] * 4, [9.0] * 4, [1.0] * 4],
        cohort_size=2,
        at_least=[owed, 1, 0],
        at_most=[99, 99, 99],
        elastic=True,
    )
    choice = choose(WithReserve(Planned(), 1), asked)
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [4, 2, 2]


def test_a_seat_that_nobody_can_fill_is_no_reserve() -> None:
    # The first client is here for one round only, so its part is for the second one.
    asked = Problem.from_costs(
        np.ones((3, 4)),
        cohort_size=1,
        at_least=[2, 1, 0],
        available=np.array([[True, False, False, False], [True] * 4, [True] * 4]),
        elastic=True,
    )
    seen: list[Problem] = []

    def policy(given: Problem, _: CandidateView) -> Choice:
        seen.append(given)
        return Choice(cohort=np.array([0]), by="mine")

    choose(WithReserve(policy, 5), asked)
    assert seen[0].at_least.tolist() == [2, 3, 0]


def test_caps_are_kept() -> None:
    capped = problem(at_most=np.array([4, 1, 4]))
    choice = choose(WithReserve(Planned(), 3), capped)
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [0, 1, 3]


def test_what_makes_no_plan_chooses_as_ever() -> None:
    assert choose(WithReserve(Cheapest(), 2), problem()).cohort.tolist() == [0]


@given(
    seed=st.integers(0, 10_000),
    turns=st.integers(1, 3),
    rank=st.sampled_from(["regret", "cost"]),
)
def test_no_owed_turn_is_missed_for_a_reserve(seed: int, turns: int, rank: str) -> None:
    rng = np.random.default_rng(seed)
    n, t = int(rng.integers(2, 7)), int(rng.integers(1, 7))
    at_least = rng.integers(0, t + 1, n)
    asked = Problem.from_costs(
        rng.uniform(0, 9, (n, t)),
        cohort_size=int(rng.integers(1, n + 1)),
        at_least=at_least,
        at_most=np.minimum(t, at_least + rng.integers(0, 3, n)),
        available=rng.random((n, t)) < 0.8,
        elastic=True,
    )
    policy = Planned((Greedy(rank),))  # type: ignore[arg-type]
    bare, reserved = policy(asked), choose(WithReserve(policy, turns), asked)
    assert bare.solution is not None
    assert reserved.solution is not None

    def missing(choice: Choice) -> int:
        assert choice.solution is not None
        return int(np.maximum(0, asked.at_least - choice.solution.turns).sum())

    assert missing(reserved) <= missing(bare)


def test_every_named_policy_takes_it() -> None:
    for name, policy in POLICIES.items():
        assert len(choose(WithReserve(policy, 1), problem()).cohort) == 1, name
