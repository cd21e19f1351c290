"""How sure means over starts are: 95 % intervals by Student's t, over independent starts."""

import math
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import cache
from typing import NamedTuple

import numpy as np

from lowcarb._util.arrays import FloatArray

LEVEL = 0.95
"""Share of such intervals that hold the true mean."""


class Interval(NamedTuple):
    """From where to where a mean may lie."""

    low: float
    high: float


def independent(starts: Sequence[datetime], length: timedelta) -> int:
    """Count starts, first to last, whose trainings do not overlap: at most that many are taken.

    Parameters
    ----------
    starts
        First rounds.
    length
        From the start of a training to the end of its last workload.
    """
    return len(one_after_another(starts, length))


def one_after_another(starts: Sequence[datetime], length: timedelta) -> list[datetime]:
    """Take as many starts as can be had without an overlap, first to last."""
    taken: list[datetime] = []
    for start in sorted(starts):
        if not taken or start - taken[-1] >= length:
            taken.append(start)
    return taken


def of_mean(values: FloatArray, count: int) -> Interval | None:
    """Interval of the mean of figures of each start (s,); None where one start says nothing.

    Parameters
    ----------
    values
        A figure of each start.
    count
        How many of the starts are independent.
    """
    return _around(float(values.mean()), values, count)


def of_ratio(parts: FloatArray, wholes: FloatArray, count: int) -> Interval | None:
    """Interval of the ratio of two means over starts (s,), by its linear approximation.

    Parameters
    ----------
    parts, wholes
        Above and below the line, of each start.
    count
        How many of the starts are independent.
    """
    whole = float(wholes.mean())
    if not whole:
        return None
    ratio = float(parts.mean()) / whole
    return _around(ratio, (parts - ratio * wholes) / whole, count)


def _around(centre: float, values: FloatArray, count: int) -> Interval | None:
    if count < 2:
        return None
    half = student_t(count - 1) * float(np.std(values, ddof=1)) / math.sqrt(count)
    return Interval(centre - half, centre + half)


@cache
def student_t(freedom: int) -> float:
    """Bound of the middle 95 % of Student's t, found by halving.

    Parameters
    ----------
    freedom
        Degrees of freedom, 1 or more.
    """
    low, high = 0.0, 16.0  # 12.706 for one degree of freedom, less for more
    while high - low > 1e-9:
        middle = (low + high) / 2
        low, high = (middle, high) if _within(middle, freedom) < LEVEL else (low, middle)
    return high


def _within(t: float, freedom: int) -> float:
    """Probability that Student's t is no further from zero than t.

    The finite sums for whole degrees of freedom: Abramowitz and Stegun, 26.7.3 and 26.7.4.
    """
    angle = math.atan(t / math.sqrt(freedom))
    cos2 = math.cos(angle) ** 2
    odd = freedom % 2
    term = math.cos(angle) if odd else 1.0
    total = 0.0 if freedom == 1 else term
    for k in range(2 + odd, freedom - 1, 2):
        term *= cos2 * (k - 1) / k
        total += term
    total *= math.sin(angle)
    return 2 / math.pi * (angle + total) if odd else total
