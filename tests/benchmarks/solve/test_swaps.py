"""Random swaps keep everything that a plan has to keep, and only ever save."""

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import Instance, small
from benchmarks.solve.program import able, costs
from benchmarks.solve.stopwatch import Stopwatch
from benchmarks.solve.swaps import Schedule, exchange_some, random_plan, replace_some, swaps
from lowcarb_solvers import Problem

LOOSE = Instance(clients=20, rounds=12, cohort_size=4, regions=5, max_share=2.0)


def cohorts(plan: Schedule) -> list[np.ndarray[tuple[int], np.dtype[np.int64]]]:
    return [np.flatnonzero(column) for column in plan.taken.T]


def begun(problem: Problem, seed: int) -> Schedule:
    rng = np.random.default_rng(seed)
    return Schedule.of(random_plan(problem, able(problem).astype(bool), rng))


@given(seed=st.integers(0, 10_000))
@settings(max_examples=40)
def test_swaps_keep_seats_floors_caps_and_availability_and_never_cost_more(seed: int) -> None:
    problem = small(seed, elastic=True)
    plan = begun(problem, seed)
    assert problem.violations(cohorts(plan)) == []
    if not len(plan.sitter):
        return
    cost, there = costs(problem), able(problem).astype(bool)
    seats = plan.taken.sum(axis=0)
    short = np.maximum(0, problem.at_least - plan.turns)
    rng = np.random.default_rng(seed)
    for _ in range(5):
        before = float((plan.taken * cost).sum())
        replace_some(problem, cost, there, plan, rng)
        exchange_some(cost, there, plan, rng)
        assert float((plan.taken * cost).sum()) <= before + 1e-9
        assert problem.violations(cohorts(plan)) == []
        assert (plan.taken.sum(axis=0) == seats).all()
        assert (np.maximum(0, problem.at_least - plan.turns) <= short).all()
        assert (plan.turns == plan.taken.sum(axis=1)).all()
        assert plan.taken[plan.sitter, plan.when].all()
        assert len(plan.sitter) == plan.taken.sum()


@given(seed=st.integers(0, 1_000))
@settings(max_examples=20)
def test_a_random_plan_meets_all_floors_where_everyone_is_there(seed: int) -> None:
    problem = LOOSE.problem(seed)
    plan = begun(problem, seed)
    assert (plan.taken.sum(axis=0) == problem.cohort_size).all()
    assert (plan.turns >= problem.at_least).all()


def test_swaps_save_much_and_the_same_seed_begins_with_the_same_plan() -> None:
    problem = LOOSE.problem(3)
    first = begun(problem, 0)
    found = swaps(problem, Stopwatch(10.0), seconds=0.05, seed=0)
    assert found.missing == 0
    assert found.cost is not None
    assert found.cost < 0.9 * float((first.taken * costs(problem)).sum())
    assert (begun(problem, 0).taken == first.taken).all()
    assert (begun(problem, 1).taken != first.taken).any()
