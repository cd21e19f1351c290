"""Reading from CSV when clients are online, or when their work is lost."""

from pathlib import Path

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.csv_dialect import Dialect
from lowcarb._util.csv_table import Table, read_table
from lowcarb._util.csv_times import TimeFormat, read_seconds
from lowcarb.fleet.availability import Availability
from lowcarb.fleet.fleet import Fleet


def read_availability(
    path: str | Path,
    fleet: Fleet,
    dialect: Dialect | None = None,
    times: TimeFormat | None = None,
) -> Availability:
    """Read a CSV with the columns client, from, until (times with a zone).

    Parameters
    ----------
    path
        A CSV file, gzip by its name, or ``-`` for standard input.
    fleet
        Has all the clients.
    dialect, times
        What is known of how it is written; the rest is found.

    Raises
    ------
    InputError
        Names file, line and client.
    """
    table = read_table(path, dialect)
    if set(table.columns) != {"client", "from", "until"}:
        raise table.error(
            f"expected the columns client,from,until, got {','.join(table.columns)}",
            field=next(iter(set(table.columns) ^ {"client", "from", "until"})),
        )
    n = len(table)
    client = np.empty(n, np.int64)
    for row in range(n):
        name = _name(table, row)
        if name not in fleet.position:
            raise table.error(f"client {name!r} is not in the fleet", row, "client")
        client[row] = fleet.position[name]
    begin, end = (_seconds(table, column, times) for column in ("from", "until"))
    if (begin >= end).any():
        row = int(np.argmax(begin >= end))
        raise table.error(
            f"client {_name(table, row)!r}: until must be later than from", row, "until"
        )
    return Availability(client=client, begin=begin, end=end)


def _seconds(table: Table, column: str, times: TimeFormat | None) -> FloatArray:
    return read_seconds(
        table, column, times, lambda row: f"{column} of client {_name(table, row)!r}"
    )


def _name(table: Table, row: int) -> str:
    return table.columns["client"][row].strip()
