"""How evenly turns are spread."""

import numpy as np

from lowcarb._util.arrays import IntArray


def jain(turns: IntArray) -> float:
    """Jain's fairness index: 1 if all have equally many turns, 1/n if one has them all.

    Jain, Chiu and Hawe, "A Quantitative Measure of Fairness and Discrimination for Resource
    Allocation in Shared Computer Systems", DEC TR-301, 1984. Nobody having any counts as equal.
    """
    squares = float((turns.astype(np.float64) ** 2).sum())
    return float(turns.sum()) ** 2 / (len(turns) * squares) if squares else 1.0


def gini(turns: IntArray) -> float:
    """Gini coefficient: 0 if all have equally many turns, (n - 1)/n if one has them all."""
    total = float(turns.sum())
    if not total:
        return 0.0
    n = len(turns)
    place = np.arange(1, n + 1)
    return float((2 * place - n - 1) @ np.sort(turns)) / (n * total)
