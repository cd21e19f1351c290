"""When clients are online, and when their work is lost."""

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np

from lowcarb.errors import InputError
from lowcarb.fleet import Fleet
from lowcarb.tables import read_table
from lowcarb.times import parse_instant
from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray


class Presence(Protocol):
    """Says in which rounds clients can work."""

    def matrix(self, fleet: Fleet, starts: FloatArray) -> BoolArray:
        """Whether each client can work in each round, shape (n, t); starts in seconds (t,)."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Availability:
    """Windows of time in which clients are online; a client without any is always online.

    Parameters
    ----------
    client
        Shape (w,): the client of each window, as its number in the fleet.
    begin, end
        Shape (w,): seconds since 1970, begin before end.
    """

    client: IntArray
    begin: FloatArray
    end: FloatArray

    def matrix(self, fleet: Fleet, starts: FloatArray) -> BoolArray:
        """Whether each client is online for its whole workload in each round, shape (n, t).

        Windows of one client that touch or overlap count as one.
        """
        online = np.ones((len(fleet), len(starts)), dtype=np.bool_)
        online[self.client] = False
        order = np.lexsort((self.begin, self.client))
        client, begin, end = self.client[order], self.begin[order], self.end[order]
        for w in range(len(order)):
            i = client[w]
            if w and client[w - 1] == i and begin[w] <= end[w - 1]:
                begin[w] = begin[w - 1]
                end[w] = max(end[w], end[w - 1])
            inside = (starts >= begin[w]) & (starts + fleet.duration_s[i] <= end[w])
            online[i] |= inside
        return online

    def lost(self, fleet: Fleet, starts: FloatArray) -> BoolArray:
        """Whether each client's workload in each round overlaps a window, shape (n, t).

        The windows are outages then: what overlaps one is lost, who has none never loses work.
        """
        lost = np.zeros((len(fleet), len(starts)), dtype=np.bool_)
        for i, begin, end in zip(self.client, self.begin, self.end, strict=True):
            lost[i] |= (starts < end) & (starts + fleet.duration_s[i] > begin)
        return lost


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
