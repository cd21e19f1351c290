"""The only conversions of units, and the sizes beyond which a number is a mistake of its unit."""

import re

from lowcarb.errors import InputError

SECONDS_PER_MINUTE = 60.0
SECONDS_PER_HOUR = 3600.0
SECONDS_PER_DAY = 86_400.0

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
GRAMS_PER_KILOGRAM = 1000.0

SHORTEST_S = 1.0
"""The shortest workload, in seconds; anything shorter is a mistake of the unit."""
LONGEST_MIN = 525_600.0
"""The longest workload, in minutes: a year."""

UNITS = {
    "g/kWh": 1.0,
    "kg/kWh": 1e3,
    "t/kWh": 1e6,
    "lb/kWh": 1e3 * GRAMS_PER_KWH_PER_POUND_PER_MWH,
    "g/MWh": 1e-3,
    "kg/MWh": 1.0,
    "t/MWh": 1e3,
    "lb/MWh": GRAMS_PER_KWH_PER_POUND_PER_MWH,
    "kg/GWh": 1e-3,
    "t/GWh": 1.0,
    "lb/GWh": 1e-3 * GRAMS_PER_KWH_PER_POUND_PER_MWH,
}
"""Accepted units and what one of them is in g/kWh; t is the metric tonne."""

_MASSES = {"lbs": "lb", "pounds": "lb", "pound": "lb", "grams": "g", "gram": "g", "tonnes": "t"}
# The 2 of CO2 is lost in some encodings, and so may be anything.
_UNIT = re.compile(
    r"(?<![a-z])(kg|grams?|g|lbs?|pounds?|tonnes?|t)[ ._-]*"
    r"(?:(?:of )?co[^a-z/]{0,3}(?:[ -]?eq(?:uivalents?|uiv)?\.?|e)?)? ?"
    r"(?:/| per |_per_) ?(k|m|g)wh"
)


def unit_in(text: str) -> str | None:
    """Return the unit, one of `UNITS`, that stands somewhere in a text; None if there is none."""
    found = _UNIT.search(text.casefold())
    if found is None:
        return None
    mass, energy = found.groups()
    mass = _MASSES.get(mass, "t" if mass == "tonne" else mass)
    return f"{mass}/{energy if energy == 'k' else energy.upper()}Wh"


def unit_of(text: str) -> str:
    """Return the unit, one of `UNITS`, that a text says and nothing else.

    Raises
    ------
    InputError
        If it is none.
    """
    found = _UNIT.fullmatch(text.strip().casefold())
    unit = None if found is None else unit_in(text.strip())
    if unit is None:
        raise InputError(
            f"expected units g/kWh or lb/MWh, got {text[:40]!r}; known are also "
            f"{', '.join(unit for unit in UNITS if unit not in ('g/kWh', 'lb/MWh'))}",
            field="units",
        )
    return unit


def factor_of(units: str) -> float:
    """What one of the given units is in g/kWh; an unknown unit is an `InputError`."""
    return UNITS[unit_of(units)]
