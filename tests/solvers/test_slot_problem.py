"""Problems of slots refuse contradictions; sets of slots are checked, and found in order."""

from typing import Any

import numpy as np
import pytest

from lowcarb_solvers import Problem, ProblemError, SlotProblem, Spacing
from tests.helpers.slots import all_sets, some_slots


def slots(**changes: Any) -> SlotProblem:
    good: dict[str, Any] = {"problem": Problem.from_costs(np.ones((3, 5)), 1), "rounds": 2}
    return SlotProblem(**{**good, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"rounds": 0}, "rounds: expected 1 or more, or the fewest and the most, got 0"),
        ({"rounds": (3, 2)}, r"rounds: .*got \(3, 2\)"),
        ({"rounds": (1, 2)}, "rounds: expected one number where cohorts are fixed, got 1 to 2"),
        ({"spacing": Spacing.free(4)}, "spacing: expected one of 5 slots, got 4"),
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
    ("changes", "message"),
    [
        ({"after": np.array([1, 1])}, "after: expected 2 to 2 for slot 1, got 1"),
        ({"after": np.array([1, 3])}, "after: expected 2 to 2 for slot 1, got 3"),
        ({"after": np.ones(2)}, r"after: expected int64 of shape \(2,\), got float64"),
        ({"until": np.array([1])}, r"until: expected int64 of shape \(2,\), got int64 \(1,\)"),
        ({"firsts": -1}, "firsts: expected 0 or more, got -1"),
    ],
)
def test_distances_that_cannot_be_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        Spacing(**{"after": np.array([1, 2]), **changes})


@pytest.mark.parametrize(
    ("chosen", "message"),
    [
        ([1], "expected 2 slots, got 1"),
        ([1, 5], "a slot outside 0 to 4"),
        ([2, 4], "slot 2: the first round begins before slot 2"),
        ([1, 2], "slot 1: the next round begins in slot 3 or later"),
        ([1, 1], "slot 1: the next round begins in slot 3 or later"),
        ([0, 4], "slot 0: the next round begins in slot 3 or sooner"),
    ],
)
def test_every_broken_distance_is_seen(chosen: list[int], message: str) -> None:
    each = np.arange(5)
    spacing = Spacing(after=np.minimum(5, each + 2), until=each + 3, firsts=2)
    assert slots(spacing=spacing).violations(np.array(chosen))[0] == message
    assert slots(spacing=spacing).violations(np.array([1, 3])) == []


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
    assert repr(slots(problem=breathing, rounds=(1, 3))).startswith("SlotProblem(1 to 3 rounds in")
    assert repr(slots(problem=breathing)) == (
        "SlotProblem(2 rounds in 5 slots: Problem(3 clients, 5 rounds, 5 seats, breathing))"
    )


@pytest.mark.parametrize("block", range(4))
def test_sets_come_in_the_order_of_their_costs(block: int) -> None:
    for seed in range(50 * block, 50 * block + 50):
        problem = some_slots(seed, elastic=True, ranges=bool(seed % 2))
        worth = np.random.default_rng(seed).normal(0, 3, problem.problem.rounds)
        spacing = problem.spaced
        expected = {tuple(chosen.tolist()) for chosen in all_sets(problem)}
        found = list(spacing.in_order(worth, problem.bounds))
        assert {tuple(chosen.tolist()) for _, chosen in found} == expected
        assert len(found) == len(expected)
        sums = [float(worth[chosen].sum()) for _, chosen in found]
        assert sums == pytest.approx(sorted(sums))
        assert [cost for cost, _ in found] == pytest.approx(sums)
        best = spacing.cheapest(worth, problem.bounds)
        assert (best is None) == (not expected)
        longest = {len(chosen) for chosen in expected}
        assert len(spacing.longest()) >= max(longest, default=0)
        if best is not None:
            assert best[1] == pytest.approx(sums[0])
            assert tuple(best[0].tolist()) in expected
