"""What owed turns would cost if they fell into the cheapest rounds that are left."""

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes

# How often the rounds that are left are sorted anew; in between, those that are over are skipped.
_SORTED = 64


class LaterRounds:
    """The rounds that are left in order of cost, for each level, or each class where some are away.

    Parameters
    ----------
    classes
        Whose rounds.
    """

    def __init__(self, classes: Classes) -> None:
        problem = classes.problem
        self._classes = classes
        self._row = classes.level_of
        self._level = problem.cost_level
        if classes.available is not None:
            self._row = np.arange(len(classes))
            level = problem.cost_level[classes.level_of]
            self._level = np.where(classes.available, level, np.inf)
        self._left = np.isfinite(self._level).sum(axis=1)
        self._period = max(1, problem.rounds // _SORTED)
        none = np.zeros((len(self._level), 0), dtype=np.int64)
        self._sorted: FloatArray = self._level
        self._places: IntArray = none
        self._skipped: IntArray = none

    def cost(self, of: IntArray, owed: IntArray, j: int) -> FloatArray:
        """Cost of the owed-th cheapest round from j on, of members of the classes `of`.

        Zero for those that owe nothing or have no round left; the dearest where fewer are left than
        are owed. `j` must be 0 at first, and then go up by one.
        """
        self._go_on(j)
        later = np.zeros(len(of))
        debtors = np.flatnonzero(owed)
        row = self._row[of[debtors]]
        debtors, row = debtors[self._left[row] > 0], row[self._left[row] > 0]
        place = np.minimum(owed[debtors], self._left[row]) - 1
        if self._skipped.shape[1]:
            # Of those that are skipped so many come before the place.
            place = place + (self._skipped[row] <= place[:, None]).sum(axis=1)
        later[debtors] = self._sorted[row, place]
        return later * self._classes.weight[of]

    def _go_on(self, j: int) -> None:
        """Leave out what lies before round j."""
        if j > 0:
            self._left -= np.isfinite(self._level[:, j - 1])
        if j % self._period == 0:
            self._sort(j)
            return
        # Places in order, less how many come before: a place among the rest is moved by those that
        # are not above it.
        places = np.sort(self._places[:, : j % self._period], axis=1)
        self._skipped = places - np.arange(places.shape[1])

    def _sort(self, j: int) -> None:
        """Sort the rounds from j on, and find the places of those that will be over soon."""
        level = self._level[:, j:]
        self._skipped = np.zeros((len(level), 0), dtype=np.int64)
        if self._period == 1:
            self._sorted = np.sort(level, axis=1)
            return
        order = np.argsort(level, axis=1)
        self._sorted = np.take_along_axis(level, order, axis=1)
        places = np.empty_like(order)
        np.put_along_axis(places, order, np.arange(level.shape[1])[None], axis=1)
        self._places = places[:, : self._period].copy()
