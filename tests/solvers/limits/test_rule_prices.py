"""Prices of rules are what a unit more or less would save."""

import numpy as np
import pytest

from lowcarb_solvers import NoSolution, Problem
from lowcarb_solvers.limits import LimitedProblem, Limits, knapsack, price_rules, quota
from tests.helpers.limited_instances import small_limited
from tests.helpers.limited_reference import enumerate_limited

FIRST = np.array([True, True, False, False])


def limited(*, at_least: int, elastic: bool = True) -> LimitedProblem:
    problem = Problem.from_costs([[5.0], [6.0], [1.0], [2.0]], 2, elastic=elastic)
    rule = quota("dear ones", FIRST, rounds=1, at_least=at_least)
    return LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))


def test_a_unit_less_of_a_quota() -> None:
    (price,) = price_rules(limited(at_least=1), gap=0.0)
    assert (price.rule, price.side, price.saved, price.off_by) == ("dear ones", "at least", 3.0, 0)


def test_a_price_where_something_is_missing() -> None:
    (price,) = price_rules(limited(at_least=3), gap=0.0)
    assert price.saved is None


def test_no_price_without_an_answer() -> None:
    with pytest.raises(NoSolution, match="dear ones"):
        price_rules(limited(at_least=3, elastic=False))


def test_a_rule_that_binds_nothing_is_free() -> None:
    problem = Problem.from_costs(np.ones((4, 2)), 2, elastic=True)
    rule = knapsack("energy", np.ones(4), 50.0, rounds=2, unit="kWh")
    (price,) = price_rules(LimitedProblem(problem=problem, limits=Limits(rules=(rule,))), gap=0.0)
    assert price.saved == 0


def test_rest_has_a_price() -> None:
    """Two clients take turns in four rounds; without rest the cheap one takes all."""
    problem = Problem.from_costs([[1.0] * 4, [3.0] * 4], 1, elastic=True)
    limits = Limits(rest=np.array([1, 1]))
    (price,) = price_rules(LimitedProblem(problem=problem, limits=limits), gap=0.0)
    assert (price.rule, price.unit, price.saved) == ("rest", "rounds", 4.0)


def test_a_step_of_another_size() -> None:
    problem = Problem.from_costs([[5.0], [6.0], [1.0], [2.0]], 2, elastic=True)
    rules = (
        quota("dear ones", FIRST, rounds=1, at_least=1),
        knapsack("cost", None, 6.0, rounds=1, unit="g"),
    )
    limited = LimitedProblem(problem=problem, limits=Limits(rules=rules))
    found = price_rules(limited, gap=0.0, steps={"cost": 10.0})
    assert {(price.rule, price.step, price.saved) for price in found} == {
        ("dear ones", 1.0, 3.0),
        ("cost", 10.0, 0.0),
    }


def test_prices_are_differences_of_optima() -> None:
    problem = small_limited(3, ("quota", "cover"), elastic=False)
    base = enumerate_limited(problem)
    assert base is not None
    for price in price_rules(problem, gap=0.0):
        rules = []
        for rule in problem.limits.rules:
            bound = rule.at_least - (rule.name == price.rule)
            rules.append(type(rule)(**{**vars(rule), "at_least": bound}))
        limits = Limits(rules=tuple(rules), stages=problem.limits.stages)
        looser = enumerate_limited(LimitedProblem(problem=problem.problem, limits=limits))
        assert looser is not None
        assert price.saved == pytest.approx(base[1] - looser[1], abs=1e-6)
