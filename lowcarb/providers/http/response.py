"""What a service answered: status, JSON, its message, and when to come back."""

import email.utils
import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from lowcarb.errors import BadResponseError

# Enough of an error page to find what it says.
_MOST_TEXT = 65_536
_MOST_KEY = 1000
# Five times what all regions of Great Britain have, and parsed in a tenth of a second.
_MOST_PARTS = 100_000


@dataclass(frozen=True, kw_only=True)
class Response:
    """What a service answered.

    Parameters
    ----------
    status
        The HTTP status.
    body
        As the service sent the bytes.
    retry_after
        How long the service wants to be left alone; None if it does not say.
    server_time
        The clock of the service; None if it does not say.
    """

    status: int
    body: bytes = field(repr=False)
    retry_after: timedelta | None = None
    server_time: datetime | None = None

    def json(self) -> Any:
        """Parse the body.

        Raises
        ------
        BadResponseError
            If the body is no JSON, or names a thing twice; NaN and Infinity are not allowed.
        """
        if not self.body.strip():
            raise BadResponseError("an empty answer")
        parts = self.body.count(b"{") + self.body.count(b"[")
        if parts > _MOST_PARTS:
            raise BadResponseError(f"expected a forecast, got {parts} objects and lists")
        try:
            return json.loads(self.body, parse_constant=_refuse, object_pairs_hook=distinct)
        except RepeatedError as error:
            raise BadResponseError(str(error)) from None
        except (ValueError, RecursionError):
            kind = "HTML" if self.body.lstrip()[:1] == b"<" else "something else"
            raise BadResponseError(f"expected JSON, got {kind}") from None

    @property
    def message(self) -> str:
        """The text of an error for people; empty if there is none that can be shown."""
        body = self.body[:_MOST_TEXT]
        try:
            payload = json.loads(body)
        except (ValueError, RecursionError):
            # Shortened only once secrets are struck out: half a key is a secret too.
            text = body.decode("utf-8", "replace").strip()
            return "" if text.startswith("<") else text
        if not isinstance(payload, dict):
            return ""
        parts = [payload.get(name) for name in ("error", "message", "msg", "detail", "errors")]
        return "; ".join(
            part if isinstance(part, str) else json.dumps(part) for part in parts if part
        )


def retry_after(headers: Mapping[str, str], now: datetime) -> timedelta | None:
    """Read how long to wait, in seconds or as a date; None for what makes no sense."""
    text = headers.get("Retry-After", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 9:
        return timedelta(seconds=int(text))
    when = date_of(text)
    return None if when is None else max(when - now, timedelta())


def date_of(text: str | None) -> datetime | None:
    """Read a date as HTTP writes dates; None for any other text."""
    try:
        when = email.utils.parsedate_to_datetime(text or "")
        return (when if when.tzinfo else when.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, TypeError, OverflowError):
        return None


class RepeatedError(ValueError):
    """An object of JSON has a key twice."""


def distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Build an object of JSON; json itself would take the last of several values silently.

    Raises
    ------
    RepeatedError
        If a key comes twice.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        twice, _ = Counter(key for key, _ in pairs).most_common(1)[0]
        raise RepeatedError(f"expected each key once, got {twice[:_MOST_KEY]!r} twice")
    return found


def _refuse(constant: str) -> float:
    raise ValueError(constant)
