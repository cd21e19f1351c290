"""Forecast x fleet x start times: what a turn would emit."""

from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.times import from_seconds
from lowcarb.carbon.forecast import Forecast
from lowcarb.fleet.fleet import Fleet


@dataclass(frozen=True, kw_only=True, eq=False)
class Intensities:
    """Mean intensity over the workload windows of clients of one region and duration.

    Parameters
    ----------
    intensity
        Shape (g, t), gCO2eq/kWh: times a client's energy (kWh) it gives grams. Zero where no
        client can work, whether the forecast covers that or not.
    intensity_of
        Shape (n,): each client's row of `intensity`.
    """

    intensity: FloatArray
    intensity_of: IntArray


def intensities(
    fleet: Fleet,
    forecast: Forecast,
    starts: FloatArray,
    *,
    able: BoolArray,
    online: BoolArray | None = None,
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
    able
        Shape (n,): clients that may take a turn at all.
    online
        Shape (n, t): where clients can work; None for everywhere.

    Raises
    ------
    InputError
        If a region is unknown; names a client of it.
    CoverageError
        If a window that a client can use is not covered; names region, client and window.
    """
    pairs, first, row = _pairs(fleet)
    intensity = np.empty((len(pairs), len(starts)))
    for g, (region, duration) in enumerate(pairs):
        if region not in forecast.series:
            member = int(first[g])
            who = f" of client {fleet.clients[member]!r}"
            raise fleet.error(forecast.unknown_region_message(region, who), member, "region")
        intensity[g] = forecast.of(region).means(starts, duration)
    missing = np.isnan(intensity)
    for g in np.flatnonzero(missing.any(axis=1)).tolist():
        members = np.flatnonzero((row == g) & able)
        used = np.broadcast_to(missing[g], (len(members), len(starts)))
        if online is not None:
            used = used & online[members]
        if used.any():
            member, j = np.argwhere(used)[0]
            client = fleet[int(members[member])]
            raise forecast.coverage_error(
                client.region,
                from_seconds(starts[j]),
                client.duration,
                who=f" (client {client.name!r})",
            )
    intensity[missing] = 0.0
    # Workloads within the same values cost the same whatever their length.
    intensity, merged = np.unique(intensity, axis=0, return_inverse=True)
    return Intensities(intensity=intensity, intensity_of=merged.reshape(-1)[row].astype(np.int64))


def known_intensities(fleet: Fleet, forecast: Forecast, starts: FloatArray) -> Intensities:
    """Average a forecast over each workload window; NaN where it does not know or cover one.

    Parameters
    ----------
    fleet, starts
        As of `intensities`.
    forecast
        May lack regions of the fleet.
    """
    pairs, _, row = _pairs(fleet)
    intensity = np.full((len(pairs), len(starts)), np.nan)
    for g, (region, duration) in enumerate(pairs):
        if region in forecast.series:
            intensity[g] = forecast.of(region).means(starts, duration)
    return Intensities(intensity=intensity, intensity_of=row)


def _pairs(fleet: Fleet) -> tuple[list[tuple[str, float]], IntArray, IntArray]:
    """Region and duration of each kind of client (g), one such client (g,), and kinds (n,)."""
    durations, duration = np.unique(fleet.duration_s, return_inverse=True)
    pairs, first, row = np.unique(
        fleet.region * len(durations) + duration.reshape(-1), return_index=True, return_inverse=True
    )
    known = [
        (fleet.regions[pair // len(durations)], float(durations[pair % len(durations)]))
        for pair in pairs.tolist()
    ]
    return known, first, row.reshape(-1).astype(np.int64)
