"""What it costs to reach an accuracy, with the trainings that never reach it counted.

Those that arrive alone would flatter: the easy seeds arrive, and the hard ones leave the mean. So
figures are those of the expected running time (ERT) that optimisers are compared by: what all
trainings spent, until they arrived or until their end, over the number that arrived.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from benchmarks.trainings import Curve
from lowcarb_solvers.arrays import FloatArray

DEFINITION = (
    "Expected grams to an accuracy: all that the seeds emitted, each until it arrived and those "
    "that never did until their last round, over the number that arrived. It is what one arrival "
    "costs if a training that missed is begun again with another seed; a seed that misses makes "
    "it dearer, never cheaper."
)
_RESAMPLES = 10_000
_CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True, eq=False)
class ToTarget:
    """What trainings spent on the way to an accuracy.

    Parameters
    ----------
    grams
        Shape (seeds,): gCO2eq until the accuracy was first reached, or of the whole training where
        it never was.
    arrived
        Shape (seeds,): whether it was reached.
    """

    grams: FloatArray
    arrived: FloatArray

    @classmethod
    def of(cls, curves: Sequence[Curve], target: float) -> "ToTarget":
        """Read it off the trainings of one variant."""
        found = [curve.until(target) for curve in curves]
        return cls(
            grams=np.array(
                [
                    curve.emissions_g[-1] if one is None else one[1]
                    for curve, one in zip(curves, found, strict=True)
                ]
            ),
            arrived=np.array([float(one is not None) for one in found]),
        )

    @property
    def expected_g(self) -> float:
        """Expected grams to the accuracy; infinite if no training reached it."""
        return float(_expected(self.grams, self.arrived))

    @property
    def of_arrivals_g(self) -> float | None:
        """Mean grams of the trainings that arrived, alone: never to be shown alone."""
        return float(self.grams[self.arrived > 0].mean()) if self.arrived.any() else None

    @property
    def without_arriving_g(self) -> float:
        """All that the trainings emitted that never arrived, gCO2eq."""
        return float(self.grams[self.arrived == 0].sum())

    def against(self, other: "ToTarget") -> tuple[float, float, float]:
        """Compare expected grams with another's on the same seeds.

        Returns
        -------
        Difference in percent, and the limits of its 95 % interval, by a paired bootstrap over the
        seeds. Infinite where no seed arrives.
        """
        drawn = np.random.default_rng(0).integers(
            len(self.grams), size=(_RESAMPLES, len(self.grams))
        )
        # The difference of the seeds as they are comes first.
        drawn = np.vstack([np.arange(len(self.grams)), drawn])
        mine, theirs = (_expected(one.grams[drawn], one.arrived[drawn]) for one in (self, other))
        # A resample in which neither arrives says nothing of the two.
        says = np.isfinite(mine) | np.isfinite(theirs)
        if not says[0]:
            return float("nan"), float("nan"), float("nan")
        ratios = 100 * (mine[says] / theirs[says] - 1)
        tail = (1 - _CONFIDENCE) / 2
        low, high = np.quantile(ratios[1:], [tail, 1 - tail], method="nearest")
        return float(ratios[0]), float(low), float(high)


def _expected(grams: FloatArray, arrived: FloatArray) -> FloatArray:
    """Sum over the last axis, over the number that arrived."""
    with np.errstate(divide="ignore"):
        ratio: FloatArray = grams.sum(axis=-1) / arrived.sum(axis=-1)
    return ratio


def in_grams(grams: float | None) -> str:
    """Write grams for a table; a dash where there are none to give."""
    return "-" if grams is None or not np.isfinite(grams) else f"{grams:,.0f}"


def in_percent(difference: tuple[float, float, float]) -> str:
    """Write a difference with its interval; without arrivals no bound is known."""
    middle, low, high = difference
    if not np.isfinite(middle):
        return "never arrives"
    upper = f"{high:+.0f}" if np.isfinite(high) else "no bound"
    return f"{middle:+.0f} % ({low:+.0f} to {upper})"
