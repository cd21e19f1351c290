"""Reading from CSV when clients are online, or when their work is lost."""

from pathlib import Path

import numpy as np

from lowcarb._util.csv_table import read_table
from lowcarb._util.times import parse_instant
from lowcarb.errors import InputError
from lowcarb.fleet.availability import Availability
from lowcarb.fleet.fleet import Fleet


def read_availability(path: str | Path, fleet: Fleet) -> Availability:
    """Read a CSV with the columns client, from, until (times with a zone).

    Parameters
    ----------
    path
        A CSV file, gzip by its name, or ``-`` for standard input.
    fleet
        Has all the clients.

    Raises
    ------
    InputError
        Names file, line and client.
    """
    table = read_table(path)
    if set(table.columns) != {"client", "from", "until"}:
        raise table.error(
            f"expected the columns client,from,until, got {','.join(table.columns)}",
            field=next(iter(set(table.columns) ^ {"client", "from", "until"})),
        )
    n = len(table)
    client, begin, end = np.empty(n, np.int64), np.empty(n), np.empty(n)
    for row in range(n):
        name = table.columns["client"][row].strip()
        if name not in fleet.position:
            raise table.error(f"client {name!r} is not in the fleet", row, "client")
        client[row] = fleet.position[name]
        for column, target in (("from", begin), ("until", end)):
            try:
                target[row] = parse_instant(table.columns[column][row]).timestamp()
            except InputError as error:
                raise table.error(
                    f"{column} of client {name!r}: {error.message}", row, column
                ) from None
        if begin[row] >= end[row]:
            raise table.error(f"client {name!r}: until must be later than from", row, "until")
    return Availability(client=client, begin=begin, end=end)
