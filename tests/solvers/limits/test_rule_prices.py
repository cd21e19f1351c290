"""Prices of rules are what a unit more or less would save."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb_solvers import NoSolution, Problem
from lowcarb_solvers.limits import (
    LimitedProblem,
    Limits,
    cover,
    knapsack,
    price_rules,
    quota,
)
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
    assert (price.saved, price.no_price, price.less_missing) == (None, "out of reach", 1.0)


@pytest.mark.parametrize("far", [4.0, 1e4, 1e18, 1e99])
def test_a_bound_out_of_reach_has_no_price_however_far_it_is(far: float) -> None:
    problem = Problem.from_costs([[5.0] * 2, [6.0] * 2, [1.0] * 2], 2, elastic=True)
    rule = cover("samples", [1.0, 1.0, 0.0], [far, 2.0], rounds=2)
    (price,) = price_rules(LimitedProblem(problem=problem, limits=Limits(rules=(rule,))), gap=0.0)
    # What the second round pays for its bound is a price all the same.
    assert (price.saved, price.no_price, price.less_missing) == (5.0, None, 1.0)
    rule = replace(rule, at_least=np.full(2, far))
    (price,) = price_rules(LimitedProblem(problem=problem, limits=Limits(rules=(rule,))), gap=0.0)
    assert (price.saved, price.no_price, price.less_missing) == (None, "out of reach", 2.0)


@pytest.mark.parametrize("size", [1.0, 1e6])
def test_a_cap_that_no_plan_comes_down_to_has_no_price(size: float) -> None:
    problem = Problem.from_costs(size * np.array([[5.0], [6.0], [7.0]]), 2, elastic=True)
    rule = knapsack("cost", None, 0.0, rounds=1, unit="g")
    (price,) = price_rules(
        LimitedProblem(problem=problem, limits=Limits(rules=(rule,))),
        gap=0.0,
        steps={"cost": size},
    )
    assert (price.saved, price.no_price) == (None, "out of reach")
    assert price.less_missing == pytest.approx(size)


def test_a_bound_that_is_not_kept_beside_another_has_no_price() -> None:
    """One seat is for the third, so that the other two cannot both work."""
    problem = Problem.from_costs([[5.0], [6.0], [1.0]], 2, elastic=True)
    rules = (
        quota("third", np.array([False, False, True]), rounds=1, at_least=1),
        cover("samples", [2.0, 3.0, 0.0], 5.0, rounds=1),
    )
    limited = LimitedProblem(problem=problem, limits=Limits(rules=rules))
    quota_, cover_ = price_rules(limited, gap=0.0, steps={"samples": 3.0})
    assert (quota_.saved, quota_.no_price) == (None, "others")
    assert (cover_.saved, cover_.no_price, cover_.less_missing) == (None, "not kept", 2.0)


def test_where_another_plan_may_miss_less_nothing_is_said() -> None:
    """Greedy does not know that nobody can take two turns."""
    problem = Problem.from_costs([[5.0, 5.0], [1.0, 1.0]], 1, elastic=True, at_most=1)
    rule = quota("dear one", np.array([True, False]), rounds=2, at_least=1)
    limited = LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))
    (price,) = price_rules(limited, solver="greedy")
    assert (price.saved, price.no_price) == (None, "unknown")
    (price,) = price_rules(limited, gap=0.0)
    assert (price.saved, price.no_price, price.less_missing) == (None, "out of reach", 1.0)


@pytest.mark.slow
@given(st.integers(0, 10**6), st.sampled_from([1.0, 2.5]))
@settings(max_examples=80, deadline=None)
def test_what_is_said_of_prices_is_so_of_all_plans(seed: int, tight: float) -> None:
    problem = small_limited(seed, elastic=True, tight=tight)
    base = enumerate_limited(problem)
    assert base is not None
    for price in price_rules(problem, gap=0.0):
        if price.rule == "rest":
            continue
        rules = []
        for rule in problem.limits.rules:
            by = float(rule.name == price.rule)
            name = "at_least" if price.side == "at least" else "at_most"
            bound = getattr(rule, name) + (-by if price.side == "at least" else by)
            rules.append(replace(rule, **{name: bound}))
        limits = replace(problem.limits, rules=tuple(rules))
        looser = enumerate_limited(LimitedProblem(problem=problem.problem, limits=limits))
        assert looser is not None
        less = sum(base[0]) - sum(looser[0])
        if price.no_price in (None, "out of reach"):
            assert less == pytest.approx(price.less_missing, abs=1e-6)
            assert base[1] - looser[1] == pytest.approx(price.saved or 0.0, abs=1e-6)
        else:
            assert price.saved is None
            assert base[0] != pytest.approx(looser[0], abs=1e-6)


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
