"""From what a service sends to a series; what is not plainly right is refused, never mended."""

import math
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds, parse_instant, show
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.forecast_table import halved
from lowcarb.carbon.holding import ends_of
from lowcarb.errors import BadResponseError, InputError, NoDataError
from lowcarb.units import MOST_INTENSITY

# A value that holds for longer is none of a forecast.
_LONGEST_S = 86400.0
# More than any error shows in the end.
_MOST_TEXT = 1000

Row = tuple[float, Any, float | None]
"""Start in seconds since 1970, value as it came, end or None if the service does not say."""


def seconds(given: Any, what: str) -> float:
    """Read an ISO-8601 time with a zone.

    Raises
    ------
    BadResponseError
        If it is none.
    """
    if isinstance(given, str):
        try:
            return parse_instant(given).timestamp()
        except InputError:
            pass
    raise BadResponseError(f"{what}: expected a time such as 2022-07-15T00:00Z, got {cut(given)}")


def part(given: Any, name: str, kind: type, where: str = "the answer") -> Any:
    """Take a part of an answer, of the type that it must have.

    Raises
    ------
    BadResponseError
        If it is not there, or of another type.
    """
    found = given.get(name) if isinstance(given, Mapping) else None
    if not isinstance(found, kind) or isinstance(found, bool):
        names = {list: "a list", dict: "an object", str: "a text", int: "a whole number"}
        raise BadResponseError(f"{where}: expected {names[kind]} {name!r}, got {cut(found)}")
    return found


def end_of(begin: float, length: int, unit_s: float = 1.0) -> float:
    """Say when a value ends that holds for so many units.

    Raises
    ------
    BadResponseError
        If that is no time at all, or longer than a day.
    """
    if not 0 < length <= _LONGEST_S / unit_s:
        raise BadResponseError(
            f"{_at(begin)}: expected a value to hold for up to a day, got {cut(length)} times "
            f"{unit_s:g} s"
        )
    return begin + unit_s * length


def series(rows: Iterable[Row], factor: float = 1.0, *, past: bool = False) -> Series:
    """Build a series of the rows of one region.

    Parameters
    ----------
    rows
        In the order in which they came. A value whose end is known holds no longer: what is
        missing behind it stays visible. An end after the next start is that start.
    factor
        Turns values into gCO2eq/kWh.
    past
        Whether they came true: then a value that is none costs its own time only.

    Raises
    ------
    NoDataError
        If there are no rows, or a single row whose end is unknown.
    BadResponseError
        If a value is no number, is negative or too large, if times do not ascend, or if one time
        has two different values. Identical duplicates are merged.
    """
    times: list[float] = []
    values: list[float] = []
    ends: list[float | None] = []
    for time, given, end in rows:
        value = _value(given, time, factor, past=past)
        if times and time < times[-1]:
            raise BadResponseError(
                f"times must ascend, but {_at(time)} comes after {_at(times[-1])}"
            )
        if times and time == times[-1]:
            if value != values[-1]:
                if not past:
                    raise BadResponseError(f"{_at(time)} has two different values")
                values[-1] = math.nan
            continue
        times.append(time)
        values.append(value)
        ends.append(end)
    known = ~np.isnan(values)
    if not known.any():
        raise NoDataError("there are no values")
    stops = _until(times, ends)
    if stops is None and len(times) == 1:
        raise NoDataError("there is a single value, and nobody says how long it holds")
    if stops is None and not known.all():
        # What is unknown ends the value before it.
        stops = ends_of(np.array(times))
    begins, found, stops = halved(
        np.array(times)[known], np.array(values)[known], None if stops is None else stops[known]
    )
    return Series(times=begins, values=found, until=stops)


def until(whole: Series, end: float) -> Series:
    """Keep the values of a series that have ended by a time, in seconds since 1970.

    Raises
    ------
    NoDataError
        If there are none.
    """
    kept = whole.ends <= end
    if kept.all():
        return whole
    # Two equal values may be the halves of a single value, which is not over.
    if len(kept) == 2 and whole.values[0] == whole.values[1]:
        kept[:] = False
    columns = (whole.times[kept], whole.values[kept], whole.ends[kept])
    rows = zip(*(column.tolist() for column in columns), strict=True)
    return replace(series(rows), provenance=whole.provenance)


def _until(times: list[float], ends: list[float | None]) -> FloatArray | None:
    if any(end is None for end in ends):
        return None
    until = np.array(ends, dtype=np.float64)
    if not (until > np.array(times)).all():
        raise BadResponseError("a value ends before it begins")
    capped: FloatArray = np.minimum(until, np.append(times[1:], np.inf))
    return capped


def _value(given: Any, time: float, factor: float, *, past: bool) -> float:
    """Read a value in gCO2eq/kWh; NaN for what is none in the past."""
    try:
        value = _number(given, time) * factor
        if not 0 <= value <= MOST_INTENSITY:
            raise _refused(time, given)
    except BadResponseError:
        if not past:
            raise
        return math.nan
    return value


def _number(given: Any, time: float) -> float:
    if not isinstance(given, int | float) or isinstance(given, bool):
        raise _refused(time, given)
    try:
        number = float(given)
    except OverflowError:
        number = math.inf
    if not math.isfinite(number):
        raise _refused(time, given)
    return number


def _refused(time: float, given: Any) -> BadResponseError:
    return BadResponseError(f"{_at(time)}: expected an intensity from 0 on, got {cut(given)}")


def _at(time: float) -> str:
    return f"{show(from_seconds(time))} UTC"


def cut(given: Any) -> str:
    """Show what came, shortened.

    Errors are shortened further, once keys are struck out of them: half a key is a secret too.
    """
    text = "nothing" if given is None else ascii(given)
    return text if len(text) <= _MOST_TEXT else f"{text[:_MOST_TEXT]}..."
