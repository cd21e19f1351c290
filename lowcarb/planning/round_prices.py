"""What the plan of one round leaves for the plan of another: prices, known by their rounds."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.policies import Choice
from lowcarb_solvers import Warm

# gCO2eq a seat: more than any cohort emits. Sums of larger figures would not be finite.
_MOST = 1e15


@dataclass(frozen=True, kw_only=True, eq=False)
class RoundPrices:
    """Prices of the rounds that a plan was about. They change how long planning takes, no plan.

    Parameters
    ----------
    first
        Number of the first of these rounds.
    prices
        Shape (t,): of the rounds from then on; what no price can be is unknown.
    """

    first: int
    prices: FloatArray

    @classmethod
    def of(cls, choice: Choice, first: int) -> "RoundPrices | None":
        """Take the prices of a choice that was made for a round.

        None if it found none. Solvers and policies may be of one's own: what is not a price for
        each round is none either.
        """
        solution = choice.solution
        prices = None if solution is None else solution.prices
        if solution is None or not isinstance(prices, np.ndarray) or prices.dtype != np.float64:
            return None
        if prices.shape != (solution.classes.problem.rounds,):
            return None
        return cls(first=first, prices=prices)

    def warm(self, first: int, rounds: int) -> Warm | None:
        """Give a plan of so many rounds from `first` on its start; None if it knows none of them.

        Rounds may have been skipped, and the plan may be longer or shorter than the earlier one.
        """
        found = np.full(rounds, np.nan)
        begin, end = max(first, self.first), min(first + rounds, self.first + len(self.prices))
        if begin < end:
            known = self.prices[begin - self.first : end - self.first]
            found[begin - first : end - first] = np.where(np.abs(known) <= _MOST, known, np.nan)
        return Warm(prices=found) if np.isfinite(found).any() else None
