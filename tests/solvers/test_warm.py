"""Where solving begins changes its time, never its answer."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, later, small
from lowcarb_solvers import (
    Cbc,
    Greedy,
    Problem,
    ProblemError,
    Solution,
    Status,
    Warm,
    cbc,
    equals,
    price_search,
    solve,
)
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.equals import preferences
from tests.helpers.reference import brute_force


def tied(seed: int) -> Problem:
    """Make a problem with ties or without, with absences or without."""
    rng = np.random.default_rng(seed)
    n = int(rng.integers(20, 150))
    return Instance(
        clients=n,
        rounds=int(rng.integers(4, 30)),
        cohort_size=int(rng.integers(1, max(2, n // 3))),
        hardware=[None, 1, 3, 12][seed % 4],
        regions=int(rng.integers(1, 10)),
        min_share=float(rng.uniform(0, 1)),
        max_share=[None, 1.3, 2.0][seed % 3],
        online=[1.0, 0.7][seed // 2 % 2],
        owing=float(rng.choice([0, 0.2, 0.5])),
    ).problem(seed)


def check_same(one: Solution, other: Solution) -> None:
    assert one.status is other.status is Status.OPTIMAL
    assert one.objective == pytest.approx(other.objective, rel=1e-9)
    assert (one.answer == other.answer).all()
    assert all((a == b).all() for a, b in zip(one.cohorts, other.cohorts, strict=True))


def off(prices: FloatArray, by: float, seed: int) -> Warm:
    rng = np.random.default_rng(seed)
    return Warm(prices=prices * (1 + by * rng.normal(size=len(prices))))


@pytest.mark.parametrize("block", range(4))
def test_the_same_cohorts_come_with_any_start(block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT_WHEN_WARM", 0)
    for seed in range(6 * block, 6 * block + 6):
        problem = tied(seed)
        cold = solve(problem)
        assert cold.prices is not None
        check_same(solve(problem, warm=off(cold.prices, 0.02, seed)), cold)
        if seed % 3 == 0:
            check_same(solve(problem, warm=Warm(prices=np.zeros(problem.rounds))), cold)


def test_without_the_seeded_rule_they_would_not(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT_WHEN_WARM", 0)
    monkeypatch.setattr(equals, "_NUDGES", (0.0,))
    different = 0
    for seed in range(12):
        problem = tied(seed)
        cold = solve(problem)
        assert cold.prices is not None
        warm = solve(problem, warm=off(cold.prices, 0.02, seed))
        assert warm.objective == pytest.approx(cold.objective, rel=1e-9)
        different += bool((warm.answer != cold.answer).any())
    assert different > 0


def test_the_rule_decides_only_between_equals() -> None:
    for seed in range(80):
        problem = small(seed, elastic=bool(seed % 2))
        expected = brute_force(problem)
        solution = solve(problem, Cbc())
        if expected is not None:
            assert solution.objective == pytest.approx(expected.cost, rel=1e-12, abs=1e-12)


def test_nearly_equal_answers_are_told_apart() -> None:
    # The second client is dearer by less than the nudge; the certificate would not let it pass.
    for seed in range(20):
        costs = np.array([[1.0, 1.0], [1.0 + 3e-8, 1.0 + 3e-8], [2.0, 2.0]])
        solution = solve(Problem.from_costs(costs, 1, seed=seed))
        assert solution.status is Status.OPTIMAL
        assert solution.objective == 2.0


def test_the_seed_decides() -> None:
    problem = replace(tied(1), available=None)
    owing = (np.arange(problem.clients) % 3 == 0).astype(np.int64)
    problem = replace(problem, at_least=owing, at_most=owing + 3)
    chosen = {solve(replace(problem, seed=seed), Cbc()).answer.tobytes() for seed in range(4)}
    assert len(chosen) > 1


def test_preferences_are_drawn_evenly_and_by_number_alone() -> None:
    drawn = preferences(7, np.arange(2000), 30)
    assert drawn.min() >= 0
    assert drawn.max() < 1
    assert drawn.mean() == pytest.approx(0.5, abs=0.01)
    assert len(np.unique(drawn)) == drawn.size
    assert (preferences(7, np.array([5, 1999]), 30) == drawn[[5, 1999]]).all()
    assert (preferences(8, np.arange(2000), 30) != drawn).all()
    assert np.abs(np.corrcoef(drawn.T) - np.eye(30)).max() < 0.12


def test_a_rolling_plan_skips_the_coarse_search(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(price_search, "_COARSE_COLUMNS", 4_000)
    problem = Instance(clients=400, rounds=30, cohort_size=30, max_share=2.0).problem()
    plan = solve(problem)
    begun: list[int] = []
    coarse = price_search._coarse

    def spy(*given: object) -> object:
        begun.append(1)
        return coarse(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(price_search, "_coarse", spy)
    for _ in range(3):
        warm = Warm.after(plan)
        assert warm is not None
        problem = later(problem, plan)
        following = solve(problem, warm=warm)
        assert begun == []
        check_same(solve(problem), following)
        assert begun == [1]
        begun.clear()
        plan = following


def test_prices_that_lead_nowhere_are_dropped() -> None:
    problem = Instance(clients=400, rounds=30, cohort_size=30, max_share=2.0).problem()
    cold = solve(problem)
    for wrong in (np.full(30, -1e9), np.full(30, 1e12), np.geomspace(1e-9, 1e9, 30)):
        check_same(solve(problem, warm=Warm(prices=wrong)), cold)


def test_rounds_that_the_earlier_plan_did_not_know() -> None:
    problem = Instance(clients=40, rounds=12, cohort_size=4).problem()
    plan = solve(problem)
    warm = Warm.after(plan, 5)
    assert warm is not None
    assert warm.prices.shape == (7,)
    with pytest.raises(ProblemError, match=r"warm: .*each of the 12 rounds, got shape \(7,\)"):
        solve(problem, warm=warm)
    check_same(solve(problem, warm=warm.for_rounds(12)), plan)
    assert warm.for_rounds(3).prices.tolist() == warm.prices[:3].tolist()
    check_same(solve(problem, warm=Warm(prices=np.full(12, np.nan))), plan)
    assert Warm.after(plan, 12) is None
    assert Warm.after(Greedy()(plan.classes)) is None


def test_solvers_that_know_nothing_of_prices_are_asked_all_the_same() -> None:
    problem = Instance(clients=40, rounds=12, cohort_size=4).problem()
    warm = Warm(prices=np.ones(12))
    assert solve(problem, Greedy(), warm=warm).solver == "regret"
