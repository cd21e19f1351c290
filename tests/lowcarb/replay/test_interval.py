"""Intervals over starts: Student's t, and which starts are independent."""

from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from lowcarb.replay.interval import (
    independent,
    of_mean,
    of_ratio,
    one_after_another,
    student_t,
)
from tests.helpers.data import START

HOUR = timedelta(hours=1)


@pytest.mark.parametrize("freedom", [1, 2, 3, 4, 5, 7, 10, 29, 30, 119, 364])
def test_bounds_are_those_of_scipy(freedom: int) -> None:
    assert student_t(freedom) == pytest.approx(stats.t.ppf(0.975, freedom), abs=1e-6)


@given(st.lists(st.floats(-1e6, 1e6), min_size=2, max_size=20))
def test_intervals_of_means_are_those_of_scipy(values: list[float]) -> None:
    figures = np.array(values)
    found = of_mean(figures, len(figures))
    assert found is not None
    half = stats.sem(figures) * stats.t.ppf(0.975, len(figures) - 1)
    assert found.low == pytest.approx(figures.mean() - half, rel=1e-6, abs=1e-3)
    assert found.high == pytest.approx(figures.mean() + half, rel=1e-6, abs=1e-3)


def test_an_interval_of_a_ratio_lies_about_the_ratio_of_means() -> None:
    wholes = np.array([90.0, 100.0, 110.0])
    exact = of_ratio(0.4 * wholes, wholes, 3)
    assert exact == pytest.approx((0.4, 0.4))
    about = of_ratio(np.array([30.0, 40.0, 50.0]), wholes, 3)
    assert about is not None
    assert (about.low + about.high) / 2 == pytest.approx(0.4)
    assert about.low < 0.4 < about.high


def test_one_start_or_nothing_to_compare_says_nothing() -> None:
    assert of_mean(np.array([1.0, 2.0]), 1) is None
    assert of_ratio(np.zeros(3), np.zeros(3), 3) is None


def test_overlapping_starts_make_an_interval_wider() -> None:
    values = np.array([1.0, 2.0, 3.0, 4.0])
    apart, overlapping = of_mean(values, 4), of_mean(values, 2)
    assert apart is not None
    assert overlapping is not None
    assert overlapping.high > apart.high


@given(st.lists(st.integers(0, 200), min_size=1, max_size=20, unique=True), st.integers(1, 50))
def test_as_many_starts_as_fit_are_taken(hours: list[int], length: int) -> None:
    starts = [START + hour * HOUR for hour in hours]
    taken = one_after_another(starts, length * HOUR)
    assert set(taken) <= set(starts)
    assert all(b - a >= length * HOUR for a, b in pairwise(taken))
    # None that was left out would fit.
    for start in set(starts) - set(taken):
        assert any(abs(start - other) < length * HOUR for other in taken)
    assert independent(starts, length * HOUR) == len(taken)
