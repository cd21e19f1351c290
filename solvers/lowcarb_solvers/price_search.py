"""From nothing, or from the prices of an earlier plan, to round prices that leave little open."""

from collections.abc import Callable

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.deadline import OutOfTimeError, never
from lowcarb_solvers.keys import number_tuples
from lowcarb_solvers.neighbours import thin
from lowcarb_solvers.open_columns import OpenColumns, columns_left, columns_of, respond
from lowcarb_solvers.reduction import fix_columns
from lowcarb_solvers.smooth_dual import Goal, SmoothPrices, descend

# Costs below have no digits left for a search; zero is the usual one.
_LEAST_COST = 1e-290
# Columns that are searched at once from nothing; larger problems begin with fewer, coarser rows.
_COARSE_COLUMNS = 60_000
# The same where horizons are so long that those would be of a few rows only.
_LONG_COLUMNS = 2_000_000
# Levels of weight below which rows are sampled instead.
_FEWEST_LEVELS = 3
# Widths, relative to the typical cost: at first, and the last.
_FIRST, _LAST = 0.3, 1e-12
# How far prices may be off, relatively: those of an earlier plan, those of levels and what a single
# level adds, those of a single client; and the part of it at which coarse rows have told all they
# know.
_EARLIER_OFF, _LEVELS_OFF, _LEVEL_OFF, _CLIENT_OFF = 0.005, 0.01, 0.06, 2.4
_SMALL = 0.25
# Columns within so many widths of their price take part.
_REACH = 9.0
# How often those that take part are chosen anew, and how much wider.
_TRIALS, _WIDER = 8, 3.0
# Columns of concerned rows for each one that will be open, at first.
_COLUMNS_PER_OPEN = 4
# Fewer rows than this do not stand for others.
_FEWEST_ROWS = 2_000
# Where rows stand for neighbours: the last width, and how far prices may be off then, in the
# distances between rows.
_APART_LAST, _APART_OFF = 0.1, 0.3
# Seats of a round that may be filled by too many or too few.
_UNFILLED = 3.0
# The same as a part of a cohort where prices are refined later.
_ROUGHLY = 0.05
# Undecided columns that are few enough for the model that decides on them, or one a round if that
# is more; and how many a round are bearable.
_ENOUGH, _BEARABLE_A_ROUND = 400, 8


def find_prices(
    classes: Classes, start: FloatArray | None = None, expired: Callable[[], bool] = never
) -> SmoothPrices | None:
    """Find prices at which cohorts fill their seats, nearly.

    Parameters
    ----------
    classes
        Whose problem is to be solved.
    start
        Shape (t,): prices of a similar problem; None to begin from nothing.
    expired
        Whether the time is over.

    Returns
    -------
    SmoothPrices or None
        None where the search does not settle: floors that cannot be met have no prices of the
        size of costs.

    Raises
    ------
    OutOfTimeError
        If the time was over before there were any prices; those that there are when it ends may be
        further off than they say.
    """
    typical = classes.typical_cost
    if typical < _LEAST_COST:
        return None
    if start is not None:
        warm = _refine(classes, start, _EARLIER_OFF, typical, expired)
        if warm is not None:
            return warm
    columns, off = _coarse(classes)
    flat = np.full(classes.problem.rounds, typical)
    found = descend(
        columns,
        flat,
        _FIRST * typical,
        _goal(classes, (off or _LAST) * typical * _SMALL),
        expired=expired,
    )
    if found is None or not off:
        return found
    try:
        return _refine(classes, found.prices, off, typical, expired)
    except OutOfTimeError:
        return SmoothPrices(prices=found.prices, width=max(found.width, off * typical))


def _goal(classes: Classes, last: float) -> Goal:
    rounds = classes.problem.rounds
    return Goal(last=last, enough=max(_ENOUGH, rounds), bearable=_BEARABLE_A_ROUND * rounds)


def _refine(
    classes: Classes,
    prices: FloatArray,
    off: float,
    typical: float,
    expired: Callable[[], bool],
) -> SmoothPrices | None:
    """Find prices near given ones, among the columns that matter there."""
    # Where few of many work, prices are far below the typical cost.
    typical = min(typical, float(np.median(np.abs(prices))))
    if typical < _LEAST_COST:
        return None
    width = off * typical / 3
    seats = classes.problem.total / classes.problem.rounds
    each = _first_thinning(classes, prices + _REACH * width)
    for _ in range(_TRIALS):
        if expired():
            raise OutOfTimeError("the time was over before prices were found")
        rows, last = classes, _LAST * typical
        if each > 1:
            concerned = classes.concerned(prices + _REACH * width)
            thinned = thin(classes, concerned, len(concerned) // each)
            rows, last = thinned.classes, _APART_LAST * thinned.apart * typical
        columns, turn = columns_left(rows, fix_columns(rows, prices, _REACH * width, expired))
        found = None
        if (columns.seats >= 0).all():
            found = descend(
                columns,
                prices,
                width,
                _goal(classes, last),
                turn=turn,
                expired=expired,
            )
        if found is None:
            width *= _WIDER
            continue
        rest = fix_columns(rows, found.prices, _REACH * found.width, expired)
        # Rows that stand for many fill seats less exactly, and need not.
        unfilled = _UNFILLED if each == 1 else max(_UNFILLED * each, _ROUGHLY * seats)
        if not _fills(columns_left(rows, rest), found, unfilled):
            prices, width = found.prices, max(width / _WIDER, found.width)
        elif each > 1:
            open_ = each * len(columns.cost) / width
            prices, width = (
                found.prices,
                min(width / _WIDER, _APART_OFF / _APART_LAST * found.width),
            )
            each = max(1, -int(-open_ * width // _COARSE_COLUMNS))
        else:
            return found
    return None


def _first_thinning(classes: Classes, prices: FloatArray) -> int:
    """How many neighbours share a row at first, so that there will be few enough columns."""
    if classes.available is not None:
        return 1
    rows = len(classes.concerned(prices))
    columns = rows * classes.problem.rounds / _COLUMNS_PER_OPEN
    return max(1, min(-int(-columns // _COARSE_COLUMNS), rows // _FEWEST_ROWS))


def _fills(left: tuple[OpenColumns, FloatArray], found: SmoothPrices, unfilled: float) -> bool:
    """Whether prices that were found among some columns fill the seats among all that matter."""
    columns, turn = left
    if not len(columns.cost):
        vacant = columns.seats.astype(np.int64)
        full = not (vacant - columns.slack.empty(vacant)).any()
        return full and not columns.slack.lost(vacant)
    at, slack = respond(columns, found.prices, turn, found.width), columns.slack
    # Where much slack has nearly one price, which of it is empty turns on a hair; any will do.
    empty = columns.seats - (at.counts - slack.width * at.empty)
    off = np.maximum(-empty, empty - slack.width)
    in_all = abs(float(empty.sum()) - slack.total) if slack.breathes else 0.0
    return float(off.max()) <= unfilled and in_all <= unfilled * np.sqrt(len(off))


def _coarse(classes: Classes) -> tuple[OpenColumns, float]:
    """Take all columns, or those of fewer rows that stand for all; return how far those are off."""
    problem = classes.problem
    rounds = problem.rounds
    most = max(1, _COARSE_COLUMNS // rounds)
    if _CLIENT_OFF / np.sqrt(most) >= _FIRST:
        # A sample that is no better than a flat guess would be in vain.
        most = max(most, _LONG_COLUMNS // rounds)
    size = classes.size.astype(np.float64)
    cost: FloatArray | None = None
    if len(classes) <= most:
        rows, weight, off = np.arange(len(classes)), classes.weight, 0.0
        cost = classes.cost()
    else:
        levels = None if problem.available is not None else _levels(classes, most)
        if levels is not None:
            rows, weight, size, off = levels
        else:
            rng = np.random.default_rng(problem.seed)
            rows = np.sort(rng.choice(len(classes), most, replace=False))
            weight, off = classes.weight[rows], _CLIENT_OFF / np.sqrt(most)
            size = size[rows] * (problem.clients / size[rows].sum())
    if cost is None:
        cost = weight[:, None] * problem.cost_level[classes.level_of[rows]]
    there = np.ones(cost.shape, dtype=np.bool_)
    if classes.available is not None:
        there = classes.available[rows]
    columns, _ = columns_of(
        cost,
        there,
        size,
        classes.at_least[rows],
        classes.at_most[rows],
        problem.seats.astype(np.float64),
        problem.slack,
    )
    return columns, off


def _levels(classes: Classes, most: int) -> tuple[IntArray, FloatArray, FloatArray, float] | None:
    """Group classes that differ in weight alone by levels of weight.

    Returns the first class of each group, the mean weight, the members, and how far prices may be
    off; None if there were too many groups.
    """
    kind = number_tuples([classes.level_of, classes.at_least, classes.at_most])
    kinds = int(kind.max()) + 1
    levels = most // kinds
    if levels < _FEWEST_LEVELS:
        return None
    # Where few of many work, only the cheapest matter: half of the levels lie dense at their end.
    half = levels // 2
    parts = np.concatenate([np.geomspace(1e-4, 1, half + 1), np.linspace(0, 1, levels - half + 1)])
    ordered = np.sort(classes.weight[:: max(1, len(classes) // 50_000)])
    edges = ordered[(np.unique(parts)[1:-1] * (len(ordered) - 1)).astype(np.int64)]
    group = kind * (len(edges) + 1) + np.searchsorted(edges, classes.weight, side="right")
    size = np.bincount(group, classes.size)
    used = np.flatnonzero(size)
    first = np.zeros(len(size), dtype=np.int64)
    first[group[::-1]] = np.arange(len(classes))[::-1]
    members = size[used].astype(np.float64)
    weight = np.bincount(group, classes.size * classes.weight)[used] / members
    return first[used], weight, members, _LEVELS_OFF + _LEVEL_OFF / levels
