"""Lowcarb: carbon-aware federated learning.

Each round's cohort is chosen by an integer program that minimises forecast carbon intensity times
workload energy, with a floor under each client's turns. Names are loaded when they are used, so
``import lowcarb`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from lowcarb._version import __version__

if TYPE_CHECKING:
    from lowcarb.carbon.forecast import Forecast, Issues, Series
    from lowcarb.carbon.forecast_csv import read_forecasts
    from lowcarb.carbon.provenance import Origin
    from lowcarb.carbon.typical_day import TypicalDay, learn_typical_day
    from lowcarb.carbon.typical_day_csv import read_typical_day
    from lowcarb.errors import (
        CoverageError,
        FloorsNotMet,
        InputError,
        LedgerError,
        LowcarbError,
        ProviderError,
        StrategyError,
    )
    from lowcarb.fleet.availability import Availability
    from lowcarb.fleet.availability_csv import read_availability
    from lowcarb.fleet.fleet import Client, Fleet
    from lowcarb.fleet.fleet_csv import read_fleet
    from lowcarb.flower.mod import client_mod
    from lowcarb.flower.strategy import CarbonAware
    from lowcarb.ledger import Ledger
    from lowcarb.ledger.account import Account
    from lowcarb.planning.baselines import Baseline
    from lowcarb.planning.fairness import Fairness
    from lowcarb.planning.history import History
    from lowcarb.planning.plan import Plan, PlannedRound
    from lowcarb.planning.planner import Planner
    from lowcarb.training.clock import SimulatedClock, WallClock

_HOMES = {
    "Account": "ledger.account",
    "Availability": "fleet.availability",
    "Baseline": "planning.baselines",
    "CarbonAware": "flower.strategy",
    "Client": "fleet.fleet",
    "CoverageError": "errors",
    "Fairness": "planning.fairness",
    "Fleet": "fleet.fleet",
    "FloorsNotMet": "errors",
    "Forecast": "carbon.forecast",
    "History": "planning.history",
    "InputError": "errors",
    "Issues": "carbon.forecast",
    "Ledger": "ledger",
    "LedgerError": "errors",
    "LowcarbError": "errors",
    "Origin": "carbon.provenance",
    "Plan": "planning.plan",
    "PlannedRound": "planning.plan",
    "Planner": "planning.planner",
    "ProviderError": "errors",
    "Series": "carbon.forecast",
    "SimulatedClock": "training.clock",
    "StrategyError": "errors",
    "TypicalDay": "carbon.typical_day",
    "WallClock": "training.clock",
    "client_mod": "flower.mod",
    "learn_typical_day": "carbon.typical_day",
    "read_availability": "fleet.availability_csv",
    "read_fleet": "fleet.fleet_csv",
    "read_forecasts": "carbon.forecast_csv",
    "read_typical_day": "carbon.typical_day_csv",
}

__all__ = [
    "Account",
    "Availability",
    "Baseline",
    "CarbonAware",
    "Client",
    "CoverageError",
    "Fairness",
    "Fleet",
    "FloorsNotMet",
    "Forecast",
    "History",
    "InputError",
    "Issues",
    "Ledger",
    "LedgerError",
    "LowcarbError",
    "Origin",
    "Plan",
    "PlannedRound",
    "Planner",
    "ProviderError",
    "Series",
    "SimulatedClock",
    "StrategyError",
    "TypicalDay",
    "WallClock",
    "__version__",
    "client_mod",
    "learn_typical_day",
    "read_availability",
    "read_fleet",
    "read_forecasts",
    "read_typical_day",
]


def __getattr__(name: str) -> object:
    """Load a public name from the module that defines it."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
