"""The only conversions of units."""

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_HOUR = 3600.0

GRAMS_PER_KWH_PER_POUND_PER_MWH = 0.45359237
"""One pound is 453.59237 g exactly, one MWh is 1000 kWh."""

MOST_INTENSITY = 1e5
"""gCO2eq/kWh; the dirtiest power plants emit some thousands, so what is above is no intensity."""
MOST_ENERGY_KWH = 1e9
"""kWh of one round; a large power plant makes that in a month."""

WATT_SECONDS_PER_KWH = 3.6e6
MEGABYTES_PER_GIGABYTE = 1000.0
