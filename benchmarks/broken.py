"""Forecast services that are broken in some regions, as real ones were found to be."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lowcarb import Issues
from lowcarb._util.arrays import FloatArray

SHARE = 0.25
"""Of the regions."""

Spoil = Callable[[FloatArray, FloatArray, np.random.Generator], FloatArray]
"""From values, those of the region's first issue, and chance to what is said instead."""

BROKEN: dict[str, Spoil] = {
    "stuck at one value": lambda values, first, _: np.full_like(values, first[0]),
    "stuck at one day": lambda values, first, _: np.resize(first[:24], len(values)),
    "60 % too much": lambda values, _, __: 1.6 * values,
    "in lb per MWh": lambda values, _, __: 2.20462 * values,
    "random": lambda values, _, chance: chance.uniform(50, 800, len(values)),
    "noisy by 40 %": lambda values, _, chance: values * np.exp(chance.normal(0, 0.4, len(values))),
}


def broken(issues: Issues, how: str, seed: int) -> Issues:
    """Let the forecasts of some regions, drawn by a seed, be broken from the first issue on."""
    chance = np.random.default_rng(seed)
    regions = sorted(issues.forecasts[0].series)
    these = chance.choice(regions, size=max(1, round(SHARE * len(regions))), replace=False)
    first: dict[str, FloatArray] = {}
    found = []
    for one in issues.forecasts:
        series = dict(one.series)
        for region in these.tolist():
            values = series[region].values
            said = BROKEN[how](values, first.setdefault(region, values), chance)
            series[region] = replace(series[region], values=said)
        found.append(replace(one, series=series))
    return replace(issues, forecasts=tuple(found))
