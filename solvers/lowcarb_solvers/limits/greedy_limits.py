"""Greedy cohorts under limits: a start for branch and cut, and what stands if that finds nothing.

One round after the other is filled by cost less what the rules' multipliers pay, which rise while
rules are broken; then single exchanges mend what they can. Availability, turn caps and rest are
always kept. It promises nothing of the rules: a plan that keeps them may exist where it finds none.
"""

from collections.abc import Callable

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.deadline import never
from lowcarb_solvers.later_rounds import LaterRounds
from lowcarb_solvers.limits.exchanges import Exchanges, RoundRules, fill
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.round_sizes import even_sizes, seats_in
from lowcarb_solvers.limits.rules import Rule

# How often multipliers are raised in a round, and by how much of a typical cost.
_RAISES, _STEP = 40, 0.25
# How many exchanges may mend a round, and among how many classes each is looked for.
_MOST, _CANDIDATES = 200, 48
_TINY = 1e-9


class GreedyLimits:
    """Fills rounds in their order, mutable on purpose.

    Parameters
    ----------
    merged
        The classes to choose from.
    expired
        Whether the time is over; then what is left is filled without a look at the rules.
    """

    def __init__(self, merged: LimitedClasses, expired: Callable[[], bool] = never) -> None:
        self._merged = merged
        self._expired = expired
        self._classes = merged.classes
        self._capacity = merged.classes.capacity()
        self._cost = merged.classes.cost()
        self._later = LaterRounds(merged.classes)
        self._typical = merged.classes.typical_cost or 1.0
        self._rules = RoundRules(merged)
        self._sizes = even_sizes(merged.classes.problem)
        self._used = np.zeros(len(merged.limited.limits.rules))
        self.counts = np.zeros(self._cost.shape, dtype=np.int64)

    def fill(self) -> IntArray:
        """Fill all rounds, and return the counts (k, t)."""
        for j in range(self._cost.shape[1]):
            self.counts[:, j] = self._fill_round(j)
            self._used += self._rules.sums_in(j, self.counts[:, j])
        return self.counts

    def _room(self, j: int) -> IntArray:
        """Members of each class that can work in a round (k,), rested and below their caps."""
        recent = np.zeros(len(self._classes), dtype=np.int64)
        for back in range(1, min(j, int(self._merged.rest.max(initial=0))) + 1):
            recent += np.where(self._merged.rest >= back, self.counts[:, j - back], 0)
        size = self._classes.size
        left = self._classes.ceiling - self.counts.sum(axis=1)
        room: IntArray = np.minimum(np.minimum(self._capacity[:, j], size - recent), left)
        return room

    def _must(self, j: int, owed: IntArray) -> IntArray:
        """Turns of each class (k,) that will not fit into later rounds."""
        later = (self._capacity[:, j + 1 :] > 0).sum(axis=1)
        fits = self._classes.size * -(-later // (self._merged.rest + 1))
        lost: IntArray = np.maximum(0, owed - fits)
        return lost

    def _fill_round(self, j: int) -> IntArray:
        total = self.counts.sum(axis=1)
        owed = np.maximum(0, self._classes.floor - total)
        room = self._room(j)
        behind = int(self._sizes[: j + 1].sum() - total.sum())
        bounds = seats_in(self._classes.problem, j, behind)
        seats = bounds[1]
        everyone = np.arange(len(self._classes))
        each = np.maximum(0, self._classes.at_least - total // self._classes.size)
        rank = (self._cost[:, j] - self._later.cost(everyone, each, j)) / self._typical
        # Those come first whose turns would be lost otherwise.
        first = np.minimum(self._must(j, owed), room)
        later_seats = int(self._sizes[j + 1 :].sum())
        short = int(owed.sum()) - later_seats - int(first.sum())
        if short > 0:
            more = np.maximum(0, np.minimum(owed, room) - first)
            first = first + fill(more, np.argsort(rank, kind="stable"), short)
        held = fill(first, everyone, seats)
        asked = self._rules.ask(j, bounds, lambda number, rule: self._share(j, number, rule))
        best, charged, score = held, np.inf, rank
        price = np.zeros(len(asked.low))
        for _ in range(_RAISES):
            score = rank - price @ asked.values
            order = np.argsort(score, kind="stable")
            chosen = held + fill(room - held, order, seats - int(held.sum()))
            sums = asked.values @ chosen
            charge = float(asked.charge(sums))
            if charge < charged - _TINY:
                best, charged = chosen, charge
            if charge <= _TINY or self._expired():
                break
            broken = asked.broken(sums)
            price += _STEP * np.sign(broken) * np.minimum(1.0, np.abs(broken) / max(1, seats) * 8)
        if charged <= _TINY:
            return best
        return Exchanges(
            asked=asked,
            room=room,
            held=held,
            cost=rank,
            score=score,
            candidates=_CANDIDATES,
            most=_MOST,
            expired=self._expired,
        ).mend(best)

    def _share(self, j: int, number: int, rule: Rule) -> tuple[float, float]:
        """An equal part of what is left of a rule of the whole horizon."""
        rounds = self._cost.shape[1] - j
        least = (rule.at_least[0] - self._used[number]) / rounds
        most = (rule.at_most[0] - self._used[number]) / rounds
        if rule.counts_turns:
            return float(np.ceil(least)), float(np.ceil(most))
        return float(least), float(most)
