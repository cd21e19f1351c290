"""Where greedy rankings leave seats empty by choice, if cohorts breathe.

Where all rounds may leave equally many seats empty, an empty seat is ranked like a client that
costs nothing, by the price of its round. These are as many clients that owe just their turns, and
what keeps floors of clients keeps the total of turns as well. Elsewhere, and where there are no
prices, the sizes of cohorts are chosen beforehand.
"""

from dataclasses import replace

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.safe_pick import Group


class EmptyRanks:
    """Empty seats as clients, mutable on purpose: how many there were so far.

    Parameters
    ----------
    classes
        Whose rounds; all have the same slack, and some of it is used.
    prices
        Shape (t,): round prices.
    """

    def __init__(self, classes: Classes, prices: FloatArray) -> None:
        slack = classes.problem.slack
        self._mark, self._total, self._width = len(classes), slack.total, int(slack.width[0])
        self._taken = 0
        # At this price just enough seats are empty.
        last = min((slack.total - 1) // self._width, len(prices) - 1)
        self._rank = np.sort(prices)[::-1][last] - prices

    def join(self, groups: Group, j: int) -> Group:
        """Add the empty seats that round j may have, as groups of the class after the last one."""
        # Seats are handed out in turn, so that none gets far ahead of the others.
        at = np.unique([0, self._taken % self._width, self._total % self._width, self._width])
        first, size = at[:-1], np.diff(at)
        owed = (self._total - first + self._width - 1) // self._width
        owed -= (self._taken - first + self._width - 1) // self._width
        return Group(
            of=np.append(groups.of, np.full(len(first), self._mark)),
            size=np.append(groups.size, size),
            owed=np.append(groups.owed, owed),
            may=np.append(groups.may, owed),
            rank=np.append(groups.rank, np.full(len(first), self._rank[j])),
        )

    def take(self, seats: int) -> None:
        """Leave so many seats of a round empty."""
        self._taken += seats


def pinned(classes: Classes, prices: FloatArray | None) -> Classes:
    """Fix the sizes of cohorts: turns beyond the smallest sizes go to the rounds of low prices.

    Without prices sizes are those that the problem says, as nearly as its total allows.
    """
    problem = classes.problem
    there = classes.capacity()[classes.ceiling > 0].sum(axis=0)
    reached = np.clip(there, problem.fewest, problem.seats)
    if prices is None:
        sizes = np.minimum(problem.cohort_size, reached)
        prices = _mean_costs(classes)
    else:
        sizes = problem.fewest.copy()
    cheap = np.argsort(prices, kind="stable")
    left = problem.total - int(sizes.sum())
    if left < 0:
        sizes -= _share(sizes - problem.fewest, cheap[::-1], -left)
    # Rounds are filled beyond those who are there only where turns are left after all others.
    for most in (reached, problem.seats):
        left = problem.total - int(sizes.sum())
        sizes += _share(most - sizes, cheap, left)
    return replace(
        classes,
        problem=replace(
            problem, cohort_size=sizes, cohort_least=None, cohort_most=None, cohort_total=None
        ),
    )


def _mean_costs(classes: Classes) -> FloatArray:
    """What a turn of each round costs in the mean over all clients (t,)."""
    problem = classes.problem
    weights = np.bincount(classes.level_of, classes.size * classes.weight, len(problem.cost_level))
    means: FloatArray = (weights @ problem.cost_level) / problem.clients
    return means


def _share(room: IntArray, order: IntArray, left: int) -> IntArray:
    """Hand out what is left to the rounds in some order, to each as much as it has room (t,)."""
    given = np.zeros_like(room)
    before = np.cumsum(room[order]) - room[order]
    given[order] = np.clip(left - before, 0, room[order])
    return given
