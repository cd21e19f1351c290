"""Recorded days: what was forecast, what came true, and what could be known when."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from lowcarb.carbon.forecast import Forecast, Issues, Series
from lowcarb.carbon.typical_day import fill, hourly_means

# Typical days are learnt from so many days of actual intensities.
_LEARNT_DAYS = 14


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """What was forecast and what came true.

    Parameters
    ----------
    issues
        Forecasts as they were issued.
    actual
        Actual intensities; a value labelled T holds from T to the next one.
    delay
        How long after its end an actual value is known.
    """

    issues: Issues
    actual: Forecast
    delay: timedelta = timedelta(hours=1)

    def known(self, start: datetime) -> dict[str, Series]:
        """Actual values of the last days that were known by a time, where there are any."""
        latest = start.timestamp() - self.delay.total_seconds()
        earliest = latest - _LEARNT_DAYS * 86_400.0
        found = {}
        for region, series in self.actual.series.items():
            there = (series.ends <= latest) & (series.times >= earliest)
            if there.sum() >= 2:
                found[region] = Series(times=series.times[there], values=series.values[there])
        return found

    def view(self, start: datetime, end_s: float) -> Forecast:
        """Return what can be known at a time of the intensities up to another one.

        Raises
        ------
        CoverageError
            If nothing was issued by then.
        """
        issue = self.issues.at(start)
        known = self.known(start)
        series = {}
        for region, ahead in issue.series.items():
            day = hourly_means(ahead)
            if region in known:
                past = hourly_means(known[region])
                day = np.where(np.isnan(past), day, past)
            day = np.where(np.isnan(day), float(ahead.values.mean()), day)
            series[region] = fill(ahead, day, start.timestamp(), end_s)
        return replace(issue, series=series)
