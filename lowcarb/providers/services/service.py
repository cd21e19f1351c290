"""What is special of one service: a description that the client of all services is given."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

from lowcarb._util.times import show
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance
from lowcarb.errors import (
    AccessDeniedError,
    AuthError,
    BadResponseError,
    NoDataError,
    ProviderError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from lowcarb.providers.http.client import HttpClient, Params
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.response import Response
from lowcarb.providers.http.secrets import HeaderAuth, Secret
from lowcarb.providers.services.rows import cut
from lowcarb.providers.services.zones import is_name

Found = Mapping[str, Series | ProviderError]
"""What is known of each zone, or why nothing is."""
Refusal = tuple[type[ProviderError], str]
"""The class of an error, and what the service does, such as "does not know the zone"."""

# Clocks of services and ours may differ by so much before that is worth a word.
SKEW = timedelta(minutes=10)


class Ask(Protocol):
    """Fetches the forecasts of some zones, which `Service.groups` puts together."""

    def __call__(self, call: "Call", zones: Sequence[str]) -> Found:
        """Return each zone's series, or its error; raise what concerns all of them."""


class AskPast(Protocol):
    """Fetches what came true in some zones."""

    def __call__(self, call: "Call", zones: Sequence[str], start: datetime, end: datetime) -> Found:
        """Return each zone's series, or its error; raise what concerns all of them."""


def one_by_one(zones: Sequence[str]) -> list[Sequence[str]]:
    """Ask for each zone by itself."""
    return [[zone] for zone in zones]


def zone_is_unknown(error: ProviderError) -> bool:
    """Whether the error says that a service does not know a zone, or has nothing of it."""
    return isinstance(error, UnknownLocationError | NoDataError)


def says_no_more(_response: Response) -> Refusal | None:
    """Leave it to the status what an answer means."""
    return None


@dataclass(frozen=True, kw_only=True)
class Service:
    """Describes one service.

    Parameters
    ----------
    name
        For messages and the account.
    home
        Its address; empty if each user has a server.
    signal, accounting
        What its intensities are; None where its source decides or does not say.
    ask, ask_past
        Fetch forecasts, and what came true.
    zone_of
        Turns a user's name of a region into the service's; raises `UnknownLocationError`.
    groups
        Says which zones are asked for together.
    ask_alone
        Whether an error of a group may be the fault of one zone: then each is asked for alone.
    refused
        Says what an answer other than 200 means; None where the status alone says it.
    secrets
        What no message may show; with a secret the address must be HTTPS.
    workers
        At most so many requests at once.
    variant
        What else tells the answers of two clients apart in the cache.
    """

    name: str
    home: str = ""
    signal: str | None
    accounting: str | None = None
    ask: Ask
    ask_past: AskPast
    zone_of: Callable[[str], str] = str.strip
    groups: Callable[[Sequence[str]], list[Sequence[str]]] = one_by_one
    ask_alone: Callable[[ProviderError], bool] = zone_is_unknown
    refused: Callable[[Response], Refusal | None] = says_no_more
    secrets: tuple[Secret, ...] = field(default=(), repr=False)
    workers: int = 10
    variant: str = ""


@dataclass(frozen=True, kw_only=True)
class Call:
    """One question to a service: over which line, and until when.

    Parameters
    ----------
    service
        Who is asked.
    http
        The way to it.
    clock
        The time.
    deadline
        Of the whole question.
    """

    service: Service
    http: HttpClient
    clock: Callable[[], datetime]
    deadline: Deadline

    def get(self, path: str, params: Params = (), *, auth: HeaderAuth | None = None) -> Response:
        """Return an answer, whatever its status; the answer before is done with."""
        self.done_reading()
        return self.http.get(path, params, auth=auth, deadline=self.deadline)

    def json(self, path: str, params: Params = (), *, auth: HeaderAuth | None = None) -> Any:
        """Return what an answer holds; raise what any status but 200 means."""
        return self.parsed(self.get(path, params, auth=auth))

    def parsed(self, response: Response) -> Any:
        """Return what an answer holds, once no other thread reads one.

        Raises
        ------
        ProviderError
            What any status but 200 means, or if the time is up.
        """
        if response.status == 204:
            raise self.http.error(NoDataError, "has nothing of that (status 204)")
        if response.status != 200:
            kind, what = self.service.refused(response) or _refused(response.status)
            raise self.http.error(kind, what, response)
        if not self.http.reading.take(self.deadline):
            raise self.http.error(ProviderUnavailableError, "no time was left to read the answer")
        return response.json()

    def done_reading(self) -> None:
        """Let others read: nothing of what this thread read is in use any more."""
        self.http.reading.give_back()

    def labelled(
        self, series: Series, zone: str, issued: float | None = None, *, received: bool = False
    ) -> Series:
        """Say where a series comes from.

        Parameters
        ----------
        series
            As it was parsed.
        zone
            Where it is for.
        issued
            When it was issued, seconds since 1970; None if the service does not say.
        received
            Whether the time of receipt is the time of issue.
        """
        if not is_name(zone):
            raise BadResponseError(f"expected the name of a zone, got {cut(zone)}")
        now = self.clock()
        at = now if received else None
        if issued is not None:
            at = datetime.fromtimestamp(issued, UTC)
        if at is not None and at > now + max(self.http.skew or timedelta(), timedelta()) + SKEW:
            raise BadResponseError(f"issued in the future, at {show(at)} UTC")
        provenance = Provenance(
            provider=self.service.name,
            zone=zone,
            signal=self.service.signal,
            accounting=self.service.accounting,
            issued_at=at,
            fetched_at=now,
        )
        return replace(series, provenance=provenance)


def _refused(status: int) -> Refusal:
    """Say what a status means where the service says no more."""
    kind, what = {
        400: (BadResponseError, "refuses the question"),
        401: (AuthError, "does not accept the key"),
        403: (AccessDeniedError, "does not give access"),
        404: (NoDataError, "has nothing of that"),
        422: (UnknownLocationError, "does not understand the region"),
    }.get(
        status,
        (ProviderUnavailableError, "is out of order")
        if status >= 500
        else (BadResponseError, "answers in a way it does not document"),
    )
    return kind, f"{what} (status {status})"
