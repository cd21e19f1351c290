"""Sets of slots that differ from one by a single slot."""

from collections.abc import Iterator
from itertools import islice

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.slot_problem import SlotProblem


def single_moves(
    problem: SlotProblem, slots: IntArray, worth: FloatArray, most: int
) -> list[IntArray]:
    """Exchange, add or leave out a slot: the sets that promise most.

    Parameters
    ----------
    problem
        Whose slots.
    slots
        Shape (h,): chosen ones, ascending.
    worth
        Shape (t,): about what each slot costs.
    most
        Sets, at most.
    """
    return list(islice(_moves(problem, slots, worth), most))


def _moves(problem: SlotProblem, slots: IntArray, worth: FloatArray) -> Iterator[IntArray]:
    least, most = problem.fitting
    others = np.setdiff1d(np.arange(len(worth)), slots)
    # One in place of another, by what that changes; the last column and row are for none.
    comes, goes = np.append(worth[others], 0.0), np.append(worth[slots], 0.0)
    change = comes[None, :] - goes[:, None]
    change[-1, -1] = np.inf
    if len(slots) >= most:
        change[-1] = np.inf
    if len(slots) <= least:
        change[:, -1] = np.inf
    for place in np.argsort(change, axis=None, kind="stable").tolist():
        out, into = divmod(place, len(comes))
        if not np.isfinite(change[out, into]):
            return
        moved = np.delete(slots, out) if out < len(slots) else slots
        if into < len(others):
            moved = np.sort(np.append(moved, others[into]))
        if problem.spaced.fits(moved):
            yield moved
