"""Problems refuse contradictions; the independent check sees every broken constraint."""

from typing import Any

import numpy as np
import pytest

from benchmarks.instances import small
from benchmarks.solve.program import costs
from lowcarb_solvers import Problem, ProblemError


def problem(**changes: Any) -> Problem:
    good: dict[str, Any] = {
        "cost_level": np.ones((2, 3)),
        "level_of": np.array([0, 1, 1, 0]),
        "weight": np.ones(4),
        "cohort_size": np.array([2, 2, 2]),
        "at_least": np.ones(4, dtype=np.int64),
        "at_most": np.full(4, 2),
    }
    return Problem(**{**good, **changes})


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"cost_level": np.ones(3)}, "cost_level: expected shape"),
        ({"cost_level": np.full((2, 3), np.nan)}, "cost_level: expected finite"),
        (
            {"cost_level": np.full((2, 3), -1.0)},
            "cost_level: expected finite numbers, zero or more",
        ),
        ({"at_least": np.full(4, 2**40)}, "at_least: expected zero or more, up to 2147483647"),
        ({"weight": np.array([1, 1, 1, -1.0])}, "weight: expected finite numbers, zero or more"),
        ({"weight": np.array([1, 1, 1, np.inf])}, "weight"),
        ({"weight": np.ones(3)}, r"weight: expected shape \(4,\), got \(3,\)"),
        ({"level_of": np.array([0, 1, 1, 2])}, "level_of: expected 0 to 1"),
        ({"level_of": np.array([0.0, 1, 1, 1])}, "level_of: expected int64, got float64"),
        ({"cohort_size": np.array([2, 2])}, "cohort_size: expected shape"),
        ({"cohort_size": np.array([2, 2, -1])}, "zero or more"),
        ({"at_most": np.array([2, 2, 2, 0])}, "client 3: at_most 0 is below at_least 1"),
        ({"available": np.ones((4, 2), dtype=np.bool_)}, r"available: expected shape \(4, 3\)"),
        ({"available": np.ones((4, 3))}, "available: expected booleans"),
        ({"turns": np.zeros(3, dtype=np.int64)}, "turns: expected shape"),
        ({"cohort_most": np.array([2, 2])}, r"cohort_most: expected shape \(3,\)"),
        ({"cohort_least": np.array([1.0, 1, 1])}, "cohort_least: expected int64, got float64"),
        (
            {"cohort_least": np.array([0, 3, 0])},
            "round 1: expected cohort_least <= cohort_size <= cohort_most, .* got 3, 2 and 2",
        ),
        ({"cohort_most": np.array([2, 3, 1])}, "round 2: .* got 2, 2 and 1"),
        ({"cohort_least": np.array([-1, 0, 0])}, "round 0: .* got -1, 2 and 2"),
        ({"cohort_most": np.array([2, 2, 2**40])}, "round 2: .* from 0 to 2147483647"),
        ({"cohort_total": 5}, "cohort_total: expected 6 to 6, .* got 5"),
        ({"cohort_total": 6.0}, "cohort_total: expected a whole number, got 6.0"),
        (
            {
                "level_of": np.zeros(0, dtype=np.int64),
                "weight": np.zeros(0),
                "at_least": np.zeros(0, dtype=np.int64),
                "at_most": np.zeros(0, dtype=np.int64),
            },
            "at least one client",
        ),
    ],
)
def test_contradictions_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(ProblemError, match=message):
        problem(**changes)


def test_costs_must_be_a_matrix_and_sizes_whole() -> None:
    with pytest.raises(ProblemError, match=r"costs: expected shape \(n, t\)"):
        Problem.from_costs([1, 2], 1)
    with pytest.raises(ProblemError, match="cohort_size: expected whole numbers"):
        Problem.from_costs([[1.0]], 1.5)


@pytest.mark.parametrize(
    ("cohorts", "message"),
    [
        ([[0, 1], [2, 3]], "expected 3 cohorts, got 2"),
        ([[0, 1], [2, 3], [0, 4]], "round 2: a client outside 0 to 3"),
        ([[0, 0], [2, 3], [1, 2]], "round 0: a client sits twice"),
        ([[0, 1], [2, 3], [0]], "round 2: expected 2 clients, got 1"),
        ([[0, 1], [2, 3], [0, 1, 2]], "round 2: expected 2 clients, got 3"),
        ([[0, 1], [0, 2], [0, 3]], "client 0: 3 turns, at most 2 allowed"),
        ([[0, 1], [0, 1], [2, 2]], "client 3: 0 turns, at least 1 owed"),
        ([[0, 1], [2, 3], [1, 3]], "round 2: a client is not available"),
    ],
)
def test_violations_are_named(cohorts: list[list[int]], message: str) -> None:
    available = np.ones((4, 3), dtype=np.bool_)
    available[3, 2] = False
    found = problem(available=available).violations([np.array(c) for c in cohorts])
    assert message in found


def test_good_cohorts_have_no_violations_and_the_right_cost() -> None:
    cohorts = [np.array(c) for c in ([0, 1], [2, 3], [0, 2])]
    case = problem(
        cost_level=np.array([[1.0, 2, 3], [10, 20, 30]]), weight=np.array([1, 2, 3, 4.0])
    )
    assert case.violations(cohorts) == []
    assert case.cost(cohorts) == 1 + 20 + 60 + 8 + 3 + 90


@pytest.mark.parametrize("seed", range(20))
def test_random_cost_is_the_expectation(seed: int) -> None:
    case = small(seed, elastic=True)
    matrix = costs(case)
    rng = np.random.default_rng(seed)
    totals = np.zeros(4000)
    expected_spread = 0.0
    for j in range(case.rounds):
        able = np.flatnonzero(
            np.ones(case.clients) if case.available is None else case.available[:, j]
        )
        size = min(int(case.cohort_size[j]), len(able))
        for draw in range(len(totals)):
            totals[draw] += matrix[rng.permutation(able)[:size], j].sum()
    expected_spread = 5 * totals.std() / np.sqrt(len(totals))
    assert abs(totals.mean() - case.random_cost) <= expected_spread + 1e-9


@pytest.mark.parametrize(
    ("cohorts", "messages"),
    [
        ([[0, 1, 2], [3], [0, 1]], []),
        ([[0, 1, 2], [3], []], ["round 2: expected 1 to 3 clients, got 0"]),
        ([[0, 1, 2], [3], [0]], ["expected 6 turns over all rounds, got 5"]),
        ([[0, 1, 2], [3, 2], [0, 1]], ["expected 6 turns over all rounds, got 7"]),
    ],
)
def test_cohorts_that_breathe_are_checked(cohorts: list[list[int]], messages: list[str]) -> None:
    breathing = problem(cohort_least=np.ones(3, dtype=np.int64), cohort_most=np.full(3, 3))
    found = breathing.violations([np.array(cohort, dtype=np.int64) for cohort in cohorts])
    assert found[: len(messages)] == messages
    assert bool(found) == bool(messages)
