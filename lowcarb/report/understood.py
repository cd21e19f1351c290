"""What is understood of a file of intensities, typical days or clients, as figures for JSON."""

from typing import Any

import numpy as np

from lowcarb._util.csv_table import Table, read_table
from lowcarb._util.times import from_seconds, to_iso
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.forecast_csv import issues_of
from lowcarb.carbon.how_written import HowWritten
from lowcarb.carbon.typical_day_csv import HOUR_COLUMNS, typical_day_of
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import read_columns

# Gaps that are named; all of them are counted.
_GAPS_NAMED = 20


def look(file: str, how: HowWritten, *, past: bool) -> dict[str, Any]:
    """Read a file and say what is understood of it.

    Parameters
    ----------
    file
        Its name; ``-`` is standard input.
    how
        What was said of it.
    past
        Whether intensities are read as what came true.

    Returns
    -------
    dict
        "kind" is "intensities", "typical days" or "clients"; the rest by kind.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    table = read_table(file, how.dialect)
    if "client" in table.columns:
        return _clients(table)
    if "region" in table.columns and HOUR_COLUMNS[0] in table.columns:
        days = typical_day_of(table, how.units)
        return {**_written("typical days", table), "regions": list(days.regions)}
    return _intensities(table, how, past=past)


def _written(kind: str, table: Table) -> dict[str, Any]:
    return {
        "kind": kind,
        "encoding": table.dialect.encoding,
        "encoding_guessed": table.encoding_guessed,
        "delimiter": table.dialect.delimiter,
        "rows": len(table),
    }


def _clients(table: Table) -> dict[str, Any]:
    fleet = Fleet(**read_columns(table))
    return {
        **_written("clients", table),
        "columns": list(table.columns),
        "clients": len(fleet),
        "regions": list(fleet.regions),
    }


def _intensities(table: Table, how: HowWritten, *, past: bool) -> dict[str, Any]:
    issues = issues_of(table, how, past=past)
    assert issues.understood is not None  # noqa: S101 - they come from a file
    newest = issues.newest
    issued = [one.issued_at for one in issues.forecasts if one.issued_at is not None]
    return {
        "kind": "intensities",
        **issues.understood.to_dict(),
        "issues": len(issued),
        "first_issue": to_iso(issued[0]) if issued else None,
        "last_issue": to_iso(issued[-1]) if issued else None,
        "constant": newest.constant,
        "regions": {region: _series(one) for region, one in newest.series.items()},
        "notes": list(newest.notes),
    }


def _series(series: Series) -> dict[str, Any]:
    gaps = np.flatnonzero(series.ends[:-1] < series.times[1:])
    return {
        "values": len(series.values),
        "from": to_iso(from_seconds(series.times[0])),
        "until": to_iso(from_seconds(series.ends[-1])),
        "step_s": series.step_s,
        "shortest_s": float((series.ends - series.times).min()),
        "longest_s": float((series.ends - series.times).max()),
        "least": float(series.values.min()),
        "most": float(series.values.max()),
        "gaps": len(gaps),
        "first_gaps": [
            [
                to_iso(from_seconds(series.ends[at])),
                to_iso(from_seconds(series.times[at + 1])),
            ]
            for at in gaps[:_GAPS_NAMED].tolist()
        ],
    }
