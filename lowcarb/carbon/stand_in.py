"""Typical days and yesterday's values: what stands in for forecasts that are not believed.

In logarithms a value is that of the typical day, moved towards that of the newest known day at the
same hour, the less the further ahead; and what that leaves at the newest known hour lasts for some
hours. Nothing of it lasts for days, as a part does for corrected forecasts: errors are a little
smaller with such a part, but it moves now and later alike, and plans made with it save less.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.carbon.correction_past import Past
from lowcarb.carbon.correction_typical import summed_by_day
from lowcarb.carbon.typical_day import HOURS

STANDING_IN = "typical days and yesterday's values"
"""Where intensities come from, in the account."""

# Days after which a day counts half in typical days, and how much of the departure of the newest
# known day is expected again one, two, three, and four and more days ahead: the values of least
# error on public data, 26 grids of the US in 2022. They matter little.
_HALF_LIFE = 4.0
_AGAIN = np.array([0.5, 0.3, 0.2, 0.1])
# After so many hours 1/e is left of what was left at the newest known hour.
_HOURS = 8.0


@dataclass(frozen=True, kw_only=True, eq=False)
class StandIn:
    """Typical days up to each hour, newer ones counting more.

    Parameters
    ----------
    actual
        Shape (n, g): what came true, as in `Past`, unknown hours as at the same hour before.
    typical
        Shape (n, g): mean of that hour of the day up to that day; NaN before the first.
    """

    actual: FloatArray
    typical: FloatArray

    @classmethod
    def of(cls, past: Past) -> "StandIn":
        """Learn typical days."""
        return cls.of_hours(past.actual)

    @classmethod
    def of_hours(cls, hourly: FloatArray) -> "StandIn":
        """Learn typical days of any logarithms (n, g) on the grid of `Past`, NaN where unknown."""
        there = ~np.isnan(hourly)
        keep = 0.5 ** (1 / _HALF_LIFE)
        weight = summed_by_day(there.astype(np.float64), keep)
        total = summed_by_day(np.where(there, hourly, 0.0), keep)
        typical = np.where(weight > 0, total / np.where(weight > 0, weight, 1.0), np.nan)
        return cls(actual=np.where(there, hourly, typical), typical=typical)

    def values(self, hour: IntArray, r: IntArray, newest: IntArray, lead: IntArray) -> FloatArray:
        """Return logarithms of what to expect; NaN where too little is known.

        Parameters
        ----------
        hour, r
            Shape (m,): of each value its hour, counted from the first one of the grid, and region.
        newest
            Shape (m,): the newest hour of that region that is known; -1 for none.
        lead
            Shape (m,): hours ahead.
        """
        expected = self._expected(hour, r, newest, lead)
        at = np.maximum(newest, 0)
        left = self.actual[at, r] - self._expected(newest, r, newest - 1, np.ones_like(lead))
        fading = np.exp(-np.maximum(hour - newest, 0) / _HOURS)
        found: FloatArray = expected + fading * np.nan_to_num(left)
        return np.maximum(found, 0.0)

    def yesterday(self, hour: IntArray, r: IntArray, newest: IntArray) -> FloatArray:
        """Return the newest known value at the same hour of the day; NaN where there is none."""
        at = newest - (newest - hour) % HOURS
        return np.where(at < 0, np.nan, self.actual[np.maximum(at, 0), r])

    def _expected(
        self, hour: IntArray, r: IntArray, newest: IntArray, lead: IntArray
    ) -> FloatArray:
        at = newest - (newest - hour) % HOURS
        within = np.maximum(at, 0)
        typical = self.typical[within, r]
        again = _AGAIN[np.clip(lead // HOURS, 0, len(_AGAIN) - 1)]
        value = typical + again * (self.actual[within, r] - typical)
        return np.where(at < 0, np.nan, value)
