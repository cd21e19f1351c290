"""The rules of tables of clients: energy at the meter or from power, bounds of a client's own."""

from collections.abc import Callable, Sequence
from typing import TypedDict

import numpy as np

from lowcarb._util.arrays import BoolArray, FloatArray, IntArray
from lowcarb._util.csv_table import Table
from lowcarb.fleet.energy import workload_kwh
from lowcarb.units import LONGEST_MIN, MOST_ENERGY_KWH, SECONDS_PER_MINUTE, SHORTEST_S

UNSET = -1
"""A client's own bound on its rounds that was not given."""

_REQUIRED = ("client", "region", "duration_min")
_METERED = "energy_kwh"
_BY_POWER = ("power_w", "pue", "upload_mb", "download_mb")
_BOUNDS = ("min_rounds", "max_rounds")
_NUMBERS = ("samples", "value")
_KNOWN = (*_REQUIRED, _METERED, *_BY_POWER, *_NUMBERS, "group", *_BOUNDS)
_FREE = "attr:"
LONGEST_NAME = 200
"""Characters of a name, of a client or a region, at most."""
_BAD_NAME = f"has control characters or more than {LONGEST_NAME} characters"
# Above these a number is a mistake, mostly of its unit: a year of minutes, a gigawatt, a petabyte.
_MOST = {
    "duration_min": LONGEST_MIN,
    "energy_kwh": MOST_ENERGY_KWH,
    "power_w": 1e9,
    "pue": 100,
    "upload_mb": 1e9,
    "download_mb": 1e9,
    "samples": 1e15,
    "value": 1e15,
}


class FleetColumns(TypedDict):
    """What a table says of a fleet, with the names, shapes and units of `Fleet`."""

    clients: list[str]
    regions: list[str]
    region: IntArray
    energy_kwh: FloatArray
    duration_s: FloatArray
    min_rounds: IntArray
    max_rounds: IntArray
    attributes: dict[str, FloatArray | Sequence[str]]
    file: str
    lines: IntArray | None


def read_columns(table: Table) -> FleetColumns:
    """Read the columns of a clients CSV, or of a frame with the same columns.

    Raises
    ------
    InputError
        Names the place, the client and the column of what is wrong.
    """
    _check_columns(table)
    rows = np.arange(len(table))
    names = [cell.strip() for cell in table.columns["client"]]
    _check_names(table, names)
    regions, region = number_names([cell.strip() for cell in table.columns["region"]])
    for number, name in enumerate(regions):
        if not _is_good_name(name):
            row = int(np.argmax(region == number))
            raise table.error(
                f"region {name[:20]!r} of client {names[row]!r} {_BAD_NAME}", row, "region"
            )
    if "" in regions:
        row = int(np.argmax(region == regions.index("")))
        raise table.error(f"region of client {names[row]!r} is blank", row, "region")

    def describe(row: int) -> str:
        return f"client {names[row]!r}"

    duration_s = _numbers(table, "duration_min", describe, rows) * SECONDS_PER_MINUTE
    if (duration_s < SHORTEST_S).any():
        row = int(np.argmin(duration_s))
        raise table.error(
            f"duration_min of {describe(row)}: expected at least {SHORTEST_S:g} s, got "
            f"{duration_s[row]:g} s",
            row,
            "duration_min",
        )
    attributes: dict[str, FloatArray | Sequence[str]] = {}
    for column, cells in table.columns.items():
        if column in _NUMBERS:
            attributes[column] = _numbers_if_known(table, column, describe, np.nan)
        elif column == "group" or column.startswith(_FREE):
            attributes[column] = [cell.strip() for cell in cells]
    return FleetColumns(
        clients=names,
        regions=regions,
        region=region,
        energy_kwh=_energy(table, describe, duration_s),
        duration_s=duration_s,
        min_rounds=_bound(table, "min_rounds", describe),
        max_rounds=_bound(table, "max_rounds", describe),
        attributes=attributes,
        file=table.file,
        lines=table.lines,
    )


def _check_columns(table: Table) -> None:
    known = ", ".join((*_KNOWN, f"{_FREE}NAME"))
    for column in table.columns:
        if column not in _KNOWN and not (column.startswith(_FREE) and len(column) > len(_FREE)):
            raise table.error(f"unknown column {column!r}; known are {known}", field=column)
    for column in _REQUIRED:
        if column not in table.columns:
            raise table.error(f"the column {column!r} is missing", field=column)
    if _METERED not in table.columns and "power_w" not in table.columns:
        raise table.error("a column energy_kwh or power_w is missing", field=_METERED)


def _check_names(table: Table, names: list[str]) -> None:
    seen: dict[str, int] = {}
    for row, name in enumerate(names):
        if not name:
            raise table.error("the client's name is blank", row, "client")
        if not _is_good_name(name):
            raise table.error(f"the client's name {name[:20]!r} {_BAD_NAME}", row, "client")
        first = seen.setdefault(name, row)
        if first != row:
            raise table.error(
                f"client {name!r} stands already in {table.place(first)}", row, "client"
            )


def _is_good_name(name: str) -> bool:
    return name.isprintable() and len(name) <= LONGEST_NAME


def _energy(table: Table, describe: Callable[[int], str], duration_s: FloatArray) -> FloatArray:
    """Read metered energy, or compute it from power: each row in one of the two ways."""
    metered = _filled(table, _METERED)
    by_power = {column: _filled(table, column) for column in _BY_POWER}
    for column, filled in by_power.items():
        if (both := metered & filled).any():
            row = int(np.argmax(both))
            raise table.error(
                f"{describe(row)} gives both energy_kwh and {column}: energy_kwh is at the meter, "
                "network included, so give one of the two",
                row,
                column,
            )
    if (neither := ~metered & ~by_power["power_w"]).any():
        row = int(np.argmax(neither))
        raise table.error(f"{describe(row)} has neither energy_kwh nor power_w", row, _METERED)

    def numbers(column: str, blank: float) -> FloatArray:
        return _numbers_if_known(table, column, describe, blank)

    pue = numbers("pue", 1.0)
    if (pue < 1).any():
        row = int(np.argmax(pue < 1))
        raise table.error(f"pue of {describe(row)}: expected 1 or more, got {pue[row]}", row, "pue")
    computed = workload_kwh(
        power_w=numbers("power_w", 0.0),
        duration_s=duration_s,
        pue=pue,
        upload_mb=numbers("upload_mb", 0.0),
        download_mb=numbers("download_mb", 0.0),
    )
    if (computed > MOST_ENERGY_KWH).any():
        row = int(np.argmax(computed))
        raise table.error(
            f"power, duration, pue and transfer of {describe(row)} make {computed[row]:g} kWh; "
            f"expected at most {MOST_ENERGY_KWH:g}",
            row,
            "power_w",
        )
    return np.where(metered, numbers(_METERED, 0.0), computed)


def _numbers(
    table: Table, column: str, describe: Callable[[int], str], rows: IntArray
) -> FloatArray:
    return table.numbers(column, lambda row: f"{column} of {describe(row)}", rows, _MOST[column])


def _numbers_if_known(
    table: Table, column: str, describe: Callable[[int], str], blank: float
) -> FloatArray:
    """Read a column that may be missing, or blank in some rows: another number stands in there."""
    values = np.full(len(table), blank)
    filled = np.flatnonzero(_filled(table, column))
    if len(filled):
        values[filled] = table.numbers(
            column,
            lambda row: f"{column} of {describe(row)}",
            filled,
            _MOST[column],
            may_be_blank=True,
        )
    return values


def _bound(table: Table, column: str, describe: Callable[[int], str]) -> IntArray:
    values = np.full(len(table), UNSET, dtype=np.int64)
    rows = np.flatnonzero(_filled(table, column))
    for row in rows.tolist():
        cell = table.columns[column][row].strip()
        if not (cell.isascii() and cell.isdigit() and len(cell) < 10):
            raise table.error(
                f"{column} of {describe(row)}: expected a whole number, got {cell!r}",
                row,
                column,
            )
        values[row] = int(cell)
    return values


def _filled(table: Table, column: str) -> BoolArray:
    cells = table.columns.get(column)
    if cells is None:
        return np.zeros(len(table), dtype=np.bool_)
    return np.fromiter((bool(cell.strip()) for cell in cells), np.bool_, len(table))


def number_names(names: Sequence[str]) -> tuple[list[str], IntArray]:
    """List the g distinct of n names, sorted, and number each name's place in that list (n,)."""
    distinct = sorted(set(names))
    number = {name: i for i, name in enumerate(distinct)}
    return distinct, np.fromiter((number[name] for name in names), np.int64, len(names))
