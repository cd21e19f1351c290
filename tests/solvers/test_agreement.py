"""CBC cold, warm and unreduced, and flow, agree on random problems of all shapes."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance
from lowcarb_solvers import Cbc, Flow, Greedy, Problem, Status, Warm, cbc, flow, solve

RANDOM = 500


def any_problem(seed: int) -> Problem:
    """Make a problem of any shape, tight or loose, with ties or without."""
    rng = np.random.default_rng(seed)
    n, t = int(np.exp(rng.uniform(0, 5.5))), int(np.exp(rng.uniform(0, 4)))
    seats = max(1, int(n * rng.uniform(0.01, 1.0) ** 2))
    problem = Instance(
        clients=n,
        rounds=t,
        cohort_size=seats,
        regions=int(rng.integers(1, 30)),
        hardware=[None, None, 1, 5][seed % 4],
        min_share=float(rng.uniform(0, 1)),
        max_share=[None, 1.2, 2.0][seed % 3],
        online=float(rng.choice([1.0, 1.0, 0.8, 0.3])),
    ).problem(seed)
    # Some owe a turn more than the others, though it may be more than they have rounds.
    owed = problem.at_least + (rng.random(n) < float(rng.choice([0.0, 0.3])))
    problem = replace(problem, at_least=owed, at_most=np.maximum(owed, problem.at_most))
    kind = seed % 10
    if kind == 7:
        problem = replace(problem, cohort_size=rng.integers(0, seats + 1, t))
    if kind == 8:
        problem = replace(problem, weight=problem.weight * (rng.random(n) < 0.7))
    if kind == 9:
        orders = 15 if _is_extreme(seed) else 3
        problem = replace(problem, weight=10.0 ** rng.uniform(-orders, orders, n))
    return problem


def _is_extreme(seed: int) -> bool:
    return seed % 20 == 19


def check(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = any_problem(seed)
    with monkeypatch.context() as patch:
        patch.setattr(cbc, "_MOST_DIRECT", 10**9)
        whole = solve(problem, Greedy(), Cbc(time_limit=60))
        patch.setattr(cbc, "_MOST_DIRECT", 0)
        patch.setattr(cbc, "_MOST_DIRECT_WHEN_WARM", 0)
        cold = solve(problem, Greedy(), Cbc(time_limit=60))
        rng = np.random.default_rng(seed)
        prices = np.ones(problem.rounds) if cold.prices is None else cold.prices
        near = Warm(prices=prices * (1 + 0.03 * rng.normal(size=problem.rounds)))
        warm = solve(problem, Greedy(), Cbc(time_limit=60), warm=near)
        flowing = solve(problem, Greedy(), Flow(time_limit=60))
        patch.setattr(flow, "_MOST_DIRECT", 0)
        reduced = solve(problem, Greedy(), Flow(time_limit=60))
    missing = whole.classes.missing(whole.answer)
    if _is_extreme(seed):
        # Over thirty orders of magnitude CBC may fail; then greedy's plan stands.
        regret = solve(problem, Greedy())
        for other in (cold, warm, flowing, reduced):
            assert other.classes.missing(other.answer) == missing, seed
            assert problem.violations(other.cohorts) == []
            assert other.objective is not None
            assert regret.objective is not None
            assert other.objective <= regret.objective * (1 + 1e-9), seed
        return
    for other in (cold, warm, flowing, reduced):
        assert other.status is whole.status is Status.OPTIMAL, seed
        assert other.classes.missing(other.answer) == missing, seed
        assert other.objective == pytest.approx(whole.objective, rel=1e-7, abs=1e-12), seed
        assert problem.violations(other.cohorts) == []
    if not missing:
        for other in (warm, flowing, reduced):
            assert (other.answer == cold.answer).all(), seed


@pytest.mark.parametrize("block", range(4))
def test_some_random_problems(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(3 * block, 3 * block + 3):
        check(seed, monkeypatch)


@pytest.mark.slow
@pytest.mark.parametrize("block", range(20))
def test_many_random_problems(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for seed in range(block, RANDOM, 20):
        check(1000 + seed, monkeypatch)
