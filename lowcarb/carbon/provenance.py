"""Where a region's intensities come from, and how good they are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from lowcarb._util.times import parse_instant, require_utc, to_iso
from lowcarb.errors import InputError


class Quality(StrEnum):
    """How good a forecast is; best first."""

    FRESH = "fresh"
    """As the provider gave it for this round."""
    CACHED = "cached"
    """As the provider gave it a few minutes ago; it was not asked again."""
    LAST_GOOD = "last good"
    """The provider failed; an earlier answer of it still covers the time."""
    TYPICAL = "typical"
    """Typical days stand in."""
    MISSING = "missing"
    """Nothing is known."""


@dataclass(frozen=True, kw_only=True)
class Provenance:
    """Where a region's intensities come from.

    Parameters
    ----------
    provider
        The service or file.
    zone
        The region's name there.
    signal
        "average" or "marginal"; None where the source does not say.
    accounting
        Which emissions are counted: "lifecycle" or "direct"; None where the source does not say.
    issued_at, fetched_at
        In UTC; None where unknown.
    quality
        How good it is.
    """

    provider: str
    zone: str
    signal: str | None = None
    accounting: str | None = None
    issued_at: datetime | None = None
    fetched_at: datetime | None = None
    quality: Quality = Quality.FRESH

    def __post_init__(self) -> None:
        """Refuse what no ledger could hold."""
        for name in ("provider", "zone", "signal", "accounting"):
            _require_text(getattr(self, name), name, optional=name in ("signal", "accounting"))
        if not isinstance(self.quality, Quality):
            raise InputError(f"quality: expected a Quality, got {self.quality!r}", field="quality")
        for name in ("issued_at", "fetched_at"):
            _require_time(getattr(self, name), name)

    def to_dict(self) -> dict[str, str | None]:
        """Write it for JSON, under the names of its fields."""
        return {
            "provider": self.provider,
            "zone": self.zone,
            "signal": self.signal,
            "accounting": self.accounting,
            "issued_at": None if self.issued_at is None else to_iso(self.issued_at),
            "fetched_at": None if self.fetched_at is None else to_iso(self.fetched_at),
            "quality": str(self.quality),
        }


def _require_text(value: object, name: str, *, optional: bool) -> None:
    if value is None and optional:
        return
    if not isinstance(value, str):
        raise InputError(f"{name}: expected text, got {value!r}", field=name)
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise InputError(
            f"{name}: expected text that can be written: {error}", field=name
        ) from None


def _require_time(value: object, name: str) -> None:
    if value is None:
        return
    if not isinstance(value, datetime):
        raise InputError(f"{name}: expected a time with a zone, got {value!r}", field=name)
    parse_instant(require_utc(value, name).isoformat())
