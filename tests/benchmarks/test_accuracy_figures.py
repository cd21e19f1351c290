"""Trainings are compared by pairs of seeds, with intervals, and all their grams together."""

import numpy as np
import pytest
from scipy import stats

from benchmarks.accuracy_figures import Difference, points, points_of_last_round, saved
from benchmarks.accuracy_variants import ILP, RANDOM
from tests.helpers.accuracy_curves import ROUNDS, SEEDS, curves


def test_the_interval_is_that_of_students_t_for_paired_samples() -> None:
    rng = np.random.default_rng(1)
    one, other = rng.normal(0.9, 0.02, (2, 10))
    found = Difference.of(one - other)
    expected = stats.ttest_rel(one, other).confidence_interval(0.95)
    assert found.mean - found.half_width == pytest.approx(expected.low)
    assert found.mean + found.half_width == pytest.approx(expected.high)
    assert str(Difference(mean=-0.5, half_width=1.25, error=0.5)) == "-0.50 (-1.75 to +0.75)"
    assert np.isnan(Difference.of(np.array([0.3])).half_width)


def test_seeds_are_paired_and_accuracy_is_the_mean_of_the_last_five_rounds() -> None:
    found = curves()
    final, last = (
        [
            100 * (np.mean(mine.accuracy[-n:]) - np.mean(theirs.accuracy[-n:]))
            for mine, theirs in zip(found[ILP], found[RANDOM], strict=True)
        ]
        for n in (5, 1)
    )
    for made, pairs in ((points, final), (points_of_last_round, last)):
        difference = made(found, ILP)
        assert difference.mean == pytest.approx(np.mean(pairs))
        error = np.std(pairs, ddof=1) / np.sqrt(SEEDS)
        assert difference.half_width == pytest.approx(stats.t.ppf(0.975, SEEDS - 1) * error)


def test_savings_are_those_of_all_seeds_together() -> None:
    found = curves()
    mine, theirs = (sum(curve.emissions_g[ROUNDS] for curve in found[one]) for one in (ILP, RANDOM))
    assert saved(found, ILP) == pytest.approx(100 * (theirs - mine) / theirs)
    assert saved(found, RANDOM) == 0
