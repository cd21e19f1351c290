"""Making a plan cheaper by exchanges, within a round and between two, while all rules are kept.

Between two rounds a member of one class goes over and one of another class comes back, so that
every class keeps its turns.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.exchanges import Asked, Exchanges, RoundRules
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.room import room_in
from lowcarb_solvers.limits.rules import Rule

# Classes that are tried on each side of an exchange.
_CANDIDATES = 64
# Exchanges that one round, or one pair of rounds, may make in a sweep.
_MOST = 200
# Broken rules outweigh any cost.
_BROKEN, _TINY = 1e12, 1e-9


class Swaps:
    """Exchanges on one plan, mutable on purpose.

    Parameters
    ----------
    merged
        The classes.
    counts
        Shape (k, t): the plan; it is copied.
    reduced
        Shape (k, t): what a turn costs, less what all rules pay for it: who is tried first.
    expired
        Whether the time is over.
    """

    def __init__(
        self,
        merged: LimitedClasses,
        counts: IntArray,
        reduced: FloatArray,
        expired: Callable[[], bool],
    ) -> None:
        self._merged = merged
        self._typical = merged.classes.typical_cost or 1.0
        self._cost = merged.classes.cost() / self._typical
        self._reduced = reduced / self._typical
        self._expired = expired
        self._capacity = merged.classes.capacity()
        self._rules = RoundRules(merged)
        self._sums = self._rules.sums(counts)
        self.counts = counts.copy()

    def sweep(self) -> None:
        """Look once at each round and at each pair of rounds."""
        for j in range(self.counts.shape[1]):
            self._within(j)
        for one, other in combinations(range(self.counts.shape[1]), 2):
            if self._expired():
                return
            self._between(one, other)

    def _asked(self, j: int) -> Asked:
        def share(number: int, rule: Rule) -> tuple[float, float]:
            elsewhere = float(self._sums[number].sum() - self._sums[number, j])
            return float(rule.at_least[0]) - elsewhere, float(rule.at_most[0]) - elsewhere

        return self._rules.ask(j, share)

    def _within(self, j: int) -> None:
        classes = self._merged.classes
        others = self.counts.sum(axis=1) - self.counts[:, j]
        room = room_in(self._merged, self.counts, self._capacity, j)
        # Turns that are owed stay, unless they are lacking anyway.
        owed = np.clip(classes.floor - others, 0, self.counts[:, j])
        self.counts[:, j] = Exchanges(
            asked=self._asked(j),
            room=room,
            held=np.minimum(owed, room),
            cost=self._cost[:, j],
            score=self._reduced[:, j],
            candidates=_CANDIDATES,
            most=_MOST,
            expired=self._expired,
        ).mend(self.counts[:, j])
        self._note(j)

    def _note(self, j: int) -> None:
        self._sums[:, j] = self._rules.sums_in(j, self.counts[:, j])

    def _between(self, one: int, other: int) -> None:
        counts = self.counts
        for _ in range(_MOST):
            asked = self._asked(one), self._asked(other)
            over, over_gain = self._movers(one, other)
            back, back_gain = self._movers(other, one)
            if not len(over) or not len(back):
                return
            gained = over_gain[:, None] + back_gain
            sums = asked[0].values @ counts[:, one], asked[1].values @ counts[:, other]
            for rules, now, sign in zip(asked, sums, (1.0, -1.0), strict=True):
                leave, enter = rules.values[:, over], rules.values[:, back]
                moved = sign * (enter[:, None, :] - leave[:, :, None])
                charge = rules.charge(now[:, None, None] + moved) - rules.charge(now)
                gained = gained + _BROKEN * charge
            a, b = np.unravel_index(int(gained.argmin()), gained.shape)
            if gained[a, b] >= -_TINY:
                return
            for k, begin, end in ((over[a], one, other), (back[b], other, one)):
                counts[k, begin] -= 1
                counts[k, end] += 1
            self._note(one)
            self._note(other)

    def _movers(self, begin: int, end: int) -> tuple[IntArray, FloatArray]:
        """Classes that may move a turn, most promising first, and what each move costs."""
        room = room_in(self._merged, self.counts, self._capacity, end, moved=True)
        able = np.flatnonzero((self.counts[:, begin] > 0) & (self.counts[:, end] < room))
        score = self._reduced[able, end] - self._reduced[able, begin]
        if len(able) > _CANDIDATES:
            able = able[np.argpartition(score, _CANDIDATES)[:_CANDIDATES]]
        moves: FloatArray = self._cost[able, end] - self._cost[able, begin]
        return able, moves
