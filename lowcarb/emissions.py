"""Forecast x fleet x start times: what a turn would emit."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np

from lowcarb.fleet import Fleet
from lowcarb.forecast import Forecast
from lowcarb.times import from_seconds
from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Intensities:
    """Mean intensity over the workload windows of clients of one region and duration.

    Parameters
    ----------
    level
        Shape (g, t), gCO2eq/kWh: times a client's energy (kWh) it gives grams. Zero where no
        client can work, whether the forecast covers that or not.
    row
        Shape (n,): each client's row of `level`.
    """

    level: FloatArray
    row: IntArray


def intensities(
    fleet: Fleet, forecast: Forecast, starts: FloatArray, online: BoolArray | None = None
) -> Intensities:
    """Average the forecast over each workload window that a client can use.

    Parameters
    ----------
    fleet
        n clients.
    forecast
        Must know all regions of the fleet.
    starts
        Shape (t,): when each round starts, seconds since 1970.
    online
        Shape (n, t): where clients can work; None for everywhere.

    Raises
    ------
    InputError
        If a region is unknown; names a client of it.
    CoverageError
        If a window that a client can use is not covered; names region, client and window.
    """
    durations, duration = np.unique(fleet.duration_s, return_inverse=True)
    pairs, first, row = np.unique(
        fleet.region * len(durations) + duration.reshape(-1), return_index=True, return_inverse=True
    )
    row = row.reshape(-1).astype(np.int64)
    level = np.empty((len(pairs), len(starts)))
    for g, pair in enumerate(pairs.tolist()):
        region = fleet.regions[pair // len(durations)]
        series = forecast.of(region, who=f" (client {fleet.clients[first[g]]!r})")
        level[g] = series.means(starts, float(durations[pair % len(durations)]))
    missing = np.isnan(level)
    if missing.any():
        for g in np.flatnonzero(missing.any(axis=1)).tolist():
            used = missing[g]
            member = int(first[g])
            if online is not None:
                members = np.flatnonzero(row == g)
                used = missing[g] & online[members].any(axis=0)
                if used.any():
                    member = int(members[online[members, np.argmax(used)].argmax()])
            if used.any():
                raise forecast.uncovered(
                    fleet[member].region,
                    from_seconds(starts[np.argmax(used)]),
                    timedelta(seconds=float(fleet.duration_s[member])),
                    who=f" (round {np.argmax(used) + 1}, client {fleet[member].name!r})",
                )
        level[missing] = 0.0
    return Intensities(level=level, row=row)
