"""The answers of `solve` against enumeration, HiGHS, and each other."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import INSTANCES, small
from benchmarks.peers import Optimum, highs
from lowcarb_solvers import Cbc, Greedy, Problem, Solution, Status, merge, solve
from lowcarb_solvers.arrays import IntArray
from tests.helpers.params import first_fast
from tests.helpers.reference import brute_force

SEEDS = st.integers(0, 2**32)


def pick(problem: Problem, which: IntArray) -> Problem:
    """The same problem for other clients: reordered, or several of a kind."""
    return replace(
        problem,
        level_of=problem.level_of[which],
        weight=problem.weight[which],
        at_least=problem.at_least[which],
        at_most=problem.at_most[which],
        available=None if problem.available is None else problem.available[which],
        turns=None,
    )


def check(problem: Problem, expected: Optimum | None) -> Solution:
    """Check an answer of `solve` against a reference ."""
    solution = solve(problem)
    if expected is None:
        assert solution.status is Status.INFEASIBLE
        assert solution.counts is None
        return solution
    assert solution.status is Status.OPTIMAL
    assert solution.objective is not None
    assert problem.violations(solution.cohorts) == []
    assert solution.classes.missing(solution.answer) == expected.missing
    assert sum(s.short for s in solution.shortfalls) == expected.missing
    assert max((s.short for s in solution.shortfalls if s.unit == "turns"), default=0) == (
        expected.worst
    )
    assert solution.objective == pytest.approx(expected.cost, rel=1e-9, abs=1e-9)
    assert problem.cost(solution.cohorts) == pytest.approx(solution.objective, rel=1e-12)
    return solution


@pytest.mark.parametrize("block", range(6))
def test_agrees_with_enumeration(block: int) -> None:
    infeasible = 0
    for seed in range(50 * block, 50 * block + 50):
        problem = small(seed, elastic=bool(seed % 2))
        expected = brute_force(problem)
        infeasible += expected is None
        check(problem, expected)
    assert 0 < infeasible < 25


@pytest.mark.parametrize("block", first_fast(range(10), 4))
def test_merged_classes_agree_with_single_clients(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        problem = small(10_000 + seed, elastic=bool(seed % 2), most_clients=5, most_rounds=7)
        alike = np.repeat(np.arange(problem.clients), np.random.default_rng(seed).integers(2, 5))
        problem = pick(replace(problem, cohort_size=problem.cohort_size * 2), alike)
        assert len(merge(problem)) <= problem.clients / 2
        check(problem, highs(problem))


@pytest.mark.parametrize("name", ["day", "two-days", "two-days-online"])
def test_agrees_with_highs_at_working_size(name: str) -> None:
    problem = INSTANCES[name].problem(seed=3)
    solution = check(problem, highs(problem, whole=False))
    assert solution.solver == "cbc"
    for rank in ("regret", "cost"):
        greedy = solve(problem, Greedy(rank))
        assert greedy.objective is not None
        assert solution.objective is not None
        assert greedy.objective >= solution.objective * (1 - 1e-12)
        assert greedy.shortfalls == ()


@pytest.mark.parametrize("name", ["day", "two-days-online"])
def test_branch_and_cut_agrees_with_the_relaxation(name: str) -> None:
    problem = INSTANCES[name].problem(seed=4)
    relaxed = solve(problem, Cbc())
    whole = solve(problem, Greedy(), Cbc(relax=False))
    assert whole.status is relaxed.status is Status.OPTIMAL
    assert whole.objective == pytest.approx(relaxed.objective, rel=1e-9)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, clients=st.integers(1, 12))
def test_greedy_is_optimal_in_one_round_without_floors(seed: int, clients: int) -> None:
    rng = np.random.default_rng(seed)
    problem = Problem.from_costs(rng.uniform(0, 9, (clients, 1)), int(rng.integers(1, clients + 1)))
    for rank in ("regret", "cost"):
        greedy = solve(problem, Greedy(rank))
        assert greedy.status is Status.OPTIMAL
        assert greedy.objective == pytest.approx(solve(problem, Cbc()).objective, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, factor=st.floats(1e-6, 1e6))
def test_order_of_clients_and_unit_of_cost_do_not_matter(seed: int, factor: float) -> None:
    problem = small(seed, elastic=True)
    solution = solve(problem)
    shuffled = pick(problem, np.random.default_rng(seed).permutation(problem.clients))
    scaled = replace(problem, cost_level=problem.cost_level * factor)
    assert solve(shuffled).objective == pytest.approx(solution.objective, rel=1e-9)
    assert solution.objective is not None
    assert solve(scaled).objective == pytest.approx(solution.objective * factor, rel=1e-9)


@pytest.mark.parametrize("seed", range(40))
def test_the_cheapest_plan_is_at_most_greedy(seed: int) -> None:
    problem = small(seed, elastic=True, most_clients=12, most_rounds=8)
    best = solve(problem)
    for rank in ("regret", "cost"):
        greedy = solve(problem, Greedy(rank))
        assert best.objective is not None
        assert greedy.objective is not None
        assert best.objective <= greedy.objective + 1e-9
        assert best.classes.missing(best.answer) == greedy.classes.missing(greedy.answer)
