"""The certificate accepts optimal answers, refuses worse ones, and its prices are right."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import INSTANCES, Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import Cbc, Greedy, Problem, Solution, Status, certify, merge, solve
from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.prices import lagrangian_bound

PRICED = Instance(clients=24, rounds=8, cohort_size=4, regions=5, hardware=4)


def worsen(solution: Solution, rng: np.random.Generator) -> IntArray:
    """Hand one seat to a dearer class of the same round, every constraint kept."""
    classes, counts = solution.classes, solution.answer
    total, cost = counts.sum(axis=1), classes.cost()
    gives = (counts > 0) & (total > classes.floor)[:, None]
    takes = (counts < classes.capacity()) & (total < classes.ceiling)[:, None]
    rise = np.where(gives[:, None] & takes[None], cost[None] - cost[:, None], 0.0)
    giver, taker, j = rng.choice(np.argwhere(rise > 1e-6 * cost.max()))
    worse = counts.copy()
    worse[giver, j] -= 1
    worse[taker, j] += 1
    return worse


@pytest.mark.parametrize("name", ["two-days", "two-days-online"])
def test_every_worsened_answer_is_caught(name: str) -> None:
    caught = 0
    rng = np.random.default_rng(1)
    for seed in range(30):
        problem = INSTANCES[name].problem(seed)
        solution = solve(problem)
        assert certify(solution.classes, solution.answer).optimal
        worse = worsen(solution, rng)
        assert solution.classes.violations(worse) == []
        verdict = certify(solution.classes, worse)
        assert not verdict.optimal
        assert solution.objective is not None
        assert verdict.bound <= solution.objective * (1 + 1e-12)
        caught += 1
    assert caught == 30


def test_a_dropped_turn_that_was_owed_is_caught() -> None:
    problem = small(11, elastic=True, most_clients=6)
    solution = solve(problem)
    counts = solution.answer.copy()
    k, j = np.argwhere(counts)[0]
    counts[k, j] -= 1
    assert solution.classes.violations(counts) == [], "an elastic seat may stay empty"
    assert not certify(solution.classes, counts).optimal


@pytest.mark.parametrize("seed", range(20))
def test_any_prices_give_a_lower_bound(seed: int) -> None:
    problem = replace(PRICED.problem(seed), elastic=False)
    solution = solve(problem)
    assert solution.objective is not None
    rng = np.random.default_rng(seed)
    for _ in range(20):
        prices = rng.normal(0, 50, problem.rounds)
        bound = lagrangian_bound(merge(problem), prices, penalty=0.0)
        assert bound <= solution.objective * (1 + 1e-12)


def objective(problem: Problem) -> float | None:
    found = highs(problem, whole=False)
    return None if found is None else found.cost


@pytest.mark.parametrize("elastic", [False, True])
@pytest.mark.parametrize("online", [1.0, 0.7])
@pytest.mark.parametrize("seed", range(4))
def test_prices_are_resolved_differences(seed: int, online: float, elastic: bool) -> None:
    problem = replace(PRICED, online=online, max_share=2.0).problem(seed)
    problem = replace(problem, elastic=elastic)
    solution = solve(problem)
    base = objective(replace(problem, elastic=False))
    assert base is not None
    assert solution.seat_prices is not None
    assert solution.turn_prices is not None
    for j in range(problem.rounds):
        more = problem.cohort_size.copy()
        more[j] += 1
        again = objective(replace(problem, cohort_size=more, elastic=False))
        check_price(solution.seat_prices[j], base, again)
    for i in range(problem.clients):
        owed = problem.at_least.copy()
        owed[i] += 1
        if owed[i] > problem.at_most[i]:
            assert np.isnan(solution.turn_prices[i])
            continue
        again = objective(replace(problem, at_least=owed, elastic=False))
        check_price(solution.turn_prices[i], base, again)


def check_price(price: float, base: float, again: float | None) -> None:
    if again is None:
        assert np.isnan(price)
    else:
        assert price == pytest.approx(again - base, rel=1e-6, abs=1e-6 * base)


@pytest.mark.parametrize("seed", range(60))
def test_small_prices_are_resolved_differences(seed: int) -> None:
    problem = small(seed, elastic=False)
    solution = solve(problem)
    if solution.status is Status.INFEASIBLE:
        return
    base = objective(problem)
    assert base is not None
    assert solution.seat_prices is not None
    assert solution.turn_prices is not None
    for j in range(problem.rounds):
        more = problem.cohort_size.copy()
        more[j] += 1
        check_price(solution.seat_prices[j], base, objective(replace(problem, cohort_size=more)))
    for i in range(problem.clients):
        owed = problem.at_least.copy()
        owed[i] += 1
        if owed[i] <= problem.at_most[i]:
            check_price(solution.turn_prices[i], base, objective(replace(problem, at_least=owed)))


def test_an_unproven_answer_has_a_bound_and_no_prices() -> None:
    problem = INSTANCES["day"].problem()
    greedy, best = solve(problem, Greedy("cost")), solve(problem, Cbc())
    assert greedy.status is Status.FEASIBLE
    assert greedy.seat_prices is None
    assert greedy.turn_prices is None
    assert greedy.bound is not None
    assert best.objective is not None
    assert greedy.bound <= best.objective
    assert greedy.gap is not None
    assert greedy.gap > 0


def test_free_turns_are_certified_too() -> None:
    solution = solve(Problem.from_costs(np.zeros((4, 3)), 2, at_least=1))
    assert solution.status is Status.OPTIMAL
    assert solution.objective == 0
    assert solution.gap == 0


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1.0, 1e5, 1e8])
def test_the_proof_does_not_depend_on_the_unit(unit: float) -> None:
    # One owed turn cannot be had; an answer that is one millionth too dear is no optimum.
    costs = unit * np.array([[1.0, 1.0], [1.0, 1.0 + 1e-6], [2.0, 2.0]])
    problem = Problem.from_costs(costs, 1, at_least=1, elastic=True)
    best = solve(problem)
    assert best.status is Status.OPTIMAL
    dear = np.zeros_like(best.answer)
    dear[best.classes.member_of[0], 0] = 1
    dear[best.classes.member_of[1], 1] = 1
    assert best.classes.missing(dear) == best.classes.missing(best.answer) == 1
    assert best.objective is not None
    assert best.classes.total_cost(dear) > best.objective * (1 + 1e-7)
    assert not certify(best.classes, dear).optimal


@pytest.mark.parametrize("seed", range(30))
def test_costs_of_many_sizes_are_proven_too(seed: int) -> None:
    rng = np.random.default_rng(seed)
    problem = Problem.from_costs(
        10.0 ** rng.uniform(-4, 4, (12, 6)), 3, at_least=rng.integers(0, 3, 12), elastic=True
    )
    solution = solve(problem)
    expected = highs(problem, whole=False)
    assert expected is not None
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(expected.cost, rel=1e-8)


def test_thousands_of_rounds_are_proven_too() -> None:
    problem = Instance(clients=6, rounds=2_001, cohort_size=2, hardware=2).problem()
    solution = solve(problem)
    assert solution.status is Status.OPTIMAL
    assert solution.solver == "cbc"
    assert solution.gap == 0
    assert solution.seat_prices is not None
    assert np.isfinite(solution.seat_prices).all()
    assert problem.violations(solution.cohorts) == []
    ranked = solve(problem, Greedy())
    assert ranked.bound is not None
    assert solution.objective is not None
    assert ranked.bound <= solution.objective * (1 + 1e-12)
