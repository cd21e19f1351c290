"""What an earlier plan knows of the next one."""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.solution import Solution


@dataclass(frozen=True, kw_only=True, eq=False)
class Warm:
    """Round prices to begin from: they change how long solving takes, never the answer.

    Parameters
    ----------
    prices
        Shape (t,): a price for each round of the problem that is to be solved, NaN for a round that
        the earlier plan did not know.
    """

    prices: FloatArray

    @classmethod
    def after(cls, solution: Solution, rounds: int = 1) -> "Warm | None":
        """Take what a plan knows once its first rounds are over; None if it has no prices.

        The next plan may be longer: see `for_rounds`.
        """
        if solution.prices is None or rounds >= len(solution.prices):
            return None
        return cls(prices=solution.prices[rounds:])

    def for_rounds(self, rounds: int) -> "Warm":
        """Cut or lengthen the prices, with rounds that nobody knows at the end."""
        prices = np.full(rounds, np.nan)
        known = min(rounds, len(self.prices))
        prices[:known] = self.prices[:known]
        return Warm(prices=prices)

    def filled(self, problem: Problem) -> FloatArray | None:
        """A price for every round (t,), the median for those unknown; None if none is known."""
        if self.prices.shape != (problem.rounds,):
            raise ProblemError(
                f"warm: expected a price for each of the {problem.rounds} rounds, got shape "
                f"{self.prices.shape}; Warm.for_rounds cuts and lengthens"
            )
        known = np.isfinite(self.prices)
        if not known.any():
            return None
        return np.where(known, self.prices, np.median(self.prices[known]))
