"""Greedy guided by prices: every floor kept, nearly optimal, and in time."""

import time
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from lowcarb_solvers import Cbc, Greedy, Status, chain, core, merge, solve, solver
from lowcarb_solvers.core import CoreSearch, NoAnswerError
from lowcarb_solvers.price_search import find_prices
from lowcarb_solvers.reduction import turn_prices
from tests.helpers.params import first_fast

SHAPES = [
    Instance(clients=300, rounds=40, cohort_size=30, max_share=2.0, owing=0.5),
    Instance(clients=300, rounds=40, cohort_size=30, min_share=0.9, max_share=1.2),
    Instance(clients=500, rounds=30, cohort_size=50, hardware=20, max_share=2.0),
    Instance(clients=200, rounds=30, cohort_size=20, online=0.7),
]


@pytest.mark.parametrize("shape", SHAPES)
def test_ranks_by_prices_come_close_to_the_optimum(shape: Instance) -> None:
    problem = shape.problem()
    classes = merge(problem)
    found = find_prices(classes)
    assert found is not None
    guided = solve(problem, Greedy(prices=found.prices))
    best, regret = solve(problem), solve(problem, Greedy())
    assert guided.solver == "prices"
    assert problem.violations(guided.cohorts) == []
    assert guided.shortfalls == ()
    assert best.objective is not None
    assert guided.objective is not None
    assert regret.objective is not None
    assert guided.objective - best.objective < 0.2 * (regret.objective - best.objective)


@pytest.mark.parametrize("seed", range(40))
def test_any_prices_keep_every_floor(seed: int) -> None:
    problem = small(seed, elastic=bool(seed % 2), most_clients=12, most_rounds=8)
    rng = np.random.default_rng(seed)
    guided = Greedy(prices=rng.normal(0, 50, problem.rounds))(merge(problem))
    plain = Greedy()(merge(problem))
    assert guided.status is plain.status
    if plain.counts is not None:
        assert problem.violations(guided.cohorts) == []
        assert guided.classes.missing(guided.answer) == plain.classes.missing(plain.answer)


def test_prices_of_turns_are_those_of_the_bounds_that_hold() -> None:
    problem = replace(
        Instance(clients=3, rounds=4, cohort_size=1).problem(),
        cost_level=np.array([[1.0, 2.0, 3.0, 4.0]]),
        level_of=np.zeros(3, dtype=np.int64),
        weight=np.ones(3),
        at_least=np.array([0, 3, 0]),
        at_most=np.array([4, 4, 1]),
    )
    classes = merge(problem)
    turn = turn_prices(classes, np.full(4, 2.5))[classes.member_of]
    # Free; a third turn that costs 0.5 and a fourth 1.5; of two turns that pay one is too many.
    assert turn.tolist() == [0.0, 1.0, -1.0]


def test_without_time_for_cbc_the_plan_is_within_a_percent(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problem = SHAPES[0].problem()
    best = solve(problem)
    assert best.objective is not None

    def too_late(*_: object) -> None:
        raise NoAnswerError("the time is over")

    monkeypatch.setattr(Cbc, "_ask", too_late)
    hurried = solve(problem)
    assert (hurried.solver, hurried.status) == ("prices", Status.OPTIMAL)
    assert hurried.objective == pytest.approx(best.objective, rel=1e-9)
    assert hurried.notes == ("the time is over: the plan of prices stands, and is optimal",)
    # Without time for exchanges it is near.
    monkeypatch.setattr(core, "improve", lambda found, _: found)
    monkeypatch.setattr(solver, "improve", lambda found, _: found)
    hurried = solve(problem)
    assert (hurried.solver, hurried.status) == ("prices", Status.FEASIBLE)
    assert hurried.objective is not None
    assert hurried.objective <= 1.01 * best.objective
    assert hurried.gap is not None
    assert hurried.gap < 0.02
    assert hurried.notes == (
        f"the time is over: the plan of prices stands, within {hurried.gap:.2%} of optimal",
    )


def test_greedy_waits_where_it_is_rarely_needed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(solver, "_WORTH_WAITING_S", 0.0)
    problem = SHAPES[0].problem()
    asked: list[str] = []
    greedy = Greedy.__call__

    def spy(self: Greedy, *given: object) -> object:
        asked.append(self.name)
        return greedy(self, *given)  # type: ignore[arg-type]

    monkeypatch.setattr(Greedy, "__call__", spy)
    assert solve(problem).solver == "cbc"
    assert asked == []
    # Without prices there is nobody else.
    monkeypatch.setattr(core, "find_prices", lambda *_: None)
    monkeypatch.setattr(core, "coarsen", lambda *_: pytest.fail("not reached"))

    def too_late(*_: object) -> None:
        raise NoAnswerError("the time is over")

    monkeypatch.setattr(CoreSearch, "_find_prices", too_late)
    hurried = solve(problem)
    assert asked == ["regret"]
    assert hurried.solver == "regret"
    assert hurried.notes == ("the time is over: the plan of regret stands, and is optimal",)
    assert problem.violations(hurried.cohorts) == []


@pytest.mark.slow
@pytest.mark.parametrize("limit", [0.1, 0.3, 0.6, 1.0])
@pytest.mark.parametrize(
    "shape",
    [
        Instance(clients=3000, rounds=60, cohort_size=150, max_share=2.0, owing=0.8),
        Instance(clients=1000, rounds=480, cohort_size=50, max_share=2.0, owing=0.4),
        Instance(clients=1000, rounds=100, cohort_size=50, online=0.7),
    ],
)
def test_short_limits_hold(shape: Instance, limit: float) -> None:
    problem = shape.problem()
    solve(SHAPES[0].problem())
    began = time.monotonic()
    solution = solve(problem, *chain(limit))
    assert time.monotonic() - began <= limit + 1
    assert problem.violations(solution.cohorts) == []
    assert solution.shortfalls == ()


@pytest.mark.parametrize("online", first_fast([0.7, 1.0], 1))
def test_without_time_for_the_rest_prices_still_give_a_bound(
    online: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = Instance(
        clients=1500, rounds=40, cohort_size=100, max_share=2.0, online=online
    ).problem()
    best = solve(problem, Greedy(), Cbc(time_limit=60))
    assert best.status is Status.OPTIMAL
    assert best.objective is not None

    def too_late(*_: object) -> None:
        raise NoAnswerError("the time is over")

    monkeypatch.setattr(Cbc, "_decide", too_late)
    hurried = solve(problem, Greedy(), Cbc(time_limit=60))
    if online < 1:
        assert hurried.solver == "regret"
        assert hurried.notes == ("the time is over: the plan of regret stands, and is optimal",)
    else:
        assert hurried.solver == "prices"
        assert hurried.notes == ("the time is over: the plan of prices stands, and is optimal",)
        assert hurried.objective is not None
        assert hurried.objective <= 1.005 * best.objective
    assert problem.violations(hurried.cohorts) == []
    assert hurried.bound is not None
    assert 0.99 * best.objective <= hurried.bound <= best.objective * (1 + 1e-9)
