"""Plans that pay for value: against brute force, in true grams, within their bound."""

from itertools import combinations, product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from lowcarb.planning.policies import Planned
from lowcarb.planning.value import Value
from lowcarb.planning.value_price import Priced, less_value, most_paid
from lowcarb.planning.valued import ValuedSolution, in_true_grams, solve_valued
from lowcarb.planning.wording import proof
from lowcarb_solvers import Problem, Status, chain, solve
from tests.helpers.candidates import view_of

SOLVERS = chain()


@st.composite
def problems(draw: st.DrawFn) -> tuple[Problem, NDArray[np.float64]]:
    """A few clients and rounds, perhaps with owed turns that cannot all be had, and values."""
    n, t = draw(st.integers(2, 4)), draw(st.integers(1, 3))
    figures = st.integers(0, 9)
    level = np.array(draw(st.lists(figures, min_size=2 * t, max_size=2 * t)), dtype=np.float64)
    whole = [
        np.array(draw(st.lists(kind, min_size=n, max_size=n)))
        for kind in (st.integers(0, 1), st.integers(1, 3), st.integers(0, t), figures)
    ]
    available = draw(st.lists(st.booleans(), min_size=n * t, max_size=n * t))
    problem = Problem(
        cost_level=level.reshape(2, t),
        level_of=whole[0].astype(np.int64),
        weight=whole[1].astype(np.float64),
        cohort_size=np.full(t, draw(st.integers(1, n)), dtype=np.int64),
        at_least=whole[2].astype(np.int64),
        at_most=np.full(n, t, dtype=np.int64),
        available=None if draw(st.booleans()) else np.array(available).reshape(n, t),
        elastic=True,
    )
    return problem, whole[3].astype(np.float64)


def best(problem: Problem, worth: NDArray[np.float64], by_round: NDArray[np.float64]) -> float:
    """Least grams less value, of all plans with as few turns and seats missing as can be."""
    n = problem.clients
    cohorts = [
        [
            np.array(one, dtype=np.int64)
            for size in range(int(seats) + 1)
            for one in combinations(range(n), size)
            if problem.available is None or problem.available[list(one), j].all()
        ]
        for j, seats in enumerate(problem.cohort_size)
    ]
    found = []
    for plan in product(*cohorts):
        turns = np.bincount(np.concatenate(plan), minlength=n)
        short = np.maximum(0, problem.at_least - turns)
        empty = sum(int(seats) - len(c) for seats, c in zip(problem.cohort_size, plan, strict=True))
        paid = sum(
            float((problem.costs(cohort, j) - by_round[j] * worth[cohort]).sum())
            for j, cohort in enumerate(plan)
        )
        found.append((int(short.sum()) + empty, int(short.max()), paid))
    return min(found)[2]


def grams_less_value(
    found: ValuedSolution, worth: NDArray[np.float64], by_round: NDArray[np.float64]
) -> float:
    earned = sum(
        float(by_round[j] * worth[cohort].sum()) for j, cohort in enumerate(found.solution.cohorts)
    )
    assert found.solution.objective is not None
    return found.solution.objective - found.paid.price_g * earned


@given(problems(), st.sampled_from([0.0, 0.5, 1.0]), st.sampled_from([0.0, 0.3, 2.0]))
@settings(max_examples=20, deadline=None)
def test_plans_at_a_price_are_the_best_of_all(
    made: tuple[Problem, NDArray[np.float64]], later: float, price: float
) -> None:
    problem, worth = made
    value = Value(of="loss", price_g=price, later=later)
    by_round = value.by_round(problem.rounds)
    found = solve_valued(problem, value, worth, SOLVERS)
    assert grams_less_value(found, worth, by_round) == pytest.approx(
        best(problem, price * worth, by_round), abs=1e-6
    )
    # What is told is what the cohorts emit, however they were chosen.
    assert found.solution.objective == pytest.approx(problem.cost(found.solution.cohorts))
    assert problem.violations(found.solution.cohorts) == []


@given(problems(), st.sampled_from([0.0, 1.0, 10.0, 1000.0]))
@settings(max_examples=6, deadline=None)
def test_no_plan_emits_more_than_is_allowed(
    made: tuple[Problem, NDArray[np.float64]], percent: float
) -> None:
    problem, worth = made
    value = Value(of="loss", max_extra_carbon=percent, later=1.0)
    free = solve(problem)
    assert free.objective is not None
    found = solve_valued(problem, value, worth, SOLVERS)
    assert found.solution.objective is not None
    assert found.paid.grams == pytest.approx(found.solution.objective - free.objective, abs=1e-6)
    assert found.paid.grams <= percent / 100 * free.objective + 1e-6
    assert found.solution.bound is not None
    assert found.solution.bound <= found.solution.objective + 1e-6
    missing = found.solution.classes.missing(found.solution.seated)
    assert missing == free.classes.missing(free.seated)


def alike(n: int = 6, t: int = 4) -> Problem:
    """Clients whose region is the dirtier the higher their number."""
    return Problem.from_costs(
        np.arange(10.0, 10.0 + n)[:, np.newaxis] + np.zeros(t), 2, at_least=1, elastic=True
    )


def test_the_highest_price_that_keeps_the_bound_is_nearly_found() -> None:
    # Each gram more buys less.
    problem, worth = alike(), np.array([0.0, 5.0, 9.0, 12.0, 14.0, 15.0])
    grams = []
    for percent in (0, 3, 5, 100):
        value = Value(of="loss", max_extra_carbon=percent, later=1.0)
        grams.append(solve_valued(problem, value, worth, SOLVERS).paid.grams)
    # By carbon alone the 8 turns are the 6 owed ones and two more of the cleanest: 75 + 20 g. Those
    # two become dearer together, by 1 g each, up to those of the dirtiest.
    assert grams == pytest.approx([0, 2, 4, 10])


def test_a_plan_that_pays_nothing_is_proven_and_one_that_pays_says_how_far_it_is() -> None:
    problem, worth = alike(), np.arange(6.0)
    free = solve_valued(problem, Value(of="loss", price_g=0.0), worth, SOLVERS)
    assert free.solution.status is Status.OPTIMAL
    paid = solve_valued(problem, Value(of="loss", price_g=50.0, later=1.0), worth, SOLVERS)
    assert paid.solution.status is Status.FEASIBLE
    assert paid.solution.bound == pytest.approx(free.solution.objective)
    assert "10.0 g (10.5%)" in paid.paid.sentence
    assert "50.0 g a unit" in paid.paid.sentence
    assert proof(paid.solution, paid.paid) == "optimal at that price"


def test_a_stand_in_for_carbon_alone_is_not_taken_for_it() -> None:
    problem, worth = alike(), np.arange(6.0)
    stand_in = Priced(plan="stand-in", grams=120.0, near=False)
    for value in (
        Value(of="loss", price_g=0.1, later=1.0),
        Value(of="loss", max_extra_carbon=5, later=1.0),
    ):
        plan, paid = most_paid(
            problem,
            value,
            worth,
            stand_in,
            lambda _: Priced(plan="better", grams=95.0, near=True),
            lambda: False,
        )
        # What emits less than the stand-in is the better stand-in, and what is paid is not known.
        assert (plan, paid.free_g, paid.grams) == ("better", 95.0, 0.0)
        assert not paid.free_known
        assert "how many grams are paid for the value of turns is not known" in paid.sentence


def test_turns_that_are_alike_in_grams_and_not_in_value_are_told_apart() -> None:
    problem = Problem.from_costs(np.ones((4, 2)), 1, elastic=True)
    worth = np.array([0.0, 3.0, 1.0, 2.0])
    value = Value(of="loss", price_g=1.0, later=1.0)
    found = solve_valued(problem, value, worth, SOLVERS)
    assert [cohort.tolist() for cohort in found.solution.cohorts] == [[1], [1]]
    # Changing places with who had fewer turns must not undo that.
    choice = Planned(value=Value(of="loss", price_g=1.0))(problem, view_of(problem))
    assert choice.paid is not None
    assert choice.solution is not None


def test_costs_stay_what_they_were_but_for_a_constant() -> None:
    problem, worth, shares = alike(), np.arange(6.0), np.array([1.0, 0.5, 0.25, 0.125])
    asked = less_value(problem, 7 * worth, shares)
    everyone = slice(None)
    apart = np.stack(
        [
            asked.costs(everyone, j) - (problem.costs(everyone, j) - 7 * worth * shares[j])
            for j in range(4)
        ]
    )
    assert np.ptp(apart) == pytest.approx(0)
    assert asked.cost_level.min() == 0
    found = solve(asked)
    told = in_true_grams(found, problem, solve(problem))
    assert [one.tolist() for one in told.cohorts] == [one.tolist() for one in found.cohorts]


def test_where_time_ends_the_plan_so_far_stands() -> None:
    ticks = iter(range(0, 1000, 6))
    value = Value(of="loss", max_extra_carbon=50, later=1.0)
    worth = np.arange(6.0)
    found = solve_valued(alike(), value, worth, SOLVERS, clock=lambda: float(next(ticks)))
    assert found.paid.grams <= 0.5 * found.paid.free_g
    assert found.solution.objective is not None


@pytest.mark.parametrize("unit", [1e-200, 1e-30, 1.0, 1e30, 1e300])
def test_values_may_be_of_any_size(unit: float) -> None:
    worth = unit * np.array([0.0, 5.0, 9.0, 12.0, 14.0, 15.0])
    for value in (
        Value(of="loss", max_extra_carbon=5, later=1.0),
        Value(of="loss", max_extra_carbon=5, saved_up_g=1e6),
        Value(of="loss", price_g=1e15),
    ):
        found = solve_valued(alike(), value, worth, SOLVERS)
        assert found.solution.objective is not None
        assert 95 <= found.solution.objective <= 105
        assert np.isfinite(found.paid.price_g)


def test_where_nothing_is_emitted_nothing_is_paid() -> None:
    nothing = Problem.from_costs(np.zeros((3, 2)), 1)
    value = Value(of="loss", max_extra_carbon=5, saved_up_g=10.0)
    assert solve_valued(nothing, value, np.arange(3.0), SOLVERS).paid.grams == 0


def test_clients_that_are_all_worth_the_same_pay_for_nothing() -> None:
    value = Value(of="loss", max_extra_carbon=50, later=1.0)
    found = solve_valued(alike(), value, np.full(6, 3.0), SOLVERS)
    assert (found.paid.grams, found.paid.price_g) == (0, 0)
    assert found.solution.status is Status.OPTIMAL


def test_without_a_value_plans_are_those_of_before() -> None:
    problem = alike()
    plain, valued = Planned()(problem), Planned(value=Value(of="loss", max_extra_carbon=0))
    assert plain.paid is None
    assert plain.solution is not None
    again = valued(problem, view_of(problem))
    assert again.cohort.tolist() == plain.cohort.tolist()
    assert again.solution is not None
    assert again.solution.objective == plain.solution.objective
