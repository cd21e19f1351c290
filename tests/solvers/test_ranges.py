"""Cohorts that breathe: a range of sizes and a total of turns."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import INSTANCES, PLANNED, Instance
from lowcarb_solvers import (
    Cbc,
    Flow,
    Greedy,
    Problem,
    Solution,
    Solver,
    Status,
    Warm,
    cbc,
    flow,
    merge,
    price_search,
    solve,
)
from lowcarb_solvers.prices import lagrangian_bound
from tests.helpers.breathing import breathing, by_highs, cheapest

SEEDS = st.integers(0, 2**32)
CHAINS: dict[str, tuple[Solver, ...]] = {
    "default": (),
    "cbc": (Cbc(),),
    "branch and cut": (Greedy(), Cbc(relax=False)),
    "flow": (Flow(),),
}


def ranged(problem: Problem, part: float = 1.0) -> Problem:
    """The same problem with cohorts from less to more than their size by some part of it."""
    width = (problem.cohort_size * part).astype(np.int64)
    return replace(
        problem,
        cohort_least=np.maximum(0, problem.cohort_size - width),
        cohort_most=problem.cohort_size + width,
    )


def check(problem: Problem, solution: Solution) -> None:
    """Check an answer against enumeration."""
    expected = cheapest(problem, most_short=solution.classes.most_short)
    if expected is None:
        assert solution.status is Status.INFEASIBLE
        return
    assert solution.status is Status.OPTIMAL
    assert problem.violations(solution.cohorts) == []
    assert solution.classes.penalties(solution.seated) == expected[0]
    assert sum(s.short for s in solution.shortfalls) == solution.classes.missing(solution.seated)
    assert all(s.why for s in solution.shortfalls)
    assert solution.objective == pytest.approx(expected[1], rel=1e-9, abs=1e-9)


@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("block", range(3))
def test_agrees_with_enumeration(block: int, name: str) -> None:
    for seed in range(20 * block, 20 * block + 20):
        problem = breathing(seed, elastic=bool(seed % 2))
        check(problem, solve(problem, *CHAINS[name]))


@pytest.mark.slow
@pytest.mark.parametrize("name", CHAINS)
@pytest.mark.parametrize("block", range(10))
def test_often_agrees_with_enumeration(block: int, name: str) -> None:
    for seed in range(1000 + 50 * block, 1050 + 50 * block):
        problem = breathing(seed, elastic=bool(seed % 2))
        check(problem, solve(problem, *CHAINS[name]))


@pytest.mark.parametrize("solver", [Cbc(), Flow()])
def test_a_core_agrees_with_enumeration(solver: Solver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT", 0)
    monkeypatch.setattr(flow, "_MOST_DIRECT", 0)
    for seed in range(1, 41, 2):
        problem = breathing(seed, elastic=True)
        check(problem, solve(problem, Greedy(), solver))


@pytest.mark.parametrize("rank", ["regret", "cost"])
def test_greedy_keeps_floors_and_the_total(rank: str) -> None:
    answered = 0
    for seed in range(100):
        problem = breathing(seed, elastic=bool(seed % 2))
        solution = solve(problem, Greedy(rank))  # type: ignore[arg-type]
        expected = cheapest(problem, most_short=solution.classes.most_short)
        if expected is None:
            assert solution.status is Status.INFEASIBLE
            continue
        assert problem.violations(solution.cohorts) == []
        assert solution.classes.penalties(solution.seated) == expected[0]
        answered += 1
    assert answered > 60


def test_turns_go_to_the_cheap_rounds() -> None:
    # Six turns: two rounds hold one at least, so the cheap one gets as many as it may, and the
    # middle one what is left.
    costs = np.array([[1.0, 2.0, 3.0]] * 4)
    problem = Problem.from_costs(costs, 2, cohort_least=1, cohort_most=3)
    solution = solve(problem)
    assert [len(cohort) for cohort in solution.cohorts] == [3, 2, 1]
    assert solution.objective == 3 * 1 + 2 * 2 + 1 * 3
    assert solution.status is Status.OPTIMAL
    # A turn more in all goes to the middle round; a turn more of the first displaces nothing.
    assert solution.seat_prices is not None
    assert solution.seat_prices.tolist() == [1, 2, 3]
    assert repr(problem) == "Problem(4 clients, 3 rounds, 6 seats, breathing)"
    assert solve(Problem.from_costs(costs, 2)).objective == 12


def test_floors_hold_turns_in_dear_rounds() -> None:
    # The last client is there in the dear round only, and owes its turn.
    available = np.ones((4, 3), dtype=np.bool_)
    available[3, :2] = False
    problem = Problem.from_costs(
        np.array([[1.0, 2.0, 3.0]] * 4),
        2,
        at_least=[0, 0, 0, 1],
        at_most=[3, 3, 3, 1],
        available=available,
        cohort_least=0,
        cohort_most=4,
    )
    solution = solve(problem)
    assert [len(cohort) for cohort in solution.cohorts] == [3, 2, 1]
    assert solution.cohorts[2].tolist() == [3]


@pytest.mark.parametrize("solver", [(), (Greedy(), Flow())])
def test_one_size_is_as_it_was(solver: tuple[Solver, ...]) -> None:
    for seed in range(6):
        problem = Instance(clients=60, rounds=12, cohort_size=6, max_share=2.0).problem(seed)
        same = ranged(problem, 0.0)
        one, other = solve(problem, *solver), solve(same, *solver)
        assert (one.answer == other.answer).all()
        assert one.solver == other.solver
        assert one.objective == other.objective
    assert same.slack.total == 0


@settings(max_examples=40, deadline=None)
@given(seed=SEEDS, down=st.integers(0, 2), up=st.integers(0, 2))
def test_a_wider_range_never_costs_more(seed: int, down: int, up: int) -> None:
    problem = breathing(seed, elastic=False, most_clients=8, most_rounds=6)
    most = problem.cohort_size if problem.cohort_most is None else problem.cohort_most
    wider = replace(
        problem,
        cohort_least=np.maximum(0, problem.fewest - down),
        cohort_most=most + up,
    )
    narrow, wide = solve(problem), solve(wider)
    if narrow.objective is None:
        return
    assert wide.status is narrow.status is Status.OPTIMAL
    assert wide.objective is not None
    assert wide.objective <= narrow.objective * (1 + 1e-12) + 1e-12


@settings(max_examples=60, deadline=None)
@given(seed=SEEDS, elastic=st.booleans(), size=st.floats(1e-3, 1e3))
def test_any_prices_bound_the_optimum(seed: int, elastic: bool, size: float) -> None:
    problem = breathing(seed, elastic=elastic)
    solution = solve(problem)
    if solution.objective is None:
        return
    prices = np.random.default_rng(seed).normal(0, size, problem.rounds)
    penalty = solution.classes.penalty if elastic else 0.0
    optimum = solution.objective + penalty * solution.classes.penalties(solution.seated)
    bound = lagrangian_bound(solution.classes, prices, penalty)
    assert bound <= optimum + 1e-9 * (abs(optimum) + size * int(problem.seats.sum()))


@pytest.mark.parametrize("part", [0.3, 1.0])
@pytest.mark.parametrize("name", ["day", "two-days", "two-days-online"])
def test_agrees_with_highs_at_working_size(name: str, part: float) -> None:
    problem = ranged(replace(INSTANCES[name].problem(seed=3), elastic=False), part)
    solution = solve(problem)
    assert solution.solver == "cbc"
    assert solution.status is Status.OPTIMAL
    assert solution.objective == pytest.approx(by_highs(problem), rel=1e-9)
    greedy = solve(problem, Greedy())
    assert greedy.objective is not None
    assert solution.objective is not None
    assert solution.objective <= greedy.objective * (1 + 1e-12)


def test_ranking_knows_which_rounds_are_cheap() -> None:
    problem = ranged(Instance(clients=100, rounds=48, cohort_size=10, max_share=2.0).problem())
    fixed = solve(replace(problem, cohort_least=None, cohort_most=None), Greedy())
    free, best = solve(problem, Greedy()), solve(problem)
    assert free.objective is not None
    assert fixed.objective is not None
    assert best.objective is not None
    assert best.objective < free.objective <= fixed.objective
    assert best.prices is not None
    by_prices = solve(problem, Greedy(prices=best.prices))
    assert by_prices.objective == pytest.approx(best.objective, rel=0.01)


def test_one_more_seat_costs_what_it_says() -> None:
    priced = 0
    for seed in range(100):
        problem = breathing(seed, elastic=False)
        solution = solve(problem)
        if solution.seat_prices is None or not problem.slack.total:
            continue
        for j, price in enumerate(solution.seat_prices.tolist()):
            more = np.arange(problem.rounds) == j
            further = solve(
                replace(
                    problem,
                    cohort_least=problem.fewest + more,
                    cohort_size=problem.cohort_size + more,
                    cohort_most=problem.seats + more,
                    cohort_total=problem.total + 1,
                )
            )
            if np.isnan(price):
                assert further.status is Status.INFEASIBLE
                continue
            assert further.objective == pytest.approx(solution.objective + price, abs=1e-9)
            priced += 1
    assert priced > 30


def test_what_is_missing_has_a_name_and_a_reason() -> None:
    available = np.ones((3, 4), dtype=np.bool_)
    available[:, 1] = False
    problem = Problem.from_costs(
        np.ones((3, 4)),
        2,
        at_most=2,
        available=available,
        elastic=True,
        cohort_least=1,
        cohort_most=3,
    )
    solution = solve(problem)
    assert [(s.short, s.unit, s.round, s.why) for s in solution.shortfalls] == [
        (1, "seats", 1, "1 seat, but no client available"),
        (2, "turns", None, "8 turns planned in all, but all clients together may take only 6"),
    ]
    crowded = replace(problem, at_most=np.full(3, 4), cohort_total=12)
    assert [s.why for s in solve(crowded).shortfalls] == [
        "1 seat, but no client available",
        "12 turns planned in all, but the rounds have room and clients for only 9",
    ]
    owing = Problem.from_costs(
        np.ones((3, 4)), 1, at_least=2, elastic=True, cohort_least=0, cohort_most=3
    )
    short = solve(owing).shortfalls
    assert [s.short for s in short] == [1, 1]
    assert {s.why for s in short} == {
        "owes 2; 3 clients owe 6 turns together, but share 4 seats in 4 rounds"
    }


def test_another_total_is_compared_with_as_many_turns() -> None:
    problem = Problem.from_costs(np.ones((6, 4)), 2, cohort_least=0, cohort_most=4, cohort_total=12)
    assert problem.random_cost == pytest.approx(12)
    assert replace(problem, cohort_size=np.zeros(4, dtype=np.int64)).random_cost == pytest.approx(
        12
    )


def test_the_same_cohorts_come_with_any_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cbc, "_MOST_DIRECT_WHEN_WARM", 0)
    for seed in range(4):
        problem = ranged(
            Instance(
                clients=60, rounds=12, cohort_size=6, hardware=[None, 1, 3, 12][seed], max_share=2.0
            ).problem(seed)
        )
        cold = solve(problem)
        assert cold.prices is not None
        off = 1 + 0.02 * np.random.default_rng(seed).normal(size=12)
        warm = solve(problem, warm=Warm(prices=cold.prices * off))
        assert cold.status is warm.status is Status.OPTIMAL
        assert (cold.answer == warm.answer).all()


@pytest.mark.slow
def test_cohorts_of_any_size_are_no_harder() -> None:
    problem = PLANNED["10^4x100"].problem()
    free = replace(
        problem,
        cohort_least=np.zeros(problem.rounds, dtype=np.int64),
        cohort_most=np.full(problem.rounds, problem.clients),
    )
    assert price_search.find_prices(merge(free)) is not None
    solution = solve(free, Greedy(), Cbc(time_limit=60))
    assert solution.status is Status.OPTIMAL
    assert free.violations(solution.cohorts) == []


@pytest.mark.slow
@pytest.mark.parametrize("name", ["1,000x100", "10^5x24", "2,000x100 online"])
def test_large_fleets_are_proven(name: str) -> None:
    problem = ranged(PLANNED[name].problem())
    for solvers in ((Greedy(), Cbc(time_limit=60)), (Greedy(), Flow(time_limit=60))):
        solution = solve(problem, *solvers)
        assert solution.status is Status.OPTIMAL
        assert problem.violations(solution.cohorts) == []
