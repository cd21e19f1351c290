"""Asking a service: names of regions, one deadline, and what its errors mean."""

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import ClassVar

from lowcarb._util.times import show
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance
from lowcarb.errors import (
    AccessDeniedError,
    AuthError,
    BadResponseError,
    ConfigurationError,
    CoverageError,
    NoDataError,
    ProviderError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from lowcarb.providers.http.client import HttpClient, Session
from lowcarb.providers.http.deadline import Deadline, run_all
from lowcarb.providers.http.response import Response
from lowcarb.providers.http.secrets import Secret

Found = Mapping[str, Series | ProviderError]
"""What is known of each zone, or why nothing is."""
Ask = Callable[[Sequence[str], Deadline], Found]

# Clocks of services and ours may differ by so much before that is worth a word.
_SKEW = timedelta(minutes=10)
_MOST_NAME = 100
# So many requests may still hang, of earlier calls, before no more are begun.
MOST_LATE = 32
# What reading an answer of another form may raise.
_MALFORMED = (
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    OverflowError,
    RecursionError,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True, eq=False)
class ServiceClient:
    """A service that can be asked; `Service` adds the cache and the ladder.

    Parameters
    ----------
    base_url
        Its address; empty for the service's own.
    zones
        Your names of regions to the service's; they come before all other names.
    deadline
        Of a whole call, all regions and retries included.
    offline
        Whether nobody is to be asked; no socket is opened.
    session
        Of requests; one of its own if None.
    clock, sleep
        For tests.
    """

    name: ClassVar[str]
    home: ClassVar[str] = ""
    keyed: ClassVar[bool] = False
    workers: ClassVar[int] = 10

    base_url: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)
    deadline: timedelta = timedelta(seconds=30)
    offline: bool = False
    session: Session | None = field(default=None, repr=False)
    clock: Callable[[], datetime] = field(default=_utc_now, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        """Look at the address; nothing is opened yet."""
        if self.deadline <= timedelta():
            raise ConfigurationError(f"{self.name}: deadline: expected longer than zero")
        for name, zone in self.zones.items():
            if not isinstance(zone, str) or not zone.strip():
                raise ConfigurationError(
                    f"{self.name}: zones: expected the name of a region for {name!r}, got {zone!r}"
                )
        if not (self.base_url or self.home):
            raise ConfigurationError(f"{self.name} needs base_url, the address of your own server")
        self._threads: list[threading.Thread] = []
        self._http = HttpClient(
            service=self.name,
            base_url=self.base_url or self.home,
            keyed=self.keyed,
            secrets=self._secrets(),
            session=self.session,
            now=self.clock,
            sleep=self.sleep,
        )

    # --- what a service fills in

    @property
    def signal(self) -> str | None:
        """Say "average" or "marginal"; None if its source decides."""
        raise NotImplementedError

    @property
    def accounting(self) -> str | None:
        """Say "lifecycle" or "direct"; None if it does not say."""
        return None

    def _zone(self, region: str) -> str:
        """Turn a name into the service's own; raise `UnknownLocationError` if it has none."""
        return region

    def _groups(self, zones: Sequence[str]) -> list[Sequence[str]]:
        """Say which zones are asked for together."""
        return [[zone] for zone in zones]

    def _ask(self, zones: Sequence[str], deadline: Deadline) -> Found:
        """Fetch the forecasts of some zones."""
        raise NotImplementedError

    def _ask_past(
        self, start: datetime, end: datetime, zones: Sequence[str], deadline: Deadline
    ) -> Found:
        """Fetch what came true in some zones."""
        raise NotImplementedError

    def _is_spoilt(self, error: ProviderError) -> bool:
        """Whether one zone may have failed the question for several, so that each is asked for."""
        return isinstance(error, UnknownLocationError | NoDataError)

    def _secrets(self) -> list[Secret]:
        """What no message may show."""
        return []

    def _refused(self, response: Response) -> ProviderError:
        """Say what a status other than 200 means."""
        kind, what = {
            400: (BadResponseError, "refuses the question"),
            401: (AuthError, "does not accept the key"),
            403: (AccessDeniedError, "does not give access"),
            404: (NoDataError, "has nothing of that"),
            422: (UnknownLocationError, "does not understand the region"),
        }.get(
            response.status,
            (ProviderUnavailableError, "is out of order")
            if response.status >= 500
            else (BadResponseError, "answers in a way it does not document"),
        )
        return self._http.error(kind, f"{what} (status {response.status})", response)

    # --- what a service uses

    def _checked(self, response: Response) -> Response:
        """Return an answer that is one; raise what any other means."""
        if response.status == 204:
            raise self._http.error(NoDataError, "has nothing of that (status 204)")
        if response.status != 200:
            raise self._refused(response)
        return response

    def _with_origin(
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
        now = self.clock()
        at = (
            datetime.fromtimestamp(issued, UTC) if issued is not None else now if received else None
        )
        if at is not None and at > now + max(self._http.skew or timedelta(), timedelta()) + _SKEW:
            raise BadResponseError(f"issued in the future, at {show(at)} UTC")
        provenance = Provenance(
            provider=self.name,
            zone=zone,
            signal=self.signal,
            accounting=self.accounting,
            issued_at=at,
            fetched_at=now,
        )
        return replace(series, provenance=provenance)

    # --- asking

    def _translate(self, regions: Sequence[str]) -> tuple[dict[str, str], dict[str, ProviderError]]:
        zones: dict[str, str] = {}
        failed: dict[str, ProviderError] = {}
        for region in regions:
            try:
                zone = self._zone_of(region)
                if not (zone.isprintable() and 0 < len(zone) <= _MOST_NAME):
                    raise UnknownLocationError("expected the name of a region")
                zones[region] = zone
            except ProviderError as error:
                failed[region] = self._named(error, region)
        return zones, failed

    def _zone_of(self, region: str) -> str:
        own = self.zones.get(region)
        try:
            return self._zone(own or region)
        except UnknownLocationError:
            if not own:
                raise
            # The service may know names that we do not.
            return own

    def _fetch(
        self, zones: Sequence[str], ask: Ask, start: datetime | None
    ) -> dict[str, Series | ProviderError]:
        """Ask for zones side by side; a group that one bad name spoils is asked for one by one."""
        if not zones:
            return {}
        if self.offline:
            return {
                zone: self._named(
                    ProviderUnavailableError("offline, and nothing fits in the cache"), zone
                )
                for zone in zones
            }
        self._threads[:] = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) >= MOST_LATE:
            hang = ProviderUnavailableError(f"{len(self._threads)} earlier requests still hang")
            return {zone: self._named(hang, zone) for zone in zones}
        deadline = Deadline.after(self.deadline.total_seconds())
        found: dict[str, Series | ProviderError] = {}
        groups = self._groups(zones)
        while groups:
            answers = run_all(
                [partial(ask, group, deadline) for group in groups],
                workers=self.workers,
                deadline=deadline,
                started=self._threads,
            )
            spoilt: list[Sequence[str]] = []
            for group, answer in zip(groups, answers, strict=True):
                if len(group) > 1 and isinstance(answer, ProviderError) and self._is_spoilt(answer):
                    spoilt += [[zone] for zone in group]
                else:
                    found |= {zone: self._outcome(answer, zone, start) for zone in group}
            groups = spoilt
        return found

    def _outcome(
        self, answer: Found | BaseException | None, zone: str, start: datetime | None
    ) -> Series | ProviderError:
        if answer is None:
            slow = f"no answer within {self.deadline.total_seconds():g} s"
            return self._named(ProviderUnavailableError(slow), zone)
        if isinstance(answer, ProviderError):
            return self._named(answer, zone)
        if isinstance(answer, _MALFORMED):
            return self._named(BadResponseError("not of the form that is documented"), zone)
        if isinstance(answer, BaseException):
            raise answer
        outcome = answer.get(zone) or NoDataError("it is missing in the answer")
        if isinstance(outcome, ProviderError):
            return self._named(outcome, zone)
        if start is not None and outcome.ends[-1] <= start.timestamp():
            skew = self._http.skew or timedelta()
            hint = f"; its clock and ours differ by {abs(skew)}" if abs(skew) > _SKEW else ""
            return self._named(
                CoverageError(
                    f"nothing from {show(start)} UTC on, only {outcome.describe_coverage()}{hint}"
                ),
                zone,
            )
        return outcome

    def _named(self, error: ProviderError, zone: str) -> ProviderError:
        """Name the service and the zone in an error, and hide secrets once more."""
        text = str(error).removeprefix(f"{self.name}: ")
        # A copy: a group shares its error, and a traceback holds what was sent.
        named = copy(error)
        named.args = (str(self._http.error(ProviderError, f"region {zone!r}: {text}")),)
        if isinstance(named, CoverageError):
            named.message = named.args[0]
        return named
