"""Greedy cohorts under limits: a start for branch and cut, and what stands if that finds nothing.

One round after the other is filled by cost less what the rules' multipliers pay, which rise while
rules are broken; then single exchanges mend what they can. Availability, turn caps and rest are
always kept. It promises nothing of the rules: a plan that keeps them may exist where it finds none.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.deadline import never
from lowcarb_solvers.later_rounds import LaterRounds
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.rules import Rule, Stage

# How often multipliers are raised in a round, and by how much of a typical cost.
_RAISES, _STEP = 40, 0.25
# How many exchanges may mend a round, and among how many classes each is looked for.
_MENDS, _CANDIDATES = 200, 48
# What an earlier stage weighs more than the next one.
_STAGE = 1e3
_TINY = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class _Round:
    """What one round asks: rows (r,) of values (r, k), each to stay within bounds.

    `weight` (r,) is what a broken unit counts.
    """

    values: FloatArray
    low: FloatArray
    high: FloatArray
    weight: FloatArray

    def broken(self, sums: FloatArray) -> FloatArray:
        """How far sums (r, ...) are out of bounds, signed: positive below, negative above."""
        shape = (-1,) + (1,) * (sums.ndim - 1)
        low, high = self.low.reshape(shape), self.high.reshape(shape)
        return np.maximum(0.0, low - sums) - np.maximum(0.0, sums - high)

    def charge(self, sums: FloatArray) -> FloatArray:
        """Weigh how far sums (r, ...) are out of bounds (...)."""
        charged: FloatArray = np.tensordot(self.weight, np.abs(self.broken(sums)), axes=1)
        return charged


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
        rules = merged.limited.limits.rules
        self._rules = [(rule, merged.coefficients(rule)) for rule in rules]
        self._used = np.zeros(len(rules))
        self.counts = np.zeros(self._cost.shape, dtype=np.int64)

    def fill(self) -> IntArray:
        """Fill all rounds, and return the counts (k, t)."""
        for j in range(self._cost.shape[1]):
            self.counts[:, j] = self._fill_round(j)
            for number, (_, values) in enumerate(self._rules):
                self._used[number] += float(values[:, j] @ self.counts[:, j])
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
        seats = int(self._classes.problem.cohort_size[j])
        everyone = np.arange(len(self._classes))
        each = np.maximum(0, self._classes.at_least - total // self._classes.size)
        rank = (self._cost[:, j] - self._later.cost(everyone, each, j)) / self._typical
        # Those come first whose turns would be lost otherwise.
        first = np.minimum(self._must(j, owed), room)
        later_seats = int(self._classes.problem.cohort_size[j + 1 :].sum())
        short = int(owed.sum()) - later_seats
        if short > int(first.sum()):
            order = np.argsort(rank, kind="stable")
            first += _taken(
                np.minimum(owed, room)[order] - first[order], order, short - first.sum()
            )
        asked = self._asked(j, seats)
        held = _taken(first, everyone, seats)
        best, charged = None, np.inf
        price = np.zeros(len(asked.low))
        for _ in range(_RAISES):
            score = rank - price @ asked.values
            order = np.argsort(score, kind="stable")
            chosen = held + _taken((room - held)[order], order, seats - int(held.sum()))
            broken = asked.broken(asked.values @ chosen)
            charge = float(asked.charge(asked.values @ chosen))
            if charge < charged - _TINY:
                best, charged = chosen, charge
            if charge <= _TINY or self._expired():
                break
            price += _STEP * np.sign(broken) * np.minimum(1.0, np.abs(broken) / max(1, seats) * 8)
        assert best is not None  # noqa: S101 - the first one is better than none
        return self._mend(best, asked, room, held, rank)

    def _asked(self, j: int, seats: int) -> _Round:
        """What seats and rules ask of a round; of the whole horizon, an equal part of the rest."""
        rounds = self._cost.shape[1]
        stages = self._merged.limited.limits.stages
        values, low, high, weight = [np.ones(len(self._classes))], [seats], [seats], []
        weight.append(_STAGE ** -stages.index(Stage.SEATS))
        for number, (rule, of) in enumerate(self._rules):
            scale = float(of[:, j].max(initial=0.0)) or 1.0
            at = 0 if rule.whole else j
            least, most = rule.at_least[at], rule.at_most[at]
            if rule.whole:
                least = (least - self._used[number]) / (rounds - j)
                most = (most - self._used[number]) / (rounds - j)
                if rule.counts_turns:
                    least, most = np.ceil(least), np.ceil(most)
            values.append(of[:, j] / scale)
            low.append(least / scale)
            high.append(max(0.0, most) / scale)
            weight.append(_STAGE ** -stages.index(_stage(rule)))
        return _Round(
            values=np.array(values),
            low=np.array(low),
            high=np.array(high),
            weight=np.array(weight),
        )

    def _mend(
        self, chosen: IntArray, asked: _Round, room: IntArray, held: IntArray, rank: FloatArray
    ) -> IntArray:
        """Exchange single turns while that mends what is broken most."""
        sums = asked.values @ chosen
        charge = float(asked.charge(sums))
        for _ in range(_MENDS):
            if charge <= _TINY or self._expired():
                break
            pull = (asked.weight * np.sign(asked.broken(sums))) @ asked.values
            score = rank * _TINY - pull
            enter = _best(np.flatnonzero(chosen < room), score)
            leave = _best(np.flatnonzero(chosen > held), -score)
            # The last of each stands for nobody.
            more = np.pad(asked.values[:, enter], ((0, 0), (0, 1)))
            less = np.pad(asked.values[:, leave], ((0, 0), (0, 1)))
            tried = sums[:, None, None] + more[:, :, None] - less[:, None, :]
            charges = asked.charge(tried)
            if sums[0] >= asked.high[0]:
                charges[:-1, -1] = np.inf  # there is no seat for one more
            at = np.unravel_index(int(charges.argmin()), charges.shape)
            if charges[at] >= charge - _TINY:
                break
            charge, sums = float(charges[at]), tried[:, at[0], at[1]]
            if at[0] < len(enter):
                chosen[enter[at[0]]] += 1
            if at[1] < len(leave):
                chosen[leave[at[1]]] -= 1
        return chosen


def _stage(rule: Rule) -> Stage:
    return rule.stage_below if np.isfinite(rule.at_least).any() else rule.stage_above


def _best(which: IntArray, score: FloatArray) -> IntArray:
    if len(which) > _CANDIDATES:
        which = which[np.argpartition(score[which], _CANDIDATES)[:_CANDIDATES]]
    return which


def _taken(able: IntArray, order: IntArray, seats: int) -> IntArray:
    """Fill seats from those that are able (k,), in an order (k,) of classes."""
    before = np.cumsum(able) - able
    taken = np.zeros(len(able), dtype=np.int64)
    taken[order] = np.clip(seats - before, 0, able)
    return taken
