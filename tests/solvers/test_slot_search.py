"""Slots and cohorts together: the optimum where it is known, and bounds where it is not."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.instances import Instance
from lowcarb_solvers import (
    Greedy,
    Problem,
    SlotProblem,
    Spacing,
    Status,
    greedy_slots,
    merge,
    solve,
    solve_slots,
)
from lowcarb_solvers import slot_search as slot_search_module
from lowcarb_solvers.slot_prices import SlotDual, TurnPrices
from tests.helpers.slots import all_sets, cheapest_slots, slots_by_highs, some_slots

WEEK = Instance(clients=2000, rounds=168, cohort_size=100, hardware=5, min_share=0.0)


def week(at_least: int = 1, at_most: int = 2) -> Problem:
    problem = WEEK.problem()
    return replace(
        problem,
        at_least=np.full(problem.clients, at_least),
        at_most=np.full(problem.clients, at_most),
    )


def apart(t: int, slots: int) -> Spacing:
    """Let rounds begin so many slots apart."""
    return Spacing(after=np.minimum(t, np.arange(t) + slots))


def often(t: int, slots: int) -> Spacing:
    """Let no more than so many slots pass from one round to the next."""
    return replace(Spacing.free(t), until=np.arange(t) + slots, firsts=slots)


def check(seed: int, *, ranges: bool = False) -> bool:
    """Check an answer against enumeration; return whether there was one."""
    problem = some_slots(seed, elastic=bool(seed % 2), ranges=ranges)
    expected = cheapest_slots(problem)
    found = solve_slots(problem)
    if expected is None:
        assert found.status is Status.INFEASIBLE
        assert found.notes
        return False
    assert found.status is Status.OPTIMAL
    assert found.slots is not None
    assert found.held is not None
    assert problem.violations(found.slots) == []
    held = problem.held_in(found.slots)
    assert held is not None
    assert held.violations(found.held.cohorts) == []
    assert found.held.classes.missing(found.held.seated) == expected[0]
    assert found.objective == pytest.approx(expected[1], rel=1e-9, abs=1e-9)
    assert found.bound == found.objective
    assert found.gap == 0
    return True


@pytest.mark.parametrize("block", range(6))
def test_agrees_with_enumeration(block: int) -> None:
    assert sum(check(seed) for seed in range(15 * block, 15 * block + 15)) >= 5


@pytest.mark.parametrize("block", range(4))
def test_ranges_agree_with_enumeration(block: int) -> None:
    seeds = range(15 * block, 15 * block + 15)
    assert sum(check(seed, ranges=True) for seed in seeds) >= 5


@pytest.mark.slow
@pytest.mark.parametrize("block", range(6))
@pytest.mark.parametrize("ranges", [False, True])
def test_often_agrees_with_enumeration(block: int, ranges: bool) -> None:
    seeds = range(1000 + 50 * block, 1050 + 50 * block)
    assert sum(check(seed, ranges=ranges) for seed in seeds) > 20


def test_rounds_go_where_they_are_cheap_and_keep_their_distance() -> None:
    costs = np.array([[5.0, 1.0, 2.0, 9.0, 3.0, 4.0]] * 3)
    problem = SlotProblem(problem=Problem.from_costs(costs, 2), rounds=2)
    found = solve_slots(problem)
    assert found.slots is not None
    assert (found.slots.tolist(), found.objective) == ([1, 2], 6)
    long = solve_slots(replace(problem, spacing=apart(6, 2)))
    assert long.slots is not None
    assert (long.slots.tolist(), long.objective) == ([1, 4], 8)
    # With short pauses the first two slots hold one.
    short = solve_slots(replace(problem, rounds=2, spacing=often(6, 1)))
    assert short.slots is not None
    assert short.slots.tolist() == [0, 1]
    assert short.status is Status.OPTIMAL


def test_floors_decide_which_slots() -> None:
    # The first client owes a turn and is there at the end only.
    available = np.ones((3, 5), dtype=np.bool_)
    available[0, :4] = False
    costs = np.array([[1.0, 1.0, 1.0, 1.0, 7.0]] * 3)
    problem = Problem.from_costs(costs, 1, at_least=[1, 0, 0], available=available)
    found = solve_slots(SlotProblem(problem=problem, rounds=2))
    assert found.slots is not None
    assert found.slots[-1] == 4
    assert found.objective == 8
    nowhere = replace(problem, at_least=np.array([2, 0, 0]))
    strict = solve_slots(SlotProblem(problem=nowhere, rounds=2))
    assert strict.status is Status.INFEASIBLE
    assert "owes 2, available in 1 of 2 rounds" in strict.notes[0]
    elastic = solve_slots(SlotProblem(problem=replace(nowhere, elastic=True), rounds=2))
    assert elastic.status is Status.OPTIMAL
    assert elastic.objective == 8


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"rounds": 7}, "7 rounds, but only 6 can follow each other in 6 slots"),
        (
            {"rounds": 3, "spacing": apart(6, 3)},
            "3 rounds, but only 2 can follow each other in 6 slots",
        ),
        (
            {"spacing": replace(apart(6, 3), until=np.arange(6) + 2)},
            "2 rounds, but only 1 can follow each other in 6 slots",
        ),
    ],
)
def test_what_cannot_be_is_said_with_its_reason(changes: dict[str, object], why: str) -> None:
    problem = SlotProblem(problem=Problem.from_costs(np.ones((2, 6)), 1), rounds=2)
    wrong = replace(problem, **changes)  # type: ignore[arg-type]
    for found in (solve_slots(wrong), greedy_slots(wrong)):
        assert found.status is Status.INFEASIBLE
        assert found.notes == (why,)
        assert (found.slots, found.objective, found.gap) == (None, None, None)
        assert repr(found).endswith(" s: no slots)")


def test_cohorts_grow_where_it_is_cheap_and_other_slots_are_waited_through() -> None:
    costs = np.array([[5.0, 1.0, 9.0, 1.5, 3.0]] * 4)
    problem = Problem.from_costs(costs, 2, cohort_least=1, cohort_most=3)
    found = solve_slots(SlotProblem(problem=problem, rounds=(1, 3)))
    assert found.slots is not None
    assert (found.slots.tolist(), found.objective) == ([1, 3], 7.5)
    # Three rounds at least: the dearest of them has the fewest.
    three = solve_slots(SlotProblem(problem=problem, rounds=(3, 3)))
    assert three.slots is not None
    assert three.held is not None
    assert three.slots.tolist() == [1, 3, 4]
    assert [len(cohort) for cohort in three.held.cohorts] == [3, 2, 1]


def test_greedy_slots_know_of_no_floors() -> None:
    # Client a is clean in the slots 0 and 1, b only in slot 3, and b is owed a turn.
    problem = Problem.from_costs([[1.0, 1.0, 5.0, 9.0], [9.0, 9.0, 9.0, 2.0]], 1, at_least=[0, 1])
    slots = SlotProblem(problem=problem, rounds=2)
    greedy, found = greedy_slots(slots), solve_slots(slots)
    assert greedy.slots is not None
    assert found.slots is not None
    assert (greedy.slots.tolist(), greedy.objective) == ([0, 1], 10)
    assert (found.slots.tolist(), found.objective) == ([0, 3], 3)
    assert greedy.bound is not None
    assert greedy.bound <= 3


def test_an_earlier_answer_saves_time_and_changes_nothing() -> None:
    slots = SlotProblem(problem=week(), rounds=24)
    cold = solve_slots(slots, Greedy(), gap=0.05, time_limit=2, most_vain=2)
    warm = solve_slots(slots, Greedy(), gap=0.05, time_limit=2, most_vain=2, before=cold)
    assert cold.bound is not None
    assert warm.bound is not None
    assert warm.bound >= 0.99 * cold.bound
    assert warm.tried <= cold.tried


def test_sizes_and_the_total_decide_which_slots() -> None:
    # Only the last two slots have cohorts small enough for three turns.
    problem = Problem.from_costs(
        np.array([[1.0, 1.0, 5.0, 5.0]] * 4), [3, 3, 1, 1], cohort_least=[3, 3, 1, 1], cohort_most=4
    )
    found = solve_slots(SlotProblem(problem=problem, rounds=2, cohort_total=3))
    assert found.status is Status.OPTIMAL
    assert found.slots is not None
    assert (found.slots.tolist(), found.objective) == ([2, 3], 15)
    none = solve_slots(SlotProblem(problem=problem, rounds=2, cohort_total=1))
    assert none.status is Status.INFEASIBLE
    assert none.notes == ("no slots were found whose cohorts may add up to 1",)


@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_highs(seed: int) -> None:
    instance = Instance(clients=12, rounds=16, cohort_size=3, hardware=3, min_share=0.0, regions=4)
    problem = replace(
        instance.problem(seed),
        at_least=np.full(12, 1),
        at_most=np.full(12, 3),
        elastic=False,
    )
    slots = SlotProblem(problem=problem, rounds=6, spacing=apart(16, 2))
    found = solve_slots(slots, time_limit=3)
    assert found.objective is not None
    assert found.bound is not None
    expected = slots_by_highs(slots)
    assert found.bound <= expected * (1 + 1e-9)
    assert expected <= found.objective * (1 + 1e-9)
    assert found.objective <= expected * 1.005


@settings(max_examples=40, deadline=None)
@given(seed=st.integers(0, 2**32), size=st.floats(1e-2, 1e3))
def test_any_prices_bound_every_set(seed: int, size: float) -> None:
    problem = some_slots(seed, elastic=True)
    classes = merge(problem.problem)
    dual, rng = SlotDual(problem, classes), np.random.default_rng(seed)
    prices = TurnPrices(
        of_class=np.minimum(rng.normal(0, size, len(classes)), dual.penalty),
        of_all=0.0 if problem.total is None else min(float(rng.normal(0, size)), dual.penalty),
    )
    costs = dual.costs(prices)
    for slots in list(all_sets(problem))[:3]:
        held = problem.held_in(slots)
        if held is None:
            continue
        best = solve(held)
        assert best.objective is not None
        whole = best.objective + dual.penalty * best.classes.missing(best.seated)
        assert costs.bound(slots) <= whole + 1e-9 * max(1.0, abs(whole), size)


def test_a_week_without_floors_is_proven_at_once() -> None:
    found = solve_slots(SlotProblem(problem=week(0, 24), rounds=24))
    assert found.status is Status.OPTIMAL
    assert found.tried == 1
    assert repr(found).startswith("SlotSolution(optimal in ")
    assert "24 slots, gap 0.00%, Solution(optimal by cbc" in repr(found)


def test_without_time_there_is_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    found = solve_slots(SlotProblem(problem=week(), rounds=24), time_limit=0.0)
    assert found.status is Status.FEASIBLE
    assert found.tried == 1
    assert found.slots is not None
    assert len(found.slots) == 24
    assert found.notes
    monkeypatch.setattr(slot_search_module, "_MOST_SETS", 0)
    some = some_slots(8, elastic=True)
    assert solve_slots(some).objective is not None


@pytest.mark.slow
@pytest.mark.parametrize(
    "distances",
    [{}, {"spacing": apart(168, 3)}, {"spacing": often(168, 12)}],
    ids=["anywhere", "long rounds", "pauses"],
)
def test_a_week_is_near_its_bound(distances: dict[str, object]) -> None:
    problem = SlotProblem(problem=week(), rounds=24, **distances)  # type: ignore[arg-type]
    found = solve_slots(problem, time_limit=30, gap=0.005)
    assert found.gap is not None
    assert found.gap <= 0.005
    assert found.slots is not None
    assert problem.violations(found.slots) == []
