"""Four clients with groups and samples, and constant intensities, for plans within limits."""

import numpy as np

from lowcarb import Forecast, Series
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import UNSET
from lowcarb.planning.plan import Plan
from tests.helpers.data import START

FLEET = Fleet(
    clients=["a", "b", "c", "d"],
    regions=["DE", "FR"],
    region=np.array([1, 1, 0, 0]),
    energy_kwh=np.array([1.0, 2.0, 3.0, 4.0]),
    duration_s=np.full(4, 1800.0),
    min_rounds=np.full(4, UNSET),
    max_rounds=np.full(4, UNSET),
    attributes={
        "samples": np.array([100.0, 200.0, 300.0, 400.0]),
        "group": ["hospital", "hospital", "practice", "practice"],
    },
)
"""a and b are in France, at 100 g/kWh, c and d in Germany, at 400 g/kWh."""

_TIMES = START.timestamp() + 3600.0 * np.arange(48, dtype=np.float64)
FORECAST = Forecast(
    series={
        "FR": Series(times=_TIMES, values=np.full(48, 100.0)),
        "DE": Series(times=_TIMES, values=np.full(48, 400.0)),
    },
    source="constant",
)


def turns_in(plan: Plan, names: str) -> int:
    """Count the turns of some clients, each named by a letter."""
    return sum(client in names for one in plan.rounds for client in one.clients)
