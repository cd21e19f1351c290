"""What contradicts itself is refused by name, and plans are checked client by client."""

from collections.abc import Callable

import numpy as np
import pytest

from lowcarb_solvers import Problem, ProblemError
from lowcarb_solvers.arrays import BoolArray, IntArray
from lowcarb_solvers.limits import (
    Excess,
    LimitedProblem,
    Limits,
    Rule,
    Stage,
    budget,
    cover,
    excess_at,
    knapsack,
    quota,
)

N, T = 4, 3
FIRST = np.array([True, True, False, False])
KWH = np.array([0.1, 0.2, 0.3, 0.4])


def problem(*, elastic: bool = False) -> Problem:
    return Problem.from_costs(10 * KWH[:, None] * np.ones(T), 2, elastic=elastic)


def excess(saves: float = 4.0, clients: BoolArray = FIRST, name: str = "roof") -> Excess:
    return Excess(
        name=name, clients=clients, amount=KWH, supply=np.full(T, 0.25), saves=np.full(T, saves)
    )


@pytest.mark.parametrize(
    ("make", "text"),
    [
        (lambda: quota("", FIRST, rounds=T, at_least=1), "name of a rule"),
        (lambda: quota("north", FIRST * 1, rounds=T), "north: clients: expected booleans"),
        (
            lambda: quota("north", FIRST, rounds=T, at_least=1.5),
            "whole numbers of clients, got 1.5",
        ),
        (lambda: quota("north", FIRST, rounds=T, at_most=-1), "at_most of zero or more"),
        (lambda: quota("north", FIRST, rounds=T, at_least=np.nan), "north: .*got NaN"),
        (
            lambda: quota("north", FIRST, rounds=T, at_least=[0, 3, 0], at_most=2),
            "north in round 1: at_least 3 is above at_most 2",
        ),
        (lambda: cover("samples", -KWH, 1, rounds=T), "samples: amount: .*got -0.1 of client 0"),
        (lambda: budget("kWh", KWH * np.inf, 1, unit="kWh"), "kWh: amount"),
        (lambda: excess(saves=-1.0), "roof: saves: .*got -1"),
        (lambda: Limits(stages=(Stage.SEATS,)), "stages: expected each of seats, floors"),
        (lambda: Limits(rested=np.zeros(N, dtype=np.int64)), "rested: expected rest as well"),
        (
            lambda: Limits(rules=(budget("a", KWH, 1, unit="g"), budget("a", KWH, 1, unit="g"))),
            "names that differ, got 'a' twice",
        ),
    ],
)
def test_contradictions_are_refused(make: Callable[[], object], text: str) -> None:
    with pytest.raises(ProblemError, match=text):
        make()


@pytest.mark.parametrize(
    ("limits", "text"),
    [
        (
            Limits(rules=(quota("north", FIRST[:2], rounds=T),)),
            r"north: clients: expected .*\(4,\)",
        ),
        (Limits(rules=(quota("north", FIRST, rounds=2),)), r"north: at_least and at_most.*\(3,\)"),
        (Limits(rest=np.ones(2, dtype=np.int64)), "rest: expected shape"),
        (Limits(rest=np.full(N, -1)), "rest: expected int64, zero or more"),
        (Limits(excess=(excess(saves=11.0),)), "roof: saves: .*round 0 for client 1"),
        (Limits(excess=(excess(), excess(name="well"))), "client 0 draws on more than one site"),
        (
            Limits(
                rules=(knapsack("g", None, 5, rounds=T, unit="g", clients=KWH < 0.15),),
                excess=(excess(),),
            ),
            "g: expected all clients of roof or none",
        ),
    ],
)
def test_limits_that_do_not_fit_the_problem_are_refused(limits: Limits, text: str) -> None:
    with pytest.raises(ProblemError, match=text):
        LimitedProblem(problem=problem(), limits=limits)


def cohorts(*members: list[int]) -> list[IntArray]:
    return [np.array(each, dtype=np.int64) for each in members]


def broken(rule: Rule, *members: list[int]) -> list[str]:
    limited = LimitedProblem(problem=problem(), limits=Limits(rules=(rule,)))
    return limited.violations(cohorts(*members))


def test_each_broken_rule_is_named() -> None:
    plan = ([0, 1], [0, 2], [2, 3])
    assert broken(quota("north", FIRST, rounds=T, at_least=1), *plan) == [
        "north in round 2: 0 clients, expected 1 to inf"
    ]
    assert broken(knapsack("kWh", KWH, 0.4, rounds=T, unit="kWh"), *plan) == [
        "kWh in round 2: 0.7 kWh, expected -inf to 0.4"
    ]
    assert broken(budget("grams", None, 13.0, unit="g"), *plan) == [
        "grams: 14 g, expected -inf to 13"
    ]


def test_fractions_that_meet_a_bound_exactly_keep_it() -> None:
    """0.1 + 0.2 is more than 0.3 in floating point."""
    rule = knapsack("kWh", KWH, 0.3, rounds=T, unit="kWh")
    assert broken(rule, [0, 1], [0, 1], [0, 1]) == []


def test_whole_numbers_are_compared_exactly() -> None:
    rule = cover("samples", np.full(N, 20_000.0), 40_001, rounds=T)
    assert len(broken(rule, [0, 1], [0, 1], [0, 1])) == T


def test_excess_energy_is_used_first_and_counts_for_caps() -> None:
    rule = knapsack("grams", None, 2.0, rounds=T, unit="g")
    limits = Limits(rules=(rule,), excess=(excess(),))
    limited = LimitedProblem(problem=problem(), limits=limits)
    plan = cohorts([0, 1], [0, 2], [2, 3])
    # 0.3 kWh of the site, of which 0.25 save 4 each; then 0.1 of it; then none.
    assert limited.cost(plan) == pytest.approx(14 - 1.0 - 0.4)
    assert limited.amounts(rule, plan) == pytest.approx([3 - 1.0, 4 - 0.4, 7])


def test_a_site_with_an_intensity_of_its_own() -> None:
    supply, own = np.array([0.25, 0.0, 0.25]), np.array([2.0, 99.0, 10.0])
    site = excess_at(problem(), "roof", FIRST, KWH, supply, own)
    assert site.saves == pytest.approx([8.0, 0.0, 0.0])
    limited = LimitedProblem(problem=problem(), limits=Limits(excess=(site,)))
    # 0.25 kWh of the site at 2 and 0.05 of the grid at 10.
    assert limited.cost(cohorts([0, 1], [0, 1], [0, 1])) == pytest.approx(0.5 + 0.5 + 3 + 3)


def test_a_site_that_nobody_would_use_first_is_refused() -> None:
    full = np.ones(T)
    with pytest.raises(ProblemError, match=r"roof: own: expected no more .* in round 0, got 11"):
        excess_at(problem(), "roof", FIRST, KWH, full, 11 * full)
    with pytest.raises(ProblemError, match="roof: expected clients that pay the same"):
        excess_at(problem(), "roof", FIRST, np.full(N, 0.1), full, full)


def test_a_client_that_does_not_rest_is_named() -> None:
    limited = LimitedProblem(problem=problem(), limits=Limits(rest=np.full(N, 2)))
    found = limited.violations(cohorts([0, 1], [2, 3], [0, 2]))
    assert found == [
        "client 0: works in rounds 0 and 2, expected 2 rounds of rest between",
        "client 2: works in rounds 1 and 2, expected 2 rounds of rest between",
    ]
