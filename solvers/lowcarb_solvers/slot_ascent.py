"""The bound on all sets of slots, and how it is raised: subgradient steps of prices."""

import math
from collections.abc import Callable

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.reduction import turn_prices
from lowcarb_solvers.slot_prices import SlotCosts, SlotDual, TurnPrices
from lowcarb_solvers.slot_problem import SlotProblem
from lowcarb_solvers.solution import Solution

LENGTH, SHORTER, SHORTEST = 1.0, 0.7, 0.01
"""A step goes so far to where the best answer would be proven, less where some were in vain."""
# Steps of prices between two tries, and how many in vain make the next ones shorter.
_STEPS, _IN_VAIN = 60, 6
# Part of the latest set in how often slots are among the cheapest.
_LATELY = 0.1
# Share of the direction of a step that is kept from the one before.
_KEPT = 0.3


class SlotBounds:
    """The highest bound so far, mutable on purpose.

    Parameters
    ----------
    problem
        Whose slots; missing turns and seats are allowed in it.
    classes
        Of its clients.
    """

    def __init__(self, problem: SlotProblem, classes: Classes) -> None:
        self._problem, self._classes = problem, classes
        self.dual = SlotDual(problem, classes)
        self.lower = -math.inf
        self.highest: SlotCosts | None = None
        self.prices = self.dual.none

    def cheapest(self, worth: FloatArray) -> IntArray:
        """Choose the slots whose costs (t,) sum to the least."""
        found = self._problem.spaced.cheapest(worth, self._problem.fitting)
        assert found is not None  # noqa: S101 - it was checked that there is a set
        return found[0]

    def look(self, prices: TurnPrices) -> tuple[SlotCosts, IntArray]:
        """Take the bound of prices, and the slots that are cheapest at them."""
        costs = self.dual.costs(prices)
        slots = self.cheapest(costs.worth)
        bound = costs.bound(slots)
        if bound > self.lower:
            self.lower, self.highest, self.prices = bound, costs, prices
        return costs, slots

    def ascend(
        self,
        prices: TurnPrices,
        length: float,
        upper: float,
        enough: Callable[[], bool],
    ) -> tuple[TurnPrices, float, FloatArray]:
        """Step towards prices at which the bound would be the cost of the best answer.

        Parameters
        ----------
        prices, length
            Where to begin, and how far to go.
        upper
            Cost of the best answer.
        enough
            Whether the bound is near enough, or the time over.

        Returns
        -------
        tuple
            The best prices, the length of the last step, and how often each slot was among the
            cheapest lately (t,).
        """
        best, highest, in_vain = prices, -math.inf, 0
        kept = self.dual.none
        often = np.zeros(self._problem.problem.rounds)
        for _ in range(_STEPS):
            costs, slots = self.look(prices)
            often *= 1 - _LATELY
            often[slots] += _LATELY
            bound = costs.bound(slots)
            if bound > highest:
                best, highest, in_vain = prices, bound, 0
            else:
                in_vain += 1
            if in_vain >= _IN_VAIN:
                length, in_vain = max(SHORTEST, length * SHORTER), 0
            if enough():
                break
            rise = self.dual.ascent(prices, costs, slots)
            kept = TurnPrices(
                of_class=rise.of_class + _KEPT * kept.of_class,
                of_all=rise.of_all + _KEPT * kept.of_all,
            )
            square = float(kept.of_class @ kept.of_class) + kept.of_all**2
            if not square:
                break
            step = length * max(0.0, upper - bound) / square
            moved = prices.of_class + step * kept.of_class
            # Zero is a kink: there neither floor nor cap binds.
            moved[prices.of_class * moved < 0] = 0.0
            # No turn is worth more than missing it costs.
            prices = TurnPrices(
                of_class=np.minimum(moved, self.dual.penalty),
                of_all=min(prices.of_all + step * kept.of_all, self.dual.penalty),
            )
        return best, length, often

    def of_answer(self, held: Solution) -> TurnPrices:
        """Prices of turns in an answer, which prove it among its own slots."""
        if held.prices is None:
            return self.dual.none
        in_all = 0.0
        if self._problem.total is not None:
            slack = held.classes.problem.slack
            falling = np.argsort(-held.prices)
            last = int(np.searchsorted(np.cumsum(slack.width[falling]), slack.total))
            in_all = float(held.prices[falling[min(last, len(falling) - 1)]])
        of_held = turn_prices(held.classes, held.prices)
        one = np.zeros(len(self._classes), dtype=np.int64)
        one[self._classes.member_of] = np.arange(self._classes.problem.clients)
        return TurnPrices(of_class=of_held[held.classes.member_of[one]], of_all=in_all)
