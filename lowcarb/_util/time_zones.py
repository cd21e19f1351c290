"""Time zones by their names, and as the headers of columns say them."""

import re
from datetime import UTC, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

from lowcarb._util.text import quoted
from lowcarb.errors import InputError

_SAID = re.compile(
    r"[(\[]\s*(?:UTC|GMT)\s*(?:([+-])(\d{1,2})(?::?(\d{2}))?)?\s*[)\]]", re.IGNORECASE
)
_UTC_NAME = re.compile(r"(?:^|[^a-z])utc(?:$|[^a-z])|utc$", re.IGNORECASE)


def zone_of(name: str) -> tzinfo:
    """Return a time zone by its name.

    Raises
    ------
    InputError
        If there is none of that name.
    """
    if name.upper() in ("UTC", "GMT", "Z"):
        return UTC
    try:
        return ZoneInfo(name)
    except (KeyError, OSError, ValueError):  # no zone, a folder, or no name at all
        raise InputError(
            f"timezone: expected one such as Europe/Berlin or UTC, got {quoted(name)}",
            field="timezone",
        ) from None


def zone_in(header: str) -> tzinfo | None:
    """Return the zone that the name of a column says, such as "Datetime (UTC)"; None if none."""
    if said := _SAID.search(header):
        sign, hours, minutes = said.groups()
        if hours is None:
            return UTC
        shift = timedelta(hours=int(hours), minutes=int(minutes or 0))
        return timezone(-shift if sign == "-" else shift) if shift < timedelta(days=1) else None
    return UTC if _UTC_NAME.search(header) else None
