"""Rank correlation: whether the order of values was foreseen, whatever their size."""

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray


def spearman(one: FloatArray, other: FloatArray) -> float:
    """Rank correlation, equal values sharing their mean rank; 0 where a side is constant."""
    a, b = _ranks(one), _ranks(other)
    a, b = a - a.mean(), b - b.mean()
    size = float(np.sqrt((a * a).sum() * (b * b).sum()))
    return float((a * b).sum()) / size if size > 0 else 0.0


def rank_correlations(one: FloatArray, other: FloatArray, fit: BoolArray) -> FloatArray:
    """Rank correlation of each column (h, g), of the values that fit; 0 where there are none."""
    return np.array(
        [
            spearman(one[use, g], other[use, g]) if (use := fit[:, g]).any() else 0.0
            for g in range(one.shape[1])
        ]
    )


def _ranks(values: FloatArray) -> FloatArray:
    _, at, times = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(times)
    middle: FloatArray = last - (times - 1) / 2.0
    return middle[at]
