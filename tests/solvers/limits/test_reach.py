"""Bounds out of reach: the same plan however far they are, and what is lacked of those asked."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb_solvers import Problem, Status
from lowcarb_solvers.arrays import BoolArray, FloatArray
from lowcarb_solvers.limits import (
    Excess,
    LimitedProblem,
    LimitedSolution,
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
from lowcarb_solvers.limits.limited_classes import merge_limited
from lowcarb_solvers.limits.reach import within_reach
from tests.helpers.limited_instances import small_limited

Make = Callable[[Problem, float], Rule]


def half(problem: Problem) -> BoolArray:
    who: BoolArray = np.arange(problem.clients) % 2 == 0
    return who


BELOW: dict[str, Make] = {
    "samples": lambda p, b: cover("r", 100.0 + 37 * half(p), b, rounds=p.rounds),
    "samples in all": lambda p, b: cover("r", 100 + 37.0 * half(p), b, rounds=1, whole=True),
    "kWh": lambda p, b: cover("r", p.weight / 7, b, rounds=p.rounds, unit="kWh"),
    "kWh of a group": lambda p, b: cover(
        "r", p.weight / 7, b, rounds=p.rounds, unit="kWh", clients=half(p)
    ),
    "group": lambda p, b: quota("r", half(p), at_least=b, rounds=p.rounds),
    "group in all": lambda p, b: quota("r", half(p), at_least=b, rounds=p.rounds, whole=True),
    "g": lambda p, b: replace(
        knapsack("r", None, np.inf, rounds=p.rounds, unit="g"), at_least=np.full(p.rounds, b)
    ),
}
ABOVE: dict[str, Make] = {
    "kWh": lambda p, b: knapsack("r", p.weight / 7, b, rounds=p.rounds, unit="kWh"),
    "site": lambda p, b: knapsack(
        "r", p.weight / 7, b, rounds=p.rounds, unit="kWh", clients=half(p)
    ),
    "g": lambda p, b: knapsack("r", None, b, rounds=p.rounds, unit="g"),
    "g in all": lambda _, b: budget("r", None, b, unit="g"),
    "kWh in all": lambda p, b: budget("r", p.weight / 7, b, unit="kWh"),
}


def with_rule(seed: int, make: Make, bound: float, *, excess: bool = False) -> LimitedProblem:
    kinds = ("crossing", "rest", *(["excess"] if excess else []))
    base = small_limited(seed, kinds, elastic=True, clients=(4, 6), rounds=(2, 4))
    rules = (*base.limits.rules, make(base.problem, bound))
    limits = replace(base.limits, rules=rules, stages=tuple(Stage))
    return replace(base, limits=limits)


def beyond(limited: LimitedProblem) -> float:
    """A whole number that no cohort comes to by the last rule: beyond all who are there."""
    problem, rule = limited.problem, limited.limits.rules[-1]
    everyone = [np.arange(problem.clients)] * problem.rounds
    return float(np.ceil(limited.amounts(rule, everyone).max()) + 1)


def alike(one: LimitedSolution, other: LimitedSolution) -> None:
    assert one.misses_least
    assert other.misses_least
    assert one.objective == pytest.approx(other.objective)
    for stage in (Stage.SEATS, Stage.FLOORS):
        assert one.missed(stage) == other.missed(stage)
    for rule in one.limited.limits.rules:
        mine, theirs = (found.limited.amounts(rule, found.cohorts) for found in (one, other))
        assert mine.sum() == pytest.approx(theirs.sum())


def check_below(kind: str, seed: int, far: int) -> None:
    make = BELOW[kind]
    bound = beyond(with_rule(seed, make, 0.0))
    near = solve_limited(with_rule(seed, make, bound), gap=0.0)
    found = solve_limited(with_rule(seed, make, float(np.rint(10.0**far))), gap=0.0)
    alike(near, found)
    assert [c.tolist() for c in near.cohorts] == [c.tolist() for c in found.cohorts]


def check_above(kind: str, seed: int, tiny: float, order: tuple[Stage, ...]) -> None:
    zero, small = (
        solve_limited(replace(one, limits=replace(one.limits, stages=order)), gap=0.0)
        for one in (with_rule(seed, ABOVE[kind], bound) for bound in (0.0, tiny))
    )
    alike(zero, small)


@pytest.mark.parametrize("far", [12, 99])
@pytest.mark.parametrize("kind", BELOW)
def test_how_far_a_bound_is_beyond_reach_changes_no_plan(kind: str, far: int) -> None:
    check_below(kind, 5, far)


@pytest.mark.parametrize("kind", ABOVE)
def test_caps_of_nothing_and_of_next_to_nothing_have_one_plan(kind: str) -> None:
    check_above(kind, 5, 1e-12, tuple(Stage))


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(kind=st.sampled_from(list(BELOW)), seed=st.integers(0, 999), far=st.integers(3, 300))
def test_the_same_of_any_bound_beyond_reach(kind: str, seed: int, far: int) -> None:
    check_below(kind, seed, far)


@pytest.mark.slow
@settings(max_examples=40, deadline=None)
@given(
    kind=st.sampled_from(list(ABOVE)),
    seed=st.integers(0, 999),
    tiny=st.sampled_from([1e-300, 1e-12, 1e-9]),
    order=st.permutations(list(Stage)),
)
def test_the_same_of_any_tiny_cap_and_order(
    kind: str, seed: int, tiny: float, order: list[Stage]
) -> None:
    check_above(kind, seed, tiny, tuple(order))


@pytest.mark.parametrize("kind", ABOVE)
@pytest.mark.parametrize("bound", [1e9, 1e99])
def test_a_cap_that_is_never_reached_is_none(kind: str, bound: float) -> None:
    capped = with_rule(7, ABOVE[kind], bound, excess=True)
    free = replace(capped, limits=replace(capped.limits, rules=capped.limits.rules[:-1]))
    assert solve_limited(capped, gap=0.0).objective == pytest.approx(
        solve_limited(free, gap=0.0).objective
    )


@pytest.mark.parametrize("supply", [1e9, 1e99])
def test_more_excess_energy_than_can_be_used_is_as_good_as_enough(supply: float) -> None:
    base = with_rule(3, ABOVE["kWh"], np.inf)
    problem, who = base.problem, half(base.problem)
    cheapest = problem.cost_level.min(axis=0) / 2

    def supplied(kwh: float) -> LimitedProblem:
        roof = Excess(
            name="roof",
            clients=who,
            amount=problem.weight,
            supply=np.full(problem.rounds, kwh),
            saves=cheapest,
        )
        return replace(base, limits=replace(base.limits, excess=(roof,)))

    enough = solve_limited(supplied(float(problem.weight.sum())), gap=0.0)
    found = solve_limited(supplied(supply), gap=0.0)
    assert found.objective == pytest.approx(enough.objective)
    assert found.misses_least


def bounds_near(*rules: Rule, rest: int = 0, **parts: object) -> list[FloatArray]:
    costs = np.arange(1.0, 7)[:, None] * np.array([1.0, 2.0, 3.0])
    problem = Problem.from_costs(costs, 2, elastic=True, **parts)  # type: ignore[arg-type]
    limits = Limits(rules=rules, rest=np.full(6, rest, dtype=np.int64))
    merged = merge_limited(LimitedProblem(problem=problem, limits=limits))
    return [rule.at_least for rule in within_reach(merged).limited.limits.rules]


def test_reach_is_what_the_seats_the_turns_and_the_rest_leave() -> None:
    amount = np.arange(1.0, 7)
    there = np.ones((6, 3), dtype=np.bool_)
    there[5, 1] = False
    far = 1e99
    (found,) = bounds_near(cover("r", amount, [3.0, far, far], rounds=3), available=there)
    assert found.tolist() == [3, 9, 11]
    whole = cover("r", amount, far, rounds=3, whole=True)
    assert [one.tolist() for one in bounds_near(whole)] == [[33]]
    assert [one.tolist() for one in bounds_near(whole, at_most=1)] == [[21]]
    assert [one.tolist() for one in bounds_near(whole, at_most=1, available=there)] == [[21]]
    assert [one.tolist() for one in bounds_near(whole, rest=2)] == [[21]]
    group = quota("r", amount > 5, rounds=3, at_least=far)
    assert [one.tolist() for one in bounds_near(group, available=there)] == [[1, 0, 1]]


@pytest.mark.parametrize("solver", ["cbc", "greedy"])
def test_without_slack_a_bound_out_of_reach_is_known_to_be_impossible(solver: str) -> None:
    """Six turns are all that there are, fewer than seats: no rule alone contradicts these."""
    costs = np.arange(1.0, 7)[:, None] * np.array([1.0, 2.0, 3.0])
    problem = Problem.from_costs(costs, 2, at_most=1)
    rule = cover("samples", np.arange(1.0, 7), 30, rounds=3, whole=True)
    limited = LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))
    assert not find_conflicts(limited)
    found = solve_limited(limited, solver=solver)
    assert found.status is Status.INFEASIBLE
    assert any("9 short of 30 samples" in one for one in found.conflicts)


def test_what_is_lacked_is_lacked_of_what_was_asked() -> None:
    costs = np.arange(1.0, 7)[:, None] * np.ones(2)
    problem = Problem.from_costs(costs, 2, elastic=True, at_least=1, at_most=1)
    rule = cover("samples", np.arange(1.0, 7) * 1000, 1e12, rounds=2)
    limited = LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))
    found = solve_limited(limited, gap=0.0)
    short = [one for one in found.shortfalls if one.rule == "samples"]
    came_to = limited.amounts(rule, found.cohorts)
    assert [one.short for one in short] == pytest.approx((1e12 - came_to).tolist(), abs=0.5)
    assert [one.bound for one in short] == [1e12, 1e12]
    assert [one.short_of_reach for one in short] == (11_000 - came_to).tolist()
