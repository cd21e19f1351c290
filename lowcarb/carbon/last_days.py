"""The last days over again: what stands in beyond a forecast's reach where plans are made anew.

A typical day is the best guess of an hour that is far ahead, but no day is typical: some of those
to come will be cleaner than usual, and by then it will be known which. A plan that counts on
typical days alone gives away turns now that such days will serve better. The last days over again
are as different from each other as the next ones will be, and as the days of the week are.

A plan that is made once and kept has nothing to gain from that: it takes typical days.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.typical_day import HOURS, by_hour, fill, whole_hours
from lowcarb.units import SECONDS_PER_HOUR

LEARNT_DAYS = 21
"""So many of the last days are known and come again, at most: whole weeks."""

_DAY_S = HOURS * SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True, eq=False)
class LastDays:
    """Hours of a region's last days.

    Parameters
    ----------
    typical
        Shape (24,): mean intensity in each hour of the UTC day, gCO2eq/kWh; NaN where no day has
        one.
    again
        Shape (24 d,): the newest intensity known in each hour of so many days, counted from 1970;
        the typical one where it is unknown.
    """

    typical: FloatArray
    again: FloatArray

    @classmethod
    def of(cls, starts: FloatArray, means: FloatArray) -> "LastDays":
        """Learn from hours of at most `LEARNT_DAYS` days.

        Parameters
        ----------
        starts, means
            Shape (h,), oldest first: as of `whole_hours`.
        """
        typical = by_hour(starts, means)
        known = ~np.isnan(means)
        hour = (starts[known] // SECONDS_PER_HOUR).astype(np.int64)
        days = max(1, round(int(hour[-1] - hour[0] + 1) / HOURS)) if len(hour) else 1
        again = np.tile(typical, days)
        # The newest comes last, and stays.
        again[hour % len(again)] = means[known]
        return cls(typical=typical, again=again)

    @classmethod
    def of_series(cls, past: Series, until_s: float) -> "LastDays":
        """Learn from what of a series was over by a time, in seconds since 1970."""
        starts, means = whole_hours(past)
        over = starts + SECONDS_PER_HOUR <= until_s
        last = over & (starts >= until_s - LEARNT_DAYS * _DAY_S)
        return cls.of(starts[last], means[last])

    @classmethod
    def unknown(cls) -> "LastDays":
        """Give days of which nothing is known."""
        return cls(typical=np.full(HOURS, np.nan), again=np.full(HOURS, np.nan))

    def completed(self, hours: FloatArray) -> "LastDays":
        """Let others' hours (24,) stand in where no day has one."""
        typical = np.where(np.isnan(self.typical), hours, self.typical)
        again = np.where(np.isnan(self.again), np.resize(hours, len(self.again)), self.again)
        return LastDays(typical=typical, again=again)

    def beyond(self, ahead: Series, now_s: float, end_s: float) -> Series:
        """Put days behind what is known ahead, up to a time; typical hours where it has gaps.

        Parameters
        ----------
        ahead
            What is known; it stays as it is.
        now_s, end_s
            Seconds since 1970. What is less than a day ahead is typical: no later forecast will
            tell it better.
        """
        soon_s = min(end_s, max(float(ahead.ends[-1]), now_s + _DAY_S))
        return fill(fill(ahead, self.typical, now_s, soon_s), self.again, soon_s, end_s)
