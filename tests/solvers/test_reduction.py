"""Fixing columns by prices is exact: the same optimum as with all columns, or an honest bound."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from benchmarks.peers import highs
from lowcarb_solvers import Cbc, Greedy, Problem, Status, cbc, reduction, solve
from lowcarb_solvers.prices import certify
from lowcarb_solvers.reduction import coarsen, fix_columns


@pytest.fixture
def always(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reduce even the smallest problem."""
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)


@pytest.mark.usefixtures("always")
@pytest.mark.parametrize("block", range(4))
@pytest.mark.parametrize("sampled", [False, True])
def test_awkward_problems_reach_the_same_optimum(
    block: int, sampled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if sampled:
        monkeypatch.setattr(reduction, "_COARSE_COLUMNS", 12)
    by_cbc = 0
    for seed in range(40 * block, 40 * block + 40):
        problem = small(seed, elastic=bool(seed % 2), most_clients=14, most_rounds=8)
        expected = highs(problem, whole=False)
        solution = solve(problem)
        if expected is None:
            assert solution.status is Status.INFEASIBLE
            continue
        by_cbc += solution.solver == "cbc"
        assert solution.status is Status.OPTIMAL, seed
        assert solution.classes.missing(solution.answer) == expected[0]
        assert solution.objective == pytest.approx(expected[1], rel=1e-9, abs=1e-9)
        assert problem.violations(solution.cohorts) == []
    assert by_cbc > 10


@pytest.mark.parametrize(
    "shape",
    [
        Instance(clients=600, rounds=40, cohort_size=40, max_share=2.0),
        Instance(clients=600, rounds=40, cohort_size=40, max_share=2.0, online=0.7),
        Instance(clients=2000, rounds=24, cohort_size=20, min_share=0.9),
        Instance(clients=700, rounds=30, cohort_size=300, min_share=0.3),
    ],
)
def test_distinct_clients_agree_with_one_large_model(
    shape: Instance, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = shape.problem()
    assert len(problem.classes) * problem.rounds > cbc._MOST_DIRECT
    reduced = solve(problem, Greedy(), Cbc(time_limit=60))
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 10**9)
    direct = solve(problem, Greedy(), Cbc(time_limit=60))
    assert reduced.status is direct.status is Status.OPTIMAL
    assert reduced.objective == pytest.approx(direct.objective, rel=1e-9)


def test_what_is_fixed_is_right_at_optimal_prices() -> None:
    problem = Instance(clients=300, rounds=24, cohort_size=20, max_share=2.0).problem()
    best = solve(problem)
    prices = certify(best.classes, best.answer).prices
    rest = fix_columns(problem.classes, prices, margin=1e-6 * float(prices.mean()))
    assert rest.columns < 0.1 * problem.clients * problem.rounds
    assert (rest.fixed <= best.answer).all()
    clearly_out = np.ones_like(best.answer, dtype=np.bool_)
    clearly_out[rest.rows] = rest.capacity == 0
    clearly_out &= rest.fixed == 0
    assert not best.answer[clearly_out].any()


def test_coarse_problems_are_small_and_close() -> None:
    problem = Instance(clients=5000, rounds=24, cohort_size=100).problem()
    coarse = coarsen(problem).problem
    assert len(coarse.classes) <= 26 * 13
    assert coarse.weight == pytest.approx(problem.weight, rel=0.08)
    away = Instance(clients=5000, rounds=24, cohort_size=100, online=0.5).problem()
    sampled = coarsen(away).problem
    assert len(sampled.classes) * 24 <= 40_000
    share = sampled.clients / away.clients
    assert sampled.cohort_size[0] == pytest.approx(100 * share, abs=1)


def test_free_turns_and_equal_weights_are_no_special_case(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)
    for costs in (np.zeros((5, 4)), np.ones((5, 4))):
        solution = solve(Problem.from_costs(costs, 2, at_least=1))
        assert solution.status is Status.OPTIMAL
        assert solution.objective == 8 * costs[0, 0]


def test_without_time_for_the_rest_prices_still_give_a_bound() -> None:
    problem = Instance(clients=3000, rounds=60, cohort_size=200, max_share=2.0).problem()
    best = solve(problem, Greedy(), Cbc(time_limit=60))
    assert best.status is Status.OPTIMAL
    assert best.objective is not None
    # The time for prices alone: the coarse model is done, the rest is not.
    for limit in np.geomspace(0.4, 2, 8):
        hurried = solve(replace(problem), Greedy(), Cbc(time_limit=float(limit)))
        assert hurried.bound is not None
        assert hurried.objective is not None
        assert hurried.bound <= best.objective * (1 + 1e-9) <= hurried.objective * (1 + 2e-9)
