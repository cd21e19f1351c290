"""Where not all owed turns can be had: how few the worst client must lack.

As few turns as possible are missing, whoever lacks them; the sets of turns that can be had together
form a polymatroid, so that this number stays the same if no client may lack more than it must. With
floors lowered by a number s that is the same for all, all can be met at once or not; the smallest
such s is found by bisection. A missing turn beyond it then weighs twice, in every solver and in
the proof.
"""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.completion import Completion
from lowcarb_solvers.deadline import OutOfTimeError, never


def share_shortfalls(classes: Classes, expired: Callable[[], bool] = never) -> Classes:
    """Return the classes with the least `most_short`; the same if every floor can be met.

    Raises
    ------
    OutOfTimeError
        If the time was over first.
    """
    if not classes.problem.elastic or not classes.at_least.any():
        return classes
    by_kind = _by_counting if classes.available is None else _by_flow

    def can_have(turns: IntArray) -> bool:
        in_all = int(classes.size @ turns) <= classes.problem.total
        return in_all and by_kind(classes, turns, expired)

    if can_have(classes.at_least):
        # Where cohorts breathe, turns that are owed may be missing to smallest cohorts all the
        # same; then seats give way.
        return replace(classes, most_short=0) if classes.problem.slack.breathes else classes
    # Lowered by `low` they cannot all be met, lowered by `high` they can.
    low, high = 0, int(classes.at_least.max())
    while high - low > 1:
        middle = (low + high) // 2
        if can_have(np.maximum(0, classes.at_least - middle)):
            high = middle
        else:
            low = middle
    return replace(classes, most_short=high)


def _by_counting(classes: Classes, turns: IntArray, _: Callable[[], bool]) -> bool:
    """Whether each member can have so many turns (k,), where all can work in every round.

    Of the fewest seats of any q rounds, those are needed that do not fit into the other rounds
    (Gale and Ryser).
    """
    rounds = classes.problem.rounds
    if int(turns.max()) > rounds:
        return False
    owing = np.bincount(turns, classes.size, rounds + 1)
    # Entry q: clients that want more than t - q turns, summed, so turns beyond t - q.
    beyond = np.cumsum(np.cumsum(owing[::-1]))[:-1]
    fewest = np.cumsum(np.sort(classes.problem.seats))
    return bool((beyond <= fewest).all())


def _by_flow(classes: Classes, turns: IntArray, expired: Callable[[], bool]) -> bool:
    """Whether each member can have so many turns (k,), where clients come and go."""
    wanted = classes.size * turns
    if (wanted > classes.capacity().sum(axis=1)).any():
        return False
    plan = Completion(classes.capacity(), wanted, wanted, classes.problem.seats)
    in_time = plan.give(wanted, classes, expired)
    met = bool((plan.total == wanted).all())
    if not met and not in_time:
        raise OutOfTimeError("the time was over before it was known which floors can be met")
    return met
