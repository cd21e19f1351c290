"""Counts without their zeros say the same as the matrix."""

import numpy as np
import pytest

from benchmarks.instances import small
from lowcarb_solvers import Greedy, ProblemError, Solution, SparseCounts, Status, merge
from lowcarb_solvers.arrays import IntArray


def random_counts(seed: int) -> IntArray:
    rng = np.random.default_rng(seed)
    shape = int(rng.integers(1, 30)), int(rng.integers(1, 8))
    counts: IntArray = rng.integers(0, 4, shape) * (rng.random(shape) < rng.choice([0.0, 0.1, 0.8]))
    return counts


@pytest.mark.parametrize("seed", range(40))
def test_they_say_what_the_matrix_says(seed: int) -> None:
    counts = random_counts(seed)
    # A matrix may lie in memory in either order.
    for matrix in (counts, np.asfortranarray(counts)):
        sparse = SparseCounts.of(matrix)
        assert (sparse.amount > 0).all()
        assert (sparse.dense == counts).all()
        assert sparse.dense.dtype == np.int64
        assert (sparse.seats == counts.sum(axis=0)).all()
        assert (sparse.holders == np.flatnonzero(counts.sum(axis=1))).all()
        assert (sparse.turns == counts.sum(axis=1)[sparse.holders]).all()
        which = np.flatnonzero(np.random.default_rng(seed).random(len(counts)) < 0.5)
        assert (sparse.turns_of(which) == counts[which].sum(axis=1)).all()
        assert (sparse.rows(which) == counts[which]).all()
        for j in range(counts.shape[1]):
            classes, taken, before = sparse.in_round(j)
            assert (classes == np.flatnonzero(counts[:, j])).all()
            assert (taken == counts[classes, j]).all()
            assert (before == counts[classes, :j].sum(axis=1)).all()
    assert SparseCounts.of(sparse) is sparse


def test_entries_in_any_order_are_collected_without_zeros() -> None:
    sparse = SparseCounts.collect(
        (3, 2), np.array([2, 0, 1, 0]), np.array([0, 1, 1, 0]), np.array([5, 6, 0, 7])
    )
    assert sparse.dense.tolist() == [[7, 6], [0, 0], [5, 0]]
    assert len(sparse.amount) == 3


@pytest.mark.parametrize(
    ("class_of", "round_of", "expected"),
    [
        ([0, 0], [1, 1], "each class and round once"),
        ([1, 0], [0, 0], "ordered by class"),
        ([0, 3], [0, 0], "classes up to 2 and rounds up to 1, got class 3 in round 0"),
        ([0, 1], [0, 2], "got class 1 in round 2"),
        ([-1, 1], [0, 0], "got class -1"),
    ],
)
def test_entries_that_are_no_counts_are_refused(
    class_of: list[int], round_of: list[int], expected: str
) -> None:
    with pytest.raises(ProblemError, match=expected):
        SparseCounts(
            shape=(3, 2),
            class_of=np.array(class_of),
            round_of=np.array(round_of),
            amount=np.array([1, 1]),
        )
    with pytest.raises(ProblemError, match=r"expected shape \(k, t\), got \(2,\)"):
        SparseCounts.of(np.array([1, 1]))


@pytest.mark.parametrize("seed", range(30))
def test_classes_take_either_form(seed: int) -> None:
    problem = small(seed, elastic=True, most_clients=12)
    classes = merge(problem)
    rng = np.random.default_rng(seed)
    # Also such as break constraints.
    counts = rng.integers(-1, 3, (len(classes), problem.rounds))
    sparse = SparseCounts.of(counts)
    assert classes.violations(sparse) == classes.violations(counts)
    assert classes.total_cost(sparse) == classes.total_cost(counts)
    assert classes.total_cost(counts) == pytest.approx((counts * classes.cost()).sum())
    counts = np.maximum(counts, 0)
    assert classes.missing(counts) == int(
        (problem.cohort_size - counts.sum(axis=0)).sum()
        + np.maximum(0, classes.floor - counts.sum(axis=1)).sum()
    )
    good = Greedy()(classes)
    assert (good.classes.turns(good.answer) == good.turns).all()
    assert all((classes.cohort(good.answer, j) == c).all() for j, c in enumerate(good.cohorts))


def test_a_solution_shows_the_matrix() -> None:
    classes = merge(small(3, elastic=True))
    counts = Greedy()(classes).answer
    solution = Solution(
        status=Status.FEASIBLE, solver="mine", classes=classes, sparse=SparseCounts.of(counts)
    )
    assert solution.counts is solution.answer
    assert (solution.answer == counts).all()
    assert repr(solution.sparse).startswith(f"SparseCounts({np.count_nonzero(counts)} of ")
