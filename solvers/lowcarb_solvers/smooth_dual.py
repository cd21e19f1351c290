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

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.deadline import OutOfTimeError, never
from lowcarb_solvers.open_columns import OpenColumns, Response, Slope, respond, slope

# Steps at one width, and the longest of them in widths.
_MOST_STEPS, _LONGEST = 16, 8.0
# Prices have settled when the next step is no longer than this many widths.
_SETTLED = 3.0
# A step that overshoots by this part of its first promise is shortened, at most to so little.
_OVERSHOT, _SHORTEST = 0.5, 1e-3
# How fast widths shrink.
_SHRINK, _LEAST_SHRINK = 4.0, 1.3
# How exactly a step is computed, and what keeps rounds that nothing changes from being singular.
_ACCURACY, _RIDGE, _TINY = 1e-3, 1e-9, 1e-200
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


@dataclass(frozen=True, kw_only=True)
class Goal:
    """When to stop.

    Parameters
    ----------
    last
        The last width.
    enough
        When no more columns than this are undecided, no smaller width is needed.
    bearable
        The same where smaller widths hardly decide any.
    """

    last: float
    enough: int
    bearable: int


def descend(
    columns: OpenColumns,
    prices: FloatArray,
    width: float,
    goal: Goal,
    *,
    turn: FloatArray | None = None,
    expired: Callable[[], bool] = never,
) -> SmoothPrices | None:
    """Find prices at ever smaller widths, as long as they settle.

    Parameters
    ----------
    columns
        What members choose from.
    prices, width
        Where to begin.
    goal
        When to stop.
    turn
        Shape (r,): prices of turns to begin with, zeros if None.
    expired
        Whether the time is over.

    Returns
    -------
    SmoothPrices or None
        None if not even the first width had a solution.

    Raises
    ------
    OutOfTimeError
        If the time was over before the first width had a solution.
    """
    guess = np.zeros(len(columns.size)) if turn is None else turn
    start, found, shrink = prices, None, _SHRINK
    path: _Path | None = None
    undecided = len(columns.cost)
    while len(columns.cost):
        try:
            settled = _settle(columns, start, guess, width, expired)
        except OutOfTimeError:
            if found is None:
                raise
            break
        if settled is not None:
            prices, at = settled
            found = SmoothPrices(prices=prices, width=width)
            before, undecided = undecided, at.undecided
            if width <= goal.last or undecided <= goal.enough:
                break
            if undecided <= goal.bearable and undecided > before / 2:
                break
            edge = 1 / (1 + np.exp(_FAR))
            sure = (at.share < edge) | (at.share > 1 - edge)
            columns, rows = columns.keep(~sure, at.share > 0.5)
            here = _Point(prices=prices, turn=at.turn[rows], width=width)
            path = _Path(
                here=here,
                before=None if path is None else path.here.of(rows),
            )
        elif path is None or shrink < _LEAST_SHRINK or undecided <= goal.bearable:
            break
        else:
            # Shorter steps along the path.
            shrink = float(np.sqrt(shrink))
        width = max(path.here.width / shrink, goal.last)
        start, guess = path.at(width)
    return found


@dataclass(frozen=True, kw_only=True, eq=False)
class _Point:
    """Prices of seats (t,) and turns (r,) that were found at a width."""

    prices: FloatArray
    turn: FloatArray
    width: float

    def of(self, rows: IntArray) -> "_Point":
        """Of some rows alone."""
        return _Point(prices=self.prices, turn=self.turn[rows], width=self.width)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Path:
    """The way that prices went with the width; it soon is nearly straight."""

    here: _Point
    before: _Point | None

    def at(self, width: float) -> tuple[FloatArray, FloatArray]:
        """Prices of seats and turns to begin with at a smaller width."""
        here, before = self.here, self.before
        if before is None:
            return here.prices, here.turn
        part = (here.width - width) / (before.width - here.width)
        turn = here.turn + part * (here.turn - before.turn)
        # Whose floor or cap binds is not for a guess to change.
        turn = np.where(turn * here.turn > 0, turn, here.turn)
        return here.prices + part * (here.prices - before.prices), turn


def _settle(
    columns: OpenColumns,
    prices: FloatArray,
    turn: FloatArray,
    width: float,
    expired: Callable[[], bool],
) -> tuple[FloatArray, Response] | None:
    """Step towards prices that fill the seats; None if they do not settle."""
    at = respond(columns, prices, turn, width)
    for _ in range(_MOST_STEPS):
        step = _solve(slope(columns, at), columns.seats - at.counts)
        longest = float(np.abs(step).max())
        step = width * np.clip(step, -_LONGEST, _LONGEST)
        rise, part = float((columns.seats - at.counts) @ step), 1.0
        while True:
            if expired():
                raise OutOfTimeError("the time was over before prices were found")
            new = respond(columns, prices + part * step, at.turn, width)
            # The dual is concave: along the step its slope falls, and is negative past the top.
            left = float((columns.seats - new.counts) @ step)
            if left >= -_OVERSHOT * rise or part < _SHORTEST:
                break
            part *= max(0.1, rise / (rise - left))
        prices, at = prices + part * step, new
        if part == 1.0 and longest <= _SETTLED:
            return prices, at
    return None


def _solve(matrix: Slope, gap: FloatArray) -> FloatArray:
    """Solve a positive definite system roughly, by conjugate gradients.

    They need no matrix but its products, few of them where few rows are held, and are content with
    one that is nearly singular.
    """
    diagonal = matrix.diagonal
    ridge = _RIDGE * float(diagonal.mean()) + _TINY
    scale = 1 / (diagonal + ridge)
    solution, rest = np.zeros_like(gap), gap.copy()
    direction = scale * rest
    energy = float((rest * direction).sum())
    small = _ACCURACY**2 * energy
    for _ in range(2 * len(gap)):
        if energy <= small:
            break
        image = matrix.times(direction) + ridge * direction
        curvature = float((direction * image).sum())
        if curvature <= 0:
            break
        solution += energy / curvature * direction
        rest -= energy / curvature * image
        scaled = scale * rest
        energy, before = float((rest * scaled).sum()), energy
        direction = scaled + (energy / before) * direction
    return solution
