"""Finding the times of a file whose header is none of ours: by what stands in the cells."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from typing import NamedTuple

from lowcarb._util.csv_table import Table
from lowcarb._util.csv_times import TimeFormat, TimeReader, UnclearDatesError, reader_of
from lowcarb._util.text import quoted
from lowcarb._util.time_zones import zone_in
from lowcarb.carbon.how_written import HowWritten

# What a column of ends is called that was parted from one of spans.
_END_OF = "end of "
# Rows that tell what a column holds.
_LOOKED_AT = 20
# 28.02.2024 22:00 - 28.02.2024 23:00, or an interval of ISO-8601.
_SPAN = re.compile(r"(.*\d.*?)\s+(?:-|\u2013|to|bis)\s+(.*\d.*)|([^/]+T[^/]+)/([^/]+T[^/]+)")
_CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2})?(?: ?[AaPp]\.?[Mm]\.?)?")
_NUMBER = re.compile(r"[0-9]{1,7}|[0-9]{0,7}[.,][0-9]*")
_BEGINS = re.compile(r"from|start|begin|von|anfang", re.IGNORECASE)
_ENDS = re.compile(r"(?:^|[^a-z])to(?:$|[^a-z])|until|till|end|bis", re.IGNORECASE)


class FoundTimes(NamedTuple):
    """Which columns hold times."""

    time: str
    until: str | None
    """When values end; None if no column says it."""
    unused: tuple[str, ...] = ()
    """Those that hold the same times in another zone."""

    @property
    def all(self) -> tuple[str, ...]:
        """All columns that hold times."""
        return (self.time, *([self.until] if self.until else []), *self.unused)


def with_plain_times(table: Table, how: HowWritten) -> Table:
    """Give each time a column and a cell of its own.

    A column of spans becomes one of beginnings, of the same name, and one of ends. A column of
    dates beside a column of clock times becomes one of both, "Date Time" by their names, unless
    there is another column of times, or the column of dates is named as the one of times.
    """
    for column in list(table.columns):
        if _all(table, column, lambda cell: _SPAN.fullmatch(cell) is not None):
            table = _split(table, column)
    dates = [c for c in table.columns if _holds_times(table, c, how.times)]
    clocks = [c for c in table.columns if _all(table, c, _is_clock)]
    if len(dates) != 1 or len(clocks) != 1 or how.named.get("time") == dates[0]:
        return table
    date, clock = dates[0], clocks[0]
    if not _all(table, date, lambda cell: ":" not in cell):
        return table
    cells = zip(table.columns[date], table.columns[clock], strict=True)
    joined = tuple(f"{day.strip()} {time.strip()}" for day, time in cells)
    rest = {c: cells for c, cells in table.columns.items() if c not in (date, clock)}
    return replace(table, columns={f"{date} {clock}": joined, **rest})


def times_of(table: Table, how: HowWritten, besides: Collection[str] = ()) -> FoundTimes | None:
    """Find the column of times, and that of when values end; None if it is not plain.

    Of several columns of times those are taken that are called as a beginning and an end, or the
    one that is in UTC by its name.

    Parameters
    ----------
    table, how
        The file, and what was said of it.
    besides
        Columns whose meaning is known.
    """
    columns = [c for c in table.columns if c not in besides and _holds_times(table, c, how.times)]
    columns = [c for c in columns if c not in {end_of(table, begin) for begin in columns}]
    if len(columns) == 1:
        return FoundTimes(columns[0], end_of(table, columns[0]))
    ends = [c for c in columns if _ENDS.search(c)]
    begins = [c for c in columns if _BEGINS.search(c) and c not in ends]
    if len(columns) == 2 and len(begins) == len(ends) == 1:
        return FoundTimes(begins[0], ends[0])
    if len(in_utc := [c for c in columns if zone_in(c) is not None]) == 1:
        rest = tuple(c for c in columns if c not in in_utc)
        return FoundTimes(in_utc[0], end_of(table, in_utc[0]), rest)
    return None


def more_times(table: Table, how: HowWritten, besides: Collection[str]) -> tuple[str, ...]:
    """Return the other columns that hold times: they are no region's."""
    return tuple(c for c in table.columns if c not in besides and _holds_times(table, c, how.times))


def end_of(table: Table, time: str) -> str | None:
    """Return the column of ends that was parted from one of spans; None if there is none."""
    return name if (name := _END_OF + time) in table.columns else None


def _split(table: Table, column: str) -> Table:
    """Part a column of spans."""
    begins, ends = [], []
    for row, cell in enumerate(table.columns[column]):
        found = _SPAN.fullmatch(cell.strip())
        if found is None:
            raise table.error(
                f"{column}: expected a span of time as in the rows above, got {quoted(cell)}",
                row,
                column,
            )
        begin, end = found.group(1, 2) if found[1] else found.group(3, 4)
        begins.append(begin)
        ends.append(end)
    found_ends: dict[str, Sequence[str]] = {_END_OF + column: tuple(ends)}
    return replace(table, columns={**table.columns, column: tuple(begins), **found_ends})


def _holds_times(table: Table, column: str, times: TimeFormat) -> bool:
    cells = _sample(table, column)
    try:
        reader = reader_of(dict.fromkeys(cells), column, times)
    except UnclearDatesError:
        # They are dates, although a person must say of which order.
        return True
    return bool(cells) and all(_is_time(reader, cell) for cell in cells)


def _is_time(reader: TimeReader, cell: str) -> bool:
    return _NUMBER.fullmatch(cell) is None and reader.is_time(cell)


def _is_clock(cell: str) -> bool:
    return _CLOCK.fullmatch(cell) is not None


def _all(table: Table, column: str, holds: Callable[[str], bool]) -> bool:
    cells = _sample(table, column)
    return bool(cells) and all(map(holds, cells))


def _sample(table: Table, column: str) -> list[str]:
    cells = (cell.strip() for cell in table.columns[column][:_LOOKED_AT])
    return [cell for cell in cells if cell]
