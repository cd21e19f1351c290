"""What is kept of forecasts and of what came true, so that the next forecasts can be corrected.

All is kept in the form in which a ledger keeps it, so that a training that is gone on with knows
neither more nor less than one that was never cut off. Of each UTC day the first issue of a region
is kept as far ahead as corrections look, later ones until the next one replaces them. Days on
which corrections no longer rest are forgotten.
"""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import require_utc
from lowcarb.carbon.correction_constants import Correction
from lowcarb.carbon.correction_past import LONGEST, hour_from
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.provenance import comparable
from lowcarb.carbon.typical_day import HOURS, whole_hours
from lowcarb.units import SECONDS_PER_HOUR

DAYS = Correction().skill_days
"""So many UTC days before the present one are kept."""
_DAY_S = HOURS * SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True, eq=False)
class IssuedHours:
    """What a forecast said of one region when it was issued, hour by hour.

    Parameters
    ----------
    issued_at
        When it counts as issued, in UTC.
    region
        Of which region.
    first
        Hour of the first value, counted from 1970.
    values
        Shape (h,), h >= 2: mean of each hour, gCO2eq/kWh; NaN where nothing was said.
    provider, signal, accounting
        As in `Provenance`; None where the forecast did not say.
    """

    issued_at: datetime
    region: str
    first: int
    values: FloatArray
    provider: str | None = None
    signal: str | None = None
    accounting: str | None = None

    @property
    def day(self) -> int:
        """The UTC day of the first hour that it speaks of, counted from 1970."""
        return hour_from(self.issued_at.timestamp()) // HOURS

    @property
    def series(self) -> Series | None:
        """The hours as a series; None where fewer than two are known, which are none."""
        known = np.flatnonzero(~np.isnan(self.values))
        if len(known) < 2:
            return None
        times = SECONDS_PER_HOUR * (self.first + known).astype(np.float64)
        return Series(times=times, values=self.values[known], until=times + SECONDS_PER_HOUR)

    @classmethod
    def of(cls, region: str, series: Series, issued_at: datetime) -> "IssuedHours | None":
        """Take what corrections use of a series; None if that is too little."""
        starts, means = whole_hours(series)
        if not len(starts):
            return None
        at = hour_from(issued_at.timestamp())
        begin = int(starts[0] // SECONDS_PER_HOUR)
        values = means[max(0, at - begin) : max(0, at + LONGEST - begin)]
        if len(values) < 2 or np.isnan(values).all():
            return None
        label = series.provenance
        return cls(
            issued_at=issued_at,
            region=region,
            first=max(begin, at),
            values=values.copy(),
            provider=None if label is None else label.provider,
            signal=None if label is None else label.signal,
            accounting=None if label is None else label.accounting,
        )

    def until(self, later: "IssuedHours") -> "IssuedHours":
        """Leave out the hours of which a later issue says all that it says."""
        end = self.first + len(self.values)
        whole = later.values[: max(0, end - later.first)]
        if later.first + len(later.values) < end or np.isnan(whole).any():
            return self
        # A series has at least two values.
        left = max(2, later.first - self.first)
        return self if left >= len(self.values) else replace(self, values=self.values[:left].copy())


@dataclass(kw_only=True)
class PastRecord:
    """Issues and what came true of them, as far as corrections rest on them.

    Parameters
    ----------
    issues
        Oldest first.
    actual
        What came true, by region.
    """

    issues: list[IssuedHours] = field(default_factory=list)
    actual: dict[str, Series] = field(default_factory=dict)

    @property
    def last_issued_at(self) -> datetime | None:
        """When the newest issue that is kept was issued; None if none is."""
        return self.issues[-1].issued_at if self.issues else None

    def copy(self) -> "PastRecord":
        """Return the same, to which others may add."""
        return PastRecord(issues=list(self.issues), actual=dict(self.actual))

    def forecasts(self) -> tuple[Forecast, ...]:
        """Return the issues as forecasts, oldest first."""
        found: dict[datetime, dict[str, Series]] = defaultdict(dict)
        for issue in self.issues:
            if (series := issue.series) is not None:
                found[issue.issued_at][issue.region] = series
        return tuple(
            Forecast(series=series, source="the provider", issued_at=issued_at)
            for issued_at, series in found.items()
        )

    def keep(self, given: Mapping[str, Series], now: datetime) -> list[IssuedHours]:
        """Keep a forecast as issued at a time; return what is new and what has become shorter."""
        new = {
            region: found
            for region, series in given.items()
            if (found := IssuedHours.of(region, series, require_utc(now, "now"))) is not None
        }
        firsts: set[tuple[str, int]] = set()
        changed = []
        for place, issue in enumerate(self.issues):
            key = (issue.region, issue.day)
            is_first, later = key not in firsts, new.get(issue.region)
            firsts.add(key)
            if is_first or later is None:
                continue
            shorter = issue.until(later)
            if shorter is not issue:
                self.issues[place] = shorter
                changed.append(shorter)
        self.issues += new.values()
        return [*changed, *new.values()]

    def forget(self, now: datetime) -> int:
        """Forget the days that are long over; return the first UTC day that is kept, from 1970."""
        first = first_day(now)
        self.issues = [issue for issue in self.issues if issue.day >= first]
        kept = {region: since(one, first * _DAY_S) for region, one in self.actual.items()}
        self.actual = {region: one for region, one in kept.items() if one is not None}
        return first

    def of_kind(self, given: Mapping[str, Series]) -> "PastRecord":
        """Return what is to be learnt from, where these are forecasts of now.

        Errors of another provider, or of another signal, say nothing of them. A provider that was
        heard before is no other one: several may stand in for each other.
        """
        providers: dict[str, set[str | None]] = defaultdict(set)
        for issue in self.issues:
            providers[issue.region].add(issue.provider)

        def fits(issue: IssuedHours) -> bool:
            label = None if issue.region not in given else given[issue.region].provenance
            if label is None:
                return True
            return (
                label.provider in providers[issue.region]
                and comparable(label.signal, issue.signal)
                and comparable(label.accounting, issue.accounting)
            )

        actual = {
            region: one
            for region, one in self.actual.items()
            if region not in given or same_kind(given[region], one)
        }
        return PastRecord(issues=[one for one in self.issues if fits(one)], actual=actual)


def first_day(now: datetime) -> int:
    """Return the first UTC day on which corrections at a time rest, counted from 1970."""
    return int(now.timestamp() // _DAY_S) - DAYS


def same_kind(forecast: Series, actual: Series) -> bool:
    """Whether what came true is of the kind that was forecast."""
    ours, theirs = forecast.provenance, actual.provenance
    if ours is None or theirs is None:
        return True
    return comparable(ours.signal, theirs.signal) and comparable(ours.accounting, theirs.accounting)


def as_kept(actual: Series) -> Series:
    """Return what came true as it is kept: hour by hour where that says the same.

    Values that reach over the end of an hour stay, since they tell when an hour is known.
    """
    hour = np.floor(actual.times / SECONDS_PER_HOUR)
    if (actual.ends > (hour + 1) * SECONDS_PER_HOUR).any():
        return replace(actual, until=actual.ends)
    starts, means = whole_hours(actual)
    known = ~np.isnan(means)
    if known.sum() < 2:
        return replace(actual, until=actual.ends)
    times = starts[known]
    return replace(actual, times=times, values=means[known].copy(), until=times + SECONDS_PER_HOUR)


def since(series: Series, begin_s: float) -> Series | None:
    """Return the values from a time on; None if they are fewer than two."""
    keep = series.times >= begin_s
    if keep.all():
        return series
    if keep.sum() < 2:
        return None
    return replace(
        series, times=series.times[keep], values=series.values[keep], until=series.ends[keep]
    )


def changed_since(before: Series | None, after: Series) -> Series | None:
    """Return a series from the first UTC day on that changed; None if none did."""
    if before is None:
        return after
    both = min(len(before.times), len(after.times))
    other = np.zeros(both, dtype=np.bool_)
    for one, two in (
        (before.times, after.times),
        (before.values, after.values),
        (before.ends, after.ends),
    ):
        other |= one[:both] != two[:both]
    if not other.any() and len(before.times) == len(after.times):
        return None
    at = int(np.argmax(other)) if other.any() else min(both, len(after.times) - 1)
    begin = after.times[at] // _DAY_S * _DAY_S
    # A day that has just begun may have one value, which is no series.
    return since(after, begin) or since(after, begin - _DAY_S) or after


def joined(before: Series | None, after: Series) -> Series:
    """Put what is newly known behind what was known before."""
    if before is None:
        return after
    keep = before.ends <= after.times[0]
    columns = zip(
        (before.times[keep], before.values[keep], before.ends[keep]),
        (after.times, after.values, after.ends),
        strict=True,
    )
    times, values, until = (np.concatenate(parts) for parts in columns)
    return Series(times=times, values=values, until=until, provenance=after.provenance)
