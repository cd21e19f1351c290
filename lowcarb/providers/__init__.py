"""Where forecasts come from: one protocol, and providers that need no network."""

from lowcarb.providers.base import Answer, Provider
from lowcarb.providers.csv import CsvProvider
from lowcarb.providers.typical import TypicalDays

__all__ = ["Answer", "CsvProvider", "Provider", "TypicalDays"]
