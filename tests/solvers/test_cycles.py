"""Cycles of exchanges lead from any plan with the fewest shortfalls to an optimum."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import Greedy, certify, cycles, merge, solve
from lowcarb_solvers.cycles import cancel_cycles, improve
from lowcarb_solvers.deadline import never
from lowcarb_solvers.shared_shortfalls import share_shortfalls
from tests.helpers.params import first_fast


@pytest.mark.parametrize("block", first_fast(range(10), 4))
def test_greedy_and_exchanges_reach_the_optimum(block: int) -> None:
    for seed in range(30 * block, 30 * block + 30):
        problem = small(seed, elastic=bool(seed % 2), most_clients=10, most_rounds=7)
        expected = highs(problem, whole=False)
        classes = share_shortfalls(merge(problem))
        start = Greedy("cost" if seed % 3 else "regret")(classes)
        if expected is None:
            assert start.counts is None
            continue
        counts = cancel_cycles(classes, start.answer, never)
        assert classes.violations(counts) == []
        assert classes.missing(counts) == expected.missing
        assert classes.worst_shortfall(counts) == expected.worst
        assert classes.total_cost(counts) == pytest.approx(expected.cost, rel=1e-9, abs=1e-9)
        assert certify(classes, counts).optimal


@pytest.mark.parametrize(
    "shape",
    [
        Instance(clients=120, rounds=48, cohort_size=12, max_share=2.0, owing=0.5),
        Instance(clients=120, rounds=48, cohort_size=12, online=0.7),
        Instance(clients=2000, rounds=30, cohort_size=200, hardware=4, regions=6),
    ],
)
def test_whole_classes_move_at_once(shape: Instance) -> None:
    problem = shape.problem()
    classes = merge(problem)
    best = solve(problem)
    start = Greedy()(classes)
    better = improve(start, never)
    assert better.solver == "regret"
    assert better.objective == pytest.approx(best.objective, rel=1e-9)
    assert problem.violations(better.cohorts) == []


def test_any_shortfall_is_exchanged_away() -> None:
    # Nothing at all is a plan of an elastic problem, with every turn and seat missing.
    problem = replace(
        Instance(clients=30, rounds=12, cohort_size=5, max_share=2.0).problem(), elastic=True
    )
    classes = merge(problem)
    counts = cancel_cycles(classes, np.zeros((len(classes), 12), dtype=np.int64), never)
    assert classes.missing(counts) == 0
    assert classes.total_cost(counts) == pytest.approx(solve(problem).objective, rel=1e-9)


def test_without_time_the_plan_is_no_worse() -> None:
    classes = merge(Instance(clients=100, rounds=40, cohort_size=10, max_share=2.0).problem())
    start = Greedy()(classes)
    costs = []
    for looks in (0, 60, 300, 1500):
        left = iter(range(looks))
        found = improve(start, lambda left=left: next(left, None) is None)  # type: ignore[misc]
        assert classes.violations(found.answer) == []
        assert found.objective is not None
        costs.append(found.objective)
    assert costs == sorted(costs, reverse=True)
    assert costs[0] == start.objective
    assert costs[-1] < costs[0]
    assert improve(start, lambda: True) is start


@pytest.mark.parametrize("limit", ["_MOST_ROUNDS", "_MOST_COUNTS"])
def test_what_would_fill_the_memory_stays_as_it_is(
    limit: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    start = Greedy()(merge(Instance(clients=30, rounds=20, cohort_size=5).problem()))
    monkeypatch.setattr(cycles, limit, 10)
    assert improve(start, never) is start
