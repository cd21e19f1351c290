"""Intervals hold what comes true as often as they say; too little known makes none."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb import Forecast, Issues
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.coverage_of_intervals import coverage
from lowcarb.carbon.intervals import conformal
from lowcarb.demo.scenario import Scenario
from tests.helpers.biased_days import biased_days, spoilt_after
from tests.helpers.data import START

DAY = timedelta(days=1)


def corrector(issues: Issues, actual: Forecast) -> Corrector:
    return Corrector(issues=issues, actual=actual)


def test_nine_in_ten_hold_on_days_not_used_to_make_them() -> None:
    days = Scenario(seed=3, days=48)
    one = corrector(days.issues, days.actual)
    moments = [issue.issued_at for issue in days.issues.forecasts][26:44:6]
    found = [counts for counts in coverage(one, [m for m in moments if m]) if counts[1]]
    assert len(found) == 4
    for held, cases in found:
        assert cases > 1000
        assert 0.85 <= held / cases <= 0.95


@pytest.mark.parametrize(("issues", "there"), [(18, False), (19, True)])
def test_nineteen_issues_are_the_fewest_and_then_the_extremes_bound(
    issues: int, there: bool
) -> None:
    errors = np.random.default_rng(0).normal(size=(issues, 1, 1))
    low, high = conformal(errors)[:, 0]
    if there:
        assert (low, high) == (errors.min(), errors.max())
    else:
        assert np.isnan(low)
        assert np.isnan(high)


def test_more_hours_of_an_issue_are_no_more_issues() -> None:
    errors = np.random.default_rng(0).normal(size=(18, 50, 1))
    assert np.isnan(conformal(errors)).all()


def test_of_many_alike_issues_nine_in_ten_of_the_next_lie_within() -> None:
    rng = np.random.default_rng(1)
    bounds = conformal(rng.normal(size=(60, 5, 400)))
    following = rng.normal(size=(400,))
    inside = ((bounds[0] <= following) & (following <= bounds[1])).mean()
    assert 0.88 <= inside <= 0.97


def test_unknown_errors_are_left_out() -> None:
    errors = np.random.default_rng(0).normal(size=(30, 5, 2))
    errors[11:, :, 1] = np.nan
    found = conformal(errors)
    assert not np.isnan(found[:, 0]).any()
    assert np.isnan(found[:, 1]).all()


def test_only_what_was_known_makes_them() -> None:
    issues, actual = biased_days(days=40, factor=1.1)
    now = START - 8 * DAY
    spoilt = corrector(*spoilt_after(issues, actual, now, timedelta(hours=1)))
    whole = corrector(issues, actual)
    assert spoilt.errors is not None
    assert whole.errors is not None
    assert np.array_equal(spoilt.errors.bounds(now), whole.errors.bounds(now), equal_nan=True)


def test_errors_that_grow_far_ahead_widen_the_intervals_of_that_day_ahead_alone() -> None:
    whole = corrector(*biased_days(days=40, factor=1.1)).errors
    assert whole is not None
    larger = whole.errors.copy()
    larger[-12:, 3 * 24 : 4 * 24] *= 3
    before = np.ptp(whole.bounds(START), axis=0)
    after = np.ptp(replace(whole, errors=larger).bounds(START), axis=0)
    assert (after[3] > 1.5 * before[3]).all()
    assert np.array_equal(after[:3], before[:3])


def test_what_is_over_or_of_unknown_regions_has_none() -> None:
    issues, actual = biased_days(days=40, factor=1.1)
    one = corrector(issues, actual)
    assert one.errors is not None
    later = START + timedelta(hours=5)
    forecast = one.at(later)
    low, high = one.errors.around(forecast, later)["R0"]
    over = forecast.series["R0"].ends <= later.timestamp()
    assert over.any()
    assert np.isnan(low[over]).all()
    values = forecast.series["R0"].values
    assert (low[~over] < high[~over]).all()
    assert (low[~over] <= values[~over] * 1.2).all()
    early = START - 25 * DAY
    assert all(np.isnan(low).all() for low, _ in one.errors.around(one.at(early), early).values())
    others = Forecast(series={"X": forecast.series["R0"]}, source="x")
    assert one.errors.around(others, later) == {}
    nothing = corrector(issues, Forecast(series={"X": actual.series["R0"]}, source="x"))
    assert nothing.errors is None
    assert coverage(nothing, [START]) == [(0, 0)] * 5
