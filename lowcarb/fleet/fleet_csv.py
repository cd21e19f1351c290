"""Reading fleets from CSV."""

from pathlib import Path

from lowcarb._util.csv_dialect import Dialect
from lowcarb._util.csv_table import read_table
from lowcarb.fleet.fleet import Fleet
from lowcarb.fleet.fleet_table import read_columns


def read_fleet(path: str | Path, dialect: Dialect | None = None) -> Fleet:
    """Read a clients CSV.

    Needed columns: client, region, duration_min, and either energy_kwh or power_w (with optional
    pue, upload_mb, download_mb). Optional: samples, group, value, min_rounds, max_rounds, and free
    columns attr:NAME. Cells of all but client, region and duration_min may be blank, of energy and
    power one of the two; what a plan then asks for must be there.

    Parameters
    ----------
    path
        A CSV file, gzip by its name, or ``-`` for standard input.
    dialect
        What is known of how it is written; the rest is found.

    Raises
    ------
    InputError
        Names file, line, client and column.
    """
    return Fleet(**read_columns(read_table(path, dialect)))
