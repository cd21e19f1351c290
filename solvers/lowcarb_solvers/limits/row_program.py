"""A mixed integer program by rows, as plain arrays: what any solver of such programs is handed."""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray

# Reduced costs below this, of the largest cost, are rounding errors of the solver.
_ROUNDING = 1e-9
# A row keeps a bound that it misses by less, in its largest values.
_KEPT = 1e-6
# Whole numbers up to this one have exact sums.
_MOST_EXACT = 1e9


@dataclass(frozen=True, kw_only=True, eq=False)
class RowProgram:
    """Minimise ``cost @ x`` with ``low <= A x <= high`` and ``lower <= x <= upper``.

    Parameters
    ----------
    cost, lower, upper
        Shape (c,): of the columns; upper bounds may be infinite.
    integer
        Shape (c,): columns that are whole numbers.
    begin
        Shape (r + 1,): where the entries of each row begin.
    column, value
        Shape (e,): the entries of ``A`` that are not zero, row after row.
    low, high
        Shape (r,): bounds of the rows; may be infinite.
    """

    cost: FloatArray
    lower: FloatArray
    upper: FloatArray
    integer: BoolArray
    begin: IntArray
    column: IntArray
    value: FloatArray
    low: FloatArray
    high: FloatArray

    @property
    def row(self) -> IntArray:
        """The row of each entry (e,)."""
        return np.repeat(np.arange(len(self.low)), np.diff(self.begin))

    def activity(self, x: FloatArray) -> FloatArray:
        """What each row comes to (r,)."""
        return np.bincount(
            self.row, weights=self.value * x[self.column], minlength=len(self.low)
        ).astype(np.float64)

    def reduced_costs(self, duals: FloatArray) -> FloatArray:
        """Costs less what the rows pay for (c,)."""
        paid = np.bincount(
            self.column, weights=self.value * duals[self.row], minlength=len(self.cost)
        )
        return self.cost - paid

    def bound(self, duals: FloatArray) -> float:
        """The bound that duals (r,) prove, whoever found them: weak duality.

        Duals with the wrong sign for a row without that bound count as zero.
        """
        duals = np.where((duals > 0) & ~np.isfinite(self.low), 0.0, duals)
        duals = np.where((duals < 0) & ~np.isfinite(self.high), 0.0, duals)
        reduced = self.reduced_costs(duals)
        # Where a column has no upper bound, its reduced cost must not be negative.
        tiny = _ROUNDING * max(1.0, float(np.abs(self.cost).max(initial=0)))
        endless = ~np.isfinite(self.upper)
        if (reduced[endless] < -tiny).any():
            return -np.inf
        at = np.where(reduced > 0, self.lower, np.where(endless, 0.0, self.upper))
        paid = np.where(duals > 0, self.low, self.high)
        return float((duals[duals != 0] * paid[duals != 0]).sum() + (reduced * at).sum())

    def tightened(self) -> "RowProgram":
        """Bound rows by what they can come to: multiples of what all their values are multiples of.

        That holds where all open columns of a row are whole numbers, and so are their values. No
        answer in whole numbers is lost, but the relaxation comes nearer to them.
        """
        fixed = self.lower == self.upper
        settled = self.activity(np.where(fixed, self.lower, 0.0))
        open_ = ~fixed[self.column]
        row, value = self.row[open_], self.value[open_]
        whole = self.integer[self.column[open_]] & (value == np.rint(value))
        whole &= np.abs(value) <= _MOST_EXACT
        # A row of no multiples has a step of 0.
        step, hair = np.zeros(len(self.low)), np.zeros(len(self.low))
        rows, first = np.unique(row, return_index=True)
        if len(rows):
            each = np.where(whole, np.abs(value), 0.0).astype(np.int64)
            step[rows] = np.gcd.reduceat(each, first) * np.logical_and.reduceat(whole, first)
            hair[rows] = _KEPT * np.maximum.reduceat(np.abs(value), first)
        some = step > 0
        low, high = self.low.copy(), self.high.copy()
        least, most = (self.low - settled - hair)[some], (self.high - settled + hair)[some]
        low[some] = np.maximum(low[some], settled[some] + step[some] * np.ceil(least / step[some]))
        high[some] = np.minimum(
            high[some], settled[some] + step[some] * np.floor(most / step[some])
        )
        return replace(self, low=low, high=high)

    def restricted(
        self, lower: FloatArray, upper: FloatArray, rows: BoolArray | None = None
    ) -> tuple["RowProgram", IntArray, IntArray]:
        """Fix the columns whose bounds meet.

        Rows that the open columns can no longer break are left out, and those that are not among
        the given `rows` (r,). Also returns which columns (o,) and which rows (q,) are left.
        """
        fixed = lower == upper
        left = np.flatnonzero(~fixed)
        number = np.full(len(fixed), -1)
        number[left] = np.arange(len(left))
        settled = self.activity(np.where(fixed, lower, 0.0))
        row, entry = self.row, ~fixed[self.column]
        column, value = self.column[entry], self.value[entry]
        least = np.where(value > 0, lower[column], upper[column])
        most = np.where(value > 0, upper[column], lower[column])
        count = len(self.low)
        with np.errstate(invalid="ignore"):
            from_ = settled + np.bincount(row[entry], weights=value * least, minlength=count)
            upto = settled + np.bincount(row[entry], weights=value * most, minlength=count)
        free = (from_ >= self.low) & (upto <= self.high)
        if rows is not None:
            free |= ~rows
        kept = np.flatnonzero(~free)
        in_kept = ~free[row[entry]]
        lengths = np.bincount(row[entry], minlength=count)[kept]
        program = RowProgram(
            cost=self.cost[left],
            lower=lower[left],
            upper=upper[left],
            integer=self.integer[left],
            begin=np.concatenate([[0], np.cumsum(lengths)]),
            column=number[column[in_kept]],
            value=value[in_kept],
            low=self.low[kept] - settled[kept],
            high=self.high[kept] - settled[kept],
        )
        return program, left, kept


class Rows:
    """Rows in the making, mutable on purpose."""

    def __init__(self) -> None:
        self._columns: list[IntArray] = []
        self._values: list[FloatArray] = []
        self._lengths: list[IntArray] = []
        self._low: list[FloatArray] = []
        self._high: list[FloatArray] = []
        self.count = 0

    def add(
        self, column: IntArray, value: FloatArray, low: float = -np.inf, high: float = np.inf
    ) -> int:
        """Add a row, and return its number."""
        one = np.array([len(column)])
        return self.add_many(column, value, one, np.array([low]), np.array([high]))

    def add_many(
        self,
        column: IntArray,
        value: FloatArray,
        lengths: IntArray,
        low: FloatArray,
        high: FloatArray,
    ) -> int:
        """Add rows of so many entries each, and return the number of the first."""
        first = self.count
        self._columns.append(column)
        self._values.append(value)
        self._lengths.append(lengths)
        self._low.append(low)
        self._high.append(high)
        self.count += len(lengths)
        return first

    def program(
        self, cost: FloatArray, lower: FloatArray, upper: FloatArray, integer: BoolArray
    ) -> RowProgram:
        """Make the program of these rows."""
        nothing = np.zeros(0)
        return RowProgram(
            cost=cost,
            lower=lower,
            upper=upper,
            integer=integer,
            begin=np.concatenate(
                [[0], np.cumsum(np.concatenate([[0], *self._lengths])[1:])]
            ).astype(np.int64),
            column=np.concatenate([nothing, *self._columns]).astype(np.int64),
            value=np.concatenate([nothing, *self._values]),
            low=np.concatenate([nothing, *self._low]),
            high=np.concatenate([nothing, *self._high]),
        )
