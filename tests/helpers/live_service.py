"""A live service: it gives the forecast of now and what came true, and keeps no past forecasts.

Its forecasts of three regions are off, and those of one become random after two days.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from lowcarb import Provenance
from lowcarb.providers import Answer
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

SPOILT, REGIONS = "R1", ("R0", "R1", "R2")
BEGIN = START - timedelta(days=8)
_ISSUES, _ACTUAL = biased_days(days=9, factor=1.3, noise=0.1)


class Service:
    """Answers as of a time.

    Parameters
    ----------
    name
        Of the provider, as it says.
    """

    def __init__(self, name: str = "live") -> None:
        self.name = name
        self.issues = failing(_ISSUES, SPOILT, "random", BEGIN + timedelta(days=2))
        self.asked: list[tuple[datetime, datetime]] = []

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        del end
        issue = self.issues.at(start)
        return {
            region: replace(
                issue.series[region], provenance=Provenance(provider=self.name, zone=region)
            )
            for region in regions
        }, {}

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.asked.append((start, end))
        found = {}
        for region in regions:
            one = _ACTUAL.series[region]
            some = (one.times >= start.timestamp()) & (one.ends <= end.timestamp())
            found[region] = replace(
                one, times=one.times[some], values=one.values[some], until=one.ends[some]
            )
        return found, {}
