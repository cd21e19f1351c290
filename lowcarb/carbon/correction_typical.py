"""How far forecasts usually are from what comes true, at each hour of the day."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.carbon.correction_past import Past
from lowcarb.carbon.typical_day import HOURS


@dataclass(frozen=True, kw_only=True, eq=False)
class TypicalErrors:
    """Sums over the days up to each hour, at its hour of the day, newer days counting more.

    Parameters
    ----------
    half_life, prior_days
        As in `Correction`.
    days, errors, forecasts
        Shape (n, g): the weight of the days with both a forecast and what came true, and the
        weighted sums of the errors and of the forecasts, in logarithms.
    """

    half_life: float
    prior_days: float
    days: FloatArray
    errors: FloatArray
    forecasts: FloatArray

    @classmethod
    def of(cls, past: Past, half_life: float, prior_days: float) -> "TypicalErrors":
        """Sum up what is known."""
        known = ~np.isnan(past.error)
        keep = 0.5 ** (1 / half_life)
        return cls(
            half_life=half_life,
            prior_days=prior_days,
            days=summed_by_day(known.astype(np.float64), keep),
            errors=summed_by_day(np.where(known, past.error, 0.0), keep),
            forecasts=summed_by_day(np.where(known, past.forecast, 0.0), keep),
        )

    def of_hours(
        self,
        forecast: FloatArray,
        hour: IntArray,
        region: IntArray,
        newest: IntArray,
        now: IntArray | int,
    ) -> tuple[FloatArray, FloatArray]:
        """Bias and departure from the typical day, both drawn towards zero where days are few.

        Parameters
        ----------
        forecast
            Of the same shape as all others: logarithms.
        hour, region
            Of each of them, as on the grid.
        newest
            The newest hour of its region that may be used; -1 for none.
        now
            The hour in which they are used: days that are long over count less.
        """
        at = newest - (newest - hour) % HOURS
        age = np.maximum(0, (now - 1 - newest) // HOURS)
        fresh = np.where(at < 0, 0.0, 0.5 ** (age / self.half_life))
        at = np.maximum(at, 0)
        days = self.days[at, region]
        weight = fresh * days
        bias = fresh * self.errors[at, region] / (weight + self.prior_days)
        typical = self.forecasts[at, region] / np.maximum(days, 1e-9)
        departure = weight / (weight + self.prior_days) * (forecast - typical)
        return bias, departure


def summed_by_day(values: FloatArray, keep: float) -> FloatArray:
    """Add to the value of each hour what is kept of the sum a day before."""
    by_day = values.reshape(-1, HOURS, values.shape[1]).copy()
    for day in range(1, len(by_day)):
        by_day[day] += keep * by_day[day - 1]
    found: FloatArray = by_day.reshape(values.shape)
    return found
