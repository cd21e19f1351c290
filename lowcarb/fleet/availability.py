"""When clients are online, and when their work is lost."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.text import count
from lowcarb._util.times import show_span
from lowcarb.fleet.fleet import Fleet


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
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

    def __repr__(self) -> str:
        windows = count(len(self.client), "window")
        if not len(self.client):
            return f"Availability({windows})"
        clients = count(len(np.unique(self.client)), "client")
        return (
            f"Availability({windows} of {clients}, {show_span(self.begin.min(), self.end.max())})"
        )

    def matrix(self, fleet: Fleet, starts: FloatArray) -> BoolArray:
        """Whether each client is online for its whole workload in each round, shape (n, t).

        Starts have the shape (t,) and are seconds since 1970. Windows of a client that touch or
        overlap count as a single window.
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

        The windows are outages then: work that overlaps an outage is lost, and a client without
        outages never loses work. Starts are as for `matrix`.
        """
        lost = np.zeros((len(fleet), len(starts)), dtype=np.bool_)
        for i, begin, end in zip(self.client, self.begin, self.end, strict=True):
            lost[i] |= (starts < end) & (starts + fleet.duration_s[i] > begin)
        return lost
