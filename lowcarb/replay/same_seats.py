"""What random cohorts emit on as many seats as a policy filled, with which it is compared."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.planning.planner import Planner
from lowcarb.replay.backtest import Backtest, Run


@dataclass(frozen=True, kw_only=True, eq=False)
class SameSeats:
    """Seats that random cohorts fill, and those that a policy does.

    Random cohorts fill each seat for which a client is there. Who leaves some of them empty would
    look thrifty beside them: it is compared with random cohorts on as many seats.

    Parameters
    ----------
    planner
        Fleet, cohort size and rounds.
    backtests
        What was played on, for each start.
    random_g
        Shape (s,): the exact expectation of random cohorts from each start, gCO2eq.
    """

    planner: Planner
    backtests: tuple[Backtest, ...]
    random_g: FloatArray

    @cached_property
    def there(self) -> IntArray:
        """Seats from each start for which a client is there (s,): those that random fills."""
        planner = self.planner
        present = [
            np.full(planner.rounds, len(planner.fleet)) if online is None else online.sum(axis=0)
            for online in (backtest.disruptions.online for backtest in self.backtests)
        ]
        seats: IntArray = np.minimum(planner.cohort_size, present).sum(axis=1)
        return seats

    def filled(self, runs: Sequence[Run]) -> IntArray:
        """Seats that were filled, by seed and start; seeds stand together in `runs`."""
        filled = [sum(map(len, run.cohorts)) for run in runs]
        return np.array(filled, dtype=np.int64).reshape(-1, len(self.random_g))

    def share(self, runs: Sequence[Run]) -> FloatArray:
        """Share of the seats that random cohorts fill that were filled (s,)."""
        share = np.ones(self.filled(runs).shape)
        np.divide(self.filled(runs), self.there, out=share, where=self.there > 0)
        means: FloatArray = share.mean(axis=0)
        return means

    def due_g(self, runs: Sequence[Run]) -> FloatArray:
        """What random cohorts emit on as many seats as were filled (s,), gCO2eq."""
        return self.random_g * self.share(runs)

    def on_all_g(self, runs: Sequence[Run]) -> float:
        """What runs would emit if they filled all seats at their own grams a seat, gCO2eq."""
        expected, due = float(self.random_g.mean()), float(self.due_g(runs).mean())
        realised = float(np.mean([run.realised_g for run in runs]))
        return realised * (expected / due) if due else expected
