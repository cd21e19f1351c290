"""Merging loses nothing, and the way back is exact and fair."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import INSTANCES, small
from lowcarb_solvers import Greedy, Problem, Solution, Status, merge, solve


@pytest.mark.parametrize("seed", range(80))
def test_members_agree_and_classes_differ(seed: int) -> None:
    problem = small(seed, elastic=True, most_clients=12)
    classes = merge(problem)
    assert int(classes.size.sum()) == problem.clients
    keys: list[tuple[object, ...]] = []
    for k in range(len(classes)):
        members = np.flatnonzero(classes.member_of == k)
        assert len(members) == classes.size[k]
        key = {
            (
                problem.level_of[i],
                problem.weight[i],
                problem.at_least[i],
                min(problem.at_most[i], problem.rounds),
                b"" if problem.available is None else problem.available[i].tobytes(),
            )
            for i in members
        }
        assert len(key) == 1
        keys += key
    assert len(set(keys)) == len(keys)


def test_keys_that_overflow_are_still_told_apart() -> None:
    # The product of the keys' ranges is far beyond 64 bits.
    n, t = 3000, 12
    rng = np.random.default_rng(0)
    problem = Problem(
        cost_level=np.ones((n, t)),
        level_of=np.arange(n) // 2,
        weight=np.linspace(1, 2, n // 2).repeat(2),
        cohort_size=np.full(t, 3),
        at_least=2**31 - 1 - np.arange(n) // 2,
        at_most=np.full(n, 2**31 - 1),
        available=rng.random((n // 2, t)).repeat(2, axis=0) < 0.5,
        elastic=True,
    )
    classes = merge(problem)
    assert len(classes) == n // 2
    assert set(classes.size) == {2}


@pytest.mark.parametrize("seed", range(20))
def test_weights_of_any_size_are_told_apart_and_ordered(seed: int) -> None:
    rng = np.random.default_rng(seed)
    orders = [1, 15, 300][seed % 3]
    weight = rng.choice(10.0 ** rng.uniform(-orders, orders, 40), 200)
    weight[rng.random(200) < 0.1] = rng.choice([0.0, -0.0, 5e-324])
    problem = Problem(
        cost_level=np.full((3, 2), 1e-9),
        level_of=rng.integers(0, 3, 200),
        weight=weight,
        cohort_size=np.ones(2, dtype=np.int64),
        at_least=np.zeros(200, dtype=np.int64),
        at_most=np.full(200, 2),
    )
    classes = merge(problem)
    pairs = list(zip(problem.level_of.tolist(), weight.tolist(), strict=True))
    assert list(zip(classes.level_of.tolist(), classes.weight.tolist(), strict=True)) == sorted(
        set(pairs)
    )
    assert [pairs[i] for i in range(200)] == [
        (classes.level_of[k], classes.weight[k]) for k in classes.member_of
    ]
    assert classes.size.tolist() == [pairs.count(pair) for pair in sorted(set(pairs))]


@pytest.mark.parametrize("seed", range(60))
def test_turns_are_split_evenly_within_a_class(seed: int) -> None:
    problem = small(seed, elastic=True, most_clients=12, most_rounds=8)
    solution = solve(problem, Greedy())
    drawn = np.zeros(problem.clients, dtype=np.int64)
    for cohort in solution.cohorts:
        assert (np.diff(cohort) > 0).all()
        drawn[cohort] += 1
    assert (drawn == solution.turns).all()
    for k in range(len(solution.classes)):
        turns = solution.turns[solution.classes.member_of == k]
        assert turns.max() - turns.min() <= 1


def test_those_with_fewest_turns_come_first() -> None:
    problem = Problem.from_costs(np.ones((6, 1)), 2, turns=[3, 1, 2, 1, 3, 3])
    for seed in range(10):
        assert solve(replace(problem, seed=seed)).cohort(0).tolist() == [1, 3]


def test_ties_fall_by_the_seed_and_not_always_on_the_same() -> None:
    problem = Problem.from_costs(np.ones((20, 1)), 5)
    first = [tuple(solve(replace(problem, seed=seed)).cohort(0)) for seed in range(20)]
    again = [tuple(solve(replace(problem, seed=seed)).cohort(0)) for seed in range(20)]
    assert first == again
    assert len(set(first)) > 15
    assert len(np.unique(first)) == 20


def test_mixed_needs_are_not_merged() -> None:
    # Merged into one class with an average need of one, [2, 0] could become [1, 1].
    problem = Problem.from_costs(np.ones((2, 2)), 1, at_least=[2, 0])
    solution = solve(problem)
    assert len(merge(problem)) == 2
    assert solution.turns.tolist() == [2, 0]


def test_one_cohort_is_drawn_as_all_are() -> None:
    solution = solve(INSTANCES["classes"].problem(), Greedy())
    assert all((solution.cohort(j) == cohort).all() for j, cohort in enumerate(solution.cohorts))


def test_counts_that_break_constraints_are_named() -> None:
    problem = Problem.from_costs(np.ones((3, 2)), 2, at_least=1, at_most=2)
    classes = merge(problem)
    assert classes.violations(np.array([[2, 2]])) == []
    assert "available" in classes.violations(np.array([[4, 0]]))[0]
    assert classes.violations(np.array([[2, 1]])) == ["round 1: 1 seats missing"]
    assert "shape" in classes.violations(np.array([[2, 2, 2]]))[0]
    tight = Problem.from_costs(np.ones((3, 2)), 3, at_least=0, at_most=1)
    assert "more turns" in merge(tight).violations(np.array([[3, 3]]))[0]
    owing = Problem.from_costs(np.ones((3, 2)), 1, at_least=1)
    assert "owe" in merge(owing).violations(np.array([[1, 1]]))[0]


def test_shortfalls_say_why() -> None:
    offline = Problem.from_costs(
        np.ones((2, 3)), 1, at_least=[2, 0], available=[[1, 0, 0], [1, 1, 1]], elastic=True
    )
    (shortfall,) = solve(offline).shortfalls
    assert (shortfall.client, shortfall.short, shortfall.unit) == (0, 1, "turns")
    assert shortfall.why == "owes 2, available in 1 of 3 rounds"

    crowded = Problem.from_costs(np.ones((3, 2)), 1, at_least=1, elastic=True)
    (shortfall,) = solve(crowded).shortfalls
    assert shortfall.why == "owes 1; 3 clients owe 3 turns together, but share 2 seats in 2 rounds"

    few = Problem.from_costs(np.ones((2, 2)), 2, available=[[1, 1], [1, 0]], elastic=True)
    (shortfall,) = solve(few).shortfalls
    assert (shortfall.round, shortfall.short, shortfall.unit) == (1, 1, "seats")
    assert shortfall.why == "2 seats, but only 1 client available"

    capped = Problem.from_costs(np.ones((2, 2)), 2, at_most=1, elastic=True)
    found = solve(capped).shortfalls
    assert sum(s.short for s in found) == 2
    assert found[0].why.endswith("may take no more than 2 turns in all, and take them")


def test_seats_that_caps_leave_empty_are_not_blamed_on_absence() -> None:
    # Three seats; two clients are there for nothing since their caps are zero.
    problem = Problem.from_costs(np.ones((4, 1)), 3, at_most=[1, 1, 0, 0], elastic=True)
    (shortfall,) = solve(problem).shortfalls
    assert shortfall.why == "3 seats, but only 2 clients available"
    both = Problem.from_costs(
        np.ones((3, 2)), [3, 2], at_most=[1, 1, 2], available=[[1, 1], [1, 1], [1, 0]], elastic=True
    )
    found = solve(both).shortfalls
    assert sum(s.short for s in found) == 2
    assert all("may take no more than" in s.why for s in found)


def test_a_crowd_with_turns_elsewhere_is_explained() -> None:
    available = [[1, 1, 0], [1, 1, 0], [1, 0, 1]]
    problem = Problem.from_costs(
        np.ones((3, 3)), 1, at_least=[2, 1, 1], available=available, elastic=True
    )
    solution = solve(problem)
    assert solution.status is Status.OPTIMAL
    (shortfall,) = solution.shortfalls
    assert "3 turns together, but share 2 seats in 2 rounds" in shortfall.why


def test_asking_for_cohorts_that_are_not_there() -> None:
    from lowcarb_solvers import NoSolution

    solution: Solution = solve(Problem.from_costs(np.ones((1, 1)), 2))
    assert solution.status is Status.INFEASIBLE
    assert solution.gap is None
    with pytest.raises(NoSolution, match="infeasible"):
        solution.raise_for_status()
