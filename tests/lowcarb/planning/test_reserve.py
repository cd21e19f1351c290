"""Turns in reserve: as many as are needed, and never at the cost of an owed one."""

from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import POLICIES, Cheapest, Choice, Planned
from lowcarb.planning.reserve import MOST_RESERVE, WithReserve, turns_in_reserve
from lowcarb_solvers import Classes, Greedy, Problem, Solution, chain
from tests.helpers.candidates import choose


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


def crowded() -> Problem:
    """The first client's second turn would take the only round that the second one can have."""
    return Problem.from_costs(
        [[1.0, 9.0, 0.0], [2.0, 0.0, 0.0], [0.0, 0.0, 9.0]],
        cohort_size=1,
        at_least=[1, 1, 0],
        available=np.array([[True, True, False], [True, False, False], [False, False, True]]),
        elastic=True,
    )


def test_a_reserve_that_takes_an_owed_turn_is_given_up() -> None:
    choice = choose(WithReserve(Planned(), 1), crowded())
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [1, 1, 1]
    assert choice.cohort.tolist() == [1]


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@dataclass(frozen=True)
class Slow:
    """Takes its whole time limit, or less, on a clock that stands still otherwise."""

    clock: Clock
    needs: float
    time_limit: float = 10.0
    limits: list[float] = field(default_factory=list)
    name: str = "slow"

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        del start
        self.limits.append(self.time_limit)
        self.clock.now += min(self.needs, self.time_limit)
        return replace(Greedy()(classes), solver=self.name)


@pytest.mark.parametrize(
    ("needs", "limits"), [(99.0, [7.5, 2.5]), (1.0, [7.5, 9.0]), (6.0, [7.5, 4.0])]
)
def test_two_plans_of_a_round_share_one_time_limit(needs: float, limits: list[float]) -> None:
    clock = Clock()
    slow = Slow(clock, needs)
    choice = choose(WithReserve(Planned((slow,)), 1, clock), crowded())
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [1, 1, 1]
    assert slow.limits == pytest.approx(limits)
    assert clock.now <= 10


def test_without_a_reserve_all_the_time_is_there() -> None:
    slow = Slow(Clock(), 99.0)
    choose(WithReserve(Planned((slow,)), 0, slow.clock), crowded())
    assert slow.limits == [10]


def test_limits_shrink_in_proportion_and_never_grow() -> None:
    @dataclass(frozen=True)
    class Timeless:
        name: str = "timeless"

        def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
            return start or Greedy()(classes)

    planned = Planned((*chain(8.0), Greedy("cost"), Timeless()))
    assert planned.time_limit == 8
    assert planned.within(2.0) == Planned((*chain(2.0), Greedy("cost"), Timeless()))
    assert planned.within(99.0) == planned
    assert planned.within(-1.0).time_limit == 0
    assert Planned(chain(0.0)).within(1.0) == Planned(chain(0.0))
    unlimited = Planned((Greedy(), Timeless()))
    assert unlimited.within(unlimited.time_limit) == unlimited.within(1.0) == unlimited


def test_a_policy_of_ones_own_is_asked_twice_too() -> None:
    seen: list[Problem] = []

    def mine(given: Problem, _: CandidateView) -> Choice:
        seen.append(given)
        return Planned((Greedy(),))(given)

    choice = choose(WithReserve(mine, 1), crowded())
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [1, 1, 1]
    assert [given.at_least.tolist() for given in seen] == [[2, 1, 0], [1, 1, 0]]


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
    seen: list[Problem] = []

    def policy(given: Problem, _: CandidateView) -> Choice:
        seen.append(given)
        return Planned()(given)

    choice = choose(WithReserve(policy, 1), asked)
    assert choice.solution is not None
    assert choice.solution.turns.tolist() == [4, 2, 2]
    # No plan could do better, so no other plan is made.
    assert len(seen) == 1


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
