"""One round's cohort under the rules of that round, and single exchanges that make it better."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.deadline import never
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.rules import Rule, Stage

# What an earlier stage weighs more than the next one.
_STAGE = 1e3
# What is broken outweighs any cost, in typical costs; below the latter nothing is broken.
_BROKEN, _TINY = 1e12, 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Asked:
    """What one round asks: rows (r,) of values (r, k), each to stay within bounds.

    The first row is of the seats, whose upper bound is never broken. `weight` (r,) is what a broken
    unit counts.
    """

    values: FloatArray
    low: FloatArray
    high: FloatArray
    weight: FloatArray

    def broken(self, sums: FloatArray) -> FloatArray:
        """How far sums (r, ...) are out of bounds, signed: positive below, negative above."""
        shape = (-1,) + (1,) * (sums.ndim - 1)
        low, high = self.low.reshape(shape), self.high.reshape(shape)
        signed: FloatArray = np.maximum(0.0, low - sums) - np.maximum(0.0, sums - high)
        return np.where(np.abs(signed) > _TINY, signed, 0.0)

    def charge(self, sums: FloatArray) -> FloatArray:
        """Weigh how far sums (r, ...) are out of bounds (...)."""
        charged: FloatArray = np.tensordot(self.weight, np.abs(self.broken(sums)), axes=1)
        return charged

    def charge_more(self, sums: FloatArray, change: FloatArray) -> FloatArray:
        """Weigh by how much more sums (r,) are out of bounds after changes (r, ...) (...).

        Row by row, so that a heavy row that stays broken blurs no light one.
        """
        now = sums.reshape((-1,) + (1,) * (change.ndim - 1))
        more = np.abs(self.broken(now + change)) - np.abs(self.broken(now))
        charged: FloatArray = np.tensordot(self.weight, more, axes=1)
        return charged


class RoundRules:
    """The rules of all rounds, with their coefficients.

    Parameters
    ----------
    merged
        The classes.
    """

    def __init__(self, merged: LimitedClasses) -> None:
        limited = merged.limited
        self._rounds = limited.problem.rounds
        self._stages = limited.limits.stages
        self._rules = [(rule, merged.coefficients(rule)) for rule in limited.limits.rules]
        self._classes = len(merged)

    def sums(self, counts: FloatArray | IntArray) -> FloatArray:
        """What counts (k, t) come to by each rule in each round (rules, t)."""
        return np.array([(of * counts).sum(axis=0) for _, of in self._rules]).reshape(
            len(self._rules), self._rounds
        )

    def sums_in(self, j: int, counts: IntArray) -> FloatArray:
        """What counts (k,) of one round come to by each rule (rules,)."""
        return np.array([float(of[:, j] @ counts) for _, of in self._rules], dtype=np.float64)

    def ask(
        self, j: int, seats: tuple[int, int], share: Callable[[int, Rule], tuple[float, float]]
    ) -> Asked:
        """What round j asks.

        Parameters
        ----------
        j
            The round.
        seats
            The fewest and the most members that it should have.
        share
            Says what is asked of it by a rule of the whole, given with its number.
        """
        values = [np.ones(self._classes)]
        low, high = [float(seats[0])], [float(seats[1])]
        weight = [self._weight(Stage.SEATS)]
        for number, (rule, of) in enumerate(self._rules):
            scale = float(of[:, j].max(initial=0.0)) or 1.0
            bounds = share(number, rule) if rule.whole else (rule.at_least[j], rule.at_most[j])
            values.append(of[:, j] / scale)
            low.append(bounds[0] / scale)
            high.append(max(0.0, bounds[1]) / scale)
            below = np.isfinite(rule.at_least).any()
            weight.append(self._weight(rule.stage_below if below else rule.stage_above))
        return Asked(
            values=np.array(values),
            low=np.array(low),
            high=np.array(high),
            weight=np.array(weight),
        )

    def _weight(self, stage: Stage) -> float:
        return float(_STAGE ** -self._stages.index(stage))


@dataclass(frozen=True, kw_only=True, eq=False)
class Exchanges:
    """Single exchanges of turns in one round.

    Parameters
    ----------
    asked
        What the round asks.
    room, held
        Shape (k,): the most and the fewest members of each class that may work.
    cost, score
        Shape (k,): what a turn costs, and that less what rules pay for it: who is tried first.
    candidates, most
        How many classes are tried on each side, and how many exchanges are made.
    worth
        What an exchange must gain at least.
    expired
        Whether the time is over.
    """

    asked: Asked
    room: IntArray
    held: IntArray
    cost: FloatArray
    score: FloatArray
    candidates: int
    most: int
    worth: float = _TINY
    expired: Callable[[], bool] = never

    def mend(self, chosen: IntArray) -> IntArray:
        """Exchange turns (k,) while fewer rules are broken, or it gets cheaper."""
        asked, chosen = self.asked, chosen.copy()
        sums = asked.values @ chosen
        charge = float(asked.charge(sums))
        weight = _BROKEN * asked.weight
        for _ in range(self.most):
            if self.expired():
                break
            pull = (weight * np.sign(asked.broken(sums))) @ asked.values
            enter = self._first(np.flatnonzero(chosen < self.room), self.score - pull)
            leave = self._first(np.flatnonzero(chosen > self.held), pull - self.score)
            # The last of each stands for nobody.
            more = np.pad(asked.values[:, enter], ((0, 0), (0, 1)))
            less = np.pad(asked.values[:, leave], ((0, 0), (0, 1)))
            charges = asked.charge(sums[:, None, None] + more[:, :, None] - less[:, None, :])
            if sums[0] >= asked.high[0]:
                charges[:-1, -1] = np.inf  # there is no seat for one more
            paid = np.append(self.cost[enter], 0.0)[:, None] - np.append(self.cost[leave], 0.0)
            gained = paid + _BROKEN * (charges - charge)
            a, b = np.unravel_index(int(gained.argmin()), gained.shape)
            if gained[a, b] >= -self.worth:
                break
            if a < len(enter):
                chosen[enter[a]] += 1
            if b < len(leave):
                chosen[leave[b]] -= 1
            sums = asked.values @ chosen
            charge = float(asked.charge(sums))
        return chosen

    def _first(self, which: IntArray, score: FloatArray) -> IntArray:
        """Those with the lowest scores of some classes."""
        if len(which) > self.candidates:
            which = which[np.argpartition(score[which], self.candidates)[: self.candidates]]
        return which


def fill(able: IntArray, order: IntArray, seats: int) -> IntArray:
    """Fill seats from those of each class that are able (k,), in an order (k,) of classes."""
    able = able[order]
    before = np.cumsum(able) - able
    taken = np.zeros(len(able), dtype=np.int64)
    taken[order] = np.clip(seats - before, 0, able)
    return taken
