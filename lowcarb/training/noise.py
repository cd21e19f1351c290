"""Differences that are noise: clients whose energies differ by no more are alike when choosing.

Repeated measurements of one client scatter by some percent. Were the smaller of two such figures
always preferred, chance would decide who trains, again and again. So measured energies are rounded
in fixed relative steps around what is expected of a client without any measurement; grams stay as
they are measured.
"""

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray

STEP = 1.2
"""From one figure that is told apart to the next."""
WITHIN = f"{STEP**0.5 - 1:.0%}"
"""How far a figure may be from what is expected and still count as that."""


def without_noise(
    energy_kwh: FloatArray, expected_kwh: FloatArray, measured: BoolArray
) -> FloatArray:
    """Round measured energies in steps around what was expected before they were measured.

    Parameters
    ----------
    energy_kwh, expected_kwh, measured
        Shape (n,).

    Returns
    -------
    array
        Shape (n,): what was not measured, or is zero, stays.
    """
    rounded = measured & (energy_kwh > 0) & (expected_kwh > 0)
    found: FloatArray = energy_kwh.copy()
    steps = np.round(np.log(energy_kwh[rounded] / expected_kwh[rounded]) / np.log(STEP))
    found[rounded] = expected_kwh[rounded] * STEP**steps
    return found
