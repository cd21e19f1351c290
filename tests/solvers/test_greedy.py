"""Greedy keeps every floor that can be kept."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import Greedy, Problem, Status, merge, solve
from lowcarb_solvers.completion import Completion
from lowcarb_solvers.safe_pick import Group, pick_cohort
from tests.helpers.params import first_fast


@pytest.mark.parametrize("block", first_fast(range(10), 2))
def test_misses_no_floor_that_can_be_met(block: int) -> None:
    with_absences = 0
    for seed in range(100 * block, 100 * block + 100):
        problem = small(50_000 + seed, elastic=True, most_clients=12, most_rounds=8)
        with_absences += problem.available is not None
        expected = highs(replace(problem, weight=np.zeros(problem.clients)), whole=False)
        assert expected is not None
        for rank in ("regret", "cost"):
            solution = Greedy(rank)(merge(problem))
            assert problem.violations(solution.cohorts) == []
            assert solution.classes.missing(solution.answer) == expected.missing, seed
    assert 20 < with_absences < 90


@pytest.mark.parametrize("seed", range(60))
def test_counting_and_rerouting_choose_equally_well(seed: int) -> None:
    # With everyone available and one cohort size both ways apply; the first is the closed form.
    rng = np.random.default_rng(seed)
    shape = Instance(
        clients=int(rng.integers(3, 30)),
        rounds=int(rng.integers(1, 9)),
        cohort_size=2,
        regions=4,
        hardware=3,
        min_share=float(rng.uniform(0, 1)),
        max_share=float(rng.uniform(1, 2)),
    )
    counted = shape.problem(seed)
    rerouted = replace(
        counted, available=np.ones((counted.clients, counted.rounds), dtype=np.bool_)
    )
    for rank in ("regret", "cost"):
        one, other = solve(counted, Greedy(rank)), solve(rerouted, Greedy(rank))
        assert one.shortfalls == other.shortfalls == ()
        first = [s.classes.problem.cost([s.cohort(0)]) for s in (one, other)]
        assert first[0] == pytest.approx(first[1]), (
            "the cheapest safe first cohort is unique in rank"
        )


@pytest.mark.parametrize("block", range(4))
def test_the_first_cohort_is_the_cheapest_safe_one(block: int) -> None:
    with_absences = 0
    for seed in range(40 * block, 40 * block + 40):
        problem = small(70_000 + seed, elastic=False, most_clients=12, most_rounds=6)
        level = problem.cost_level * (np.arange(problem.rounds) == 0)
        best = highs(replace(problem, cost_level=level), whole=False)
        if best is None:
            continue
        with_absences += problem.available is not None
        first = Greedy("cost")(merge(problem)).cohort(0)
        paid = problem.weight[first] * problem.cost_level[problem.level_of[first], 0]
        assert paid.sum() == pytest.approx(best.cost, abs=1e-9), seed
    assert with_absences > 1


def test_says_infeasible_only_when_it_is() -> None:
    statuses = set()
    for seed in range(200):
        problem = small(90_000 + seed, elastic=False)
        solution = Greedy()(merge(problem))
        statuses.add(solution.status)
        assert (solution.status is Status.INFEASIBLE) == (highs(problem, whole=False) is None)
    assert statuses == {Status.INFEASIBLE, Status.FEASIBLE}


def test_regret_waits_for_the_cheap_hour_and_cost_does_not() -> None:
    # Client 0 owes one turn and is cheap now, but much cheaper later. Client 1 owes nothing.
    problem = Problem.from_costs([[5, 1], [6, 6]], 1, at_least=[1, 0])
    assert [c.tolist() for c in solve(problem, Greedy("cost")).cohorts] == [[0], [0]]
    assert [c.tolist() for c in solve(problem, Greedy("regret")).cohorts] == [[0], [0]]
    dear = Problem.from_costs([[5, 1], [6, 6]], 1, at_least=[1, 0], at_most=[1, 2])
    assert [c.tolist() for c in solve(dear, Greedy("cost")).cohorts] == [[0], [1]]
    assert [c.tolist() for c in solve(dear, Greedy("regret")).cohorts] == [[0], [1]]
    owing = Problem.from_costs([[5, 1], [6, 6]], 1, at_least=1)
    assert [c.tolist() for c in solve(owing, Greedy("cost")).cohorts] == [[0], [1]]
    assert [c.tolist() for c in solve(owing, Greedy("regret")).cohorts] == [[1], [0]]


def test_pick_takes_forced_clients_first() -> None:
    groups = Group(
        of=np.arange(3),
        size=np.array([1, 1, 1]),
        owed=np.array([0, 0, 2]),
        may=np.array([2, 2, 2]),
        rank=np.array([1.0, 2.0, 9.0]),
    )
    assert list(pick_cohort(groups, seats=2, rounds_left=2)) == [(2, 1), (0, 1)]


def test_completion_fills_what_flow_can_fill() -> None:
    problem = Problem.from_costs(
        np.zeros((3, 3)), [1, 1, 1], at_least=1, available=[[1, 0, 0], [1, 1, 0], [1, 1, 1]]
    )
    plan = Completion.fill(merge(problem))
    assert merge(problem).missing(plan.counts) == 0
    assert plan.counts.sum(axis=0).tolist() == [1, 1, 1]


def test_without_time_for_ranks_the_floors_are_kept_all_the_same() -> None:
    problem = Instance(clients=400, rounds=30, cohort_size=40, max_share=2.0, online=0.7).problem()
    ranked = solve(problem, Greedy())
    hurried = solve(problem, Greedy(time_limit=0.0))
    assert hurried.notes == ("regret had time to rank 0 of 30 rounds",)
    assert problem.violations(hurried.cohorts) == []
    assert hurried.shortfalls == ranked.shortfalls == ()
    assert ranked.notes == ()
    assert ranked.objective is not None
    assert hurried.objective is not None
    assert hurried.objective <= 1.05 * ranked.objective
