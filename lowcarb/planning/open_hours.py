"""Opening hours as people write them, and when they are in UTC.

Hours are those of the wall clocks of a zone. Where a clock change leaves out the time at which a
window opens or closes, the change itself stands for it; where the time comes twice, a window opens
at the first of the two and closes at the second.
"""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo

from lowcarb._util.arguments import wrong
from lowcarb._util.lazy import lazy
from lowcarb._util.text import quoted
from lowcarb._util.time_zones import zone_of
from lowcarb.errors import InputError

_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_EXPECTED = (
    "hours and a zone, such as '07:00-19:00 Europe/Berlin' or 'Mon-Fri 07:00-19:00; "
    "Sat,Sun 00:00-24:00 UTC'"
)
_WINDOW = re.compile(
    r"(?:(?P<days>[a-z]{3,9}(?:\s*[-,]\s*[a-z]{3,9})*)\s+)?"
    r"(?P<begin>[0-9]{1,2}:[0-9]{2})\s*(?:-|to)\s*(?P<end>[0-9]{1,2}:[0-9]{2})",
    re.IGNORECASE,
)
_DAY = timedelta(days=1)
_MINUTES = 24 * 60


@dataclass(frozen=True, kw_only=True)
class _Window:
    """One stretch of the day, on some weekdays, in minutes since midnight."""

    days: frozenset[int]
    begin: int
    end: int


@dataclass(frozen=True, kw_only=True)
class OpenHours:
    """When something is open, week after week.

    Parameters
    ----------
    text
        Windows separated by semicolons, and then a zone: ``07:00-19:00 Europe/Berlin``,
        ``Mon-Fri 22:00-06:00; Sat,Sun 00:00-24:00 UTC``. A window that ends no later than it begins
        is over on the day after; its weekdays are those on which it opens.

    Raises
    ------
    InputError
        If it is not of that form.
    """

    text: str

    def __post_init__(self) -> None:
        """Read the text."""
        if not isinstance(self.text, str):
            raise wrong("open_hours", _EXPECTED, self.text)
        _ = self._zone, self._windows

    @lazy
    def _zone(self) -> tzinfo:
        _, _, zone = self.text.strip().rpartition(" ")
        if ":" in zone or " " not in self.text.strip():
            raise InputError(
                f"open_hours: expected {_EXPECTED}, got {quoted(self.text)}, which names no zone",
                field="open_hours",
            )
        try:
            return zone_of(zone)
        except InputError as error:
            raise InputError(
                f"open_hours: {str(error).removeprefix('timezone: ')}", field="open_hours"
            ) from None

    @lazy
    def _windows(self) -> tuple[_Window, ...]:
        windows, _, _ = self.text.strip().rpartition(" ")
        return tuple(self._window(part) for part in windows.split(";"))

    def __str__(self) -> str:
        return " ".join(self.text.split())

    def _window(self, part: str) -> _Window:
        found = _WINDOW.fullmatch(part.strip())
        if found is None:
            raise self._wrong(part)
        begin, end = (self._minutes(found[name]) for name in ("begin", "end"))
        if begin in (_MINUTES, end):
            raise self._wrong(part, "; a whole day is 00:00-24:00")
        return _Window(
            days=self._days(found["days"]), begin=begin, end=end + (end < begin) * _MINUTES
        )

    def _minutes(self, text: str) -> int:
        hours, minutes = map(int, text.split(":"))
        if minutes > 59 or 60 * hours + minutes > _MINUTES:
            raise self._wrong(text)
        return 60 * hours + minutes

    def _days(self, text: str | None) -> frozenset[int]:
        if text is None:
            return frozenset(range(7))
        found: set[int] = set()
        for part in text.split(","):
            first, *last = (self._day(name) for name in part.split("-"))
            if len(last) > 1:
                raise self._wrong(part)
            until = last[0] if last else first
            found |= {(first + k) % 7 for k in range((until - first) % 7 + 1)}
        return frozenset(found)

    def _day(self, name: str) -> int:
        short = name.strip().lower()
        for number, day in enumerate(_DAYS):
            if short in (day, day[:3]):
                return number
        raise self._wrong(name, f"; days are {', '.join(day[:3].title() for day in _DAYS)}")

    def _wrong(self, part: str, more: str = "") -> InputError:
        return InputError(
            f"open_hours: expected {_EXPECTED}, got {quoted(part.strip())}{more}",
            field="open_hours",
        )

    def between(self, begin: datetime, end: datetime) -> list[tuple[float, float]]:
        """Return when it is open between two times, in seconds since 1970, earliest first.

        Windows that touch or overlap are one.
        """
        zone = self._zone
        # A window of the day before may reach into the first day.
        day, last = begin.astimezone(zone).date() - _DAY, end.astimezone(zone).date()
        found: list[tuple[float, float]] = []
        while day <= last:
            found += [
                (
                    _instant(day, window.begin, zone, closes=False),
                    _instant(day, window.end, zone, closes=True),
                )
                for window in self._windows
                if day.weekday() in window.days
            ]
            day += _DAY
        return _merged(found, begin.timestamp(), end.timestamp())


def _merged(
    windows: list[tuple[float, float]], begin: float, end: float
) -> list[tuple[float, float]]:
    """Clip windows to a stretch of time, and make one of those that touch."""
    merged: list[tuple[float, float]] = []
    for opens, closes in sorted(windows):
        opens, closes = max(opens, begin), min(closes, end)
        if opens >= closes:
            continue
        if merged and opens <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(merged[-1][1], closes)
        else:
            merged.append((opens, closes))
    return merged


def _instant(day: date, minutes: int, zone: tzinfo, *, closes: bool) -> float:
    """When the wall clocks of a zone show a time, in seconds since 1970."""
    on = day + timedelta(days=minutes // _MINUTES)
    hours, rest = divmod(minutes % _MINUTES, 60)
    first = datetime.combine(on, time(hours, rest), tzinfo=zone)
    second = first.replace(fold=1)
    before, after = first.timestamp(), second.timestamp()
    if before <= after:
        # The same instant, or the first and the second of a time that comes twice.
        return after if closes else before
    # The clocks jump over this time: find the jump, which lies between the two.
    offset = _offset(after, zone)
    low, high = after, before
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _offset(middle, zone) == offset else (low, middle)
    return high


def _offset(seconds: float, zone: tzinfo) -> timedelta | None:
    return datetime.fromtimestamp(seconds, UTC).astimezone(zone).utcoffset()
