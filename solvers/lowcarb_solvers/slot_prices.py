"""Prices of turns, and what a round in each slot costs at least at them.

With a price q[k] for a turn of a member of class k, and u for any turn where cohorts breathe,
the cheapest cohort of a slot is a sort, slots are chosen by a shortest path, and ::

    L(q, u) = the least sum of the cheapest cohorts at costs c[k, j] - q[k] - u of slots that fit
              + sum over k of the least q[k] times its turns, within floor and cap
              + u times the total

is a lower bound on the cost of every answer, whatever the prices (Lagrangian duality). The best
prices are found by subgradient steps towards an answer that is known.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.slot_problem import SlotProblem

# Digits that sums of costs may lose, relative to the largest of them.
_ROUNDING = 1e-12
# Entries of a matrix of classes by slots that are handled at once.
_KEPT = 4_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class TurnPrices:
    """Prices of turns.

    Parameters
    ----------
    of_class
        Shape (k,): of each class; a floor that binds makes it positive, a cap negative.
    of_all
        Of any turn, where cohorts breathe; else zero.
    """

    of_class: FloatArray
    of_all: float


@dataclass(frozen=True, kw_only=True, eq=False)
class SlotCosts:
    """What prices say of each slot.

    Parameters
    ----------
    worth
        Shape (t,): what the cheapest cohort of a slot costs, less its turns at their prices.
    classes, members
        Shape (m, t): of which classes that cohort is, and how many of each.
    seat_prices
        Shape (t,): what the dearest turn of that cohort costs, about the price of its round.
    turns
        What the turns of all classes cost at their prices at least: the constant of the bound.
    """

    worth: FloatArray
    classes: IntArray
    members: IntArray
    seat_prices: FloatArray
    turns: float

    def bound(self, slots: IntArray) -> float:
        """No cohorts in these slots cost less, missing turns and seats at the penalty."""
        parts = self.worth[slots]
        rounding = _ROUNDING * (float(np.abs(parts).sum()) + abs(self.turns))
        return float(parts.sum()) + self.turns - rounding

    def taken(self, slots: IntArray, classes: int) -> IntArray:
        """Count the turns of each class in these slots (k,)."""
        counted = np.bincount(
            self.classes[:, slots].ravel(),
            weights=self.members[:, slots].ravel(),
            minlength=classes,
        )
        return counted.astype(np.int64)


class SlotDual:
    """The bound as a function of prices; turns and seats may be missing at a penalty.

    Parameters
    ----------
    problem
        Whose slots.
    classes
        Of its clients, with their availability in all slots.
    """

    def __init__(self, problem: SlotProblem, classes: Classes) -> None:
        whole = problem.problem
        self._least, self._most = whole.fewest, whole.most
        self._total = problem.total
        self._classes = classes
        self.penalty = classes.penalty
        most = problem.fitting[1] if problem.fitting[1] > 0 else whole.rounds
        self._floor = classes.floor
        self._ceiling = classes.size * np.minimum(classes.at_most, most)
        # More classes than seats are never in one cohort.
        self._near = min(len(classes), max(1, int(whole.most.max())))
        self._cost = classes.cost() if len(classes) * whole.rounds <= _KEPT else None

    @property
    def none(self) -> TurnPrices:
        """No price on anything."""
        return TurnPrices(of_class=np.zeros(len(self._floor)), of_all=0.0)

    def of_clients(self, prices: FloatArray | None, of_all: float) -> TurnPrices:
        """Take prices of each client's turns (n,), the mean of a class, and of any; None: none."""
        member_of = self._classes.member_of
        if prices is None or prices.shape != member_of.shape:
            return self.none
        total = np.bincount(member_of, weights=prices, minlength=len(self._floor))
        mean: FloatArray = np.minimum(total / self._classes.size, self.penalty)
        of_all = 0.0 if self._total is None else min(of_all, self.penalty)
        return TurnPrices(of_class=mean, of_all=of_all)

    def costs(self, prices: TurnPrices) -> SlotCosts:
        """Find the cheapest cohort of every slot, and the constant of the bound.

        Prices may not exceed `penalty`, which is what missing turns cost.
        """
        step = max(1, _KEPT // len(self._floor))
        parts = [
            self._cohorts(slice(begin, begin + step), prices)
            for begin in range(0, len(self._least), step)
        ]
        worth, dearest = (np.concatenate([part[k] for part in parts]) for k in (0, 3))
        order = np.concatenate([part[1] for part in parts], axis=1)
        taken = np.concatenate([part[2] for part in parts], axis=1)
        q = prices.of_class
        turns = np.where(q > 0, q * self._floor, q * self._ceiling)
        in_all = 0.0 if self._total is None else prices.of_all * self._total
        return SlotCosts(
            worth=worth,
            classes=order,
            members=taken,
            seat_prices=np.where(np.isfinite(dearest), dearest + prices.of_all, np.nan),
            turns=float(turns.sum()) + in_all,
        )

    def _cohorts(
        self, part: slice, prices: TurnPrices
    ) -> tuple[FloatArray, IntArray, IntArray, FloatArray]:
        """Cheapest cohorts of some slots: worth, classes, members and their dearest turns."""
        classes = self._classes
        if self._cost is None:
            level = classes.problem.cost_level[classes.level_of, part]
            cost = classes.weight[:, None] * level
        else:
            cost = self._cost[:, part]
        reduced = cost - prices.of_class[:, None] - prices.of_all
        reduced[classes.at_most < 1] = np.inf
        if classes.available is not None:
            reduced[~classes.available[:, part]] = np.inf
        if self._near < len(reduced):
            order = np.argpartition(reduced, self._near - 1, axis=0)[: self._near]
            near = np.take_along_axis(reduced, order, axis=0)
            sort = np.argsort(near, axis=0, kind="stable")
            order = np.take_along_axis(order, sort, axis=0)
            ordered = np.take_along_axis(near, sort, axis=0)
        else:
            order = np.argsort(reduced, axis=0, kind="stable")
            ordered = np.take_along_axis(reduced, order, axis=0)
        there = np.where(np.isfinite(ordered), classes.size[order], 0)
        upto = np.cumsum(there, axis=0)
        # Beyond the least size only turns that pay; missing seats cost the penalty.
        pays = np.where(ordered < 0, upto, 0).max(axis=0, initial=0)
        least = self._least[part]
        size = np.clip(pays, least, self._most[part])
        taken = np.clip(size - (upto - there), 0, there)
        # A turn that costs more than a missing seat is not taken.
        taken[ordered > self.penalty] = 0
        missing = np.maximum(0, least - taken.sum(axis=0))
        dearest = np.where(taken > 0, ordered, -np.inf).max(axis=0)
        worth = (taken * np.where(taken > 0, ordered, 0.0)).sum(axis=0) + self.penalty * missing
        return worth, order, taken, dearest

    def ascent(self, prices: TurnPrices, costs: SlotCosts, slots: IntArray) -> TurnPrices:
        """How the bound rises with prices: a supergradient."""
        taken, q = costs.taken(slots, len(self._floor)), prices.of_class
        short, over = self._floor - taken, self._ceiling - taken
        at_zero = np.where(short > 0, short, np.minimum(over, 0))
        rise = np.where(q > 0, short, np.where(q < 0, over, at_zero))
        in_all = 0.0 if self._total is None else float(self._total - taken.sum())
        return TurnPrices(of_class=rise.astype(np.float64), of_all=in_all)
