"""The public names of the providers, each with the module that defines it."""

from .composite import Composite as Composite
from .csv import CsvProvider as CsvProvider
from .protocol import Actuals as Actuals
from .protocol import Answer as Answer
from .protocol import Provider as Provider
from .services.carbon_aware_sdk import CarbonAwareSdk as CarbonAwareSdk
from .services.electricity_maps import ElectricityMaps as ElectricityMaps
from .services.energy_charts import EnergyCharts as EnergyCharts
from .services.neso import Neso as Neso
from .services.watttime import WattTime as WattTime
from .typical import TypicalDays as TypicalDays
