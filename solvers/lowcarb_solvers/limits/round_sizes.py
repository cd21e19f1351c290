"""How many seats of each round are filled while rounds are filled one after the other.

Where cohorts are of one size these are all of them. Where they breathe the sizes are planned first,
evenly or as a relaxation has them; what a round then cannot fill, later ones try to.
"""

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.problem import Problem


def even_sizes(problem: Problem) -> IntArray:
    """Sizes (t,) that add up to the total, as near to `cohort_size` as the total allows.

    Parameters
    ----------
    problem
        Whose cohorts.
    """
    middle = problem.cohort_size
    if not problem.slack.breathes:
        return middle
    above = problem.total >= int(middle.sum())
    low, high = (middle, problem.most) if above else (problem.fewest, middle)
    width = high - low
    share = (problem.total - int(low.sum())) / max(1, int(width.sum()))
    return whole_sizes(low + share * width)


def whole_sizes(planned: FloatArray) -> IntArray:
    """Round sizes (t,) to neighbouring whole numbers with about the same sums from the start."""
    # Halves go up, so that whole numbers stay as they are wherever they stand.
    so_far = np.floor(np.cumsum(planned) + 0.5)
    return np.diff(so_far, prepend=0.0).astype(np.int64)


def seats_in(problem: Problem, j: int, left: int) -> tuple[int, int]:
    """The fewest and the most members that round j should have.

    Both are the same, unless there are fewer turns left than its cohort should have members.

    Parameters
    ----------
    problem
        Whose cohorts.
    j
        The round.
    left
        Turns that other rounds leave of the total; not looked at where cohorts are of one size.
    """
    least, most = int(problem.fewest[j]), int(problem.most[j])
    if not problem.slack.breathes:
        return most, most
    most = max(0, min(most, left))
    return max(least, most), most
