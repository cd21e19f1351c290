"""What was forecast and what came true, hour by hour and region by region."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.typical_day import HOURS, whole_hours
from lowcarb.units import SECONDS_PER_HOUR

LONGEST = 5 * HOURS
"""Hours of an issue that are compared with what came true."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Past:
    """Logarithms of intensities on a grid of hours that begins at midnight (UTC), whole days.

    Logarithms are of one gram more than the intensity, so that zero is a value as any other. NaN is
    unknown.

    Parameters
    ----------
    regions
        g names.
    first
        The first hour, counted from 1970.
    actual
        Shape (n, g): what came true.
    known_at
        Shape (n, g), ascending: when the last value that an hour consists of ends, in seconds
        since 1970; inf behind the last one.
    forecast, lead
        Shape (n, g): what was forecast by the newest issue at the start of each hour, and how many
        hours before.
    issued
        Shape (d, g): of each day the hour of a region's first issue, counted from `first`; where
        there is none, an hour behind the last one.
    ahead
        Shape (d, LONGEST, g): what that issue says of each hour from its own on.
    first_issue
        Shape (d, g): which one of all issues that is; -1 where there is none.
    issued_s
        Shape (k,), ascending: when each issue was issued, in seconds since 1970; of all issues, a
        day's first one or not.
    first_days
        Shape (k, 24, g): what it says of the first hours from then on.
    """

    regions: tuple[str, ...]
    first: int
    actual: FloatArray
    known_at: FloatArray
    forecast: FloatArray
    lead: IntArray
    issued: IntArray
    ahead: FloatArray
    first_issue: IntArray
    issued_s: FloatArray
    first_days: FloatArray

    @classmethod
    def of(cls, issues: Issues, actual: Forecast) -> "Past | None":
        """Bring issues and what came true onto one grid; None if they have no region in common."""
        named = {region for issue in issues.forecasts for region in issue.series}
        hours = {
            region: found
            for region, series in actual.series.items()
            if region in named and len((found := whole_hours(series))[0])
        }
        if not hours:
            return None
        first = int(min(starts[0] for starts, _ in hours.values()) // SECONDS_PER_HOUR)
        first -= first % HOURS
        last = int(max(starts[-1] for starts, _ in hours.values()) // SECONDS_PER_HOUR)
        # One day more: the newest issue is there before anything has come true of it.
        days = (last - first) // HOURS + 2
        dated = [
            (one, one.issued_at.timestamp())
            for one in issues.forecasts
            if one.issued_at is not None
        ]
        past = cls(
            regions=tuple(hours),
            first=first,
            actual=np.full((days * HOURS, len(hours)), np.nan),
            known_at=np.full((days * HOURS, len(hours)), np.inf),
            forecast=np.full((days * HOURS, len(hours)), np.nan),
            lead=np.zeros((days * HOURS, len(hours)), dtype=np.int64),
            issued=np.full((days, len(hours)), days * HOURS, dtype=np.int64),
            ahead=np.full((days, LONGEST, len(hours)), np.nan),
            first_issue=np.full((days, len(hours)), -1, dtype=np.int64),
            issued_s=np.array([issued_s for _, issued_s in dated]),
            first_days=np.full((len(dated), HOURS, len(hours)), np.nan),
        )
        for r, (region, (starts, means)) in enumerate(hours.items()):
            past._fill_actual(r, actual.series[region], starts, means)
        for number, (issue, issued_s) in enumerate(dated):
            past._fill_issue(number, issue, hour_from(issued_s) - first)
        return past

    def _fill_actual(self, r: int, series: Series, starts: FloatArray, means: FloatArray) -> None:
        begin = int(starts[0] // SECONDS_PER_HOUR) - self.first
        ends = starts + SECONDS_PER_HOUR
        value = np.searchsorted(series.times, ends, side="left") - 1
        self.actual[begin : begin + len(starts), r] = np.log1p(means)
        self.known_at[begin : begin + len(starts), r] = np.maximum(ends, series.ends[value])
        self.known_at[:begin, r] = starts[0]

    def _fill_issue(self, number: int, issue: Forecast, at: int) -> None:
        """Enter an issue of an hour; issues come oldest first."""
        if at >= len(self.actual):
            return
        for r, region in enumerate(self.regions):
            if region not in issue.series:
                continue
            starts, means = whole_hours(issue.series[region])
            if not len(starts):
                continue
            begin = int(starts[0] // SECONDS_PER_HOUR) - self.first
            # What an issue says of the time before it is no forecast.
            said = np.log1p(means[max(0, at - begin) :])
            begin = max(begin, at)
            hours = slice(max(begin, 0), max(0, min(begin + len(said), len(self.actual))))
            now = said[hours.start - begin : hours.stop - begin]
            known = ~np.isnan(now)
            self.forecast[hours, r] = np.where(known, now, self.forecast[hours, r])
            lead = np.arange(hours.start, hours.stop) - at
            self.lead[hours, r] = np.where(known, lead, self.lead[hours, r])
            today = said[: max(0, HOURS - (begin - at))]
            self.first_days[number, begin - at : begin - at + len(today), r] = today
            day = at // HOURS
            if day >= 0 and self.issued[day, r] == len(self.actual):
                self.issued[day, r], self.first_issue[day, r] = at, number
                ahead = said[: max(0, LONGEST - (begin - at))]
                self.ahead[day, begin - at : begin - at + len(ahead), r] = ahead

    def of_issues(self, hourly: FloatArray) -> FloatArray:
        """Return of values of hours (n, g) those that each day's first issue is about.

        Shape as that of `ahead`; NaN behind the last hour.
        """
        hour = self.issued[:, None] + np.arange(LONGEST)[None, :, None]
        within = np.minimum(hour, len(hourly) - 1)
        return np.where(hour < len(hourly), hourly[within, np.arange(len(self.regions))], np.nan)

    def by_hour(self, ahead: FloatArray) -> FloatArray:
        """Return of values by issue, as those in `ahead`, that of the newest for each hour (n, g).

        Only the first issue of each day counts.
        """
        hourly = np.full_like(self.actual, np.nan)
        for day, issued in enumerate(self.issued):
            for at in np.unique(issued[issued < len(hourly)]).tolist():
                these = np.flatnonzero(issued == at)
                now = ahead[day, : len(hourly) - at, these].T
                rows = slice(at, at + len(now))
                hourly[rows, these] = np.where(np.isnan(now), hourly[rows, these], now)
        return hourly

    def known_when_issued(self, delay_s: float) -> IntArray:
        """Hours of each region that were known when each day's first issue came out (d, g)."""
        known = np.empty_like(self.issued)
        for r in range(len(self.regions)):
            until = SECONDS_PER_HOUR * (self.first + self.issued[:, r]) - delay_s
            known[:, r] = np.searchsorted(self.known_at[:, r], until, side="right")
        return known

    def known_by(self, times: FloatArray) -> IntArray:
        """Hours of each region that are over and known by some times (k,): (k, g)."""
        return np.stack([np.searchsorted(one, times, side="right") for one in self.known_at.T], 1)

    @lazy
    def error(self) -> FloatArray:
        """How far what came true was above what was forecast (n, g)."""
        return self.actual - self.forecast

    @lazy
    def _newest(self) -> IntArray:
        """The newest hour up to each one whose error can be known (n, g), -1 before the first."""
        hour = np.arange(len(self.error))[:, None]
        return np.maximum.accumulate(np.where(np.isnan(self.error), -1, hour), axis=0)

    @lazy
    def _hours_known(self) -> IntArray:
        """Errors that can be known up to each hour (n, g)."""
        return np.cumsum(~np.isnan(self.error), axis=0)

    def known(self, until: FloatArray | float) -> IntArray:
        """Hours of each region that are over and known by a time, in seconds: the first (g,)."""
        hours: IntArray = (self.known_at <= until).sum(axis=0)
        return hours

    def newest(self, known: IntArray) -> IntArray:
        """Return the newest hour whose error is known (..., g), -1 where there is none.

        Parameters
        ----------
        known
            Shape (..., g): how many hours are known.
        """
        last = np.minimum(known, len(self.error)) - 1
        at = self._newest[np.maximum(last, 0), np.arange(len(self.regions))]
        return np.where(last < 0, -1, at)

    def hours_known(self, known: IntArray) -> IntArray:
        """Return of how many hours the error is known (..., g); `known` as in `newest`."""
        last = np.minimum(known, len(self.error)) - 1
        count = self._hours_known[np.maximum(last, 0), np.arange(len(self.regions))]
        return np.where(last < 0, 0, count)


def hour_from(seconds: float) -> int:
    """Return the first whole hour from a time on, counted from 1970."""
    return int(np.ceil(seconds / SECONDS_PER_HOUR))
