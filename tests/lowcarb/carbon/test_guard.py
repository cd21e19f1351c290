"""Forecasts that fail are not believed; those that are as usual are."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest

from lowcarb import Forecast, Issues
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_measured import came_true
from lowcarb.carbon.guard import Fault, Verdict
from lowcarb.carbon.provenance import Provenance, Quality
from tests.helpers.biased_days import biased_days, spoilt_after
from tests.helpers.data import START
from tests.helpers.failing_forecasts import SPOILT, failing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
ISSUES, ACTUAL = biased_days(days=24, factor=1.05, noise=0.03)
BAD = "R1"
MENDED = {"60 % too much": 1.6 * 1.05, "lb/MWh": 2.2 * 1.05}


def guarding(issues: Issues, actual: Forecast = ACTUAL, *, guarded: bool = True) -> Corrector:
    return Corrector(issues=issues, actual=actual, guarded=guarded)


def off(forecast: Forecast, region: str) -> float:
    one = forecast.series[region]
    true = came_true(one, ACTUAL.series[region])
    found: float = np.nanmean(np.abs(np.log1p(one.values) - np.log1p(true)))
    return found


@pytest.mark.parametrize(
    ("how", "ago"), [*((how, 14) for how in SPOILT), ("one issue", 23), ("lb/MWh", 23)]
)
def test_what_fails_is_named_within_two_days_and_is_then_no_worse_than_no_forecast(
    how: str, ago: int
) -> None:
    began = START - ago * DAY
    corrector = guarding(failing(ISSUES, BAD, how, began))
    found = corrector.verdicts_over(began, began + 2 * DAY)
    assert [one.region for one in found if one.region != BAD] == []
    assert found
    assert f"forecasts of {BAD} " in found[-1].sentence
    later = corrector.verdicts(START)[BAD]
    if how in MENDED:
        assert later.believed
        assert later.factor == pytest.approx(MENDED[how], rel=0.1)
        assert "correction takes that away" in later.sentence
    else:
        assert not later.believed
        assert "typical days and yesterday's values stand in" in later.sentence
    good = off(guarding(ISSUES).at(START), BAD)
    for when in (began + 3 * DAY, began + 6 * DAY, START):
        forecast = corrector.at(when)
        assert off(forecast, BAD) < max(0.12, 2 * good), when
        others = guarding(ISSUES).at(when)
        for region in ("R0", "R2"):
            assert (forecast.series[region].values == others.series[region].values).all()


def test_nothing_is_said_of_forecasts_as_usual() -> None:
    assert guarding(ISSUES).verdicts_over(START - 24 * DAY, START) == []
    for factor, noise in ((1.1, 0.05), (0.92, 0.05), (1.0, 0.0)):
        issues, actual = biased_days(days=14, factor=factor, noise=noise)
        assert guarding(issues, actual).verdicts_over(START - 14 * DAY, START) == []


def test_forecasts_are_believed_again_once_they_have_been_good_for_three_days() -> None:
    bad = failing(ISSUES, BAD, "random", START - 20 * DAY)
    well = START - 12 * DAY
    mixed = [
        ours if ours.issued_at and ours.issued_at >= well else theirs
        for ours, theirs in zip(ISSUES.forecasts, bad.forecasts, strict=True)
    ]
    corrector = guarding(replace(ISSUES, forecasts=tuple(mixed)))
    believed = [
        BAD not in corrector.verdicts(well + hours * HOUR) for hours in range(0, 11 * 24, 6)
    ]
    again = believed.index(True)
    assert 3 * 4 <= again <= 9 * 4
    assert all(believed[again:])


def test_only_what_was_known_counts() -> None:
    issues = failing(ISSUES, BAD, "random", START - 20 * DAY)
    now = START - 10 * DAY
    spoilt = guarding(*spoilt_after(issues, ACTUAL, now, HOUR))
    whole = guarding(issues)
    assert spoilt.verdicts(now) == whole.verdicts(now) != {}
    for region, one in whole.at(now).series.items():
        assert spoilt.at(now).series[region].values.tolist() == one.values.tolist()


def test_what_stands_in_is_labelled_as_typical_of_the_same_kind() -> None:
    kind = Provenance(provider="p", zone="z", signal="average", issued_at=START)
    labelled = tuple(
        replace(one, series={r: replace(s, provenance=kind) for r, s in one.series.items()})
        for one in failing(ISSUES, BAD, "random", START - 20 * DAY).forecasts
    )
    forecast = guarding(replace(ISSUES, forecasts=labelled)).at(START)
    label = forecast.series[BAD].provenance
    assert label == replace(
        kind, provider="typical days and yesterday's values", quality=Quality.TYPICAL
    )
    assert forecast.series["R0"].provenance == kind


def test_a_factor_of_a_thousand_is_said_as_such() -> None:
    issues = failing(ISSUES, BAD, "kg/kWh", START - 14 * DAY)
    found = guarding(issues).verdicts_over(START - 14 * DAY, START - 11 * DAY)
    assert "steadily 0.0010" in found[-1].sentence


def test_it_can_be_left_out() -> None:
    issues = failing(ISSUES, BAD, "random", START - 20 * DAY)
    corrector = guarding(issues, guarded=False)
    assert corrector.verdicts(START) == {}
    assert len(corrector.at(START).notes) == 1
    assert len(guarding(issues).at(START).notes) == 2


def test_a_region_that_hardly_moves_may_have_a_forecast_that_does_not() -> None:
    issues, actual = biased_days(days=14, factor=1.0, noise=0.0)
    flat = {r: replace(s, values=np.full_like(s.values, 300.0)) for r, s in actual.series.items()}
    same = failing(issues, BAD, "one value", START - 14 * DAY)
    still = tuple(
        replace(
            one,
            series={
                r: replace(s, values=np.full_like(s.values, 300.0)) for r, s in one.series.items()
            },
        )
        for one in same.forecasts
    )
    corrector = guarding(replace(issues, forecasts=still), replace(actual, series=flat))
    assert corrector.verdicts_over(START - 14 * DAY, START) == []


def test_sentences_give_the_figures() -> None:
    verdict = Verdict(
        region="CISO",
        fault=Fault.WRONG,
        since=0,
        issued=0.61,
        corrected=0.61,
        yesterday=0.09,
        factor=None,
    )
    assert verdict.sentence == (
        "forecasts of CISO were wrong by 61 % over the last 2 days, yesterday's values by 9 %: "
        "typical days and yesterday's values stand in"
    )
    mended = replace(verdict, fault=Fault.NONE, factor=2.2046)
    assert mended.sentence == (
        "forecasts of CISO are steadily 2.2 times what came true (another unit?): correction takes "
        "that away"
    )


def test_before_anything_was_issued_nothing_is_found() -> None:
    assert guarding(ISSUES).verdicts(datetime(2001, 1, 1, tzinfo=START.tzinfo)) == {}
