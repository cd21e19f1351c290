"""Times as files write them: ISO-8601, as a spreadsheet saves them, or seconds since 1970."""

import re
from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.csv_table import Table
from lowcarb._util.text import quoted
from lowcarb._util.time_zones import zone_in, zone_of
from lowcarb._util.times import within_years
from lowcarb.errors import InputError

# 28.02.2024 23:00, 2/28/24 11:00 PM, 2024/02/28; what stands where is seen in the whole column.
_NUMBERS = re.compile(
    r"(\d{1,4})([./-])(\d{1,2})\2(\d{1,4})"
    r"(?:(?:[ T]|, ?)(\d{1,2})[:.](\d{2})(?:[:.](\d{2}))?(?:[.,]0+)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
# Spreadsheets write other spaces before PM, and between date and time.
_PLAIN_SPACES = str.maketrans("\u00a0\u202f", "  ")
_UTC_BEHIND = re.compile(r"(?<=[0-9])\s*(?:UTC|GMT)$", re.IGNORECASE)
# A hyphen within a date is no zone.
_ZONE_BEHIND = re.compile(r"(?<=[0-9mM])\s*(Z|UTC|GMT|(?<=:[0-9]{2})[+-][0-9]{2}:?[0-9]{2})$", re.I)
_SAYS_ZONE = re.compile(r"[0-9]\s*(?:Z|UTC|GMT|(?<=[:.][0-9]{2})[+-][0-9]{2}:?[0-9]{2})\s*$", re.I)
# Seconds or milliseconds since 1970, of the years 2001 to 2286.
_COUNTED = re.compile(r"([1-9][0-9]{9})([0-9]{3})?(?:\.0+)?")
_DAY_FIRST, _MONTH_FIRST = "dm", "md"
_LETTERS = re.compile(r"[dmyhs:./ -]+", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class TimeFormat:
    """How times without a zone, or with days and months in figures, are meant.

    Parameters
    ----------
    timezone
        Where they are local, such as "Europe/Berlin"; None if they are to say it themselves.
    date_format
        As for `strptime`, such as "%d.%m.%Y %H:%M", or only the order, such as "dd/mm/yyyy"; None
        to find the order.

    Raises
    ------
    InputError
        If there is no such zone, or the format is none.
    """

    timezone: str | None = None
    date_format: str | None = None

    def __post_init__(self) -> None:
        """Refuse a zone that nobody knows, and a format without day, month or year."""
        if self.timezone is not None:
            zone_of(self.timezone)
        if self.date_format is not None and "%" not in self.date_format:
            _order_of(self.date_format)


def read_seconds(
    table: Table,
    column: str,
    times: TimeFormat | None = None,
    describe: Callable[[int], str] | None = None,
) -> FloatArray:
    """Read a column of times: seconds since 1970 (rows,).

    Parameters
    ----------
    table, column
        Where they stand.
    times
        What was said of how they are written.
    describe
        Says what time a row holds, for messages; by default the name of the column.

    Raises
    ------
    InputError
        Names the place and what is wrong with a time.
    """
    cells = table.columns[column]
    try:
        reader = reader_of(dict.fromkeys(cells), column, times or TimeFormat())
    except UnclearDatesError as error:
        row = list(cells).index(error.cell)
        raise table.error(f"{column}: {error.message}", row, column) from None
    known: dict[str, float] = {}
    for row, cell in enumerate(cells):
        if cell not in known:
            try:
                known[cell] = reader.instant(cell).timestamp()
            except InputError as error:
                what = column if describe is None else describe(row)
                raise table.error(f"{what}: {error.message}", row, column) from None
    return np.fromiter((known[cell] for cell in cells), np.float64, len(table))


class UnclearDatesError(InputError):
    """Days cannot be told from months.

    Parameters
    ----------
    message
        What can be read how.
    cell
        A date of which that is so.
    """

    def __init__(self, message: str, cell: str) -> None:
        super().__init__(message)
        self.cell = cell


@dataclass(frozen=True, kw_only=True)
class TimeReader:
    """Reads the times of one column.

    Parameters
    ----------
    zone
        Of times that say none; None if that is not known.
    order
        "dm" or "md", of days and months in figures; None if no cell has them so.
    date_format
        As in `TimeFormat`.
    """

    zone: tzinfo | None
    order: str | None
    date_format: str | None = None

    def instant(self, cell: str) -> datetime:
        """Read a time.

        Raises
        ------
        InputError
            If it is none, has no zone, or stands where clocks are changed.
        """
        text = cell.strip()
        found = self._written(text)
        if found.tzinfo is None:
            if self.zone is None:
                raise InputError(
                    f"the time {quoted(text)} has no zone; write for example "
                    f"{found.isoformat()}Z, or say where it is local by --timezone"
                )
            found = _local(found, self.zone, text)
        return within_years(found, text)

    def is_time(self, cell: str) -> bool:
        """Whether a cell holds a time, of whatever zone."""
        try:
            self._written(cell.strip())
        except InputError:
            return False
        return True

    def _written(self, text: str) -> datetime:
        """Read a time as it is written, without a zone if it says none."""
        if counted := _COUNTED.fullmatch(text):
            return datetime.fromtimestamp(int(counted[1]) + int(counted[2] or 0) / 1000, UTC)
        if self.date_format is not None and "%" in self.date_format:
            return _by_format(text, self.date_format)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            return self._otherwise(_UTC_BEHIND.sub("+00:00", text))

    def _otherwise(self, text: str) -> datetime:
        """Read a time that is not of ISO-8601, as spreadsheets write them."""
        if parts := _in_figures(text):
            first, sign, second, third, *clock = parts.groups()
            zone = _zone_behind(text)
            if len(first) <= 2:
                order = self.order or _DAY_FIRST
                return _by_order(text, order, (first, second, third), clock).replace(tzinfo=zone)
            if sign != "-" and len(first) == 4:
                read = _by_order(text, _MONTH_FIRST, (second, third, first), clock)
                return read.replace(tzinfo=zone)
        try:
            return datetime.fromisoformat(text)
        except ValueError:
            raise _no_time(text) from None


def reader_of(cells: Collection[str], header: str, known: TimeFormat) -> TimeReader:
    """Find how the times of a column are written.

    Parameters
    ----------
    cells
        The distinct cells.
    header
        Name of the column, which may say the zone.
    known
        What was said.

    Raises
    ------
    UnclearDatesError
        If days and months cannot be told apart.
    """
    zone = zone_in(header) or (None if known.timezone is None else zone_of(known.timezone))
    if zone is not None and any(_SAYS_ZONE.search(cell) for cell in cells):
        # Where some say their zone, what the others mean is no longer plain.
        zone = None
    order = None
    if known.date_format is None:
        order = _order_in(cells)
    elif "%" not in known.date_format:
        order = _order_of(known.date_format)
    return TimeReader(zone=zone, order=order, date_format=known.date_format)


def _in_figures(cell: str) -> re.Match[str] | None:
    """Match a date of day, month and year in figures, whatever zone stands behind it."""
    plain = cell.translate(_PLAIN_SPACES).strip()
    return _NUMBERS.fullmatch(_ZONE_BEHIND.sub("", plain))


def _zone_behind(text: str) -> tzinfo | None:
    found = _ZONE_BEHIND.search(text)
    if found is None:
        return None
    said = found[1].upper()
    if said in ("Z", "UTC", "GMT"):
        return UTC
    try:
        return datetime.fromisoformat(f"2000-01-01T00:00{said}").tzinfo
    except ValueError:
        raise _no_time(text) from None


def _order_in(cells: Collection[str]) -> str | None:
    """Tell days from months by those cells in which they can be told."""
    day_first: str | None = None
    month_first: str | None = None
    unclear: str | None = None
    for cell in cells:
        if cell[4:5] == "-":
            continue
        parts = _in_figures(cell)
        if parts is None or len(parts[1]) > 2:
            continue
        first, second = int(parts[1]), int(parts[3])
        if first > 12:
            day_first = cell
        elif second > 12:
            month_first = cell
        elif parts[2] != "." and first != second:
            unclear = unclear or cell
    if day_first is not None and month_first is not None:
        raise UnclearDatesError(
            f"days and months change their order: {quoted(day_first)} and {quoted(month_first)}; "
            "write times as 2024-02-28T23:00Z",
            day_first,
        )
    if day_first is None and month_first is None and unclear is not None:
        parts = _in_figures(unclear)
        assert parts is not None  # noqa: S101 - it matched before
        date = (parts[1], parts[3], parts[4])
        readings = [
            f"{day.day} {day:%B %Y}"
            for day in (_by_order(unclear, order, date, []) for order in (_DAY_FIRST, _MONTH_FIRST))
        ]
        raise UnclearDatesError(
            f"the date {quoted(unclear.strip())} may be {readings[0]} or {readings[1]}; "
            "--date-format dd/mm/yyyy or --date-format mm/dd/yyyy says which",
            unclear,
        )
    return _MONTH_FIRST if month_first is not None else _DAY_FIRST


def _order_of(date_format: str) -> str:
    """Which of day and month comes first in a format of letters such as dd/mm/yyyy."""
    date = date_format.casefold().split("h")[0]
    places = [date.find(letter) for letter in "dmy"]
    if not _LETTERS.fullmatch(date_format) or min(places) < 0:
        raise InputError(
            f"date-format: expected one such as dd.mm.yyyy, mm/dd/yyyy or '%d.%m.%Y %H:%M', got "
            f"{quoted(date_format)}",
            field="date_format",
        )
    return _DAY_FIRST if places[0] < places[1] else _MONTH_FIRST


def _by_order(
    text: str, order: str, date: tuple[str, str, str], clock: list[str | None]
) -> datetime:
    first, second, year = map(int, date)
    day, month = (first, second) if order == _DAY_FIRST else (second, first)
    hour, minute, second_, half = clock or [None] * 4
    hours = int(hour or 0)
    if half is not None:
        if not 1 <= hours <= 12:
            raise _no_time(text)
        hours = hours % 12 + (12 if half in "pP" else 0)
    try:
        return datetime(  # noqa: DTZ001 - the zone is found later
            year + 2000 if len(date[2]) == 2 else year,
            month,
            day,
            hours,
            int(minute or 0),
            int(second_ or 0),
        )
    except ValueError:
        raise _no_time(text) from None


def _by_format(text: str, date_format: str) -> datetime:
    for clock in ("", " %H:%M", " %H:%M:%S"):
        try:
            return datetime.strptime(text, date_format + clock)  # noqa: DTZ007 - as above
        except (ValueError, re.error):
            continue
    raise InputError(
        f"expected a time of the format {date_format}, got {quoted(text)}; --date-format says "
        "another"
    )


def _local(found: datetime, zone: tzinfo, text: str) -> datetime:
    """Put a local time into its zone; refuse it where clocks are changed."""
    first, second = (found.replace(tzinfo=zone, fold=fold) for fold in (0, 1))
    if first.utcoffset() == second.utcoffset():
        return first
    there = first.astimezone(UTC).astimezone(zone).replace(tzinfo=None) == found
    raise InputError(
        f"the time {quoted(text)} comes "
        + ("twice" if there else "never")
        + f" in {zone}, where clocks are changed then; write times with an offset, or in UTC"
    )


def _no_time(text: str) -> InputError:
    return InputError(
        f"expected a time such as 2022-07-15T00:00:00Z, got {quoted(text)}; --date-format says how "
        "times are written otherwise"
    )
