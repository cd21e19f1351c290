"""How long a value holds: until the next one, unless the steps around it say that some are missing.

The only place that tells a gap from a change of the step. It looks at three steps on either side
and never at the whole series: what is left out elsewhere changes nothing here.
"""

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray

# A step that is longer than so many of those around it is a gap.
_GAP = 1.5
# Steps on either side that are looked at.
_NEAR = 3
# Steps are alike that differ by no more than the jitter of clocks: a share, and some seconds.
_SHARE, _SECONDS = 0.02, 2.0
# Months are counted as if all were as long as this.
_MONTH_S = 30 * 86_400.0


def ends_of(times: FloatArray) -> FloatArray:
    """When the value of each time stops to hold, in seconds since 1970 as the times (m,), m >= 2.

    A value holds until the next one. It holds for a usual step only where the stretch to the next
    one is more than one and a half times as long as the steps on both sides of it, and these are
    regular; at an end of the series two steps on the one side must be alike. So a change from
    quarters to hours is no gap, and a log of changes, whose steps are as they come, has none. The
    last value holds as long as the step before it. Where all times are the first of a month, steps
    are counted in months: the last month ends where the next one begins.
    """
    months = _months(times)
    if months is None:
        return _ends(times)
    numbers = np.rint(_ends(months * _MONTH_S) / _MONTH_S).astype(np.int64)
    ends: FloatArray = numbers.astype("datetime64[M]").astype("datetime64[s]").astype(np.float64)
    return ends


def _ends(times: FloatArray) -> FloatArray:
    steps = np.diff(times)
    held = steps.copy()
    longer = np.zeros(len(steps), dtype=np.bool_)
    longer[1:] |= steps[1:] > _GAP * steps[:-1]
    longer[:-1] |= steps[:-1] > _GAP * steps[1:]
    for at in np.flatnonzero(longer).tolist():
        held[at] = _held(steps, at)
    ends: FloatArray = times + np.append(held, held[-1])
    return ends


def _held(steps: FloatArray, at: int) -> float:
    """How long the value before a step holds: all of it, or a usual step if it is a gap."""
    step = float(steps[at])
    before, behind = steps[max(0, at - _NEAR) : at][::-1], steps[at + 1 : at + 1 + _NEAR]
    sides = [side for side in (before, behind) if len(side)]
    if len(before) + len(behind) < 2 or all(_alike(step, side[:1]).all() for side in sides):
        return step
    usual = [_regular(side) for side in sides]
    if any(one is None or step <= _GAP * one for one in usual):
        return step
    return usual[0] or step


def _regular(side: FloatArray) -> float | None:
    """The step that two thirds of some steps have; None if they have none in common."""
    middle = float(np.sort(side)[(len(side) - 1) // 2])
    return middle if 3 * int(_alike(middle, side).sum()) >= 2 * len(side) else None


def _alike(step: float, others: FloatArray) -> BoolArray:
    near: BoolArray = np.abs(others - step) <= _SHARE * step + _SECONDS
    return near


def _months(times: FloatArray) -> FloatArray | None:
    """Count months since 1970; None unless all times are the first of a month, at midnight."""
    if (times % 86_400.0 != 0).any():
        return None
    days = times.astype(np.int64).astype("datetime64[s]").astype("datetime64[D]")
    months = days.astype("datetime64[M]")
    if (months.astype("datetime64[D]") != days).any():
        return None
    return months.astype(np.int64).astype(np.float64)
