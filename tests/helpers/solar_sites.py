"""Ten sites of ten clients each, with made solar days and a cap for each site."""

from pathlib import Path

import numpy as np

from lowcarb import Fleet, Forecast, Series
from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds, to_iso
from lowcarb.fleet.fleet_table import UNSET
from tests.helpers.data import START

SITES, EACH, HOURS = 10, 10, 72
NAMES = [f"site-{k}" for k in range(SITES)]
ROUNDS, COHORT = 24, 20


def solar_fleet() -> Fleet:
    """100 clients in two regions, of three energies; each site is in one region."""
    n = SITES * EACH
    site = np.arange(n) // EACH
    return Fleet(
        clients=[f"c{i:02}" for i in range(n)],
        regions=["DE", "FR"],
        region=site % 2,
        energy_kwh=np.array([0.4, 0.6, 1.0])[np.arange(n) % 3],
        duration_s=np.full(n, 3600.0),
        min_rounds=np.full(n, UNSET),
        max_rounds=np.full(n, UNSET),
        attributes={"group": [NAMES[k] for k in site]},
    )


def solar_forecast() -> Forecast:
    """Hours of a grid that is cleaner by day."""
    hours = np.arange(HOURS, dtype=np.float64)
    swing = 1 - 0.3 * np.sin(2 * np.pi * (hours - 6) / 24)
    times = START.timestamp() + 3600.0 * hours
    return Forecast(
        series={
            "DE": Series(times=times, values=400 * swing),
            "FR": Series(times=times, values=90 * swing),
        },
        source="made",
    )


def excess_kwh() -> FloatArray:
    """Excess energy of each site in each hour, shape (sites, hours): none at night."""
    hours = np.arange(HOURS)
    sun = np.maximum(0.0, np.sin(2 * np.pi * (hours % 24 - 6) / 24))
    return np.round(np.linspace(0.2, 2.4, SITES)[:, None] * sun, 3)


def cap_kwh() -> FloatArray:
    """What each site may use in an hour (sites,)."""
    return np.linspace(1.0, 2.8, SITES)


def write_sites(folder: Path) -> Path:
    """Write the TOML file and the two CSV files that it names; return its path."""
    hours = [to_iso(from_seconds(START.timestamp() + 3600.0 * h)) for h in range(HOURS)]
    excess, caps = ["site,time,kwh"], ["site,time,w"]
    for k, name in enumerate(NAMES):
        excess += [f"{name},{at},{excess_kwh()[k, h]}" for h, at in enumerate(hours)]
        caps += [f"{name},{at},{1000 * cap_kwh()[k]}" for at in (hours[0], hours[-1])]
    (folder / "excess.csv").write_text("\n".join(excess) + "\n")
    (folder / "caps.csv").write_text("\n".join(caps) + "\n")
    path = folder / "limits.toml"
    path.write_text('[sites]\ncolumn = "group"\ncaps = "caps.csv"\nexcess = "excess.csv"\n')
    return path
