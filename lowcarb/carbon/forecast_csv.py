"""Reading forecasts from CSV, in three forms that their headers tell apart.

- wide issues: ``issued_at,target_time,REGION,...``
- one wide series: ``time_utc,REGION,...``
- long: ``[issued_at,]target_time,region,value``
"""

from pathlib import Path

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb._util.csv_table import Table, read_table
from lowcarb._util.times import from_seconds
from lowcarb.carbon.forecast import Forecast, Issues, Series
from lowcarb.carbon.forecast_table import read_long, read_seconds, read_wide, require_named
from lowcarb.units import factor_of

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
    times = read_seconds(table, time_column)
    parts: list[tuple[float | None, IntArray]] = [(None, np.arange(len(table)))]
    if _ISSUED in table.columns:
        issued = read_seconds(table, _ISSUED)
        parts = [(issue, np.flatnonzero(issued == issue)) for issue in np.unique(issued).tolist()]
    regions = [column for column in table.columns if column not in {_ISSUED, time_column}]
    forecasts = []
    for issue, rows in parts:
        if long:
            read = read_long(table, times, rows, factor)
        else:
            read = {region: read_wide(table, region, times, rows, factor) for region in regions}
        series = {region: Series(times=t, values=v) for region, (t, v) in read.items()}
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
    require_named(table, others)
