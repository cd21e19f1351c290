"""Typical days as CSV: the columns region, h00 to h23."""

import csv
import io
from pathlib import Path

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.csv_dialect import Dialect
from lowcarb._util.csv_table import Table, read_table
from lowcarb.carbon.typical_day import HOURS, TypicalDay
from lowcarb.units import MOST_INTENSITY, factor_of

HOUR_COLUMNS = tuple(f"h{hour:02d}" for hour in range(HOURS))


# Columns of files that say more about typical days than their hours.
_OTHER_COLUMNS = ("day_sd", "error_pct_day1", "error_pct_day4")


def read_typical_day(
    path: str | Path, units: str | None = None, dialect: Dialect | None = None
) -> TypicalDay:
    """Read typical days from a CSV with the columns region, h00 to h23.

    Parameters
    ----------
    path
        A CSV file, gzip by its name, or ``-`` for standard input.
    units
        Unit of the values, as for forecasts; None for g/kWh.
    dialect
        What is known of how it is written; the rest is found.

    Raises
    ------
    InputError
        Names file, line and region.
    """
    return typical_day_of(read_table(path, dialect), units)


def typical_day_of(table: Table, units: str | None) -> TypicalDay:
    """Read typical days from a table, as `read_typical_day` does."""
    factor = factor_of(units or "g/kWh")
    for column in ("region", *HOUR_COLUMNS):
        if column not in table.columns:
            raise table.error(
                f"the column {column!r} is missing; expected region,h00,...,h23", field=column
            )
    for column in table.columns:
        if column not in {"region", *HOUR_COLUMNS, *_OTHER_COLUMNS}:
            raise table.error(
                f"unknown column {column!r}; expected region,h00,...,h23", field=column
            )
    regions = [cell.strip() for cell in table.columns["region"]]
    for row, region in enumerate(regions):
        if not region or region in regions[:row]:
            problem = "is blank" if not region else f"{region!r} stands in an earlier line already"
            raise table.error(f"the region {problem}", row, "region")
    hours = np.stack([region_column(table, column) for column in HOUR_COLUMNS], axis=1)
    return TypicalDay(regions=tuple(regions), intensity=hours * factor, source=table.file)


def region_column(table: Table, column: str) -> FloatArray:
    """Read a column of numbers from 0 to `MOST_INTENSITY`, a number for each region (g,)."""

    def describe(row: int) -> str:
        return f"{column} of region {table.columns['region'][row].strip()!r}"

    return table.numbers(column, describe, np.arange(len(table)), MOST_INTENSITY)


def typical_day_csv(day: TypicalDay) -> str:
    """Write typical days as the CSV that `read_typical_day` reads, in gCO2eq/kWh."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["region", *HOUR_COLUMNS])
    for region, row in zip(day.regions, day.intensity.tolist(), strict=True):
        writer.writerow([region, *(f"{value:.10g}" for value in row)])
    return text.getvalue()
