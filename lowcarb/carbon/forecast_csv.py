"""Reading forecasts from CSV, in three forms that their headers tell apart.

- wide issues: ``issued_at,target_time,REGION,...``
- one wide series: ``time_utc,REGION,...``
- long: ``[issued_at,]target_time,region,value``
"""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.csv_table import Table, read_table
from lowcarb._util.times import from_seconds, parse_instant, show
from lowcarb.carbon.forecast import Forecast, Issues, Series
from lowcarb.errors import InputError
from lowcarb.units import MOST_INTENSITY, factor_of

_ISSUED, _TARGET, _SINGLE = "issued_at", "target_time", "time_utc"
_FORMS = (
    "issued_at,target_time,REGION,...  or  time_utc,REGION,...  or  "
    "[issued_at,]target_time,region,value"
)


def read_forecasts(path: str | Path, units: str = "g/kWh") -> Issues:
    """Read all issues of a forecast CSV.

    Parameters
    ----------
    path
        A CSV file, gzip by its name, or ``-`` for standard input.
    units
        Unit of the values, one of `UNITS`.

    Raises
    ------
    InputError
        Names file, line, region and time: for a blank, negative or infinite value, a time without
        a zone, times that do not ascend, or two different values for one time. Identical
        duplicates are merged.
    """
    factor = factor_of(units)
    table = read_table(path)
    long = {_TARGET, "region", "value"} <= set(table.columns)
    time_column = _TARGET if long or _TARGET in table.columns else _SINGLE
    _check_columns(table, long=long, time_column=time_column)
    times = _seconds(table, time_column)
    parts: list[tuple[float | None, IntArray]] = [(None, np.arange(len(table)))]
    if _ISSUED in table.columns:
        issued = _seconds(table, _ISSUED)
        parts = [(issue, np.flatnonzero(issued == issue)) for issue in np.unique(issued).tolist()]
    read = _read_long if long else _read_wide
    forecasts = []
    for issue, rows in parts:
        series = read(table, times, rows, factor)
        issued_at = None if issue is None else from_seconds(issue)
        forecasts.append(Forecast(series=series, source=table.file, issued_at=issued_at))
    return Issues(forecasts=tuple(forecasts), source=table.file)


def _check_columns(table: Table, *, long: bool, time_column: str) -> None:
    columns = list(table.columns)
    if time_column not in columns:
        raise table.error(f"no column of times; expected a header {_FORMS}", field=time_column)
    special = {_ISSUED, time_column}
    others = [column for column in columns if column not in special]
    if long and set(others) != {"region", "value"}:
        extra = next(column for column in others if column not in {"region", "value"})
        raise table.error(f"unknown column {extra!r}; expected a header {_FORMS}", field=extra)
    if _TARGET in columns and _SINGLE in columns:
        raise table.error(
            f"both {_TARGET} and {_SINGLE}; expected a header {_FORMS}", field=_SINGLE
        )
    if not others:
        raise table.error(f"no column for a region; expected a header {_FORMS}", field="region")
    if "" in others:
        raise table.error("a column has no name; expected that of a region", field="region")


def _seconds(table: Table, column: str) -> FloatArray:
    known: dict[str, float] = {}
    for row, cell in enumerate(table.columns[column]):
        if cell not in known:
            try:
                known[cell] = parse_instant(cell).timestamp()
            except InputError as error:
                raise table.error(f"{column}: {error.message}", row, column) from None
    return np.fromiter((known[cell] for cell in table.columns[column]), np.float64, len(table))


@dataclass(frozen=True, kw_only=True)
class _Cells:
    """Rows of one series, for reading and for messages."""

    table: Table
    region: str
    column: str
    times: FloatArray
    rows: IntArray

    def series(self, factor: float) -> Series:
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
        return Series(times=times[once], values=values[once])

    def _cell(self, at: int) -> str:
        return self.table.columns[self.column][int(self.rows[at])].strip()

    def _describe(self, row: int) -> str:
        return (
            f"the intensity of region {self.region!r} at {show(from_seconds(self.times[row]))} UTC"
        )

    def _error(self, at: int, message: str) -> InputError:
        row = int(self.rows[at])
        return self.table.error(f"{self._describe(row)} {message}", row, "target_time")


def _read_wide(table: Table, times: FloatArray, rows: IntArray, factor: float) -> dict[str, Series]:
    regions = [column for column in table.columns if column not in {_ISSUED, _TARGET, _SINGLE}]
    return {
        region: _Cells(table=table, region=region, column=region, times=times, rows=rows).series(
            factor
        )
        for region in regions
    }


def _read_long(table: Table, times: FloatArray, rows: IntArray, factor: float) -> dict[str, Series]:
    cells = table.columns["region"]
    by_region: dict[str, list[int]] = {}
    for row in rows.tolist():
        by_region.setdefault(cells[row].strip(), []).append(row)
    if "" in by_region:
        raise table.error("the region is blank", by_region[""][0], "region")
    return {
        region: _Cells(
            table=table, region=region, column="value", times=times, rows=np.array(own)
        ).series(factor)
        for region, own in by_region.items()
    }
