"""Seats that stay empty by choice: what lets cohorts breathe.

A round has as many seats as its cohort may have members. Where it may also have fewer, some of them
may stay empty, which costs nothing, and over all rounds just so many do that the total of turns
is the one asked for. Of an elastic problem further seats may stay empty, and be missing, at a
penalty; and more than that many in all, so that turns are missing to the total, at another one.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.lazy import lazy

# Steps for the price of an empty seat, and how far the seats may be off.
_MOST_STEPS, _SEATS_OFF = 60, 1e-6
# Beyond this many widths from its price a seat is empty or not, to double precision.
_SURE = 36.0


@dataclass(frozen=True, kw_only=True, eq=False)
class SlackSeats:
    """How many seats stay empty by choice.

    Parameters
    ----------
    width
        Shape (t,): the most of each round; zeros where cohorts are fixed.
    total
        How many of all rounds together, at most the sum of `width`.
    """

    width: IntArray
    total: int

    @lazy
    def breathes(self) -> bool:
        """Whether any cohort may be of another size."""
        return bool(self.width.any())

    def empty(self, vacant: IntArray) -> IntArray:
        """How many of some vacant seats (t,) are empty by choice; the others are missing (t,)."""
        return np.clip(vacant, 0, self.width)

    def lost(self, vacant: IntArray) -> int:
        """Turns that are missing to the total with these seats vacant (t,); below zero: too many.

        Where cohorts are fixed these are the missing seats.
        """
        return int(vacant.sum()) - self.total

    def missing(self, vacant: IntArray) -> int:
        """How many penalties are charged for vacant seats (t,)."""
        seats = int((vacant - self.empty(vacant)).sum())
        return seats + self.lost(vacant) if self.breathes else seats

    def least(self, prices: FloatArray, seats: IntArray, penalty: float | None) -> float:
        """What vacant seats cost at least where an empty seat saves the price of its round.

        Parameters
        ----------
        prices, seats
            Shape (t,): price and number of the seats of each round.
        penalty
            Cost of a missing seat, and of a turn missing to the total; None if none may be missing.
        """
        costs, most = -prices, self.width
        if penalty is not None:
            costs, most = np.append(costs, penalty - prices), np.append(most, seats)
        order = np.argsort(costs)
        costs, units = costs[order], np.cumsum(most[order])
        lost = penalty if penalty is not None and self.breathes else 0.0
        number = self.total
        if penalty is not None:
            worth = int(np.searchsorted(costs, -lost))
            number = max(number, int(units[worth - 1]) if worth else 0)
        sums = np.append(0.0, np.cumsum(most[order] * costs))
        whole = float(np.interp(number, np.append(0, units), sums))
        return whole + lost * (number - self.total)

    def respond(self, prices: FloatArray, width: float) -> FloatArray:
        """Share of each round's slack that is empty at prices (t,), smoothly over a width."""
        if self.total >= int(self.width.sum()):
            return np.ones(len(prices))
        score = prices / width
        # Without an entropy seats are empty where their price is above this one.
        falling = np.argsort(-score)
        last = int(np.searchsorted(np.cumsum(self.width[falling]), self.total))
        price, low, high = -float(score[falling[last]]), -np.inf, np.inf
        for _ in range(_MOST_STEPS):
            share = _logistic(score + price)
            off = self.total - float(self.width @ share)
            if abs(off) <= _SEATS_OFF:
                break
            low, high = (price, high) if off > 0 else (low, price)
            bend = float(self.width @ (share * (1 - share)))
            moved = price + float(np.clip(off / max(bend, 1e-12), -6.0, 6.0))
            if np.isfinite(low) and np.isfinite(high) and not low < moved < high:
                moved = low / 2 + high / 2
            price = moved
        return share


def _logistic(score: FloatArray) -> FloatArray:
    share: FloatArray = 1 / (1 + np.exp(-np.clip(score, -_SURE, _SURE)))
    return share
