"""Sets of slots that keep their distances, the cheapest first: shortest paths over slots."""

import heapq
from collections.abc import Iterator

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.slot_problem import SlotProblem


class SlotPaths:
    """Which slots may follow each other.

    Parameters
    ----------
    problem
        Whose slots.
    """

    def __init__(self, problem: SlotProblem) -> None:
        t, pause = problem.problem.rounds, problem.longest_pause
        each = np.arange(t)
        later = each[None, :] - each[:, None]
        self._open, self._takes = problem.open_slots, problem.takes
        self._follows = (later >= self._takes[:, None]) & self._open[None, :]
        self._first, self._last = self._open.copy(), np.ones(t, dtype=np.bool_)
        if pause is not None:
            self._follows &= later <= pause
            self._first &= each < pause
            self._last = t - each <= pause
        self._rounds = problem.rounds

    def cheapest(self, worth: FloatArray) -> tuple[IntArray, float] | None:
        """Choose slots whose costs (t,) sum to the least; None if no set keeps its distances."""
        onward = self._onward(worth)
        start = np.where(self._first, onward[-1], np.inf)
        slots = [int(start.argmin())]
        cost = float(start[slots[0]])
        if not np.isfinite(cost):
            return None
        for left in range(self._rounds - 1, 0, -1):
            following = np.where(self._follows[slots[-1]], onward[left - 1], np.inf)
            slots.append(int(following.argmin()))
        return np.array(slots), cost

    def in_order(self, worth: FloatArray) -> Iterator[tuple[float, IntArray]]:
        """Yield sets of slots, each once, from the least sum of costs (t,) upwards."""
        onward = self._onward(worth)
        heap: list[tuple[float, float, tuple[int, ...]]] = []
        for j in np.flatnonzero(self._first & np.isfinite(onward[-1])).tolist():
            heapq.heappush(heap, (float(onward[-1][j]), float(worth[j]), (j,)))
        while heap:
            bound, paid, slots = heapq.heappop(heap)
            left = self._rounds - len(slots)
            if not left:
                yield bound, np.array(slots)
                continue
            beyond = onward[left - 1]
            for j in np.flatnonzero(self._follows[slots[-1]] & np.isfinite(beyond)).tolist():
                entry = (paid + float(beyond[j]), paid + float(worth[j]), (*slots, j))
                heapq.heappush(heap, entry)

    def earliest(self) -> int | None:
        """The slot after which all rounds can be over; None if they never can."""
        reached: BoolArray = self._first
        follows: BoolArray = self._follows
        for _ in range(self._rounds - 1):
            reached = np.asarray(follows[reached].any(axis=0))
        over = (np.arange(len(reached)) + self._takes)[reached]
        return int(over.min()) if len(over) else None

    def most(self) -> int:
        """How many rounds can be held."""
        reached, rounds = self._first, 0
        while reached.any():
            reached, rounds = np.asarray(self._follows[reached].any(axis=0)), rounds + 1
        return rounds

    def _onward(self, worth: FloatArray) -> list[FloatArray]:
        """Least costs of as many rounds as the place says, of which the first is in a slot (t,)."""
        costs = np.where(self._open, worth, np.inf)
        onward = [np.where(self._last, costs, np.inf)]
        for _ in range(self._rounds - 1):
            following = np.where(self._follows, onward[-1][None, :], np.inf).min(axis=1)
            onward.append(costs + following)
        return onward
