"""Fleets and forecasts for tests: made here, and the recorded ones where they are at hand."""

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np

from benchmarks.instances import diurnal
from lowcarb import Client, Fleet, Forecast, Series, read_forecasts

ROOT = Path(__file__).parents[2]
ENVIRONMENT = {**os.environ, "PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'solvers'}"}
"""For programs that tests start: the packages come from this tree."""
RECORDED = ROOT.parent / "shared" / "data" / "public_us_forecasts.csv"
START = datetime(2022, 7, 15, tzinfo=UTC)


def invented_forecast(regions: int = 26, hours: int = 96, seed: int = 0) -> Forecast:
    """Hourly intensities from `START` on, for regions R00, R01, ..."""
    levels = diurnal(regions, hours, np.random.default_rng(seed))
    times = START.timestamp() + 3600.0 * np.arange(hours, dtype=np.float64)
    return Forecast(
        series={f"R{r:02d}": Series(times=times, values=levels[r]) for r in range(regions)},
        source="invented",
        issued_at=START,
    )


def forecasts() -> dict[str, Forecast]:
    """The invented forecast, and the recorded issue of 2022-07-15 if its folder is there."""
    found = {"invented": invented_forecast()}
    if RECORDED.exists():
        found["recorded"] = read_forecasts(str(RECORDED)).at(START)
    return found


def mixed_fleet(regions: list[str], *, clients: int = 100, distinct: bool = False) -> Fleet:
    """Clients spread over the regions, on a dozen hardware levels or each on its own."""
    rng = np.random.default_rng(1)
    levels = np.geomspace(0.02, 0.4, 12)
    return Fleet.from_clients(
        [
            Client(
                name=f"c{i:03d}",
                region=regions[i % len(regions)],
                energy_kwh=float(rng.uniform(0.02, 0.4) if distinct else rng.choice(levels)),
                duration=timedelta(minutes=int(rng.choice([20, 40, 60]))),
            )
            for i in range(clients)
        ]
    )
