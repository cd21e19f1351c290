"""Making a plan cheaper by exchanges, within a round and between two, while all rules are kept.

Between two rounds a member of one class goes over and one of another class comes back, so that
every class keeps its turns. Where cohorts breathe nobody need come back, or another class may take
a seat in one round that a class gives up in another: then a seat goes over too.
"""

from collections.abc import Callable
from itertools import combinations

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.exchanges import Asked, Exchanges, RoundRules
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.room import room_in
from lowcarb_solvers.limits.round_sizes import seats_in
from lowcarb_solvers.limits.rules import Rule

# Classes that are tried on each side of an exchange.
_CANDIDATES = 64
# Exchanges that one round, or one pair of rounds, may make in a sweep.
_MOST = 200
# Broken rules outweigh any cost; also those of the last stage where a turn can cost much less in
# another round.
_BROKEN, _BROKEN_BY_SEATS, _TINY = 1e12, 1e20, 1e-9


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
        self._problem = merged.classes.problem
        self._broken = _BROKEN_BY_SEATS if self._problem.slack.breathes else _BROKEN
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
            if self._problem.slack.breathes:
                self._give_over(one, other)
                self._give_over(other, one)

    def _asked(self, j: int, seats: tuple[int, int]) -> Asked:
        def share(number: int, rule: Rule) -> tuple[float, float]:
            elsewhere = float(self._sums[number].sum() - self._sums[number, j])
            return float(rule.at_least[0]) - elsewhere, float(rule.at_most[0]) - elsewhere

        return self._rules.ask(j, seats, share)

    def _sizes(self, j: int) -> tuple[int, int]:
        return int(self._problem.fewest[j]), int(self._problem.most[j])

    def _owed(self, j: int) -> IntArray:
        """Turns of each class in a round that are owed, unless they are lacking anyway (k,)."""
        others = self.counts.sum(axis=1) - self.counts[:, j]
        owed: IntArray = np.clip(self._merged.classes.floor - others, 0, self.counts[:, j])
        return owed

    def _within(self, j: int) -> None:
        elsewhere = int(self.counts.sum() - self.counts[:, j].sum())
        room = room_in(self._merged, self.counts, self._capacity, j)
        self.counts[:, j] = Exchanges(
            asked=self._asked(j, seats_in(self._problem, j, self._problem.total - elsewhere)),
            room=room,
            held=np.minimum(self._owed(j), room),
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
        sizes = self._sizes(one), self._sizes(other)
        # The last of each stands for nobody.
        nobody = int(self._problem.slack.breathes)
        for _ in range(_MOST):
            asked = self._asked(one, sizes[0]), self._asked(other, sizes[1])
            over, over_gain = self._movers(one, other)
            back, back_gain = self._movers(other, one)
            if not len(over) + nobody or not len(back) + nobody:
                return
            gained = np.pad(over_gain, (0, nobody))[:, None] + np.pad(back_gain, (0, nobody))
            sums = asked[0].values @ counts[:, one], asked[1].values @ counts[:, other]
            for rules, now, sign in zip(asked, sums, (1.0, -1.0), strict=True):
                leave, enter = (
                    np.pad(rules.values[:, movers], ((0, 0), (0, nobody)))
                    for movers in (over, back)
                )
                moved = sign * (enter[:, None, :] - leave[:, :, None])
                gained = gained + self._broken * rules.charge_more(now, moved)
                gained[now[0] + moved[0] > rules.high[0]] = np.inf  # there is no seat for one more
            a, b = np.unravel_index(int(gained.argmin()), gained.shape)
            if gained[a, b] >= -_TINY:
                return
            for movers, place, begin, end in ((over, a, one, other), (back, b, other, one)):
                if place < len(movers):
                    counts[movers[place], begin] -= 1
                    counts[movers[place], end] += 1
            self._note(one)
            self._note(other)

    def _give_over(self, begin: int, end: int) -> None:
        """Let classes give up seats of one round for which others get seats of another one."""
        counts = self.counts
        for _ in range(_MOST):
            leave = np.flatnonzero(counts[:, begin] > self._owed(begin))
            if not len(leave) or counts[:, end].sum() >= self._problem.most[end]:
                return
            paid = self._paid(begin, leave, -1)
            a = int(paid.argmin())
            self._change(leave[a], begin, -1)
            room = room_in(self._merged, counts, self._capacity, end)
            enter = np.flatnonzero(counts[:, end] < room)
            more = self._paid(end, enter, 1)
            if not len(enter) or paid[a] + more.min() >= -_TINY:
                self._change(leave[a], begin, 1)
                return
            self._change(enter[int(more.argmin())], end, 1)

    def _paid(self, j: int, which: IntArray, change: int) -> FloatArray:
        """What a turn more or less in a round costs of some classes, with what it breaks."""
        asked = self._asked(j, self._sizes(j))
        now = asked.values @ self.counts[:, j]
        charges = asked.charge_more(now, change * asked.values[:, which])
        paid: FloatArray = change * self._cost[which, j] + self._broken * charges
        return paid

    def _change(self, k: int, j: int, change: int) -> None:
        self.counts[k, j] += change
        self._note(j)

    def _movers(self, begin: int, end: int) -> tuple[IntArray, FloatArray]:
        """Classes that may move a turn, most promising first, and what each move costs."""
        room = room_in(self._merged, self.counts, self._capacity, end, moved=True)
        able = np.flatnonzero((self.counts[:, begin] > 0) & (self.counts[:, end] < room))
        score = self._reduced[able, end] - self._reduced[able, begin]
        if len(able) > _CANDIDATES:
            able = able[np.argpartition(score, _CANDIDATES)[:_CANDIDATES]]
        moves: FloatArray = self._cost[able, end] - self._cost[able, begin]
        return able, moves
