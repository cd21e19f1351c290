"""An issue is strange until a newer one is not, however soon that comes."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lowcarb import Issues
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.guard import Fault
from tests.helpers.biased_days import biased_days, spoilt_after
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
DAILY, ACTUAL = biased_days(days=24, factor=1.05, noise=0.03)
OFTEN, OFTEN_ACTUAL = biased_days(days=24, factor=1.05, noise=0.03, per_day=8)
BAD = "R1"
BEGAN = START - 8 * DAY
SUDDEN = ("one value", "lb/MWh", "kg/kWh", "random")


def again(issues: Issues, source: Issues, *times: datetime) -> Issues:
    """Issue once more, at some times, what another service says at the beginning of that day."""
    more = [replace(source.at(time), issued_at=time) for time in times]
    found = sorted((*issues.forecasts, *more), key=lambda one: one.issued_at or START)
    return replace(issues, forecasts=tuple(found))


def only_on(issues: Issues, bad: Issues, begin: datetime, end: datetime) -> Issues:
    """Let a service fail from one time to another."""
    return replace(
        issues,
        forecasts=tuple(
            theirs if ours.issued_at and begin <= ours.issued_at < end else ours
            for ours, theirs in zip(issues.forecasts, bad.forecasts, strict=True)
        ),
    )


def faults(corrector: Corrector, *times: datetime) -> list[dict[str, Fault]]:
    return [
        {region: one.fault for region, one in corrector.verdicts(time).items()} for time in times
    ]


STRANGE = {BAD: Fault.STRANGE}


@pytest.mark.parametrize("how", SUDDEN)
@pytest.mark.parametrize("after", [10 * MINUTE, 3 * HOUR, 200 * MINUTE])
def test_what_is_repaired_the_same_day_is_believed_at_once_and_stays_so(
    how: str, after: timedelta
) -> None:
    bad = only_on(DAILY, failing(DAILY, BAD, how, BEGAN), BEGAN, BEGAN + DAY)
    repaired = BEGAN + after
    corrector = Corrector(issues=again(bad, DAILY, repaired), actual=ACTUAL)
    assert faults(corrector, BEGAN, repaired - MINUTE) == [STRANGE, STRANGE]
    later = [repaired, *(repaired + hours * HOUR for hours in range(1, 7 * 24))]
    assert faults(corrector, *later) == [{}] * len(later)
    good = Corrector(issues=DAILY, actual=ACTUAL).at(BEGAN + 4 * HOUR).series[BAD]
    found = corrector.at(BEGAN + 4 * HOUR).series[BAD]
    assert found.values[5:] == pytest.approx(good.values[5:], rel=0.1)


@pytest.mark.parametrize("how", SUDDEN)
@pytest.mark.parametrize("after", [10 * MINUTE, 3 * HOUR, 200 * MINUTE])
def test_what_breaks_the_same_day_is_not_believed_from_then_on(how: str, after: timedelta) -> None:
    bad = failing(DAILY, BAD, how, BEGAN)
    broken = BEGAN + after
    corrector = Corrector(issues=again(DAILY, bad, broken), actual=ACTUAL)
    assert faults(corrector, BEGAN, broken - MINUTE) == [{}, {}]
    until = [broken, *(BEGAN + hours * HOUR for hours in range(4, 24))]
    assert faults(corrector, *until) == [STRANGE] * len(until)
    since = {corrector.verdicts(time)[BAD].since for time in until}
    assert since == {int(broken.timestamp() // 3600)}
    # The next day's issue is as ever.
    later = [BEGAN + hours * HOUR for hours in range(24, 6 * 24)]
    assert faults(corrector, *later) == [{}] * len(later)


def test_it_may_come_and_go_within_hours_and_each_time_is_found() -> None:
    bad = failing(DAILY, BAD, "kg/kWh", BEGAN)
    times = [BEGAN + hours * HOUR for hours in (1, 2, 3, 4)]
    issues = again(DAILY, bad, times[0], times[2])
    issues = again(issues, DAILY, times[1], times[3])
    corrector = Corrector(issues=issues, actual=ACTUAL)
    assert faults(corrector, *times) == [STRANGE, {}, STRANGE, {}]
    found = corrector.verdicts_over(BEGAN, BEGAN + DAY)
    assert [one.since for one in found] == [int(times[n].timestamp() // 3600) for n in (0, 2)]


@pytest.mark.parametrize("how", SUDDEN)
def test_a_service_that_issues_often_and_stays_broken_is_not_believed(how: str) -> None:
    issues = failing(OFTEN, BAD, how, BEGAN + 3 * HOUR)
    corrector = Corrector(issues=issues, actual=OFTEN_ACTUAL)
    assert faults(corrector, BEGAN + 3 * HOUR - MINUTE) == [{}]
    hours = [BEGAN + hour * HOUR for hour in range(3, 36)]
    assert faults(corrector, *hours) == [STRANGE] * len(hours)
    # By then what came true is known to tell, and the same values are no longer new.
    later = [corrector.verdicts(BEGAN + hour * HOUR)[BAD] for hour in range(48, 96)]
    assert not any(one.believed for one in later)


def test_a_region_that_a_newer_issue_leaves_out_is_as_the_one_before() -> None:
    bad = failing(DAILY, BAD, "random", BEGAN)
    other = {name: one for name, one in DAILY.at(BEGAN).series.items() if name != BAD}
    without = replace(DAILY.at(BEGAN), series=other, issued_at=BEGAN + 3 * HOUR)
    forecasts = (*(one for one in bad.forecasts if one.issued_at != without.issued_at), without)
    issues = replace(
        bad, forecasts=tuple(sorted(forecasts, key=lambda one: one.issued_at or BEGAN))
    )
    corrector = Corrector(issues=issues, actual=ACTUAL)
    assert faults(corrector, BEGAN, BEGAN + 4 * HOUR) == [STRANGE, STRANGE]


@pytest.mark.parametrize("minutes", [0, 10, 180, 200, 239])
def test_nothing_that_is_known_later_counts(minutes: int) -> None:
    now = BEGAN + minutes * MINUTE
    issues = again(
        failing(DAILY, BAD, "random", BEGAN), DAILY, BEGAN + 3 * HOUR, BEGAN + 230 * MINUTE
    )
    whole = Corrector(issues=issues, actual=ACTUAL)
    spoilt, actual = spoilt_after(issues, ACTUAL, now, HOUR)
    one = Corrector(issues=spoilt, actual=actual)
    assert one.verdicts(now) == whole.verdicts(now)
    for region, series in whole.at(now).series.items():
        assert one.at(now).series[region].values.tolist() == series.values.tolist()
