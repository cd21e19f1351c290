"""A training believes what a replay of the same issues believes, and no later."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from lowcarb import Issues
from lowcarb.carbon.guard import Fault
from lowcarb.providers import Answer
from lowcarb.replay import Recording
from lowcarb.training.corrections import Corrections
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
DAILY, ACTUAL = biased_days(days=14, factor=1.05, noise=0.03)
BAD = "R1"
REGIONS = ["R0", BAD, "R2"]
BEGAN = START - 2 * DAY
BROKEN = failing(DAILY, BAD, "kg/kWh", BEGAN)


def with_second(first: Issues, second: Issues) -> Issues:
    """Issue twice on the day, by one service at midnight and by another one at three."""
    at_three = replace(second.at(BEGAN), issued_at=BEGAN + 3 * HOUR)
    sooner = tuple(one for one in first.forecasts if one.issued_at and one.issued_at <= BEGAN)
    later = tuple(one for one in DAILY.forecasts if one.issued_at and one.issued_at > BEGAN)
    return replace(DAILY, forecasts=(*sooner, at_three, *later))


class Service:
    """Gives the newest issue at a time, and what came true by its end."""

    def __init__(self, issues: Issues) -> None:
        self.issues = issues

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        del end
        series = self.issues.at(start).series
        return {region: series[region] for region in regions}, {}

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        found = {}
        for region in regions:
            one = ACTUAL.series[region]
            some = (one.times >= start.timestamp()) & (one.ends <= end.timestamp())
            found[region] = replace(
                one, times=one.times[some], values=one.values[some], until=one.ends[some]
            )
        return found, {}


class WithPast(Service):
    """Has its past issues, too."""

    def issued(self) -> Issues:
        return self.issues


@pytest.mark.parametrize("service", [Service, WithPast])
@pytest.mark.parametrize("repaired", [True, False])
def test_what_changes_the_same_day_is_found_as_in_a_replay(
    service: type[Service], repaired: bool
) -> None:
    issues = with_second(BROKEN, DAILY) if repaired else with_second(DAILY, BROKEN)
    provider = service(issues)
    corrections = Corrections(provider, provider, delay=HOUR, waits=True)
    replayed = Recording(issues=issues, actual=ACTUAL).corrector
    assert replayed is not None
    times = [BEGAN - days * DAY for days in range(10, 0, -1)]
    times += [BEGAN + hours * HOUR for hours in (0, 3, 4, 9, 23, 24, 30)]
    strange = []
    for now in times:
        series, _ = provider.forecasts(REGIONS, start=now, end=now)
        corrections(series, now)
        found = {one.region: one.verdict.fault.name for one in corrections.learnt.findings}
        there = {region: one.fault.name for region, one in replayed.verdicts(now).items()}
        assert found == there, now
        if there:
            assert there == {BAD: Fault.STRANGE.name}
            strange.append((now - BEGAN) // HOUR)
    assert strange == ([0] if repaired else [3, 4, 9, 23])
