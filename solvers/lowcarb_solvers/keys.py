"""Tuples of whole numbers as one whole number each, which sorts and compares in their place."""

import numpy as np

from lowcarb_solvers.arrays import IntArray


def number_tuples(keys: list[IntArray]) -> IntArray:
    """Number the distinct tuples of non-negative keys, in their order."""
    return _codes(combine(keys))


def combine(keys: list[IntArray]) -> IntArray:
    """Number the distinct tuples of non-negative keys in their order, with gaps."""
    combined = np.zeros_like(keys[0])
    limit = np.iinfo(np.int64).max
    for key in keys:
        width = int(key.max(initial=0)) + 1
        if int(combined.max(initial=0)) + 1 > limit // width:
            combined = _codes(combined)
        codes = key
        if int(combined.max(initial=0)) + 1 > limit // width:
            codes, width = _codes(key), len(key)
        combined = combined * width + codes
    return combined


def _codes(values: IntArray) -> IntArray:
    """Number the distinct non-negative values, in their order."""
    most = int(values.max(initial=0))
    if most < len(values):
        # A table of them is faster than sorting.
        used = np.zeros(most + 1, dtype=np.bool_)
        used[values] = True
        return (np.cumsum(used) - 1)[values]
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
