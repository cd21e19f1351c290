"""How accurate and how dirty trainings were, against random cohorts on the same seeds."""

from dataclasses import dataclass

import numpy as np
from scipy import stats

from benchmarks.accuracy_variants import RANDOM
from benchmarks.to_target import ToTarget, in_percent
from benchmarks.trainings import Curve, Variant
from lowcarb_solvers.arrays import FloatArray

TARGET = 0.92
"""Accuracy that a training is to reach."""
OTHER_TARGETS = (0.86, 0.88, 0.90, 0.94)
"""Whether what holds for `TARGET` holds around it."""
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Mean of paired differences, with its confidence interval."""

    mean: float
    half_width: float
    error: float
    """Standard error of the mean."""

    @classmethod
    def of(cls, pairs: FloatArray) -> "Difference":
        """Student's t over the seeds (s,)."""
        if len(pairs) < 2:
            return cls(mean=float(pairs.mean()), half_width=float("nan"), error=float("nan"))
        quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(pairs) - 1))
        error = float(pairs.std(ddof=1)) / np.sqrt(len(pairs))
        return cls(mean=float(pairs.mean()), half_width=quantile * error, error=error)

    def __str__(self) -> str:
        low, high = self.mean - self.half_width, self.mean + self.half_width
        return f"{self.mean:+.2f} ({low:+.2f} to {high:+.2f})"


Curves = dict[Variant, list[Curve]]
"""Trainings of each variant, in the order of the seeds."""


def points(curves: Curves, variant: Variant) -> Difference:
    """Accuracy in the end against random cohorts on the same seed, in points."""
    pairs = zip(curves[variant], curves[RANDOM], strict=True)
    return Difference.of(np.array([100 * (a.final - b.final) for a, b in pairs]))


def points_of_last_round(curves: Curves, variant: Variant) -> Difference:
    """The same by the last round alone."""
    pairs = zip(curves[variant], curves[RANDOM], strict=True)
    return Difference.of(np.array([100 * (a.accuracy[-1] - b.accuracy[-1]) for a, b in pairs]))


def saved(curves: Curves, variant: Variant) -> float:
    """Share of the grams that random cohorts emitted, over all seeds, in percent."""
    mine, theirs = (
        sum(float(curve.emissions_g[-1]) for curve in curves[one]) for one in (variant, RANDOM)
    )
    return 100 * (1 - mine / theirs)


def against_random(curves: Curves, variant: Variant, target: float = TARGET) -> str:
    """Expected grams to a target against random cohorts, in percent, with the interval."""
    mine, theirs = (ToTarget.of(curves[one], target) for one in (variant, RANDOM))
    return in_percent(mine.against(theirs))


def end_of(curves: Curves, variant: Variant) -> tuple[float, float]:
    """Mean accuracy in the end, in percent, and mean emissions, in grams."""
    mine = curves[variant]
    accuracy = 100 * np.mean([curve.final for curve in mine])
    return float(accuracy), float(np.mean([curve.emissions_g[-1] for curve in mine]))
