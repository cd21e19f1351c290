"""Energy at sites over time, read from a CSV: site, time, and kWh or W from then to the next."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.csv_table import Table, read_table
from lowcarb._util.csv_times import read_seconds
from lowcarb._util.times import from_seconds, show
from lowcarb.units import SECONDS_PER_HOUR

_MOST = {"kwh": 1e9, "w": 1e12, "kw": 1e9}
_W_PER_KW = 1000.0


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteSeries:
    """Mean power of each site, from each of its times to the next one.

    Parameters
    ----------
    edges
        By site, shape (m + 1,): times in seconds since 1970, ascending.
    kw
        By site, shape (m,): power between them.
    file
        Where it was read from.
    """

    edges: dict[str, FloatArray]
    kw: dict[str, FloatArray]
    file: str

    def energy(self, site: str, starts: FloatArray, length_s: float) -> FloatArray:
        """Energy of a site in so many seconds from each start on, kWh (t,); NaN where unknown."""
        edges, kw = self.edges[site], self.kw[site]
        so_far = np.concatenate([[0.0], np.cumsum(kw * np.diff(edges))]) / SECONDS_PER_HOUR
        ends = starts + length_s
        found = np.interp(ends, edges, so_far) - np.interp(starts, edges, so_far)
        found[(starts < edges[0]) | (ends > edges[-1])] = np.nan
        return found

    def least(self, site: str, length_s: float) -> float:
        """The least energy of a site in so many seconds, kWh."""
        return float(self.kw[site].min()) * length_s / SECONDS_PER_HOUR

    def span(self, site: str) -> str:
        """Say of which times of a site something is known."""
        first, last = (show(from_seconds(float(t))) for t in self.edges[site][[0, -1]])
        return f"{first} to {last} UTC"


def read_site_series(path: str | Path) -> SiteSeries:
    """Read a CSV with the columns site, time (with a zone), and one of kwh, w and kw.

    A value holds from its time to the next one of the site, the last one as long as the one before:
    kwh is the energy in that time, w and kw are the mean power.

    Raises
    ------
    InputError
        Names file, line and site.
    """
    table = read_table(path)
    named = {name.casefold(): name for name in table.columns}
    quantity = next((name for name in _MOST if name in named), None)
    if quantity is None or set(named) != {"site", "time", quantity}:
        raise table.error(
            f"expected the columns site,time and kwh, w or kw, got {','.join(table.columns)}",
            field="kwh",
        )
    sites = [cell.strip() for cell in table.columns[named["site"]]]
    if "" in sites:
        raise table.error("the site's name is blank", sites.index(""), "site")
    times = read_seconds(table, named["time"], describe=lambda row: f"time of site {sites[row]!r}")
    values = table.numbers(
        named[quantity],
        lambda row: f"{quantity} of site {sites[row]!r}",
        np.arange(len(table)),
        _MOST[quantity],
    )
    edges: dict[str, FloatArray] = {}
    kw: dict[str, FloatArray] = {}
    names = np.array(sites)
    for site in dict.fromkeys(sites):
        rows = np.flatnonzero(names == site)
        rows = rows[np.argsort(times[rows], kind="stable")]
        edges[site] = _edges(table, site, times[rows], rows[-1])
        kw[site] = values[rows] / {"kwh": 1.0, "w": _W_PER_KW, "kw": 1.0}[quantity]
        if quantity == "kwh":
            kw[site] = kw[site] * SECONDS_PER_HOUR / np.diff(edges[site])
    return SiteSeries(edges=edges, kw=kw, file=str(path))


def _edges(table: Table, site: str, times: FloatArray, last: int) -> FloatArray:
    """Times of a site, and where its last value ends."""
    if len(times) < 2:
        raise table.error(
            f"site {site!r}: expected two times or more, so that it is known how long a value "
            "holds, got one",
            int(last),
            "time",
        )
    steps = np.diff(times)
    if (steps <= 0).any():
        again = show(from_seconds(float(times[int((steps <= 0).argmax())])))
        raise table.error(
            f"site {site!r}: expected each time once, got {again} UTC twice", int(last), "time"
        )
    return np.append(times, times[-1] + steps[-1])
