"""What is kept of issues and of what came true corrects as all of it would."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import Forecast, Issues, Series
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_past import Past
from lowcarb.carbon.past_record import DAYS, PastRecord, as_kept, changed_since, joined, since
from lowcarb.carbon.provenance import Provenance
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START

HOUR = timedelta(hours=1)
REGIONS = ["R0", "R1", "R2"]


def asked(issue: Forecast, regions: list[str]) -> dict[str, Series]:
    return {region: issue.series[region] for region in regions}


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 9),
    step_min=st.sampled_from([30, 60, 180]),
    hours=st.lists(st.integers(0, 140), min_size=1, max_size=14, unique=True).map(sorted),
    lost=st.lists(st.sampled_from(REGIONS), max_size=14),
)
def test_what_is_kept_is_all_that_corrections_see(
    seed: int, step_min: int, hours: list[int], lost: list[str]
) -> None:
    """Issues at any times, some without a region: nothing that is cut off was seen."""
    issues, actual = biased_days(seed=seed, days=6, per_day=4, step_min=step_min)
    begin = START - timedelta(days=6)
    record, whole = PastRecord(), []
    for number, hour in enumerate(hours):
        now = begin + hour * HOUR
        missing = lost[number] if number < len(lost) else ""
        series = asked(issues.at(now), [region for region in REGIONS if region != missing])
        record.keep(series, now)
        whole.append(Forecast(series=series, source="all", issued_at=now))
    kept = Past.of(Issues(forecasts=record.forecasts(), source="kept"), actual)
    full = Past.of(Issues(forecasts=tuple(whole), source="all"), actual)
    assert kept is not None
    assert full is not None
    assert kept.regions == full.regions
    for name in ("forecast", "lead", "issued", "ahead"):
        np.testing.assert_array_equal(getattr(kept, name), getattr(full, name), err_msg=name)


def test_later_issues_of_a_day_are_kept_until_the_next_one() -> None:
    issues, _ = biased_days(days=3, per_day=4)
    record = PastRecord()
    begin = START - timedelta(days=3)
    for hour in range(0, 48, 6):
        now = begin + hour * HOUR
        changed = record.keep(asked(issues.at(now), REGIONS), now)
        # At most one older issue of a region becomes shorter.
        assert len(changed) <= 2 * len(REGIONS)
    lengths = [len(issue.values) for issue in record.issues if issue.region == "R0"]
    assert lengths == [96, 6, 6, 6, 96, 6, 6, 96]


@pytest.mark.parametrize("step_min", [15, 60])
def test_what_came_true_is_kept_by_hour(step_min: int) -> None:
    issues, actual = biased_days(days=6, step_min=step_min, gaps=0.02)
    kept = replace(actual, series={r: as_kept(one) for r, one in actual.series.items()})
    assert all((one.ends - one.times == 3600).all() for one in kept.series.values())
    for now in (START - timedelta(days=1), START):
        one, two = (Corrector(issues=issues, actual=some).at(now) for some in (actual, kept))
        for region in REGIONS:
            np.testing.assert_allclose(one.series[region].values, two.series[region].values)


def test_values_that_reach_over_hours_stay_as_they_are() -> None:
    times = START.timestamp() + 10_800.0 * np.arange(4, dtype=np.float64)
    series = Series(times=times, values=np.arange(4.0))
    kept = as_kept(series)
    assert kept.times.tolist() == times.tolist()
    assert (kept.ends - kept.times == 10_800).all()


def test_days_on_which_nothing_rests_are_forgotten() -> None:
    record = PastRecord()
    times = START.timestamp() + 3600.0 * np.arange(24 * (DAYS + 10), dtype=np.float64)
    series = Series(times=times, values=np.ones(len(times)))
    for day in range(DAYS + 10):
        record.keep({"R0": series}, START + timedelta(days=day))
    record.actual["R0"] = as_kept(series)
    record.actual["gone"] = since_until(series, 24)
    now = START + timedelta(days=DAYS + 9, hours=5)
    first = record.forget(now)
    begin = START + timedelta(days=9)
    assert first == int(begin.timestamp() // 86_400)
    assert record.issues[0].issued_at == begin
    assert record.actual["R0"].times[0] == begin.timestamp()
    assert list(record.actual) == ["R0"]


def since_until(series: Series, values: int) -> Series:
    return replace(series, times=series.times[:values], values=series.values[:values])


def labelled(provider: str = "p", signal: str | None = None, zone: str = "R0") -> Series:
    times = START.timestamp() + 3600.0 * np.arange(48, dtype=np.float64)
    label = Provenance(provider=provider, zone=zone, signal=signal)
    return Series(times=times, values=np.ones(48), provenance=label)


@pytest.mark.parametrize(
    ("given_now", "left"),
    [
        (labelled(), 2),
        (labelled(signal="average"), 2),
        (labelled(signal="marginal"), 0),
        (labelled("another"), 0),
        (labelled("second of two", "average"), 2),
    ],
)
def test_only_errors_of_the_same_provider_and_kind_teach(given_now: Series, left: int) -> None:
    record = PastRecord(actual={"R0": labelled(signal="average")})
    record.keep({"R0": labelled(signal="average")}, START)
    record.keep({"R0": labelled("second of two", "average")}, START + 6 * HOUR)
    found = record.of_kind({"R0": given_now})
    assert len(found.issues) == left
    assert ("R0" in found.actual) == (
        given_now.provenance != labelled(signal="marginal").provenance
    )
    # Of a region that nobody asks for now nothing is known to be of another kind.
    assert len(record.of_kind({}).issues) == 2


def test_what_is_newly_known_replaces_what_it_overlaps() -> None:
    before = labelled()
    after = Series(times=before.times[40:] + 1800, values=np.full(8, 2.0))
    both = joined(before, after)
    assert both.times[:40].tolist() == before.times[:40].tolist()
    assert both.values[-8:].tolist() == [2.0] * 8
    assert (np.diff(both.times) > 0).all()
    assert joined(None, after) is after


def test_days_that_did_not_change_are_not_written_again() -> None:
    before = labelled()
    assert changed_since(None, before) is before
    assert changed_since(before, before) is None
    day = 86_400.0
    longer = Series(
        times=before.times[0] + 3600.0 * np.arange(60, dtype=np.float64), values=np.ones(60)
    )
    new = changed_since(before, longer)
    assert new is not None
    assert new.times[0] == before.times[0] + 2 * day
    revised = replace(longer, values=np.where(np.arange(60) == 30, 2.0, 1.0))
    new = changed_since(longer, revised)
    assert new is not None
    assert new.times[0] == before.times[0] + day
    # A day of one value comes with the day before.
    new = changed_since(before, since_until(longer, 49))
    assert new is not None
    assert (new.times[0], len(new.times)) == (before.times[0] + day, 25)
    shorter = since_until(longer, 40)
    new = changed_since(longer, shorter)
    assert new is not None
    assert new.times[0] == before.times[0] + day


def test_what_is_too_short_is_no_series() -> None:
    one = labelled()
    assert since(one, one.times[-1]) is None
    assert since(one, one.times[0]) is one
    record = PastRecord()
    # Nothing of it is ahead.
    record.keep({"R0": one}, datetime.fromtimestamp(one.times[-1] + 7200, START.tzinfo))
    assert (record.issues, record.forecasts()) == ([], ())
