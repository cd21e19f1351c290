"""Typical days: what a region's intensity usually is at each hour of the UTC day."""

from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import as_file, files

import numpy as np

from lowcarb.tables import read_table
from lowcarb.units import MOST_INTENSITY
from lowcarb_solvers.arrays import FloatArray

HOURS = 24


@dataclass(frozen=True, kw_only=True, eq=False)
class TypicalDays:
    """Typical days of some regions, how much days differ, and how well they are forecast.

    Parameters
    ----------
    regions
        g names.
    intensity
        Shape (g, 24): mean intensity in each hour of the UTC day, gCO2eq/kWh.
    day_sd
        Shape (g,): standard deviation of daily means, gCO2eq/kWh.
    error_day1, error_day4
        Shape (g,): mean absolute forecast error for the first and the fourth day ahead, as a
        fraction.
    """

    regions: Sequence[str]
    intensity: FloatArray
    day_sd: FloatArray
    error_day1: FloatArray
    error_day4: FloatArray


def us_summer_2022() -> TypicalDays:
    """Typical days of 26 US balancing authorities, June to September 2022.

    Lifecycle, average intensities. Source: computed from CarbonCast v3.0 (Maji, Shenoy, Sitaraman,
    BuildSys 2022) on data of the U.S. Energy Information Administration; see data/NOTICE.txt.
    """
    with as_file(files("lowcarb") / "data" / "typical_day.csv") as path:
        table = read_table(str(path))
    rows = np.arange(len(table))

    def column(name: str) -> FloatArray:
        return table.numbers(
            name, lambda row: f"{name} of {table.columns['region'][row]}", rows, MOST_INTENSITY
        )

    return TypicalDays(
        regions=tuple(table.columns["region"]),
        intensity=np.stack([column(f"h{hour:02d}") for hour in range(HOURS)], axis=1),
        day_sd=column("day_sd"),
        error_day1=column("error_pct_day1") / 100,
        error_day4=column("error_pct_day4") / 100,
    )
