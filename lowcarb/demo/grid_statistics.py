"""The embedded figures behind the demo's scenario."""

from dataclasses import dataclass
from importlib.resources import as_file, files

from lowcarb._util.arrays import FloatArray
from lowcarb._util.csv_table import read_table
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.carbon.typical_day_csv import read_typical_day, region_column


@dataclass(frozen=True, kw_only=True, eq=False)
class GridStatistics:
    """Typical days of some regions, how much days differ, and how well they are forecast.

    Parameters
    ----------
    typical
        Typical days of g regions.
    day_sd
        Shape (g,): standard deviation of daily means, gCO2eq/kWh.
    error_day1, error_day4
        Shape (g,): mean absolute forecast error for the first and the fourth day ahead, as a
        fraction.
    """

    typical: TypicalDay
    day_sd: FloatArray
    error_day1: FloatArray
    error_day4: FloatArray


def us_summer_2022() -> GridStatistics:
    """26 US balancing authorities, June to September 2022; lifecycle, average intensities.

    Source: computed from CarbonCast v3.0 (Maji, Shenoy, Sitaraman, BuildSys 2022) on data of the
    U.S. Energy Information Administration; see data/NOTICE.txt.
    """
    with as_file(files("lowcarb.demo") / "data" / "typical_day.csv") as path:
        table = read_table(path)
        return GridStatistics(
            typical=read_typical_day(path),
            day_sd=region_column(table, "day_sd"),
            error_day1=region_column(table, "error_pct_day1") / 100,
            error_day4=region_column(table, "error_pct_day4") / 100,
        )
