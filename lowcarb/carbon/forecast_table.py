"""The rules of tables of intensities, for CSV files and data frames alike."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.csv_table import Table
from lowcarb._util.times import from_seconds, show
from lowcarb.carbon.holding import ends_of
from lowcarb.errors import InputError
from lowcarb.units import MOST_INTENSITY

Known = tuple[FloatArray, FloatArray, FloatArray | None]
"""Times in seconds since 1970, values in gCO2eq/kWh, and when each value ends, if that must be
said; all of shape (m,), m >= 2."""

_OTHER_UNIT = "; --units says the unit of the values"


def require_named(table: Table, regions: Iterable[str]) -> None:
    """Refuse a column without the name of a region."""
    if "" in regions:
        raise table.error("a column has no name; expected that of a region", field="region")


@dataclass(frozen=True, kw_only=True, eq=False)
class Read:
    """What was read of a region.

    Parameters
    ----------
    known
        None if nothing is known, or how long it holds.
    only_at
        The only time, in seconds since 1970, if there is one: how long its value holds is not said.
    only_value
        Its value, gCO2eq/kWh.
    blanks, cells
        How many of how many cells are blank.
    skipped
        Rows of what came true that are no intensities, or have two different values for one time.
    """

    known: Known | None
    only_at: float | None = None
    only_value: float | None = None
    blanks: int = 0
    cells: int = 0
    skipped: tuple[int, ...] = ()


@dataclass(frozen=True, kw_only=True, eq=False)
class RegionRows:
    """The rows of a region, for reading and for messages.

    Parameters
    ----------
    table
        A blank cell says that nothing is known from its time to the next time.
    region
        Whose they are.
    column
        Where the values stand.
    times
        Shape (rows of the table,): seconds since 1970.
    rows
        Those of the region, all times ascending, or all descending.
    until
        Shape (rows of the table,): when each value ends; None if that is not said.
    """

    table: Table
    region: str
    column: str
    times: FloatArray
    rows: IntArray
    until: FloatArray | None = None

    def read(self, factor: float, *, past: bool = False) -> Read:
        """Read the values.

        Parameters
        ----------
        factor
            What a unit of the values is in gCO2eq/kWh.
        past
            Whether they came true: then what is no intensity costs its own time only.

        Raises
        ------
        InputError
            Names the place, the region and the time of what is wrong.
        """
        rows = self._ascending()
        values, blank = self._values(rows, factor, past=past)
        bad = np.isnan(values) & ~blank
        times = self.times[rows]
        axis, first = np.unique(times, return_index=True)
        one = values[first].copy()
        clash = np.zeros(len(rows), dtype=np.bool_)
        if len(axis) < len(rows):
            one, clash = self._merged(rows, values, first, past=past)
        known = ~np.isnan(one)
        read = Read(
            known=None,
            blanks=int(blank.sum()),
            cells=len(rows),
            skipped=tuple(rows[bad | clash].tolist()),
        )
        if not known.any():
            return read
        if self.until is not None:
            ends: FloatArray | None = self._said_ends(rows[first], axis)
        elif len(axis) == 1:
            return replace(read, only_at=float(axis[0]), only_value=float(one[0]))
        else:
            ends = None if known.all() else ends_of(axis)
        return replace(
            read, known=halved(axis[known], one[known], None if ends is None else ends[known])
        )

    def _ascending(self) -> IntArray:
        """The rows in the order of time; a file may have the newest first."""
        steps = np.diff(self.times[self.rows])
        if len(steps) and (steps <= 0).all() and (steps < 0).any():
            return self.rows[::-1]
        if (steps < 0).any():
            at = int(np.argmax(steps < 0)) + 1
            before = show(from_seconds(self.times[self.rows[at - 1]]))
            raise self._error(
                int(self.rows[at]),
                f"comes after {before}; times must ascend, so sort the rows by time",
            )
        return self.rows

    def _values(self, rows: IntArray, factor: float, *, past: bool) -> tuple[FloatArray, BoolArray]:
        """Values of the rows, NaN where there is none, and which cells are blank."""
        most = MOST_INTENSITY / factor
        values = self.table.numbers_or_nan(self.column, rows)
        good = (values >= 0) & (values <= most)
        blank = np.zeros(len(rows), dtype=np.bool_)
        if not good.all():
            cells = self.table.columns[self.column]
            blank = np.fromiter((not cells[row].strip() for row in rows), np.bool_, len(rows))
            if not past or not good.any():
                self.table.numbers(
                    self.column,
                    self._describe,
                    rows[~blank],
                    most,
                    _OTHER_UNIT,
                    may_be_blank=True,
                )
        return np.where(good, values * factor, np.nan), blank

    def _merged(
        self, rows: IntArray, values: FloatArray, first: IntArray, *, past: bool
    ) -> tuple[FloatArray, BoolArray]:
        """One value for each time, and which rows have others for their time than another row."""
        last = np.append(first[1:], len(rows))
        merged = np.full(len(first), np.nan)
        clash = np.zeros(len(rows), dtype=np.bool_)
        for number, (begin, end) in enumerate(zip(first.tolist(), last.tolist(), strict=True)):
            said = values[begin:end][~np.isnan(values[begin:end])]
            if not len(said):
                continue
            if (said == said[0]).all():
                merged[number] = said[0]
                continue
            if not past:
                at = begin + 1 + int(np.argmax(values[begin + 1 : end] != values[begin]))
                one, other = self._cell(int(rows[begin])), self._cell(int(rows[at]))
                raise self._error(
                    int(rows[at]),
                    f"has two different values, {one} and {other}; leave one of the rows out",
                )
            clash[begin:end] = True
        return merged, clash

    def _said_ends(self, rows: IntArray, axis: FloatArray) -> FloatArray:
        assert self.until is not None  # noqa: S101 - the caller looked
        ends = self.until[rows]
        if (ends <= axis).any():
            row = int(rows[np.argmax(ends <= axis)])
            raise self._error(
                row, f"ends at {show(from_seconds(self.until[row]))}, before it begins"
            )
        capped: FloatArray = np.minimum(ends, np.append(axis[1:], np.inf))
        return capped

    def only_time(self) -> InputError:
        """Build the error for a region with a single time."""
        return self._error(
            int(self.rows[0]),
            "is the only time; at least two are needed, since a value holds until the next (a file "
            "with the columns region,value says what holds always)",
        )

    def _cell(self, row: int) -> str:
        return self.table.columns[self.column][row].strip()

    def _describe(self, row: int) -> str:
        return (
            f"the intensity of region {self.region!r} at {show(from_seconds(self.times[row]))} UTC"
        )

    def _error(self, row: int, message: str) -> InputError:
        return self.table.error(f"{self._describe(row)} {message}", row, "target_time")


def halved(times: FloatArray, values: FloatArray, ends: FloatArray | None) -> Known:
    """Write a single value as two of half the length: a series has at least two."""
    if len(times) > 1 or ends is None:
        return times, values, ends
    middle = (times[0] + ends[0]) / 2
    return np.array([times[0], middle]), np.repeat(values, 2), np.array([middle, ends[0]])
