"""Limits beside cohorts that breathe, against enumeration and against HiGHS on single clients."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.limited_instances import large_limited
from lowcarb_solvers import Problem, solve
from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.limits import (
    LimitedProblem,
    Limits,
    Stage,
    budget,
    cover,
    find_conflicts,
    knapsack,
    price_rules,
    quota,
    solve_limited,
)
from tests.helpers.breathing import breathing
from tests.helpers.limited_check import check_by_enumeration, check_limited
from tests.helpers.limited_instances import KINDS, small_limited, with_range
from tests.helpers.limited_reference import SingleClients, enumerate_limited

N, T = 6, 4
FIRST = np.arange(N) < 3
DEAR = np.array([1.0, 1.0, 9.0, 9.0])


def small(seed: int, kinds: tuple[str, ...] | None = None, tight: float = 1.0) -> LimitedProblem:
    """Draw an instance with a range, every second one elastic."""
    return with_range(small_limited(seed, kinds, elastic=bool(seed % 2), tight=tight), seed)


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_alone_agrees_with_enumeration(kind: str) -> None:
    for seed in range(2):
        limited = small(seed, (kind,), tight=1.2)
        check_limited(limited, enumerate_limited(limited))


@pytest.mark.parametrize("block", range(4))
def test_combinations_agree_with_enumeration(block: int) -> None:
    for seed in range(15 * block, 15 * block + 15):
        limited = small(seed, tight=1 + 0.3 * (seed % 3))
        check_limited(limited, enumerate_limited(limited))


@pytest.mark.slow
@pytest.mark.parametrize("block", range(10))
def test_many_combinations_agree_with_enumeration(block: int) -> None:
    infeasible, short = check_by_enumeration(
        small(seed, tight=1 + 0.3 * (seed % 3))
        for seed in range(1000 + 100 * block, 1100 + 100 * block)
    )
    assert infeasible > 5
    assert short > 10


@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
def test_stages_agree_with_stages_on_single_clients(block: int) -> None:
    """With alike clients that merge; only instances that lack something count."""
    short, seed = 0, 10_000 * (block + 1)
    while short < 30:
        seed += 1
        fixed = small_limited(seed, elastic=True, clients=(5, 8), rounds=(3, 5), tight=1.8)
        limited = with_range(fixed, seed)
        expected = SingleClients(limited).solve()
        assert expected is not None
        # All is in whole numbers, but for HiGHS's tolerances.
        missing, cost = tuple(np.rint(expected[0]).tolist()), float(np.rint(expected[1]))
        if any(missing):
            short += 1
            check_limited(limited, (missing, cost))


def test_without_limits_the_plan_is_the_same_as_ever() -> None:
    for seed in range(6):
        limited = LimitedProblem(problem=breathing(seed, elastic=True), limits=Limits())
        plain, solution = solve(limited.problem), solve_limited(limited)
        assert (solution.status, solution.objective) == (plain.status, plain.objective)
        assert sum(one.short for one in solution.shortfalls) == plain.classes.missing(plain.seated)


@pytest.mark.parametrize("elastic", [False, True])
def test_limits_that_bind_nothing_cost_nothing(elastic: bool) -> None:
    """By branch and cut on rows then, but to the same optimum, and with as little missing."""
    for seed in range(10):
        problem = breathing(seed, elastic=elastic)
        rule = budget("kWh", np.ones(problem.clients), 1e6, unit="kWh")
        limited = LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))
        plain, solution = solve(problem), solve_limited(limited, gap=0.0)
        assert solution.status is plain.status
        if plain.sparse is None:
            continue
        seats = [one for one in plain.shortfalls if one.client is None]
        if len(seats) == len(plain.shortfalls):
            assert solution.objective == pytest.approx(plain.objective)
        assert solution.missed(Stage.SEATS) <= sum(one.short for one in seats)


@pytest.mark.parametrize("elastic", [False, True])
def test_a_range_of_one_size_is_that_size(elastic: bool) -> None:
    for seed in range(6):
        fixed = small_limited(seed, elastic=elastic)
        size = fixed.problem.cohort_size
        problem = replace(fixed.problem, cohort_least=size, cohort_most=size.copy())
        one, other = (
            solve_limited(each, gap=0.0) for each in (fixed, replace(fixed, problem=problem))
        )
        assert (one.status, one.objective) == (other.status, other.objective)
        assert [str(s) for s in one.shortfalls] == [str(s) for s in other.shortfalls]


def ranged(*parts: object, elastic: bool = True, total: int | None = None) -> LimitedProblem:
    """Six clients, two to four of them in each of four rounds, of which the last two are dear."""
    rules = tuple(parts)
    costs = np.arange(1.0, N + 1)[:, None] * DEAR
    problem = Problem.from_costs(
        costs, 3, elastic=elastic, cohort_least=2, cohort_most=4, cohort_total=total
    )
    return LimitedProblem(problem=problem, limits=Limits(rules=rules))  # type: ignore[arg-type]


def sizes(limited: LimitedProblem, **options: object) -> list[int]:
    solution = solve_limited(limited, gap=0.0, **options)  # type: ignore[arg-type]
    assert limited.violations(solution.cohorts) == []
    return [len(cohort) for cohort in solution.cohorts]


@pytest.mark.parametrize("solver", ["cbc", "greedy"])
def test_seats_go_where_carbon_is_low_as_far_as_limits_allow(solver: str) -> None:
    free = budget("turns", np.ones(N), 1e3, unit="turns")
    assert sizes(ranged(free), solver=solver) == [4, 4, 2, 2]
    cap = knapsack("kWh", np.ones(N), [4.0, 3.0, 4.0, 4.0], rounds=T, unit="kWh")
    assert sizes(ranged(cap), solver=solver)[1] == 3
    group = quota("first", FIRST, rounds=T, at_most=[1, 3, 3, 3])
    assert sizes(ranged(group), solver=solver) == [4, 4, 2, 2]
    samples = cover("samples", np.ones(N), 3, rounds=T)
    assert sizes(ranged(samples), solver=solver) == [3, 3, 3, 3]


def short(limited: LimitedProblem) -> list[str]:
    return [str(one) for one in solve_limited(limited, gap=0.0).shortfalls]


def test_seats_below_the_least_and_turns_below_the_total_are_named() -> None:
    problem = ranged(quota("first", FIRST, rounds=T, at_most=3)).problem
    available = np.ones((N, T), dtype=np.bool_)
    available[1:, 1] = False
    problem = replace(problem, available=available)
    rule = quota("first", FIRST, rounds=T, at_most=3)
    assert short(LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))) == [
        "seats in round 1: 1 short of 2: only 1 client available",
    ]
    problem = replace(problem, cohort_total=15)
    assert short(LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))) == [
        "seats in round 1: 1 short of 2: only 1 client available",
        "turns in all: 2 short of 15: the rounds have room and clients for only 13",
    ]


def test_caps_that_leave_fewer_turns_than_the_total_are_the_reason() -> None:
    limited = ranged(budget("turns", np.ones(N), 1e3, unit="turns"))
    problem = replace(limited.problem, at_most=np.ones(N, dtype=np.int64))
    found = short(replace(limited, problem=problem))
    assert found[-1] == "turns in all: 6 short of 12: turn caps and rest leave no more turns"


def test_what_contradicts_a_range_is_named_without_a_solver() -> None:
    one, other = (
        quota(name, who, rounds=T, at_least=3) for name, who in (("a", FIRST), ("b", ~FIRST))
    )
    (conflict,) = find_conflicts(ranged(one, other))
    assert conflict.rules == ("a", "b", "seats")
    assert conflict.why == "6 clients at least, but 4 seats at most"
    low, high = (
        quota(name, who, rounds=T, at_most=[0, 4, 4, 4])
        for name, who in (("a", FIRST), ("b", ~FIRST))
    )
    (conflict,) = find_conflicts(ranged(low, high))
    assert conflict.why == "0 clients at most, but 2 seats at least"
    cap = knapsack("kWh", np.full(N, 2.0), 5.0, rounds=T, unit="kWh")
    (conflict,) = find_conflicts(ranged(cap))
    assert str(conflict) == (
        "seats and kWh contradict each other over the horizon: 12 turns at least, but 20 kWh at "
        "most leave room for 10"
    )
    assert find_conflicts(ranged(cap, total=10)) == ()


def test_every_contradiction_that_is_named_is_one() -> None:
    found = 0
    for seed in range(200):
        limited = with_range(small_limited(seed, elastic=False, tight=1.6), seed)
        if find_conflicts(limited):
            found += 1
            assert enumerate_limited(limited) is None
    assert found > 20


def test_prices_of_limits_know_that_sizes_may_change() -> None:
    """A unit more lets a turn of a dear round go over to the capped one."""
    cap = knapsack("kWh", np.ones(N), [4.0, 3.0, 4.0, 4.0], rounds=T, unit="kWh")
    (price,) = price_rules(ranged(cap), gap=0.0)
    assert price.saved == pytest.approx(3 * 9 - 4)


def test_what_turns_in_all_can_come_to_is_what_the_largest_rounds_leave() -> None:
    """Four of the six in two rounds, two in the others: 6 + 5 + 4 + 3 each, and 6 + 5."""
    rule = cover("samples", np.arange(1.0, N + 1), 1e9, rounds=T, whole=True)
    (one,) = solve_limited(ranged(rule), gap=0.0).shortfalls
    assert one.short == pytest.approx(1e9 - 58)
    assert one.short_of_reach <= 12


def distinct(cohorts: tuple[IntArray, ...]) -> set[int]:
    return {len(cohort) for cohort in cohorts}


def test_a_range_saves_within_the_same_limits() -> None:
    fixed, limited = (
        large_limited(400, 40, distinct=False, rounds=8, sizes=sizes) for sizes in (None, (20, 60))
    )
    one, other = (solve_limited(each, time_limit=60, gap=5e-3) for each in (fixed, limited))
    assert limited.violations(other.cohorts) == []
    assert other.shortfalls == ()
    assert other.gap is not None
    assert other.gap <= 5e-3
    assert one.bound is not None
    assert other.objective is not None
    # No plan with cohorts of one size is as cheap.
    assert other.objective < one.bound
    assert len(distinct(other.cohorts)) > 1
