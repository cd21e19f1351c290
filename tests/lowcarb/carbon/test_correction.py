"""Forecasts corrected by what came true: no look-ahead, no harm, and every kind of series."""

from dataclasses import replace
from datetime import datetime, timedelta
from time import process_time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import Forecast, InputError, Issues, Series
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_constants import Correction
from lowcarb.carbon.typical_day import hourly_means
from lowcarb.units import MOST_INTENSITY
from tests.helpers.biased_days import biased_days, spoilt_after
from tests.helpers.data import START

HOUR = timedelta(hours=1)
STEPS = [5, 15, 30, 60]


def error(forecast: Forecast, actual: Forecast, region: str) -> float:
    """Mean absolute error of the logarithms of what is ahead."""
    ahead = forecast.series[region]
    true = actual.series[region].means(ahead.times, float(ahead.ends[0] - ahead.times[0]))
    return float(np.nanmean(np.abs(np.log((ahead.values + 1) / (true + 1)))))


def actual_before(actual: Forecast, region: str) -> Series:
    """What came true before `START`."""
    one = actual.series[region]
    before = one.ends <= START.timestamp()
    return replace(one, times=one.times[before], values=one.values[before], until=one.ends[before])


def values(forecast: Forecast) -> dict[str, list[float]]:
    return {region: series.values.tolist() for region, series in forecast.series.items()}


def corrector(issues: Issues, actual: Forecast, hours: float = 1) -> Corrector:
    return Corrector(issues=issues, actual=actual, delay=timedelta(hours=hours))


@settings(max_examples=25)
@given(
    seed=st.integers(0, 99),
    step=st.sampled_from(STEPS),
    per_day=st.sampled_from([1, 3, 8]),
    hours=st.sampled_from([0.0, 1.0, 1.7, 6.0, 30.0]),
    minutes=st.integers(-1440, 2 * 1440),
)
def test_nothing_that_is_not_known_changes_a_forecast(
    seed: int, step: int, per_day: int, hours: float, minutes: int
) -> None:
    issues, actual = biased_days(seed=seed, step_min=step, per_day=per_day, regions=2, days=5)
    now = START + timedelta(minutes=minutes)
    spoilt = spoilt_after(issues, actual, now, timedelta(hours=hours))
    one = corrector(issues, actual, hours).at(now)
    assert values(one) == values(corrector(*spoilt, hours).at(now))
    assert values(one) != values(issues.at(now))


@settings(max_examples=40)
@given(
    seed=st.integers(0, 999),
    step=st.sampled_from(STEPS),
    gaps=st.sampled_from([0.0, 0.2, 0.9]),
    level=st.sampled_from([0.0, 0.01, 50.0, 9e4]),
    minutes=st.integers(-8 * 1440, 30 * 1440),
)
def test_corrected_values_are_intensities_at_the_same_times(
    seed: int, step: int, gaps: float, level: float, minutes: int
) -> None:
    issues, actual = biased_days(seed=seed, step_min=step, gaps=gaps, level=level, days=9)
    now = START + timedelta(minutes=minutes)
    issue, corrected = issues.at(now), corrector(issues, actual).at(now)
    for region, series in corrected.series.items():
        assert ((series.values >= 0) & (series.values <= MOST_INTENSITY)).all()
        assert series.times is issue.series[region].times
        assert series.ends.tolist() == issue.series[region].ends.tolist()
        assert series.provenance is issue.series[region].provenance
        over = series.ends <= now.timestamp()
        assert series.values[over].tolist() == issue.series[region].values[over].tolist()


@pytest.mark.parametrize("step", STEPS)
@pytest.mark.parametrize("factor", [0.45359237, 1.6, 2.2])
def test_a_forecast_that_is_always_off_by_a_factor_is_put_right(step: int, factor: float) -> None:
    issues, actual = biased_days(step_min=step, factor=factor, days=14)
    corrected = corrector(issues, actual).at(START)
    for region in corrected.series:
        before, after = (error(one, actual, region) for one in (issues.at(START), corrected))
        assert after < 0.35 * before


def test_a_forecast_that_says_nothing_gives_way_to_the_typical_day() -> None:
    issues, actual = biased_days(days=20)
    rng = np.random.default_rng(5)
    noise = tuple(
        replace(
            one,
            series={
                region: replace(series, values=rng.uniform(50, 900, len(series.values)))
                for region, series in one.series.items()
            },
        )
        for one in issues.forecasts
    )
    broken = replace(issues, forecasts=noise)
    corrected = corrector(broken, actual).at(START)
    for region in corrected.series:
        day = hourly_means(actual_before(actual, region))
        ahead = corrected.series[region]
        typical = replace(ahead, values=day[(ahead.times // 3600 % 24).astype(int)])
        alone = error(replace(corrected, series={region: typical}), actual, region)
        assert error(corrected, actual, region) < 1.5 * alone
        assert error(corrected, actual, region) < 0.25 * error(broken.at(START), actual, region)


def test_zero_is_a_value_as_any_other() -> None:
    issues, actual = biased_days(level=0.0, days=10)
    zero = {
        region: replace(series, values=np.zeros(len(series.values)))
        for region, series in actual.series.items()
    }
    # The grid is always at zero, the forecast says 100.
    high = tuple(
        replace(
            one,
            series={
                region: replace(series, values=np.full(len(series.values), 100.0))
                for region, series in one.series.items()
            },
        )
        for one in issues.forecasts
    )
    corrected = corrector(replace(issues, forecasts=high), replace(actual, series=zero)).at(START)
    for series in corrected.series.values():
        assert series.values[:24].max() < 5
        assert series.values.min() >= 0


def test_what_is_exact_stays_as_it_is() -> None:
    issues, actual = biased_days(factor=1.0, noise=0.0, days=20)
    corrected = corrector(issues, actual).at(START)
    for region in corrected.series:
        # A departure is believed once it has been seen to be right.
        assert error(corrected, actual, region) < 0.06


@pytest.mark.parametrize("known", [timedelta(0), timedelta(hours=20)])
def test_with_too_little_history_the_forecast_is_given_back(known: timedelta) -> None:
    issues, actual = biased_days(days=10)
    now = START - timedelta(days=10) + known
    found = corrector(issues, actual)
    assert found.at(now) is issues.at(now)
    assert found.days_known(now) == {}
    assert corrector(issues, actual, 24 * 400).at(START) is issues.at(START)


def test_forecasts_without_an_issue_time_stay_as_they_are() -> None:
    issues, actual = biased_days(days=10)
    plain = replace(issues.at(START), issued_at=None)
    assert corrector(issues, actual).correct(plain, START) is plain
    alone = corrector(Issues(forecasts=(plain,), source="one"), actual)
    assert alone.at(START) is plain


def test_regions_that_are_missing_somewhere_do_not_change_the_others() -> None:
    issues, actual = biased_days(days=12, per_day=2)
    whole = corrector(issues, actual).at(START)
    gone = "R1"
    fewer = tuple(
        replace(one, series={r: s for r, s in one.series.items() if r != gone or number % 3})
        for number, one in enumerate(issues.forecasts)
    )
    some = corrector(replace(issues, forecasts=fewer), actual).at(START)
    assert some.series["R0"].values.tolist() == whole.series["R0"].values.tolist()
    assert error(some, actual, gone) < error(issues.at(START), actual, gone)
    without = replace(actual, series={r: s for r, s in actual.series.items() if r != gone})
    raw = corrector(issues, without).at(START)
    assert raw.series[gone] is issues.at(START).series[gone]
    assert raw.series["R0"].values.tolist() == whole.series["R0"].values.tolist()
    assert "in 2 of 3 regions" in raw.notes[-1]


def test_a_region_corrected_alone_is_corrected_as_among_others() -> None:
    issues, actual = biased_days(days=12)
    whole = corrector(issues, actual).at(START)
    for region in whole.series:
        own = tuple(replace(i, series={region: i.series[region]}) for i in issues.forecasts)
        series = {region: actual.series[region]}
        alone = corrector(replace(issues, forecasts=own), replace(actual, series=series)).at(START)
        assert alone.series[region].values == pytest.approx(whole.series[region].values)


def test_old_actual_values_correct_less_and_less() -> None:
    issues, actual = biased_days(factor=2.0, days=40)
    raw = issues.at(START).series["R0"].values
    changes = []
    for days in (0, 10, 30):
        found = corrector(issues, actual, 24 * days).at(START).series["R0"].values
        changes.append(float(np.abs(np.log(found / raw)).mean()))
    assert changes[0] > changes[1] > changes[2]


def test_days_known_are_told() -> None:
    issues, actual = biased_days(days=10)
    corrected = corrector(issues, actual).at(START)
    assert corrector(issues, actual).days_known(START) == {"R0": 9, "R1": 9, "R2": 9}
    assert corrected.notes[-1] == "forecasts are corrected by what came true on 9 days"


def test_a_negative_delay_is_refused() -> None:
    issues, actual = biased_days(days=2)
    with pytest.raises(InputError, match="delay: expected zero or longer, got -1 day"):
        corrector(issues, actual, -1)


def test_residuals_fade() -> None:
    left = Correction().fading(np.array([0.0, 1.0, 24.0, 96.0]))
    assert left[0] == 1
    assert (np.diff(left) < 0).all()
    assert left[-1] < 0.06


def test_fifty_regions_are_corrected_in_milliseconds() -> None:
    issues, actual = biased_days(regions=50, days=20)
    found = corrector(issues, actual)
    found.at(START)
    moments: list[datetime] = [START + j * HOUR for j in range(10)]
    began = process_time()
    for moment in moments:
        found.at(moment)
    assert process_time() - began < 0.02 * len(moments)
