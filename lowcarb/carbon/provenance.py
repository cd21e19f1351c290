"""Where a region's intensities come from, and how good they are."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Self

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


class _Kind(StrEnum):
    """A kind of intensities; those of different kinds are never ranked against each other."""

    @classmethod
    def of(cls, given: object) -> Self | None:
        """Take a kind, or its text; None where a source does not say.

        Raises
        ------
        InputError
            If it is none of them.
        """
        name = cls.__name__.lower()
        if given is None:
            return None
        if not isinstance(given, str) or given not in list(cls):
            raise InputError(f"{name}: expected {' or '.join(cls)}, got {given!r}", field=name)
        return cls(given)


class Signal(_Kind):
    """Which generation an intensity stands for."""

    AVERAGE = "average"
    """Emissions of all generation, per kilowatt-hour."""
    MARGINAL = "marginal"
    """Emissions of the generation that one more kilowatt-hour brings about."""


class Accounting(_Kind):
    """Which emissions are counted."""

    LIFECYCLE = "lifecycle"
    """From the building of the power plant on."""
    DIRECT = "direct"
    """What leaves the power plant."""


def comparable(ours: str | None, theirs: str | None) -> bool:
    """Whether intensities of two signals, or of two accountings, may be compared.

    Marginal intensities never are with average intensities. A source that does not say fits all.
    """
    return ours is None or theirs is None or ours == theirs


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
        A `Signal` or its text, "average" or "marginal"; None where the source does not say.
    accounting
        An `Accounting` or its text, "lifecycle" or "direct"; None where the source does not say.
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
        """Refuse what no ledger could hold, and name signal and accounting."""
        for name in ("provider", "zone"):
            _require_text(getattr(self, name), name)
        object.__setattr__(self, "signal", Signal.of(self.signal))
        object.__setattr__(self, "accounting", Accounting.of(self.accounting))
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


def _require_text(value: object, name: str) -> None:
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
