"""Problems that minimise one cost while their rules count another."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb_solvers import Problem, ProblemError
from lowcarb_solvers.limits import Excess, LimitedProblem, Limits, knapsack, solve_limited
from lowcarb_solvers.limits.limited_classes import merge_limited
from tests.helpers.limited_instances import KINDS, small_limited
from tests.helpers.limited_reference import SingleClients, enumerate_limited


def two_costs(seed: int, *, elastic: bool) -> LimitedProblem:
    """A small problem with rules on costs, of which others are minimised."""
    rng = np.random.default_rng(seed)
    kinds = {str(rng.choice(["costs", "gram budget", "excess"])), *rng.choice(KINDS, 2).tolist()}
    limited = small_limited(seed, tuple(sorted(kinds)), elastic=elastic)
    true = limited.problem
    other = rng.integers(0, 60, (true.clients, true.rounds)).astype(float)
    # Excess energy saves no more of either.
    for site in limited.limits.excess:
        other = np.maximum(other, site.clients[:, None] * site.amount[:, None] * site.saves)
    minimised = replace(
        true,
        cost_level=other,
        level_of=np.arange(true.clients),
        weight=np.ones(true.clients),
    )
    return LimitedProblem(problem=minimised, limits=limited.limits, counted=true)


@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=25, deadline=None)
def test_one_cost_is_least_while_rules_count_the_other(seed: int, elastic: bool) -> None:
    limited = two_costs(seed, elastic=elastic)
    best = enumerate_limited(limited)
    found = solve_limited(limited, gap=0.0)
    if best is None:
        assert found.sparse is None
        return
    assert found.objective == pytest.approx(best[1])
    assert limited.violations(found.cohorts) == []
    assert limited.cost(found.cohorts) == pytest.approx(best[1])
    missing = sum(one.short for one in found.shortfalls)
    worst = max((one.short for one in found.shortfalls if one.client is not None), default=0)
    assert missing + worst == pytest.approx(sum(best[0]))


@pytest.mark.slow
@given(st.integers(0, 10**6), st.booleans())
@settings(max_examples=60, deadline=None)
def test_another_model_of_single_clients_agrees(seed: int, elastic: bool) -> None:
    limited = two_costs(seed, elastic=elastic)
    expected, found = SingleClients(limited).solve(), solve_limited(limited, gap=0.0)
    assert (found.sparse is None) == (expected is None)
    if expected is not None:
        assert found.objective == pytest.approx(expected[1], abs=1e-4)


def problem(costs: list[float]) -> Problem:
    return Problem.from_costs([[cost] for cost in costs], 1, elastic=True)


def test_clients_are_alike_only_if_both_costs_are() -> None:
    free = problem([0.0, 0.0, 0.0])
    limited = LimitedProblem(problem=free, limits=Limits(), counted=problem([1.0, 2.0, 1.0]))
    assert merge_limited(limited).classes.size.tolist() == [2, 1]


def test_a_shortfall_is_told_in_the_costs_that_are_counted() -> None:
    rule = knapsack("grams", None, 4.0, rounds=1, unit="g")
    limited = LimitedProblem(
        problem=problem([1.0, 2.0]), limits=Limits(rules=(rule,)), counted=problem([9.0, 7.0])
    )
    found = solve_limited(limited, gap=0.0)
    (short,) = found.shortfalls
    assert (short.short, short.why) == (3.0, "the 1 smallest of 2 clients come to 7")
    assert limited.amounts(rule, found.cohorts).tolist() == [7.0]


def test_a_problem_of_other_clients_cannot_be_counted() -> None:
    with pytest.raises(ProblemError, match=r"counted: expected shape \(2, 1\), got \(3, 1\)"):
        LimitedProblem(problem=problem([1, 2]), limits=Limits(), counted=problem([1, 2, 3]))


@pytest.mark.parametrize(("minimised", "counted"), [(1.0, 5.0), (5.0, 1.0)])
def test_excess_energy_saves_no_more_than_a_turn_costs_of_either(
    minimised: float, counted: float
) -> None:
    site = Excess(
        name="roof",
        clients=np.array([True]),
        amount=np.ones(1),
        supply=np.ones(1),
        saves=np.full(1, 3.0),
    )
    with pytest.raises(ProblemError, match="roof: saves: expected no more than a turn costs"):
        LimitedProblem(
            problem=problem([minimised]), limits=Limits(excess=(site,)), counted=problem([counted])
        )
