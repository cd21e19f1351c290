"""What a person reads: shortfalls with amount, unit, place and reason; rules that contradict."""

from dataclasses import replace

import numpy as np
import pytest

from lowcarb_solvers import NoSolution, Problem, Status
from lowcarb_solvers.limits import (
    LimitedProblem,
    Limits,
    Rule,
    Stage,
    budget,
    cover,
    find_conflicts,
    knapsack,
    quota,
    solve_limited,
)
from lowcarb_solvers.limits.shortfalls import find_shortfalls
from tests.helpers.limited_instances import small_limited
from tests.helpers.limited_reference import enumerate_limited

N, T = 6, 4
FIRST = np.arange(N) < 3
SAMPLES = np.full(N, 4_700.0)


def limited(*rules: Rule, elastic: bool = True, seats: int = 3, **parts: object) -> LimitedProblem:
    costs = np.arange(1.0, N + 1)[:, None] * np.ones(T)
    problem = Problem.from_costs(costs, seats, elastic=elastic, **parts)  # type: ignore[arg-type]
    return LimitedProblem(problem=problem, limits=Limits(rules=rules))


def texts(problem: LimitedProblem) -> list[str]:
    return [str(shortfall) for shortfall in solve_limited(problem).shortfalls]


def test_too_few_clients_for_enough_samples() -> None:
    available = np.ones((N, T), dtype=bool)
    available[4:, 3] = False
    rule = cover("samples", SAMPLES, 20_000, rounds=T)
    (text,) = texts(limited(rule, seats=5, at_least=1, available=available))[1:]
    assert text == "samples in round 3: 1,200 short of 20,000 samples: only 4 clients available"


def test_too_few_seats_for_enough_samples() -> None:
    found = texts(limited(cover("samples", SAMPLES, [0, 0, 20_000, 0], rounds=T)))
    why = "the 3 largest of 6 clients come to 14,100"
    assert found == [f"samples in round 2: 5,900 short of 20,000 samples: {why}"]


def test_a_group_of_whom_nobody_is_there() -> None:
    available = np.ones((N, T), dtype=bool)
    available[:3, 1] = False
    rule = quota("hospitals", FIRST, rounds=T, at_least=2)
    assert texts(limited(rule, available=available)) == [
        "hospitals in round 1: 2 short of 2 clients: none of its clients available"
    ]


def test_a_maximum_that_leaves_too_few() -> None:
    available = np.ones((N, T), dtype=bool)
    available[4:, 1] = False
    rule = quota("north", FIRST, rounds=T, at_most=1)
    assert texts(limited(rule, available=available)) == [
        "north in round 1: 1 more than 1 clients: only 1 other client available for 3 seats"
    ]


def test_a_cap_below_the_smallest() -> None:
    rule = knapsack("energy", np.full(N, 2.0), 5.0, rounds=T, unit="kWh")
    found = solve_limited(limited(rule)).shortfalls
    assert [shortfall.round for shortfall in found] == [0, 1, 2, 3]
    assert {(s.stage, s.short, s.unit, s.above) for s in found} == {(Stage.CAPS, 1.0, "kWh", True)}


def test_a_budget_of_grams() -> None:
    rule = budget("grams", None, 20.0, unit="g")
    assert texts(limited(rule)) == ["grams: 4 more than 20 g: stands against seats"]


def test_a_client_that_rests_too_long_for_its_turns() -> None:
    problem = limited(at_least=[3, 0, 0, 0, 0, 0])
    problem = replace(problem, limits=Limits(rest=np.full(N, 2)))
    found = {s.client: str(s) for s in solve_limited(problem).shortfalls if s.client is not None}
    assert found == {
        0: "client 0: 1 short of 3 turns: available in 4 of 4 rounds, with 2 rounds of rest after "
        "each turn"
    }


def test_the_order_of_stages_says_what_gives_way() -> None:
    rule = knapsack("energy", np.full(N, 2.0), 5.0, rounds=T, unit="kWh")
    seats_last = (Stage.CAPS, Stage.FLOORS, Stage.QUOTAS, Stage.COVERS, Stage.SEATS)
    problem = limited(rule)
    problem = replace(problem, limits=replace(problem.limits, stages=seats_last))
    solution = solve_limited(problem)
    assert {s.stage for s in solution.shortfalls} == {Stage.SEATS}
    assert solution.missed(Stage.SEATS) == T
    assert all("energy" in s.why for s in solution.shortfalls)


def test_a_minimum_above_a_maximum_is_named_without_a_solver() -> None:
    low = quota("north at least", FIRST, rounds=T, at_least=3)
    high = quota("north at most", FIRST, rounds=T, at_most=2)
    (conflict,) = find_conflicts(limited(low, high))
    assert conflict.rules == ("north at least", "north at most")
    assert conflict.rounds == (0, 1, 2, 3)
    solution = solve_limited(limited(low, high, elastic=False), path="/nowhere/cbc")
    assert solution.status is Status.INFEASIBLE
    assert "north at least and north at most contradict each other" in solution.conflicts[0]
    with pytest.raises(NoSolution, match="north at least and north at most"):
        solution.raise_for_status()
    for shortfall in solve_limited(limited(low, high)).shortfalls:
        assert "contradicts north at" in shortfall.why


def test_minima_that_do_not_fit_into_the_seats() -> None:
    one = quota("north", FIRST, rounds=T, at_least=2)
    other = quota("south", ~FIRST, rounds=T, at_least=[0, 2, 0, 0])
    (conflict,) = find_conflicts(limited(one, other))
    assert conflict.rules == ("north", "south", "seats")
    assert conflict.rounds == (1,)
    assert conflict.why == "4 clients at least, but 3 seats"


def test_maxima_that_cannot_fill_the_seats() -> None:
    one = quota("north", FIRST, rounds=T, at_most=1)
    other = quota("south", ~FIRST, rounds=T, at_most=1)
    (conflict,) = find_conflicts(limited(one, other))
    assert conflict.rules == ("north", "south", "seats")
    assert conflict.why == "2 clients at most, but 3 seats"


def test_turns_in_all_that_rounds_have_no_room_for() -> None:
    share = quota("turns of north", FIRST, rounds=T, at_least=9, whole=True)
    rounds = quota("north", FIRST, rounds=T, at_most=2)
    (conflict,) = find_conflicts(limited(share, rounds))
    assert conflict.rules == ("turns of north", "north")
    assert conflict.rounds == ()


def test_rules_that_can_be_kept_contradict_nothing() -> None:
    rules = (
        quota("north", FIRST, rounds=T, at_least=1, at_most=2),
        quota("south", ~FIRST, rounds=T, at_least=1, at_most=2),
        cover("samples", SAMPLES, 14_100, rounds=T),
        budget("energy", SAMPLES, 4_700 * 12, unit="kWh"),
    )
    assert find_conflicts(limited(*rules)) == ()
    assert texts(limited(*rules)) == []


def test_a_group_of_nobody() -> None:
    rule = quota("nobody", np.zeros(N, dtype=bool), rounds=T, at_least=1)
    (conflict,) = find_conflicts(limited(rule))
    assert str(conflict) == (
        "nobody cannot be kept in round 0 and 3 more: 1 clients at least, but nobody counts for it"
    )


def test_what_only_a_solver_finds_is_named_as_well() -> None:
    """Two of the odd and two of the low ones are four clients, if the one in both may not work."""
    who = np.arange(N)
    rules = (
        quota("odd", who % 2 == 1, rounds=T, at_least=2),
        quota("low", who < 3, rounds=T, at_least=2),
        quota("low and odd", who == 1, rounds=T, at_most=0),
    )
    assert find_conflicts(limited(*rules)) == ()
    solution = solve_limited(limited(*rules, elastic=False))
    assert solution.status is Status.INFEASIBLE
    assert len(solution.conflicts) == T
    assert "cannot be kept: " in solution.conflicts[0]
    assert all(name in solution.conflicts[0] for name in ("odd", "low", "low and odd"))


def test_every_contradiction_that_is_named_is_one() -> None:
    found = 0
    for seed in range(300):
        problem = small_limited(seed, elastic=False, tight=1.6)
        if find_conflicts(problem):
            found += 1
            assert enumerate_limited(problem) is None
    assert found > 50


def test_no_reason_is_made_up_where_another_plan_may_miss_less() -> None:
    """Greedy takes the cheap first; samples of the dear ones would have been enough."""
    samples = np.arange(1.0, N + 1)
    problem = limited(cover("samples", samples, 11, rounds=T), seats=2, at_most=T)
    assert not solve_limited(problem).shortfalls
    counts = [np.array([0, 1])] * T
    for proven in (True, False):
        found = find_shortfalls(problem, problem, counts, (), proven=proven)
        assert {one.why == "another plan may miss less" for one in found} == {not proven}
    alone = find_shortfalls(problem, problem, [np.array([0])] * T, (), proven=False)
    assert [one.why for one in alone if one.stage is Stage.SEATS] == [
        "another plan may miss less"
    ] * T


def test_reasons_that_hold_for_every_plan_are_given_without_a_proof() -> None:
    available = np.ones((N, T), dtype=bool)
    available[1:, 1] = False
    rule = cover("samples", SAMPLES, [0, 0, 20_000, 0], rounds=T)
    found = solve_limited(limited(rule, available=available), solver="greedy")
    assert not found.misses_least
    assert [one.why for one in found.shortfalls] == [
        "only 1 client available",
        "the 3 largest of 6 clients come to 14,100",
    ]
