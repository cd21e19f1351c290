"""The rules of tables of intensities, for CSV files and data frames alike."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.csv_table import Table
from lowcarb._util.frame_table import table_of_frame
from lowcarb._util.times import from_seconds, parse_instant, show
from lowcarb.errors import InputError
from lowcarb.units import MOST_INTENSITY

if TYPE_CHECKING:
    import pandas as pd

Intensities = tuple[FloatArray, FloatArray]
"""Times in seconds since 1970 and values in gCO2eq/kWh, both of shape (m,), m >= 2."""


def require_named(table: Table, regions: Iterable[str]) -> None:
    """Refuse a column without the name of a region."""
    if "" in regions:
        raise table.error("a column has no name; expected that of a region", field="region")


def read_seconds(table: Table, column: str) -> FloatArray:
    """Read a column of times with a zone: seconds since 1970 (rows,)."""
    known: dict[str, float] = {}
    for row, cell in enumerate(table.columns[column]):
        if cell not in known:
            try:
                known[cell] = parse_instant(cell).timestamp()
            except InputError as error:
                raise table.error(f"{column}: {error.message}", row, column) from None
    return np.fromiter((known[cell] for cell in table.columns[column]), np.float64, len(table))


def read_wide(
    table: Table, region: str, times: FloatArray, rows: IntArray, factor: float
) -> Intensities:
    """Read the column of a region.

    Parameters
    ----------
    table
        A blank cell is an error.
    region
        Its column is named so.
    times
        Shape (rows of the table,): seconds since 1970.
    rows
        The rows to read.
    factor
        What a unit of the values is in gCO2eq/kWh.

    Raises
    ------
    InputError
        Names the place, the region and the time of what is wrong.
    """
    return _Cells(table=table, region=region, column=region, times=times, rows=rows).read(factor)


def read_long(
    table: Table, times: FloatArray, rows: IntArray, factor: float
) -> dict[str, Intensities]:
    """Read the columns region and value, a row for each region and time; else as `read_wide`."""
    cells = table.columns["region"]
    by_region: dict[str, list[int]] = {}
    for row in rows.tolist():
        by_region.setdefault(cells[row].strip(), []).append(row)
    if "" in by_region:
        raise table.error("the region is blank", by_region[""][0], "region")
    return {
        region: _Cells(
            table=table, region=region, column="value", times=times, rows=np.array(own)
        ).read(factor)
        for region, own in by_region.items()
    }


def read_frame(
    frame: "pd.DataFrame | pd.Series[float]", source: str, factor: float
) -> tuple[FloatArray, dict[str, Intensities]]:
    """Read a data frame with a column for each region, and the times as its index.

    Parameters
    ----------
    frame
        A missing value is unknown, and is left out.
    source
        What messages call the frame.
    factor
        What a unit of the values is in gCO2eq/kWh.

    Returns
    -------
    times
        Shape (t,): all times of the index, each once, in seconds since 1970.
    intensities
        By region: what is known of it.

    Raises
    ------
    InputError
        Names the source, and the row, the region and the time of what is wrong.
    """
    import pandas as pd

    if isinstance(frame, pd.Series):
        if not isinstance(frame.name, str):
            raise InputError(
                f"expected a Series named as its region, got the name {frame.name!r}", file=source
            )
        frame = frame.to_frame()
    table = table_of_frame(frame, source)
    require_named(table, table.columns)
    if not isinstance(frame.index, pd.DatetimeIndex):
        raise InputError(
            f"expected a DatetimeIndex with a zone, got {type(frame.index).__name__}; "
            'frame.set_index(pd.to_datetime(frame["TIME"], utc=True)) makes an index of a column',
            file=source,
        )
    if frame.index.tz is None:
        raise InputError(
            f"the times of the index have no zone, such as {frame.index[0]}; "
            'frame.tz_localize("UTC") says that they are in UTC',
            file=source,
        )
    stamps = [time.isoformat() for time in frame.index]
    times = read_seconds(Table(file=source, columns={"index": stamps}, lines=None), "index")
    for at in np.flatnonzero(np.diff(times) < 0)[:1] + 1:
        this, last = (show(from_seconds(times[row])) for row in (at, at - 1))
        raise table.error(f"the time {this} UTC comes after {last}; times must ascend", int(at))
    found = {}
    for region, cells in table.columns.items():
        known = np.flatnonzero([bool(cell.strip()) for cell in cells])
        if not len(known):
            raise table.error(f"region {region!r} has no value at any time", field=region)
        found[region] = read_wide(table, region, times, known, factor)
    return np.unique(times), found


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """The rows of a region, for reading and for messages."""

    table: Table
    region: str
    column: str
    times: FloatArray
    rows: IntArray

    def read(self, factor: float) -> Intensities:
        values = self.table.numbers(self.column, self._describe, self.rows, MOST_INTENSITY) * factor
        times = self.times[self.rows]
        steps = np.diff(times)
        if (steps < 0).any():
            at = int(np.argmax(steps < 0)) + 1
            raise self._error(
                at, f"comes after {show(from_seconds(times[at - 1]))}; times must ascend"
            )
        same = steps == 0
        if (same & (values[1:] != values[:-1])).any():
            at = int(np.argmax(same & (values[1:] != values[:-1]))) + 1
            first, second = (self._cell(at - 1), self._cell(at))
            raise self._error(at, f"has two different values, {first} and {second}")
        once = np.append(True, ~same)
        if once.sum() < 2:
            raise self._error(
                0, "is the only time; at least two are needed, since a value holds until the next"
            )
        return times[once], values[once]

    def _cell(self, at: int) -> str:
        return self.table.columns[self.column][int(self.rows[at])].strip()

    def _describe(self, row: int) -> str:
        return (
            f"the intensity of region {self.region!r} at {show(from_seconds(self.times[row]))} UTC"
        )

    def _error(self, at: int, message: str) -> InputError:
        row = int(self.rows[at])
        return self.table.error(f"{self._describe(row)} {message}", row, "target_time")
