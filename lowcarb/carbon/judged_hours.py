"""What was said of each hour, as the guard holds it against what came true."""

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray
from lowcarb.carbon.correction_past import LONGEST, Past
from lowcarb.carbon.stand_in import StandIn
from lowcarb.carbon.strange import Strange
from lowcarb.carbon.typical_day import HOURS


def judged_hours(
    past: Past, hindsight: FloatArray, stand_in: StandIn, strange: Strange, delay_s: float
) -> FloatArray:
    """Return what was said of each hour as issued, as corrected, and by yesterday's values.

    The first issue of each day counts; where that is strange, newer ones from their own issue on.

    Parameters
    ----------
    past
        What was forecast, and what came true.
    hindsight
        Shape as that of `Past.ahead`: errors of corrected forecasts.
    stand_in
        Knows yesterday's values.
    strange
        What is strange about each issue.
    delay_s
        How long after its end a value that came true is known.

    Returns
    -------
    array
        Shape (3, n, g): logarithms, as in `Past`; NaN where nothing was said.
    """
    true = past.of_issues(past.actual)
    newest = past.known_when_issued(delay_s) - 1
    hour = past.issued[:, None] + np.arange(LONGEST)[None, :, None]
    r = np.broadcast_to(np.arange(len(past.regions)), hour.shape)
    yesterday = stand_in.yesterday(hour, r, np.broadcast_to(newest[:, None], hour.shape))
    hourly = np.stack([past.by_hour(one) for one in (past.ahead, true - hindsight, yesterday)])
    replaced = _first_is_strange(past, strange)
    replaced &= ~np.isnan(past.forecast + hourly[0]) & (past.forecast != hourly[0])
    if not replaced.any():
        return hourly
    # Newer issues were not corrected in hindsight: the bias of typical days up to the day before
    # stands for that.
    bias = np.full_like(past.forecast, np.nan)
    bias[HOURS:] = (StandIn.of_hours(past.forecast).typical - stand_in.typical)[:-HOURS]
    hourly[:2, replaced] = np.stack([past.forecast, past.forecast - bias])[:, replaced]
    return hourly


def _first_is_strange(past: Past, strange: Strange) -> BoolArray:
    """Whether the newest of the days' first issues is strange, in each hour (n, g)."""
    first = np.zeros(past.forecast.shape, dtype=np.int64)
    day, r = np.nonzero(past.first_issue >= 0)
    # The first of `strange` stands for none.
    first[past.issued[day, r], r] = past.first_issue[day, r] + 1
    first = np.maximum.accumulate(first, axis=0)
    found: BoolArray = (strange.level | strange.shape)[first, np.arange(len(past.regions))]
    return found
