"""When time ends: floors first, what is left by cost, and no proof that nobody waits for."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from benchmarks.instances import INSTANCES, Instance
from lowcarb_solvers import (
    Classes,
    Greedy,
    Problem,
    Solution,
    Status,
    certify,
    merge,
    solve,
    solver,
)
from lowcarb_solvers.completion import Completion
from lowcarb_solvers.deadline import OutOfTimeError


@dataclass
class Ticking:
    """A clock that counts how often it is looked at."""

    tick: float = 1e-6
    now: float = 0.0

    def __call__(self) -> float:
        self.now += self.tick
        return self.now


def random_problem(seed: int, *, clients: int) -> Problem:
    """Make a problem of any tightness, with energies alike or over three orders of magnitude."""
    rng = np.random.default_rng(seed)
    problem = Instance(
        clients=int(clients * rng.uniform(0.5, 1.5)),
        rounds=int(rng.integers(12, 50)),
        cohort_size=int(clients * rng.uniform(0.04, 0.3)),
        min_share=float(rng.uniform(0.0, 0.95)),
        max_share=[None, 1.3, 2.0, 3.0][seed % 4],
        online=float(rng.uniform(0.4, 0.95)),
        hardware=[None, 3][seed // 4 % 2],
    ).problem(seed)
    spread = rng.choice([0.0, 1.0, 3.0])
    return replace(problem, weight=problem.weight * 10.0 ** (spread * rng.random(problem.clients)))


def excesses(problem: Problem, shares: list[float]) -> list[float]:
    """Cost of hurried plans over that of full greedy, at the same floors."""
    classes, clock = merge(problem), Ticking()
    full = Greedy(clock=clock)(classes)
    assert full.objective is not None
    found = []
    for share in shares:
        hurried = Greedy(time_limit=share * clock.now, clock=Ticking())(classes)
        assert classes.violations(hurried.answer) == []
        assert problem.violations(hurried.cohorts) == []
        assert classes.missing(hurried.answer) == classes.missing(full.answer)
        assert "had time to rank" in hurried.notes[0]
        assert hurried.objective is not None
        found.append(hurried.objective / full.objective - 1)
    return found


def test_what_is_left_when_time_ends_is_filled_by_cost() -> None:
    found = [e for seed in range(12) for e in excesses(random_problem(seed, clients=80), [0, 0.5])]
    assert np.median(found) <= 0.05
    assert max(found) <= 0.3


@pytest.mark.slow
def test_greedy_may_be_cut_off_anywhere() -> None:
    shares = [0.0, 0.02, 0.1, 0.3, 0.5, 0.7, 0.9, 0.98]
    found = [
        e for seed in range(100, 112) for e in excesses(random_problem(seed, clients=250), shares)
    ]
    assert np.median(found) <= 0.05
    assert max(found) <= 0.3


@pytest.mark.parametrize("seed", range(20))
def test_filling_anew_keeps_the_earlier_rounds_and_every_floor(seed: int) -> None:
    problem = random_problem(seed, clients=30)
    classes = merge(problem)
    plan = Completion.fill(classes)
    missing = classes.missing(plan.counts)
    plan.settle_for_what_can_be_met()
    begin = problem.rounds // 2
    # Any other cohorts of the first half that leave the floors within reach.
    rounds = Greedy()._rounds(classes, lambda j: plan.counts[:, j])
    for j, (_, groups) in zip(range(begin), rounds, strict=False):
        assert Greedy()._rank_round(plan, j, groups, float("inf"))
    before = plan.counts.copy()
    plan.refill(begin, classes)
    assert (plan.counts[:, :begin] == before[:, :begin]).all()
    assert classes.violations(plan.counts) == []
    assert classes.missing(plan.counts) == missing
    assert (plan.total == plan.counts.sum(axis=1)).all()
    kept = plan.counts.copy()
    plan.refill(begin, classes, expired=lambda: True)
    assert classes.violations(plan.counts) == []
    assert classes.missing(plan.counts) == classes.missing(kept)


TANGLED = Problem.from_costs(
    # Client 2 alone can work in the last round only, where all others have their cheapest hour.
    [[2.0, 2.0, 1.0], [2.0, 2.0, 1.0], [2.0, 2.0, 1.5]],
    1,
    at_least=1,
    available=[[1, 1, 1], [1, 1, 1], [0, 0, 1]],
    elastic=True,
)


def test_completing_floors_ends_in_time_and_says_so() -> None:
    classes = merge(TANGLED)
    assert classes.missing(Greedy()(classes).answer) == 0
    late = Greedy(time_limit=-10.0, clock=Ticking())(classes)
    assert late.status is Status.FEASIBLE
    assert classes.violations(late.answer) == []
    missing = classes.missing(late.answer)
    assert missing > 0
    assert late.notes == (f"regret had no time to complete floors and seats: {missing} miss",)


def test_without_time_for_floors_nothing_is_called_infeasible() -> None:
    classes = merge(replace(TANGLED, elastic=False))
    late = Greedy(time_limit=-10.0, clock=Ticking())(classes)
    assert late.status is Status.UNKNOWN
    assert late.counts is None
    assert Greedy()(classes).status is Status.FEASIBLE


def test_floors_get_half_a_second_more() -> None:
    classes = merge(TANGLED)
    patient = Greedy(time_limit=0.0, clock=lambda: 0.0)(classes)
    assert classes.missing(patient.answer) == 0


def after(calls: int) -> Callable[[], bool]:
    clock = Ticking(tick=1)
    return lambda: clock() > calls


def test_a_certificate_can_be_stopped_at_every_step() -> None:
    solution = solve(INSTANCES["day"].problem())
    seen: list[int] = []

    def counting() -> bool:
        seen.append(1)
        return False

    assert certify(solution.classes, solution.answer, counting).optimal
    assert len(seen) > solution.classes.problem.rounds
    for calls in range(len(seen)):
        with pytest.raises(OutOfTimeError):
            certify(solution.classes, solution.answer, after(calls))
    assert certify(solution.classes, solution.answer, after(len(seen))).optimal


@dataclass(frozen=True)
class Claims:
    """Answers as greedy does, and claims a bound."""

    time_limit: float | None
    bound: float | None = None
    name: str = "claims"

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        del start
        return replace(Greedy()(classes), solver=self.name, bound=self.bound)


@pytest.mark.parametrize("bound", [None, 1.5])
def test_a_proof_that_would_be_late_is_left_out(
    monkeypatch: pytest.MonkeyPatch, bound: float | None
) -> None:
    monkeypatch.setattr(solver, "_GRACE_FOR_PROOF", -1e9)
    problem = INSTANCES["day"].problem()
    solution = solve(problem, Claims(time_limit=1.0, bound=bound))
    assert solution.status is Status.FEASIBLE
    assert solution.bound == bound
    assert solution.seat_prices is None
    assert solution.notes == ("no time was left to prove how good the plan of claims is",)
    assert problem.violations(solution.cohorts) == []
    # Without any limit there is nothing to be late for.
    assert solve(problem, Claims(time_limit=None)).bound is not None
