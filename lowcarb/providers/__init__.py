"""Where forecasts come from: one protocol, providers that need no network, and five services.

Services are loaded when they are used: those who read CSV files need no HTTP.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from lowcarb.providers.base import Actuals, Answer, Provider
from lowcarb.providers.composite import Composite
from lowcarb.providers.csv import CsvProvider
from lowcarb.providers.typical import TypicalDays

if TYPE_CHECKING:
    from lowcarb.providers.carbon_aware_sdk import CarbonAwareSdk
    from lowcarb.providers.electricity_maps import ElectricityMaps
    from lowcarb.providers.energy_charts import EnergyCharts
    from lowcarb.providers.neso import Neso
    from lowcarb.providers.watttime import WattTime

_HOMES = {
    "CarbonAwareSdk": "carbon_aware_sdk",
    "ElectricityMaps": "electricity_maps",
    "EnergyCharts": "energy_charts",
    "Neso": "neso",
    "WattTime": "watttime",
}

__all__ = [
    "Actuals",
    "Answer",
    "CarbonAwareSdk",
    "Composite",
    "CsvProvider",
    "ElectricityMaps",
    "EnergyCharts",
    "Neso",
    "Provider",
    "TypicalDays",
    "WattTime",
]


def __getattr__(name: str) -> object:
    """Load a service from its file."""
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
