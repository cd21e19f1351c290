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
    counts
        Shape (k, t): that cohort.
    seat_prices
        Shape (t,): what the dearest turn of that cohort costs, about the price of its round.
    turns
        What the turns of all classes cost at their prices at least: the constant of the bound.
    """

    worth: FloatArray
    counts: IntArray
    seat_prices: FloatArray
    turns: float

    def bound(self, slots: IntArray) -> float:
        """No cohorts in these slots cost less, missing turns and seats at the penalty."""
        parts = self.worth[slots]
        rounding = _ROUNDING * (float(np.abs(parts).sum()) + abs(self.turns))
        return float(parts.sum()) + self.turns - rounding


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
        self.penalty = classes.penalty
        self._floor, self._ceiling = classes.floor, classes.size * classes.at_most
        self._cost, self._capacity = classes.cost(), np.ascontiguousarray(classes.capacity())

    @property
    def none(self) -> TurnPrices:
        """No price on anything."""
        return TurnPrices(of_class=np.zeros(len(self._floor)), of_all=0.0)

    def costs(self, prices: TurnPrices) -> SlotCosts:
        """Find the cheapest cohort of every slot, and the constant of the bound.

        Prices may not exceed `penalty`, which is what missing turns cost.
        """
        reduced = self._cost - prices.of_class[:, None] - prices.of_all
        order = np.argsort(reduced, axis=0, kind="stable")
        ordered = np.take_along_axis(reduced, order, axis=0)
        there = np.take_along_axis(self._capacity, order, axis=0)
        upto = np.cumsum(there, axis=0)
        # Beyond the least size only turns that pay; missing seats cost the penalty.
        pays = np.where(ordered < 0, upto, 0).max(axis=0, initial=0)
        size = np.clip(pays, self._least, self._most)
        taken = np.clip(size - (upto - there), 0, there)
        # A turn that costs more than a missing seat is not taken.
        taken[ordered > self.penalty] = 0
        missing = np.maximum(0, self._least - taken.sum(axis=0))
        dearest = np.where(taken > 0, ordered, -np.inf).max(axis=0)
        worth = (taken * np.where(taken > 0, ordered, 0.0)).sum(axis=0) + self.penalty * missing
        counts = np.empty_like(taken)
        np.put_along_axis(counts, order, taken, axis=0)
        q = prices.of_class
        turns = np.where(q > 0, q * self._floor, q * self._ceiling)
        in_all = 0.0 if self._total is None else prices.of_all * self._total
        return SlotCosts(
            worth=worth,
            counts=counts,
            seat_prices=np.where(np.isfinite(dearest), dearest + prices.of_all, np.nan),
            turns=float(turns.sum()) + in_all,
        )

    def ascent(self, prices: TurnPrices, costs: SlotCosts, slots: IntArray) -> TurnPrices:
        """How the bound rises with prices: a supergradient."""
        taken, q = costs.counts[:, slots].sum(axis=1), prices.of_class
        short, over = self._floor - taken, self._ceiling - taken
        rise = np.where(q > 0, short, np.where(q < 0, over, np.clip(0, short, over)))
        in_all = 0.0 if self._total is None else float(self._total - taken.sum())
        return TurnPrices(of_class=rise.astype(np.float64), of_all=in_all)
