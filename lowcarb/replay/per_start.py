"""Figures of one policy from each start, and how sure their means are."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.replay.backtest import Run
from lowcarb.replay.interval import Interval, of_mean, of_ratio
from lowcarb.replay.metrics import gini, jain


@dataclass(frozen=True, kw_only=True, eq=False)
class PerStart:
    """Figures of a policy, one for each start (s,); of random the means over its seeds.

    Parameters
    ----------
    realised_g, planned_g
        Emissions by what came true, and by what was known before each round, gCO2eq.
    due_g
        What random cohorts are expected to emit on as many seats, gCO2eq.
    jain, gini
        How evenly turns are spread.
    floors_met
        Share of clients that got the turns they are owed.
    filled
        Seats that were filled, whatever became of their turns.
    """

    realised_g: FloatArray
    planned_g: FloatArray
    due_g: FloatArray
    jain: FloatArray
    gini: FloatArray
    floors_met: FloatArray
    filled: FloatArray

    @classmethod
    def of(cls, runs: Sequence[Run], due_g: FloatArray, *, by_seed: bool = False) -> "PerStart":
        """Gather the figures of runs, seeds together, from as many starts as `due_g` has.

        With `by_seed` there is a figure for each seed, the mean over the starts.
        """

        def means(values: Sequence[float]) -> FloatArray:
            found: FloatArray = np.array(values).reshape(-1, len(due_g)).mean(axis=int(by_seed))
            return found

        seeds = len(runs) // len(due_g)
        due = np.full(seeds, due_g.mean()) if by_seed else due_g
        return cls(
            realised_g=means([run.realised_g for run in runs]),
            planned_g=means([run.planned_g for run in runs]),
            due_g=due,
            jain=means([jain(run.turns) for run in runs]),
            gini=means([gini(run.turns) for run in runs]),
            floors_met=means([run.floors_met for run in runs]),
            filled=means([sum(map(len, run.cohorts)) for run in runs]),
        )

    @property
    def saved_g(self) -> FloatArray:
        """What was saved against random cohorts on the same seats (s,), gCO2eq."""
        saved: FloatArray = self.due_g - self.realised_g
        return saved

    @property
    def saved(self) -> FloatArray:
        """Share that was saved (s,); 0 where random cohorts emit nothing."""
        share = np.zeros(len(self.due_g))
        np.divide(self.saved_g, self.due_g, out=share, where=self.due_g > 0)
        return share

    def to_dict(self) -> dict[str, list[float]]:
        """Write the figures for JSON, a value for each start, shares in percent."""
        return {
            "emissions_g": self.realised_g.tolist(),
            "planned_g": self.planned_g.tolist(),
            "saved_g": self.saved_g.tolist(),
            "saved_vs_random_pct": (100 * self.saved).tolist(),
            "jain": self.jain.tolist(),
            "gini": self.gini.tolist(),
            "floors_met_pct": (100 * self.floors_met).tolist(),
        }


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """95 % intervals of the figures of a `PolicySummary`; None where one start says nothing.

    Parameters
    ----------
    realised_g, planned_g, saved_g, saved, share_of_oracle, jain, gini, floors_met
        As there.
    """

    realised_g: Interval | None
    planned_g: Interval | None
    saved_g: Interval | None
    saved: Interval | None
    share_of_oracle: Interval | None
    jain: Interval | None
    gini: Interval | None
    floors_met: Interval | None

    @classmethod
    def of(cls, one: PerStart, oracle: PerStart | None, count: int) -> "Intervals":
        """Find them, from so many independent starts."""
        return cls(
            realised_g=of_mean(one.realised_g, count),
            planned_g=of_mean(one.planned_g, count),
            saved_g=of_mean(one.saved_g, count),
            saved=of_ratio(one.saved_g, one.due_g, count),
            share_of_oracle=None
            if oracle is None
            else of_ratio(one.saved_g, oracle.saved_g, count),
            jain=of_mean(one.jain, count),
            gini=of_mean(one.gini, count),
            floors_met=of_mean(one.floors_met, count),
        )

    def to_dict(self) -> dict[str, list[float] | None]:
        """Write the bounds for JSON, shares in percent; null where one start says nothing."""

        def bounds(interval: Interval | None, scale: float = 1.0) -> list[float] | None:
            return None if interval is None else [scale * bound for bound in interval]

        return {
            "emissions_g": bounds(self.realised_g),
            "planned_g": bounds(self.planned_g),
            "saved_g": bounds(self.saved_g),
            "saved_vs_random_pct": bounds(self.saved, 100),
            "share_of_oracle_pct": bounds(self.share_of_oracle, 100),
            "jain": bounds(self.jain),
            "gini": bounds(self.gini),
            "floors_met_pct": bounds(self.floors_met, 100),
        }
