"""From when to when the newest issue is held to be strange."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb.carbon.judgements import EVERY, began, held
from lowcarb.carbon.strange import Strange
from lowcarb.units import SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True, eq=False)
class StrangeNow:
    """Where the newest issue is strange; one that comes between two judgements counts at once.

    Parameters
    ----------
    strange
        What is strange about each issue.
    first
        Hour of the first judgement, counted from 1970.
    steady
        Shape (e, g): whether a steady factor is known, which correction takes away.
    on
        Shape (e, g): whether the newest issue is held to be strange.
    since
        Shape (e, g): the hour in which that began, counted from `first`.
    """

    strange: Strange
    first: int
    steady: BoolArray
    on: BoolArray
    since: IntArray

    @classmethod
    def of(cls, strange: Strange, first: int, steady: BoolArray, good: BoolArray) -> "StrangeNow":
        """Follow it over all judgements, `good` (e, g) where errors of forecasts are as usual."""
        e = EVERY * np.arange(len(good))
        newest = strange.newest(SECONDS_PER_HOUR * (first + e.astype(np.float64)))
        level, shape = strange.level[newest], strange.shape[newest]
        odd = shape | (level & ~steady)
        on = held(odd.astype(np.int64), good, ~(level | shape))
        issued = strange.since[newest] - first
        # Where it is not a new issue that began it, a judgement did.
        since = np.where(issued >= e[:, None] - EVERY, issued, e[:, None])
        since = since[began(on), np.arange(on.shape[1])]
        return cls(strange=strange, first=first, steady=steady, on=on > 0, since=since)

    def at(self, times: FloatArray, e: IntArray) -> tuple[BoolArray, IntArray]:
        """Return whether the newest issue is strange, and since which hour.

        Parameters
        ----------
        times
            Shape (m, g) or (m, 1): in seconds since 1970.
        e
            Shape as that of `times`: the newest judgement.
        """
        r = np.arange(self.on.shape[1])
        newest = self.strange.newest(times)
        judged = self.strange.newest(SECONDS_PER_HOUR * (self.first + EVERY * e.astype(np.float64)))
        on, since = self.on[e, r], self.since[e, r]
        odd = self.strange.shape[newest, r]
        odd |= self.strange.level[newest, r] & (on | ~self.steady[e, r])
        issued = np.maximum(self.strange.since[newest, r] - self.first, EVERY * e)
        new = newest > judged
        return np.where(new, odd, on), np.where(new & ~on, issued, since)
