"""How far from a forecast what comes true may be: intervals from the errors of past issues.

Each past issue is corrected as it would have been when it came out, and held against what came
true. Errors of the same region, the same day ahead and about the same hour of the day, each as a
multiple of how large errors of that day ahead were lately when its issue came out, then say how far
the next ones may be, without a word about how errors are distributed (conformal prediction). Errors
of one issue resemble each other, so that issues are counted, and not hours: with n of them
0.05 (n + 1) / n of the errors may lie outside at either end, or less, and with fewer than 19 there
is no interval.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb._util.times import require_utc
from lowcarb.carbon.correction_past import LONGEST, Past
from lowcarb.carbon.forecast import Forecast
from lowcarb.carbon.typical_day import HOURS
from lowcarb.units import MOST_INTENSITY, SECONDS_PER_HOUR

SHARE = 0.9
"""Of what comes true lies within an interval."""
_TAIL = (1 - SHARE) / 2
FEWEST = round(1 / _TAIL) - 1
"""With fewer issues there is no interval."""
# Days resemble the days before them, and seasons change: past errors are smaller than the next ones
# are. So fewer of them are left outside than `_TAIL`, by what held on public data, 26 grids of the
# US from July to September 2022: these held in both the first two months and the last one.
_OUTSIDE = (0.035, 0.035, 0.03, 0.025, 0.025)
"""By day ahead."""
_AROUND = 2
"""Hours of the day before and after that count as the same."""
_NEARBY = 3
"""Hours within which an unknown error may be that of a known one."""
_DAYS = 60
"""Errors of so many days count."""
# Days after which an error counts half in how large errors are lately, and the least of that.
_HALF_LIFE = 3.0
_LEAST_SCALE = 0.002


@dataclass(frozen=True, kw_only=True, eq=False)
class PastErrors:
    """Errors of past issues.

    Parameters
    ----------
    past
        What was forecast, and what came true.
    errors
        Shape as that of `Past.ahead`: logarithms, how far what came true was above what was
        forecast; NaN where unknown.
    delay
        How long after its end a value that came true is known.
    """

    past: Past
    errors: FloatArray
    delay: timedelta

    def known(self, now: datetime) -> FloatArray:
        """Return the errors of the last days that are known at a time, NaN elsewhere."""
        past = self.past
        now_s = require_utc(now, "now").timestamp()
        known = past.known(now_s - self.delay.total_seconds())
        hour = past.issued[:, None] + np.arange(LONGEST)[None, :, None]
        first = int(now_s // SECONDS_PER_HOUR) - past.first - _DAYS * HOURS
        seen: BoolArray = (hour < known) & (past.issued[:, None] >= first)
        found: FloatArray = np.where(seen, self.errors, np.nan)
        return found

    def over(self, now: datetime) -> IntArray:
        """Return how many hours of each issue are over and could be known at a time (d, g)."""
        until = require_utc(now, "now").timestamp() - self.delay.total_seconds()
        hours: IntArray = int(until // SECONDS_PER_HOUR) - self.past.first - self.past.issued
        return hours

    @lazy
    def _sizes(self) -> tuple[FloatArray, FloatArray]:
        """Sums of how large errors are, and of how many are known, up to each hour of a day ahead.

        Shape (d, days ahead, 25, g) both.
        """
        days, _, regions = self.errors.shape
        there = ~np.isnan(self.errors)
        found = []
        for part in (np.where(there, np.abs(self.errors), 0.0), there.astype(np.float64)):
            sums = np.zeros((days, LONGEST // HOURS, HOURS + 1, regions))
            np.cumsum(part.reshape(days, -1, HOURS, regions), axis=2, out=sums[:, :, 1:])
            found.append(sums)
        return found[0], found[1]

    def _scale(self, known: IntArray, hour: IntArray | int) -> FloatArray:
        """Return how large errors were lately, by day ahead and region.

        Shape (days ahead, g); NaN where none is known.

        Parameters
        ----------
        known
            Shape (g,): hours of which what came true is known.
        hour
            Shape (g,) or one: when; newer issues count more.
        """
        issued = self.past.issued[:, None]
        begin = issued + HOURS * np.arange(LONGEST // HOURS)[:, None]
        seen = np.clip(known - begin, 0, HOURS)[:, :, None]
        size, count = (np.take_along_axis(sums, seen, axis=2)[:, :, 0] for sums in self._sizes)
        weight = 0.5 ** (np.maximum(hour - issued, 0) / HOURS / _HALF_LIFE)
        total = (weight * count).sum(axis=0)
        mean = (weight * size).sum(axis=0) / np.maximum(total, 1e-12)
        found: FloatArray = np.where(total > 0, np.maximum(mean, _LEAST_SCALE), np.nan)
        return found

    @lazy
    def _scales(self) -> FloatArray:
        """How large errors were lately when each issue came out (d, days ahead, g)."""
        known = self.past.known_when_issued(self.delay.total_seconds())
        return np.stack(
            [self._scale(one, issued) for one, issued in zip(known, self.past.issued, strict=True)]
        )

    def replayed(self, now: datetime) -> FloatArray:
        """Return the errors that are known at a time, as large as errors are lately.

        Shape as that of `errors`; NaN where unknown, or where nothing was known when the issue came
        out.
        """
        past, now_s = self.past, require_utc(now, "now").timestamp()
        hours = past.known(now_s - self.delay.total_seconds())
        scale = self._scale(hours, int(now_s // SECONDS_PER_HOUR) - past.first)
        found: FloatArray = self.known(now) * np.repeat(scale / self._scales, HOURS, axis=1)
        return found

    def bounds(self, now: datetime) -> FloatArray:
        """Return how far below and above a forecast what comes true may be, in logarithms.

        Returns
        -------
        FloatArray
            Shape (2, days ahead, 24, g): of each region by hour of the UTC day; NaN where too
            little is known.
        """
        errors = self.replayed(now)
        issued, regions = self.past.issued, len(self.past.regions)
        found = np.full((2, LONGEST // HOURS, HOURS, regions), np.nan)
        lead = np.arange(LONGEST)
        # Issues of one hour of the day are asked together: one column of hours for all of them.
        of_day = (issued[:, None] + lead[None, :, None]) % HOURS
        for ahead in range(LONGEST // HOURS):
            part = slice(ahead * HOURS, (ahead + 1) * HOURS)
            now_part, of_part = errors[:, part], of_day[:, part]
            for hour in range(HOURS):
                near = (of_part - hour + _AROUND) % HOURS <= 2 * _AROUND
                found[:, ahead, hour] = conformal(np.where(near, now_part, np.nan), _OUTSIDE[ahead])
        return found

    def around(
        self, forecast: Forecast, now: datetime
    ) -> Mapping[str, tuple[FloatArray, FloatArray]]:
        """Return by region the least and most of each value of a forecast, gCO2eq/kWh.

        Parameters
        ----------
        forecast
            As it is used at that time. Values that are over, too far ahead, or of which too little
            is known have NaN; regions of which nothing is known are left out.
        now
            The time.
        """
        low, high = self.bounds(now)
        now_h = int(require_utc(now, "now").timestamp() // SECONDS_PER_HOUR)
        found = {}
        for r, region in enumerate(self.past.regions):
            if region not in forecast.series:
                continue
            one = forecast.series[region]
            hour = np.floor((one.times + one.ends) / (2 * SECONDS_PER_HOUR)).astype(np.int64)
            ahead = (hour - now_h) // HOURS
            within = (ahead >= 0) & (ahead < len(low))
            at = np.clip(ahead, 0, len(low) - 1), hour % HOURS, np.full(len(hour), r)
            bounds = [
                np.where(
                    within,
                    ((one.values + 1) * np.exp(rise[at]) - 1).clip(0, MOST_INTENSITY),
                    np.nan,
                )
                for rise in (low, high)
            ]
            found[region] = (bounds[0], bounds[1])
        return found


def nearby(errors: FloatArray) -> FloatArray:
    """Let an unknown error be that of the nearest known hour of its issue and day ahead.

    Parameters
    ----------
    errors
        Shape (d, h, g), h whole days ahead; NaN where unknown. What is unknown farther than some
        hours from all that is known stays so.
    """
    days = errors.reshape(len(errors), -1, HOURS, errors.shape[2])
    filled = days.copy()
    for far in range(1, _NEARBY + 1):
        for part, other in (
            (slice(far, None), slice(None, -far)),
            (slice(None, -far), slice(far, None)),
        ):
            # Only what was known itself is a neighbour.
            empty = np.isnan(filled[:, :, part])
            filled[:, :, part] = np.where(empty, days[:, :, other], filled[:, :, part])
    return filled.reshape(errors.shape)


def conformal(errors: FloatArray, outside: float = _TAIL) -> FloatArray:
    """Return the bounds (2, g) of the next error from those of issues (d, h, g), NaN if unknown.

    Bounds are NaN where fewer issues than it takes have a known error; `outside` is the share of
    errors that may lie outside at either end.
    """
    issues = (~np.isnan(errors)).any(axis=1).sum(axis=0)
    flat = errors.reshape(-1, errors.shape[2])
    flat = np.sort(flat[(~np.isnan(flat)).any(axis=1)], axis=0)
    # Of m errors, as many as the share that one of each issue would need, rounded outwards.
    m = (~np.isnan(flat)).sum(axis=0)
    share = outside * (issues + 1) / np.maximum(issues, 1)
    rank = np.maximum(np.floor(share * m + 1e-9).astype(np.int64), 1)
    enough = np.flatnonzero(issues >= FEWEST)
    found = np.full((2, errors.shape[2]), np.nan)
    k = rank[enough]
    found[:, enough] = flat[k - 1, enough], flat[m[enough] - k, enough]
    return found
