"""Whether what a provider gives can be used; a provider may be the user's own code."""

from datetime import UTC, datetime

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance

# Times beyond are in another unit than seconds, or nonsense.
_FIRST_S, _LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 2500))


def series_fault(given: object) -> str | None:
    """Say why something is no series that can be planned on and booked; None if it can be."""
    if not isinstance(given, Series):
        return f"expected a Series, got {type(given).__name__}"
    if not isinstance(given.provenance, Provenance | None):
        return f"expected a Provenance, got {type(given.provenance).__name__}"
    for second in (given.times[0], given.times[-1]):
        if not _FIRST_S <= second <= _LAST_S:
            return f"expected times in seconds since 1970, got {second:g}"
    return None
