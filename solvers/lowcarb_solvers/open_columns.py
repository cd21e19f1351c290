"""The columns that prices leave open, row by row, and what members take of them at given prices.

A row stands for a class, or for several clients that are nearly alike; a column is one round that
its members may work in. Only open columns are kept: what is clearly in or out at the prices at hand
is taken off the seats, the floors and the caps.
"""

from dataclasses import dataclass
from typing import TypeVar

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.reduction import RestrictedProblem
from lowcarb_solvers.slack_seats import SlackSeats

Values = TypeVar("Values", IntArray, FloatArray)

# Beyond this many widths from its price a turn is in or out, to double precision.
_SURE = 36.0
# Steps for the prices of turns, and the longest of them in widths.
_MOST_STEPS, _LONGEST = 40, 6.0
# How far a member's turns may be off, in turns.
_TURNS_OFF = 1e-6
# What rounding adds to that, for each column and each width of the price.
_ROUNDING = 1e-16
# A turn is taken neither surely nor surely not if x (1 - x) exceeds this.
_UNDECIDED, _MATTERS = 0.02, 1e-9
# An entry on its own takes as long as this many in a matrix.
_ENTRY = 12


@dataclass(frozen=True, kw_only=True, eq=False)
class OpenColumns:
    """Open columns, sorted by row; every row has one or more.

    Parameters
    ----------
    cost, round
        Shape (c,): what a turn costs, and in which round it is.
    row, begin
        Shape (c,) and (r,): the row of each column, and the first column of each row.
    size
        Shape (r,): how many members each row stands for.
    least, most
        Shape (r,): turns that each member still owes and may still take, of its open columns.
    seats, slack
        Shape (t,): seats that are left for the open columns; and how many stay empty by choice.
    """

    cost: FloatArray
    round: IntArray
    row: IntArray
    begin: IntArray
    size: FloatArray
    least: IntArray
    most: IntArray
    seats: FloatArray
    slack: SlackSeats

    @property
    def length(self) -> IntArray:
        """How many columns each row has (r,)."""
        return np.diff(np.append(self.begin, len(self.cost)))

    def keep(self, kept: BoolArray, inside: BoolArray) -> "tuple[OpenColumns, IntArray]":
        """Keep some columns; of the others those `inside` are in and the rest is out.

        Also return the rows that are left. Rows without a choice go as well: those that owe or may
        take nothing but all or none of what they have.
        """
        taken = inside & ~kept
        turns = _per_row(taken.astype(np.int64), self.begin)
        length = _per_row(kept.astype(np.int64), self.begin)
        least = np.clip(self.least - turns, 0, length)
        most = np.clip(self.most - turns, 0, length)
        forced, choice = (least == length) & (length > 0), (least < length) & (most > 0)
        taken |= kept & forced[self.row]
        weights = self.size[self.row[taken]]
        seats = self.seats - np.bincount(self.round[taken], weights, len(self.seats))
        column = kept & choice[self.row]
        rows = np.flatnonzero(choice)
        ends = np.cumsum(length[rows])
        return OpenColumns(
            cost=self.cost[column],
            round=self.round[column],
            row=(np.cumsum(choice) - 1)[self.row[column]],
            begin=ends - length[rows],
            size=self.size[rows],
            least=least[rows],
            most=most[rows],
            seats=seats,
            slack=self.slack,
        ), rows


def _per_row(values: Values, begin: IntArray) -> Values:
    if not len(begin):
        return values[:0]
    sums: Values = np.add.reduceat(values, begin)
    return sums


def columns_of(
    cost: FloatArray,
    there: BoolArray,
    size: FloatArray,
    least: IntArray,
    most: IntArray,
    seats: FloatArray,
    slack: SlackSeats,
) -> tuple[OpenColumns, IntArray]:
    """Take the columns of a matrix (r, t) that are `there`, and the rows with a choice."""
    rows, rounds = np.nonzero(there)
    length = there.sum(axis=1)
    some = length > 0
    ends = np.cumsum(length[some])
    every = OpenColumns(
        cost=cost[rows, rounds],
        round=rounds,
        row=(np.cumsum(some) - 1)[rows],
        begin=ends - length[some],
        size=size[some],
        least=least[some],
        most=most[some],
        seats=seats,
        slack=slack,
    )
    kept = np.ones(len(rounds), dtype=np.bool_)
    columns, choice = every.keep(kept, kept)
    return columns, np.flatnonzero(some)[choice]


def columns_left(classes: Classes, rest: RestrictedProblem) -> tuple[OpenColumns, FloatArray]:
    """Take the columns that fixing left free, and the prices of turns of their rows."""
    turns = rest.fixed_turns // classes.size[rest.rows]
    columns, rows = columns_of(
        classes.cost(rest.rows),
        rest.capacity > 0,
        classes.size[rest.rows].astype(np.float64),
        np.maximum(0, classes.at_least[rest.rows] - turns),
        classes.at_most[rest.rows] - turns,
        (classes.problem.seats - rest.fixed_seats).astype(np.float64),
        classes.problem.slack,
    )
    return columns, rest.turn[rows]


@dataclass(frozen=True, kw_only=True, eq=False)
class Response:
    """What members take at given prices of seats.

    Parameters
    ----------
    turn
        Shape (r,): the price of a turn to each member, zero where neither floor nor cap binds.
    share
        Shape (c,): the part of each column's members that works there.
    empty
        Shape (t,): the part of each round's slack that is empty.
    counts
        Shape (t,): seats taken in each round, or empty by choice.
    """

    turn: FloatArray
    share: FloatArray
    empty: FloatArray
    counts: FloatArray

    @property
    def undecided(self) -> int:
        """How many columns are neither in nor out."""
        return int((self.share * (1 - self.share) > _UNDECIDED).sum())


def respond(columns: OpenColumns, prices: FloatArray, turn: FloatArray, width: float) -> Response:
    """Let all members choose at prices (t,), smoothly over a width of the reduced cost.

    `turn` is a first guess at the prices of turns (r,).
    """
    score = (prices[columns.round] - columns.cost) / width
    turn, share = _within_bounds(columns, score, turn / width)
    counts = _sums(columns.round, columns.size[columns.row] * share, len(prices))
    empty = np.zeros(len(prices))
    if columns.slack.total:
        empty = columns.slack.respond(prices, width)
        counts += columns.slack.width * empty
    return Response(turn=turn * width, share=share, empty=empty, counts=counts)


@dataclass(frozen=True, kw_only=True, eq=False)
class Slope:
    """How counts change with prices in widths: a symmetric matrix (t, t) that nobody writes out.

    It is a diagonal less the products of rows by themselves, one for each row whose floor or cap
    holds it.

    Parameters
    ----------
    free
        Shape (t,): how counts would change if no floor and no cap held anyone.
    held
        What floors and caps hold back.
    total
        Shape (t,): a row that stands for the total of turns.
    """

    free: FloatArray
    held: "_Rows | _Matrix"
    total: FloatArray

    @property
    def diagonal(self) -> FloatArray:
        """The diagonal of the matrix (t,)."""
        diagonal: FloatArray = self.free - self.held.squares - self.total**2
        return diagonal

    def times(self, prices: FloatArray) -> FloatArray:
        """How counts change (t,) when prices change by so many widths (t,)."""
        changed: FloatArray = self.free * prices - self.held.times(prices)
        return changed - self.total * float((self.total * prices).sum())


@dataclass(frozen=True, kw_only=True, eq=False)
class _Rows:
    """Rows (h, t) of which few entries are not zero: their values, row by row."""

    value: FloatArray
    round: IntArray
    row: IntArray
    first: IntArray
    rounds: int

    @property
    def squares(self) -> FloatArray:
        return _sums(self.round, self.value**2, self.rounds)

    def times(self, vector: FloatArray) -> FloatArray:
        if not len(self.first):
            return np.zeros(self.rounds)
        product = np.add.reduceat(self.value * vector[self.round], self.first)
        return _sums(self.round, self.value * product[self.row], self.rounds)

    def matrix(self) -> "_Matrix":
        rows = np.zeros((len(self.first), self.rounds))
        rows[self.row, self.round] = self.value
        return _Matrix(rows=rows)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Matrix:
    """The same rows written out.

    Products by `einsum` wake no threads of BLAS, which cost more than they give.
    """

    rows: FloatArray

    @property
    def squares(self) -> FloatArray:
        squares: FloatArray = np.einsum("ij,ij->j", self.rows, self.rows)
        return squares

    def times(self, vector: FloatArray) -> FloatArray:
        of_rows = np.einsum("ij,j->i", self.rows, vector)
        product: FloatArray = np.einsum("ij,i->j", self.rows, of_rows)
        return product


def slope(columns: OpenColumns, at: Response) -> Slope:
    """How the counts change with the prices: positive semidefinite."""
    t = len(at.counts)
    bend = at.share * (1 - at.share)
    within = _per_row(bend, columns.begin)
    held = (at.turn != 0) & (within > _MATTERS)
    factor = np.where(held, columns.size / np.maximum(within, _MATTERS), 0.0)
    column = np.flatnonzero(held[columns.row] & (bend > _MATTERS))
    row = columns.row[column]
    begins = np.r_[True, row[1:] != row[:-1]][: len(row)]
    rows = _Rows(
        value=bend[column] * np.sqrt(factor[row]),
        round=columns.round[column],
        row=np.cumsum(begins) - 1,
        first=np.flatnonzero(begins),
        rounds=t,
    )
    emptied = columns.slack.width * at.empty * (1 - at.empty)
    return Slope(
        free=_sums(columns.round, columns.size[columns.row] * bend, t) + emptied,
        held=rows.matrix() if len(row) * _ENTRY > len(rows.first) * t else rows,
        total=emptied / np.sqrt(max(float(emptied.sum()), _MATTERS)),
    )


def _within_bounds(
    columns: OpenColumns, score: FloatArray, turn: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find prices of turns (r,), in widths, that keep floors and caps; return the shares too."""
    turn = turn.copy()
    length = columns.length
    share = _logistic(score + turn[columns.row])
    bounded = (columns.least > 0) | (columns.most < length)
    turn[~bounded] = 0.0
    # The rows still at work, and their columns.
    rows, begin, row = np.arange(len(turn)), columns.begin, columns.row
    where: slice | IntArray = slice(None)
    at_work = share
    # Turns rise with their price: below and above these it cannot be.
    low, high = np.full(len(turn), -np.inf), np.full(len(turn), np.inf)
    for _ in range(_MOST_STEPS):
        total = np.add.reduceat(at_work, begin) if len(begin) else np.zeros(0)
        price = turn[rows]
        least, most = columns.least[rows], columns.most[rows]
        wanted = np.where(price > 0, least, np.where(price < 0, most, np.clip(total, least, most)))
        off = wanted - total
        moving = np.abs(off) > _TURNS_OFF + _ROUNDING * np.abs(price) * length
        if not moving.any():
            break
        if not moving.all():
            inside = moving[row]
            where = np.flatnonzero(inside) if isinstance(where, slice) else where[inside]
            at_work, score = at_work[inside], score[inside]
            rows, off, price, length = rows[moving], off[moving], price[moving], length[moving]
            begin, row = np.cumsum(length) - length, (np.cumsum(moving) - 1)[row[inside]]
        bend = np.add.reduceat(at_work * (1 - at_work), begin)
        low[rows] = np.where(off > 0, price, low[rows])
        high[rows] = np.where(off < 0, price, high[rows])
        moved = price + np.clip(off / np.maximum(bend, 1e-12), -_LONGEST, _LONGEST)
        middle = np.isfinite(low[rows]) & np.isfinite(high[rows])
        middle &= (moved <= low[rows]) | (moved >= high[rows])
        moved[middle] = low[rows[middle]] / 2 + high[rows[middle]] / 2
        # Zero is a kink: there neither bound binds.
        turn[rows] = moved = np.where(price * moved < 0, 0.0, moved)
        at_work = _logistic(score + moved[row])
        share[where] = at_work
    return turn, share


def _sums(where: IntArray, values: FloatArray, size: int) -> FloatArray:
    return np.bincount(where, values, size).astype(np.float64, copy=False)


def _logistic(score: FloatArray) -> FloatArray:
    x = np.clip(score, -_SURE, _SURE)
    np.negative(x, out=x)
    np.exp(x, out=x)
    x += 1.0
    return np.reciprocal(x, out=x)
