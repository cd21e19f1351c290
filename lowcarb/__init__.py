"""Lowcarb: carbon-aware federated learning.

Each round's cohort is chosen by an integer program that minimises forecast carbon intensity times
workload energy, with a floor under each client's turns. Names are loaded when they are used, so
``import lowcarb`` costs next to nothing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from lowcarb._version import __version__

if TYPE_CHECKING:
    from lowcarb.account import Account
    from lowcarb.availability import Availability, read_availability
    from lowcarb.clock import SimulatedClock, WallClock
    from lowcarb.errors import (
        CoverageError,
        FloorsNotMet,
        InputError,
        LedgerError,
        LowcarbError,
        ProviderError,
        StrategyError,
    )
    from lowcarb.fairness import Fairness
    from lowcarb.fleet import Client, Fleet
    from lowcarb.fleet_csv import read_fleet
    from lowcarb.flower.mod import client_mod
    from lowcarb.flower.strategy import CarbonAware
    from lowcarb.forecast import Forecast, Issues, Series
    from lowcarb.forecast_csv import read_forecasts
    from lowcarb.history import History
    from lowcarb.ledger import Ledger
    from lowcarb.origin import Origin
    from lowcarb.plan import Baseline, Plan, PlannedRound
    from lowcarb.planner import Planner
    from lowcarb.typical import TypicalDay, learn_typical_day, read_typical_day

_HOMES = {
    "Account": "account",
    "Availability": "availability",
    "Baseline": "plan",
    "CarbonAware": "flower.strategy",
    "Client": "fleet",
    "CoverageError": "errors",
    "Fairness": "fairness",
    "Fleet": "fleet",
    "FloorsNotMet": "errors",
    "Forecast": "forecast",
    "History": "history",
    "InputError": "errors",
    "Issues": "forecast",
    "Ledger": "ledger",
    "LedgerError": "errors",
    "LowcarbError": "errors",
    "Origin": "origin",
    "Plan": "plan",
    "PlannedRound": "plan",
    "Planner": "planner",
    "ProviderError": "errors",
    "Series": "forecast",
    "SimulatedClock": "clock",
    "StrategyError": "errors",
    "TypicalDay": "typical",
    "WallClock": "clock",
    "client_mod": "flower.mod",
    "learn_typical_day": "typical",
    "read_availability": "availability",
    "read_fleet": "fleet_csv",
    "read_forecasts": "forecast_csv",
    "read_typical_day": "typical",
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
