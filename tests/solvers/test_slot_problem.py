"""Problems of slots refuse contradictions; sets of slots are checked, and found in order."""

from typing import Any

import numpy as np
import pytest

from lowcarb_solvers import Problem, ProblemError, SlotProblem
from lowcarb_solvers.slot_paths import SlotPaths
from tests.helpers.slots import all_sets, some_slots


def slots(**changes: Any) -> SlotProblem:
    good: dict[str, Any] = {"problem": Problem.from_costs(np.ones((3, 5)), 1), "rounds": 2}
    return SlotProblem(**{**good, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rounds": 0}, "rounds: expected 1 or more, got 0"),
        ({"is_open": np.ones(4, dtype=np.bool_)}, r"is_open: expected booleans of shape \(5,\)"),
        ({"is_open": np.ones(5)}, "is_open: expected booleans"),
        ({"separation": np.zeros(5, dtype=np.int64)}, "separation: expected whole numbers of 1"),
        ({"separation": np.ones(5)}, "separation: .*got float64"),
        ({"longest_pause": 0}, "longest_pause: expected 1 or more, got 0"),
        (
            {
                "problem": Problem.from_costs(
                    np.ones((3, 5)), [1, 2, 1, 1, 1], cohort_least=0, cohort_most=3
                )
            },
            "cohort_total: expected turns of all rounds that are held",
        ),
        ({"cohort_total": 3}, "cohort_total: expected None where cohorts are fixed, got 3"),
        (
            {
                "problem": Problem.from_costs(
                    np.ones((3, 5)), 1, cohort_least=0, cohort_most=3, cohort_total=6
                )
            },
            "problem: expected no cohort_total",
        ),
    ],
)
def test_contradictions_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        slots(**changes)


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([1], "expected 2 slots, got 1"),
        ([1, 5], "a slot outside 0 to 4"),
        ([0, 3], "slot 0: not open"),
        ([1, 2], "slot 1: the next round begins before this one is over"),
        ([1, 1], "slot 1: the next round begins before this one is over"),
        ([1, 4], "slot -1: the next round begins 2 slots later, at most 1 allowed"),
    ],
)
def test_every_broken_distance_is_seen(chosen: list[int], message: str) -> None:
    problem = slots(
        is_open=np.arange(5) > 0,
        separation=np.full(5, 2),
        longest_pause=1 if chosen == [1, 4] else None,
    )
    assert problem.violations(np.array(chosen))[0] == message
    assert slots(longest_pause=2).violations(np.array([1, 3])) == []


def test_the_rounds_of_some_slots() -> None:
    breathing = Problem.from_costs(np.arange(15.0).reshape(3, 5), 1, cohort_least=0, cohort_most=2)
    held = slots(problem=breathing).held_in(np.array([1, 4]))
    assert held is not None
    assert (held.rounds, held.total) == (2, 2)
    assert (held.cost_level == breathing.cost_level[:, [1, 4]]).all()
    assert slots(problem=breathing, cohort_total=5).held_in(np.array([1, 4])) is None
    held = slots(problem=breathing, cohort_total=3).held_in(np.array([1, 4]))
    assert held is not None
    assert held.total == 3
    assert repr(slots(problem=breathing)) == (
        "SlotProblem(2 rounds in 5 slots: Problem(3 clients, 5 rounds, 5 seats, breathing))"
    )


@pytest.mark.parametrize("block", range(4))
def test_sets_come_in_the_order_of_their_costs(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        problem = some_slots(seed, elastic=True)
        worth = np.random.default_rng(seed).normal(0, 3, problem.problem.rounds)
        paths = SlotPaths(problem)
        expected = {tuple(chosen.tolist()) for chosen in all_sets(problem)}
        found = list(paths.in_order(worth))
        assert {tuple(chosen.tolist()) for _, chosen in found} == expected
        assert len(found) == len(expected)
        sums = [float(worth[chosen].sum()) for _, chosen in found]
        assert sums == pytest.approx(sorted(sums))
        assert [cost for cost, _ in found] == pytest.approx(sums)
        best = paths.cheapest(worth)
        assert (best is None) == (not expected)
        if best is not None:
            assert best[1] == pytest.approx(sums[0])
            assert tuple(best[0].tolist()) in expected
