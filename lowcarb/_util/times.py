"""Instants and durations as people write them."""

import re
from datetime import UTC, datetime, timedelta

from lowcarb._util.text import quoted
from lowcarb.errors import InputError

_UNITS = {"d": "days", "h": "hours", "m": "minutes", "min": "minutes", "s": "seconds"}
_PART = re.compile(r"([0-9]+(?:\.[0-9]+)?)(d|h|min|m|s)")
_LONGEST = timedelta(days=366)
# Far from the ends of what `datetime` can count, so that adding durations never overflows.
_YEARS = range(1900, 2500)


def utc_now() -> datetime:
    """Return the time by the clock of this machine, in UTC."""
    return datetime.now(UTC)


def parse_instant(text: str) -> datetime:
    """Read an ISO-8601 time with a zone.

    Raises
    ------
    InputError
        If it is no time, or has no zone.
    """
    try:
        instant = datetime.fromisoformat(text.strip())
    except ValueError:
        raise InputError(
            f"expected a time such as 2022-07-15T00:00:00Z, got {quoted(text.strip())}"
        ) from None
    if instant.tzinfo is None:
        raise InputError(
            f"the time {quoted(text.strip())} has no zone; write for example {instant.isoformat()}Z"
        )
    return within_years(instant, text)


def within_years(instant: datetime, text: str) -> datetime:
    """Return a time with a zone in UTC; refuse one so far away that it is a mistake."""
    if instant.year not in _YEARS:
        raise InputError(
            f"the time {quoted(text.strip())} is not from {_YEARS.start} to {_YEARS.stop - 1}"
        )
    return instant.astimezone(UTC)


def as_duration(value: str | timedelta, name: str) -> timedelta:
    """Read a duration, which may be text such as 30min, 1h, 1h30m, 90s or 2d.

    Parameters
    ----------
    value
        The duration, or its text; a bare number has no unit and is refused.
    name
        The argument or option, which the error then names.

    Raises
    ------
    InputError
        If it is not of that form, zero, or longer than a year.
    """
    duration = _read_duration(value) if isinstance(value, str) else value
    if not isinstance(duration, timedelta):
        raise InputError(
            f"{name}: expected a duration such as 30min, 1h or 1h30m, got {quoted(value)}",
            field=name,
        )
    if not timedelta() < duration <= _LONGEST:
        came = quoted(value) if isinstance(value, str) else _came(value)
        raise InputError(
            f"{name}: expected a duration longer than zero and up to a year, got {came}", field=name
        )
    return duration


def _came(value: timedelta) -> str:
    return show_duration(value) if value > timedelta() else str(value)


def _read_duration(text: str) -> timedelta | None:
    """Add up the parts of a duration; None if the text is no duration."""
    compact = text.replace(" ", "").lower()
    parts = _PART.findall(compact)
    if not parts or "".join(number + unit for number, unit in parts) != compact:
        return None
    try:
        return sum(
            (timedelta(**{_UNITS[unit]: float(number)}) for number, unit in parts), timedelta()
        )
    except OverflowError:
        return timedelta.max


def from_seconds(seconds: float) -> datetime:
    """Turn seconds since 1970 into a time in UTC."""
    return datetime.fromtimestamp(float(seconds), UTC)


def require_utc(instant: datetime, name: str) -> datetime:
    """Return an aware time in UTC; refuse a time without a zone, and what is no time."""
    if not isinstance(instant, datetime) or instant.tzinfo is None:
        raise InputError(f"{name}: expected a time with a zone, got {instant}", field=name)
    return instant.astimezone(UTC)


def show(instant: datetime) -> str:
    """Write a time for people, in UTC, with no more digits than it needs."""
    return instant.astimezone(UTC).strftime("%Y-%m-%d %H:%M" + (":%S" if instant.second else ""))


def show_span(first_s: float, last_s: float) -> str:
    """Write a stretch of time for people, from seconds since 1970."""
    return f"{show(from_seconds(first_s))} to {show(from_seconds(last_s))} UTC"


def to_iso(instant: datetime) -> str:
    """Write a time for programs, in UTC with a Z."""
    return instant.astimezone(UTC).isoformat().replace("+00:00", "Z")


def show_duration(duration: timedelta) -> str:
    """Write a duration for people, with no more digits than it needs: 20 min, 1 h 30 min, 2.2 s."""
    seconds = duration.total_seconds()
    if seconds < 60:
        return f"{seconds:.2g} s" if seconds < 10 else f"{seconds:.0f} s"
    # Of hours nobody needs seconds, of days no minutes.
    unit = 1 if seconds < 3600 else 60 if seconds < 86_400 else 3600
    left, parts = round(seconds / unit) * unit, []
    for size, name in ((86_400, "d"), (3600, "h"), (60, "min"), (1, "s")):
        many, left = divmod(left, size)
        parts += [f"{many} {name}"] if many else []
    return " ".join(parts)
