"""Judgements of regions at regular times: when a fault begins, and how long it is held against one.

Arrays have the shape (e, g): of each judgement and region.
"""

import numpy as np

from lowcarb._util.arrays import BoolArray, IntArray
from lowcarb.carbon.typical_day import HOURS

EVERY = 6
"""Hours between two judgements."""
# So many judgements in a row must be good.
_GOOD_FOR = 3 * HOURS // EVERY


def held(bad: IntArray, good: BoolArray, over: BoolArray | None = None) -> IntArray:
    """Keep a fault until all has been good for three days, or until it is over."""
    found = np.zeros_like(bad)
    now, since = np.zeros_like(bad[0]), np.zeros_like(bad[0])
    for e in range(len(bad)):
        since = np.where(good[e], since + 1, 0)
        now = np.where(since >= _GOOD_FOR, 0, now)
        if over is not None:
            now = np.where(over[e], 0, now)
        now = np.where((bad[e] > 0) & (now == 0), bad[e], now)
        found[e] = now
    return found


def began(state: IntArray) -> IntArray:
    """Return in which judgement each state began."""
    new = np.ones(state.shape, dtype=np.bool_)
    new[1:] = state[1:] != state[:-1]
    return np.maximum.accumulate(np.where(new, np.arange(len(state))[:, None], 0), axis=0)
