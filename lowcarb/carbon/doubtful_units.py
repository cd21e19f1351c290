"""Values that look as if they were in another unit than they are taken for."""

from collections.abc import Mapping

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import listed, spread

# Hardly any grid has a median below the one or above the other, in gCO2eq/kWh.
_SMALL, _LARGE = 2.0, 1500.0


def doubts(values: Mapping[str, FloatArray]) -> list[str]:
    """Doubt values of which nobody said the unit; zeros are never doubted.

    Parameters
    ----------
    values
        By region, as they stand in the file.
    """
    small, large = [], []
    for region, some in values.items():
        known = some[some > 0]
        if not len(known):
            continue
        middle = float(np.median(known))
        text = f"{region} ({spread(known.min(), known.max(), '').strip()})"
        if middle < _SMALL:
            small.append(text)
        elif middle > _LARGE:
            large.append(text)
    found = []
    for those, how, others in ((small, "low", "kg/kWh or t/MWh"), (large, "high", "lb/MWh")):
        if those:
            found.append(
                f"no unit was said, and the values of {listed(those)} are very {how} for g/kWh; "
                f"--units says the unit, such as {others}"
            )
    return found
