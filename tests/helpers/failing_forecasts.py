"""Forecasts of one region made to fail, as those of services do."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

import numpy as np

from lowcarb import Issues
from lowcarb._util.arrays import FloatArray

Spoil = Callable[[FloatArray, FloatArray, np.random.Generator], FloatArray]
"""From values, those of the first issue that fails, and chance to what is said instead."""

SPOILT: dict[str, Spoil] = {
    "one value": lambda values, first, _: np.full_like(values, first[0]),
    "one day": lambda values, first, _: np.resize(first[:24], len(values)),
    "one issue": lambda values, first, _: np.resize(first, len(values)),
    "60 % too much": lambda values, _, __: 1.6 * values,
    "lb/MWh": lambda values, _, __: 2.20462 * values,
    "kg/kWh": lambda values, _, __: values / 1000,
    "random": lambda values, _, chance: chance.uniform(50, 800, len(values)),
}


def failing(issues: Issues, region: str, how: str, since: datetime) -> Issues:
    """Let a region's forecasts fail from an issue on."""
    chance = np.random.default_rng(5)
    first: FloatArray | None = None
    found = []
    for one in issues.forecasts:
        assert one.issued_at is not None
        if one.issued_at >= since:
            series = one.series[region]
            first = series.values if first is None else first
            spoilt = SPOILT[how](series.values, first, chance)
            one = replace(one, series={**one.series, region: replace(series, values=spoilt)})
        found.append(one)
    return replace(issues, forecasts=tuple(found))
