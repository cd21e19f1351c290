"""How empty seats of an answer can move: part of its exchange graph.

A seat that is empty by choice moves to a round with slack left, at no cost. In an elastic problem
a seat may also become missing, at a penalty, which a missing one saves where it is filled, and
through the spare node turns may be missing to the total.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.sparse_counts import Counts

# More seats than there are.
_ANY = 2**62


@dataclass(frozen=True, kw_only=True, eq=False)
class EmptyMoves:
    """Which empty seats an answer has, and where others could be.

    Parameters
    ----------
    chosen, missing, room
        Shape (t,): seats that are empty by choice, those that are missing, and how many more could
        be empty by choice.
    lost
        Empty seats beyond those that may be in all.
    penalty
        Cost of a missing seat; None if none may be missing.
    in_all
        Cost of an empty seat more in all; zero where cohorts are fixed.
    """

    chosen: IntArray
    missing: IntArray
    room: IntArray
    lost: int
    penalty: float | None
    in_all: float

    @classmethod
    def of(cls, classes: Classes, counts: Counts, penalty: float) -> "EmptyMoves":
        """Look at the empty seats of an answer."""
        slack, vacant = classes.problem.slack, classes.vacant(counts)
        chosen = slack.empty(vacant)
        return cls(
            chosen=chosen,
            missing=vacant - chosen,
            room=slack.width - chosen,
            lost=slack.lost(vacant),
            penalty=penalty if classes.problem.elastic else None,
            in_all=penalty if slack.breathes else 0.0,
        )

    def onward(self, distance: FloatArray) -> FloatArray:
        """Distances (t + 1,) to all nodes by one more arc at the end, the spare node last."""
        rounds = distance[:-1]
        left = float(rounds[self.chosen > 0].min(initial=np.inf))
        shorter = np.full(len(distance), np.inf)
        if self.penalty is not None:
            filled = float(rounds[self.missing > 0].min(initial=np.inf)) - self.penalty
            left = min(left, filled, float(distance[-1]) + self.in_all)
            shorter[:-1] = left + self.penalty
            if self.lost > 0:
                shorter[-1] = left - self.in_all
        shorter[:-1][self.room > 0] = left
        return shorter

    def back(self, distance: FloatArray) -> FloatArray:
        """Distances (t + 1,) from all nodes by one more arc at the beginning, the spare last."""
        rounds = distance[:-1]
        taken = float(rounds[self.room > 0].min(initial=np.inf))
        shorter = np.full(len(distance), np.inf)
        if self.penalty is not None:
            taken = min(taken, float(rounds.min()) + self.penalty)
            if self.lost > 0:
                taken = min(taken, float(distance[-1]) - self.in_all)
            shorter[-1] = taken + self.in_all
        shorter[:-1][self.chosen > 0] = taken
        if self.penalty is not None:
            shorter[:-1][self.missing > 0] = taken - self.penalty
        return shorter

    def arcs(self) -> FloatArray:
        """The same as an arc for each pair of nodes (t + 1, t + 1)."""
        size = len(self.room) + 1
        alone = np.full((size, size), np.inf)
        np.fill_diagonal(alone, 0.0)
        return np.array([self.onward(row) for row in alone])

    def cheapest(self, r: int, s: int) -> tuple[float, int]:
        """Cost of the cheapest arc from r to s, inf if there is none, and how many seats it holds.

        The last node is the spare one.
        """
        (leaving, gone), (taking, there) = self._leaving(r), self._taking(s)
        return leaving + taking, min(gone, there)

    def _leaving(self, r: int) -> tuple[float, int]:
        if r == len(self.room):
            return (np.inf, 0) if self.penalty is None else (self.in_all, _ANY)
        if self.penalty is not None and self.missing[r]:
            return -self.penalty, int(self.missing[r])
        return (0.0, int(self.chosen[r])) if self.chosen[r] else (np.inf, 0)

    def _taking(self, s: int) -> tuple[float, int]:
        if s == len(self.room):
            return (-self.in_all, self.lost) if self.lost > 0 else (np.inf, 0)
        if self.room[s]:
            return 0.0, int(self.room[s])
        return (np.inf, 0) if self.penalty is None else (self.penalty, _ANY)
