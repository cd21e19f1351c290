"""Round prices by numpy alone: Newton's method on the dual, made smooth by an entropy.

At round prices p each member takes the rounds that pay, ``c[j] < p[j]``, within its floor and cap.
Such counts jump as prices move. With an entropy of weight w they do not ::

    x[j] = 1 / (1 + exp((c[j] - p[j] - q) / w))

where q, the price of a turn to the member, holds the sum of x within floor and cap. The prices at
which the counts fill the seats then follow from a few steps of Newton's method in t unknowns, and
as w shrinks they become those of the program itself, to within about w. Nothing of it is a proof:
whoever uses the prices certifies what comes of them.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.deadline import OutOfTimeError, never
from lowcarb_solvers.open_columns import OpenColumns, respond

# Steps at one width, and the longest of them in widths.
_MOST_STEPS, _LONGEST = 25, 8.0
# Prices have settled when the next step is no longer than this many widths.
_SETTLED = 3.0
# A step that overshoots by this part of its first promise is shortened, at most to so little.
_OVERSHOT, _SHORTEST = 0.5, 1e-3
# How fast widths shrink.
_SHRINK = 4.0
# How exactly a step is computed.
_ACCURACY = 1e-3
# Columns further than this many widths from their price stay in or out at smaller widths.
_FAR = 24.0


@dataclass(frozen=True, kw_only=True, eq=False)
class SmoothPrices:
    """Prices that fill the seats, and how far they may be off.

    Parameters
    ----------
    prices
        Shape (t,).
    width
        Of the entropy that they were found with.
    """

    prices: FloatArray
    width: float


def descend(
    columns: OpenColumns,
    prices: FloatArray,
    width: float,
    *,
    last: float,
    enough: int,
    expired: Callable[[], bool] = never,
) -> SmoothPrices | None:
    """Find prices at ever smaller widths, as long as they settle.

    Parameters
    ----------
    columns
        What members choose from.
    prices, width
        Where to begin.
    last
        The last width.
    enough
        When no more columns than this are undecided, no smaller width is needed.
    expired
        Whether the time is over.

    Returns
    -------
    SmoothPrices or None
        None if not even the first width had a solution.

    Raises
    ------
    OutOfTimeError
        If the time was over first.
    """
    turn = np.zeros(len(columns.size))
    found: SmoothPrices | None = None
    while len(columns.cost):
        settled, prices, turn, share, undecided = _settle(columns, prices, turn, width, expired)
        import os
        if os.environ.get("SHOW"): print(f"  w {width:.3g} cols {len(columns.cost)} open {undecided} {settled} steps {STEPS} {time.process_time()-T0:.3f}")
        if not settled:
            return found
        found = SmoothPrices(prices=prices, width=width)
        if width <= last or undecided <= enough:
            return found
        edge = 1 / (1 + np.exp(_FAR))
        columns, rows = columns.keep((share > edge) & (share < 1 - edge), share > 0.5)
        turn, width = turn[rows], max(width / _SHRINK, last)
    return found

STEPS=[0]
import time
T0=time.process_time()
def _settle(columns, prices, turn, width, expired):
    at = respond(columns, prices, turn, width)
    for _ in range(_MOST_STEPS):
        if expired():
            raise OutOfTimeError("the time was over before prices were found")
        gap = columns.seats - at.counts
        slope = at.slope
        slope[np.diag_indices_from(slope)] += 1e-9 * np.trace(slope) / len(gap) + 1e-12
        step = _solve(slope, gap)
        longest = float(np.abs(step).max())
        step = np.clip(step, -_LONGEST * width, _LONGEST * width)
        rise, part = float(gap @ step), 1.0
        while True:
            STEPS[0]+=1
            new = respond(columns, prices + part * step, at.turn, width)
            left = float((columns.seats - new.counts) @ step)
            if left >= -_OVERSHOT * rise or part < _SHORTEST:
                break
            part *= max(0.1, rise / (rise - left))
        prices, at = prices + part * step, new
        if part == 1.0 and longest <= _SETTLED * width:
            return True, prices, at.turn, at.share, at.undecided
    return False, prices, at.turn, at.share, at.undecided


def _solve(slope: FloatArray, gap: FloatArray) -> FloatArray:
    """Solve a positive definite system roughly, by conjugate gradients.

    That is as fast as a factorisation here, is content with a matrix that is nearly singular, and
    wakes no threads of BLAS, which cost more than they give.
    """
    scale = 1 / np.diag(slope)
    solution, rest = np.zeros_like(gap), gap.copy()
    small = _ACCURACY * np.sqrt(float((rest * scale * rest).sum()))
    direction = scale * rest
    energy = float((rest * direction).sum())
    for _ in range(2 * len(gap)):
        if np.sqrt(energy) <= small:
            break
        image = np.einsum("ij,j->i", slope, direction)
        length = energy / float((direction * image).sum())
        solution += length * direction
        rest -= length * image
        scaled = scale * rest
        energy, before = float((rest * scaled).sum()), energy
        direction = scaled + (energy / before) * direction
    return solution
