"""How many of a class may work in a round, with what it does in the others."""

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.limits.limited_classes import LimitedClasses


def room_in(
    merged: LimitedClasses, counts: IntArray, capacity: IntArray, j: int, *, moved: bool = False
) -> IntArray:
    """The most that may work of each class (k,) in a round.

    Parameters
    ----------
    merged
        The classes.
    counts, capacity
        Shape (k, t): what all rounds hold, and may hold.
    j
        The round.
    moved
        Whether turns come from another round, so that they are not more than before.
    """
    classes, rounds = merged.classes, counts.shape[1]
    room: IntArray = capacity[:, j].copy()
    if not moved:
        room = np.minimum(room, classes.ceiling - counts.sum(axis=1) + counts[:, j])
    so_far = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
    for rest in np.unique(merged.rest[merged.rest > 0]):
        which = np.flatnonzero(merged.rest == rest)
        for begin in range(max(0, j - int(rest)), j + 1):
            end = min(rounds, begin + int(rest) + 1)
            within = so_far[which, end] - so_far[which, begin] - counts[which, j]
            room[which] = np.minimum(room[which], classes.size[which] - within)
    return np.maximum(0, room, out=room)
