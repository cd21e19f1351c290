"""Prices belong to rounds, whichever rounds the next plan is about."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.planning.policies import Choice, Planned
from lowcarb.planning.round_prices import RoundPrices
from lowcarb_solvers import Greedy, Problem, Status, solve

ROUNDS = st.integers(1, 30)


@given(first=ROUNDS, known=ROUNDS, asked=ROUNDS, rounds=ROUNDS)
def test_each_round_gets_its_own_price(first: int, known: int, asked: int, rounds: int) -> None:
    # A round's price is its number.
    earlier = RoundPrices(first=first, prices=np.arange(first, first + known, dtype=np.float64))
    warm = earlier.warm(asked, rounds)
    here = np.arange(asked, asked + rounds)
    expected = [float(r) if first <= r < first + known else None for r in here]
    if not any(expected):
        assert warm is None
        return
    assert warm is not None
    assert [None if np.isnan(p) else p for p in warm.prices.tolist()] == expected


def test_what_is_not_finite_is_unknown() -> None:
    prices = RoundPrices(first=3, prices=np.array([np.inf, 2.0, np.nan, -np.inf]))
    warm = prices.warm(3, 4)
    assert warm is not None
    assert np.isfinite(warm.prices).tolist() == [False, True, False, False]
    assert prices.warm(5, 9) is None


def test_they_are_those_of_a_choices_plan() -> None:
    problem = Problem.from_costs(np.arange(12.0).reshape(3, 4), 1, at_least=1)
    choice = Planned((Greedy(),))(problem)
    assert choice.solution is not None
    assert choice.solution.prices is not None
    found = RoundPrices.of(choice, 7)
    assert found is not None
    assert (found.first, found.prices.tolist()) == (7, choice.solution.prices.tolist())
    warm = found.warm(8, 3)
    assert warm is not None
    begun = solve(Problem.from_costs(np.arange(9.0).reshape(3, 3), 1), warm=warm)
    assert begun.objective == 3


@pytest.mark.parametrize(
    "prices", [None, [1.0, 2.0], np.ones(3), np.ones((2, 1)), np.array(["1", "2"]), 7.0]
)
def test_what_a_solver_of_ones_own_gives_may_be_no_prices(prices: Any) -> None:
    problem = Problem.from_costs(np.arange(6.0).reshape(3, 2), 1)
    solution = replace(solve(problem, Greedy()), prices=prices)
    choice = Choice(cohort=solution.cohort(0), by="mine", solution=solution)
    assert RoundPrices.of(choice, 1) is None
    right = replace(solution, prices=np.ones(2))
    assert RoundPrices.of(replace(choice, solution=right), 1) is not None


def test_a_choice_without_a_plan_has_none() -> None:
    assert RoundPrices.of(Choice(cohort=np.array([0]), by="mine"), 1) is None


WILD = [1e300, -1e300, 1.7e308, 1e15, -1e15, 0.0, 5e-324, np.inf, np.nan]


@pytest.mark.parametrize("one", WILD)
def test_no_prices_whatever_they_are_change_a_plan(one: float) -> None:
    rng = np.random.default_rng(3)
    problem = Problem.from_costs(rng.uniform(1, 9, (90, 12)), 9, at_least=1, elastic=True)
    cold = solve(problem)
    for other in (one, 3.0):
        prices = RoundPrices(first=1, prices=np.array([one, other] * 6))
        found = solve(problem, warm=prices.warm(1, 12))
        assert found.objective == pytest.approx(cold.objective, rel=1e-9)
        assert found.status is Status.OPTIMAL
