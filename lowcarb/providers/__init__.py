"""Where forecasts come from: one protocol, providers that need no network, and five services.

Services are loaded when they are used: those who read CSV files need no HTTP.
"""

from importlib import import_module
from typing import TYPE_CHECKING

from lowcarb.providers.composite import Composite
from lowcarb.providers.csv import CsvProvider
from lowcarb.providers.protocol import Actuals, Answer, Provider
from lowcarb.providers.typical import TypicalDays

if TYPE_CHECKING:
    from lowcarb.providers.services.carbon_aware_sdk import CarbonAwareSdk
    from lowcarb.providers.services.electricity_maps import ElectricityMaps
    from lowcarb.providers.services.energy_charts import EnergyCharts
    from lowcarb.providers.services.neso import Neso
    from lowcarb.providers.services.watttime import WattTime

_HOMES = {
    "CarbonAwareSdk": "services.carbon_aware_sdk",
    "ElectricityMaps": "services.electricity_maps",
    "EnergyCharts": "services.energy_charts",
    "Neso": "services.neso",
    "WattTime": "services.watttime",
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
