"""Rest on class counts: windows of counts are all that members need, by the rotation of seats."""

from itertools import product

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from lowcarb_solvers import Problem
from lowcarb_solvers.limits import LimitedProblem, Limits, solve_limited
from lowcarb_solvers.limits.limited_classes import merge_limited


def limited_by_rest(n: int, t: int, rest: int, rested: list[int] | None = None) -> LimitedProblem:
    problem = Problem.from_costs(np.ones((n, t)), 0, elastic=True)
    limits = Limits(
        rest=np.full(n, rest), rested=None if rested is None else np.array(rested, dtype=np.int64)
    )
    return LimitedProblem(problem=problem, limits=limits)


@given(
    size=st.integers(1, 4),
    rest=st.integers(0, 5),
    counts=st.lists(st.integers(0, 4), min_size=1, max_size=8),
)
def test_the_rotation_keeps_every_rest_that_the_windows_keep(
    size: int, rest: int, counts: list[int]
) -> None:
    limited = limited_by_rest(size, len(counts), rest)
    merged = merge_limited(limited)
    assert len(merged) == 1
    matrix = np.array([counts])
    if (matrix > size).any() or not merged.keeps_rest(matrix):
        return
    cohorts = merged.classes.cohorts(matrix)
    assert [len(cohort) for cohort in cohorts] == counts
    assert limited._broken_rests(cohorts, np.full(size, rest)) == []


def test_windows_are_also_needed() -> None:
    """No plan of single clients keeps its rests where a window of counts holds too much."""
    n, t, rest = 2, 4, 1
    limited = limited_by_rest(n, t, rest)
    merged = merge_limited(limited)
    within: set[tuple[int, ...]] = set()
    for plan in product([0, 1], repeat=n * t):
        x = np.array(plan).reshape(n, t)
        cohorts = [np.flatnonzero(x[:, j]) for j in range(t)]
        if not limited._broken_rests(cohorts, np.full(n, rest)):
            within.add(tuple(x.sum(axis=0).tolist()))
    for counts in product(range(n + 1), repeat=t):
        assert merged.keeps_rest(np.array([counts])) == (counts in within)


def test_who_worked_just_before_the_first_round_rests() -> None:
    costs = np.array([[1.0, 1.0, 9.0], [5.0, 5.0, 5.0]])
    problem = Problem.from_costs(costs, [1, 1, 0], elastic=True)
    tired = Limits(rest=np.array([2, 0]), rested=np.array([0, 0]))
    solution = solve_limited(LimitedProblem(problem=problem, limits=tired))
    assert [cohort.tolist() for cohort in solution.cohorts] == [[1], [1], []]
    fresh = Limits(rest=np.array([2, 0]), rested=np.array([2, 0]))
    solution = solve_limited(LimitedProblem(problem=problem, limits=fresh))
    assert solution.objective == 6


def test_a_rest_longer_than_the_horizon_allows_one_turn() -> None:
    problem = Problem.from_costs(np.ones((3, 4)), 1, elastic=True)
    limits = Limits(rest=np.full(3, 99))
    solution = solve_limited(LimitedProblem(problem=problem, limits=limits))
    assert solution.turns.tolist() == [1, 1, 1]
    (missing,) = solution.shortfalls
    assert (missing.short, missing.unit) == (1, "seats")
    assert "rest" in missing.why
