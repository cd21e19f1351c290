"""Two regions of which average intensities call one the cleaner, and marginal ones the other."""

from datetime import timedelta

import numpy as np

from lowcarb import Client, Fleet, Forecast, Provenance, Series
from tests.helpers.data import START

AVERAGE = {"A": 100.0, "B": 300.0}
MARGINAL = {"A": 800.0, "B": 400.0}
"""gCO2eq/kWh, all day long."""


def intensities(
    levels: dict[str, float],
    signal: str | None,
    *,
    accounting: str | None = None,
    hours: int = 48,
    source: str = "that file",
) -> Forecast:
    """Hourly intensities from `START` on, of a kind."""
    times = START.timestamp() + 3600.0 * np.arange(hours, dtype=np.float64)
    return Forecast(
        series={
            region: Series(
                times=times,
                values=np.full(hours, level),
                provenance=Provenance(
                    provider=source, zone=region, signal=signal, accounting=accounting
                ),
            )
            for region, level in levels.items()
        },
        source=source,
    )


def fleet(*regions: str, minutes: int = 60) -> Fleet:
    """A client of 1 kWh in each region, named as the region in small letters."""
    length = timedelta(minutes=minutes)
    return Fleet.from_clients(
        [
            Client(name=region.lower(), region=region, energy_kwh=1.0, duration=length)
            for region in regions or ("A", "B")
        ]
    )
