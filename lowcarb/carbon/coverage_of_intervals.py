"""How often intervals of intensities held what came true, of issues not used to make them."""

from collections.abc import Sequence
from datetime import datetime

import numpy as np

from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_measured import came_true
from lowcarb.carbon.correction_past import LONGEST
from lowcarb.carbon.typical_day import HOURS
from lowcarb.units import SECONDS_PER_HOUR

DAYS_AHEAD = LONGEST // HOURS


def coverage(corrector: Corrector, moments: Sequence[datetime]) -> list[tuple[int, int]]:
    """Count, by day ahead, intervals that held what came true, and all of which that is known.

    Parameters
    ----------
    corrector
        Corrects, and knows the errors.
    moments
        When intervals are made, each by what was known then alone.
    """
    held, all_of_them = np.zeros(DAYS_AHEAD, dtype=int), np.zeros(DAYS_AHEAD, dtype=int)
    errors = corrector.errors
    for now in moments:
        if errors is None:
            break
        forecast = corrector.at(now)
        for region, (low, high) in errors.around(forecast, now).items():
            one = forecast.series[region]
            true = came_true(one, corrector.actual.series[region])
            known = ~np.isnan(true + low + high)
            ahead = ((one.times[known] - now.timestamp()) // SECONDS_PER_HOUR // HOURS).astype(int)
            inside = (low[known] <= true[known]) & (true[known] <= high[known])
            held += np.bincount(ahead[inside], minlength=DAYS_AHEAD)
            all_of_them += np.bincount(ahead, minlength=DAYS_AHEAD)
    return list(zip(held.tolist(), all_of_them.tolist(), strict=True))
