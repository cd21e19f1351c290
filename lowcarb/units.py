"""The only conversions of units, and the sizes beyond which a number is a mistake of its unit."""

from lowcarb.errors import InputError

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_HOUR = 3600.0

GRAMS_PER_KWH_PER_POUND_PER_MWH = 0.45359237
"""One pound is 453.59237 g exactly, one MWh is 1000 kWh."""

MOST_INTENSITY = 1e5
"""gCO2eq/kWh; the dirtiest power plants emit some thousands, so what is above is no intensity."""
LEAST_ENERGY_KWH = 1e-9
"""kWh of one round; some milliwatt-seconds, less than any machine needs to start a program. Costs
far below would be lost among the numbers of a solver."""
MOST_ENERGY_KWH = 1e9
"""kWh of one round; a large power plant makes that in a month."""

WATT_SECONDS_PER_KWH = 3.6e6
MEGABYTES_PER_GIGABYTE = 1000.0

SHORTEST_S = 1.0
"""The shortest workload, in seconds; anything shorter is a mistake of the unit."""
LONGEST_MIN = 525_600.0
"""The longest workload, in minutes: a year."""

UNITS = {"g/kWh": 1.0, "lb/MWh": GRAMS_PER_KWH_PER_POUND_PER_MWH}
"""Accepted units and what one of them is in g/kWh."""


def factor_of(units: str) -> float:
    """What one of the given units is in g/kWh; an unknown unit is an `InputError`."""
    if units not in UNITS:
        raise InputError(f"expected units {' or '.join(UNITS)}, got {units!r}", field="units")
    return UNITS[units]
