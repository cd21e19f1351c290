"""Which points of a trade-off nothing beats: the Pareto front of grams against fairness."""

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray


def pareto_front(grams: FloatArray, fairness: FloatArray, able: BoolArray) -> BoolArray:
    """Find the points that no other one beats (k,).

    A point beats another if it emits no more and is no less fair, and is better in one of the two.

    Parameters
    ----------
    grams
        Shape (k,): emissions, such as those of a turn; less is better.
    fairness
        Shape (k,): such as Jain's index; more is better.
    able
        Shape (k,): which points count at all; the others are not on the front and beat nobody.
    """
    no_worse = (grams[:, None] <= grams) & (fairness[:, None] >= fairness)
    better = (grams[:, None] < grams) | (fairness[:, None] > fairness)
    beaten = (no_worse & better & able[:, None]).any(axis=0)
    front: BoolArray = able & ~beaten
    return front


def as_figures(values: list[float | None]) -> FloatArray:
    """Turn figures into an array in which unknown ones are NaN, which beats nothing."""
    return np.array([np.nan if value is None else value for value in values], dtype=np.float64)
