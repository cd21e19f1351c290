"""A plan by cost in no time: whole arrays at once, and no look at what it makes impossible.

What is left over, `Completion` reroutes. Turns that are owed come first, each class's in its
cheapest rounds; the other seats then go to those for whom they are cheapest.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.deadline import never


class Seating(Protocol):
    """Counts (k, t) in the making, their totals (k,), and what bounds them, as in `Completion`."""

    counts: IntArray
    total: IntArray
    capacity: IntArray
    ceiling: IntArray
    seats: IntArray


def give_owed_turns(
    plan: Seating,
    classes: Classes,
    begin: int,
    limit: IntArray,
    expired: Callable[[], bool] = never,
) -> None:
    """Give each class up to its limit (k,) the cheapest rounds from `begin` on.

    All classes ask for their cheapest rounds first, then for their second cheapest, and so on.
    Where more ask than there are seats, those are first who would pay most for waiting. It stops
    where it is when the time is over.
    """
    level = classes.problem.cost_level[:, begin:]
    preference = np.argsort(level, axis=1, kind="stable")
    sorted_level = np.take_along_axis(level, preference, axis=1)
    vacant = plan.seats - plan.counts.sum(axis=0)
    for place in range(level.shape[1]):
        k = np.flatnonzero(plan.total < limit)
        if not k.size or expired():
            return
        row = classes.level_of[k]
        j = begin + preference[row, place]
        wanted = np.minimum(limit[k] - plan.total[k], plan.capacity[k, j] - plan.counts[k, j])
        following = sorted_level[row, min(place + 1, level.shape[1] - 1)]
        waiting = classes.weight[k] * (following - sorted_level[row, place])
        order = np.lexsort((-waiting, j))
        taken = np.zeros_like(wanted)
        taken[order] = _served(wanted[order], j[order], vacant)
        plan.counts[k, j] += taken
        plan.total[k] += taken
        np.subtract.at(vacant, j, taken)


def _served(wanted: IntArray, j: IntArray, vacant: IntArray) -> IntArray:
    """How much each of those who queue for rounds, sorted by round, gets of the vacant seats."""
    before = np.cumsum(wanted) - wanted
    first = np.flatnonzero(np.r_[True, j[1:] != j[:-1]])
    queue_begins = np.repeat(before[first], np.diff(np.r_[first, len(j)]))
    served: IntArray = np.clip(vacant[j] - (before - queue_begins), 0, wanted)
    return served


def fill_seats(plan: Seating, classes: Classes, begin: int) -> None:
    """Fill the vacant seats of each round from `begin` on with those who cost least in it."""
    vacant = plan.seats - plan.counts.sum(axis=0)
    for j in range(begin, len(plan.seats)):
        able = np.minimum(plan.capacity[:, j] - plan.counts[:, j], plan.ceiling - plan.total)
        k = np.flatnonzero(able > 0)
        k = k[np.argsort(classes.costs(k, j), kind="stable")]
        before = np.cumsum(able[k]) - able[k]
        taken = np.clip(vacant[j] - before, 0, able[k])
        plan.counts[k, j] += taken
        plan.total[k] += taken
