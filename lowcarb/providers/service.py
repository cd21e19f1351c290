"""What all services have in common: zones, the cache, the deadline, and the ladder.

For each region the first of these that can be had, and the answer says which it is:

1. cached: an answer that is a few minutes old, and nobody is asked;
2. fresh: the service's answer;
3. last good: an earlier answer, not older than six hours, that still covers the time;
4. the error that says why not.
"""

import logging
import time
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from pathlib import Path
from typing import ClassVar

import numpy as np
import requests

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
from lowcarb.forecast import Origin, Quality, Series
from lowcarb.providers.base import Answer
from lowcarb.providers.cache import Cache, default_folder
from lowcarb.providers.deadline import Deadline, run_all
from lowcarb.providers.http import Reply, Web
from lowcarb.providers.secrets import Secret
from lowcarb.times import require_utc, show

logger = logging.getLogger("flwr.lowcarb")

Found = Mapping[str, Series | ProviderError]
"""What is known of each zone, or why nothing is."""
Ask = Callable[[Sequence[str], Deadline], Found]

# A last good answer must reach so far ahead, or to the end of what was asked for.
_REACH = timedelta(hours=1)
# Clocks of services and ours may differ by so much before that is worth a word.
_SKEW = timedelta(minutes=10)
_MOST_NAME = 100


def _utc_now() -> datetime:
    return datetime.now(UTC)


@dataclass(kw_only=True, eq=False)
class Service:
    """A forecast service.

    Parameters
    ----------
    base_url
        Its address; empty for the service's own.
    zones
        Your names of regions to the service's; they come before all other names.
    deadline
        Of a whole call, all regions and retries included.
    fresh_for
        So old an answer may be to be taken from the cache without asking; zero to ask always.
    last_good_for
        So old an answer may be to stand in for a service that fails.
    cache
        Folder of the cache; None for none.
    offline
        Whether to take answers from the cache only; no socket is opened.
    session
        Of requests; one of its own if None.
    clock, sleep
        For tests.

    Raises
    ------
    ConfigurationError
        If the address or a key is missing or cannot be used.
    """

    name: ClassVar[str]
    home: ClassVar[str] = ""
    keyed: ClassVar[bool] = False
    workers: ClassVar[int] = 8

    base_url: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)
    deadline: timedelta = timedelta(seconds=30)
    fresh_for: timedelta = timedelta(minutes=10)
    last_good_for: timedelta = timedelta(hours=6)
    cache: str | Path | None = field(default_factory=default_folder)
    offline: bool = False
    session: requests.Session | None = field(default=None, repr=False)
    clock: Callable[[], datetime] = field(default=_utc_now, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)

    def __post_init__(self) -> None:
        """Look at the address; nothing is opened yet."""
        if self.deadline <= timedelta():
            raise ConfigurationError(f"{self.name}: deadline: expected longer than zero")
        if not (self.base_url or self.home):
            raise ConfigurationError(f"{self.name} needs base_url, the address of your own server")
        self._web = Web(
            service=self.name,
            base_url=self.base_url or self.home,
            keyed=self.keyed,
            secrets=self._secrets(),
            session=self.session,
            now=self.clock,
            sleep=self.sleep,
        )

    def forecasts(self, locations: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what the service forecasts now, or what it did a short while ago.

        Series are as long as the service gives them: they begin about now and may end before `end`.
        """
        start, end = require_utc(start, "start"), require_utc(end, "end")
        zone_of, failed = self._translate(locations)
        now = self.clock()
        known: dict[str, Series | ProviderError] = {}
        kept = {zone: self._read(zone) for zone in dict.fromkeys(zone_of.values())}
        if start < now - _REACH:
            late = f"{self.name}: expected a start from now on, got {show(start)} UTC"
            known = {
                zone: CoverageError(f"{late}: old forecasts are not to be had") for zone in kept
            }
        for zone, series in kept.items():
            if zone not in known and _usable(series, now, self.fresh_for, start, end):
                known[zone] = _labelled(series, Quality.CACHED)
        fetched = self._fetch([zone for zone in kept if zone not in known], self._ask, start)
        for zone, outcome in fetched.items():
            old = kept[zone]
            if isinstance(outcome, Series):
                self._write(zone, outcome)
            elif _usable(old, now, self.last_good_for, start, end):
                logger.warning("lowcarb: the last good forecast stands in: %s", outcome)
                outcome = _labelled(old, Quality.LAST_GOOD)
            known[zone] = outcome
        return _by_location(zone_of, known, failed)

    def actuals(self, locations: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return the intensities that came true between two times, as far as they are known."""
        start, end = require_utc(start, "start"), require_utc(end, "end")
        zone_of, failed = self._translate(locations)
        zones = list(dict.fromkeys(zone_of.values()))
        end = min(end, self.clock())
        if end <= start:
            early = f"{self.name}: nothing has come true yet from {show(start)} UTC on"
            return {}, failed | {location: NoDataError(early) for location in zone_of}
        known = self._fetch(zones, partial(self._ask_past, start, end), None)
        return _by_location(zone_of, known, failed)

    # --- what a service fills in

    @property
    def signal(self) -> str | None:
        """Say "average" or "marginal"; None if its source decides."""
        raise NotImplementedError

    @property
    def accounting(self) -> str | None:
        """Say "lifecycle" or "direct"; None if it does not say."""
        return None

    def _zone(self, location: str) -> str:
        """Turn a name into the service's own; raise `UnknownLocationError` if it has none."""
        return location

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

    def _secrets(self) -> list[Secret]:
        """What no message may show."""
        return []

    def _refused(self, reply: Reply) -> ProviderError:
        """Say what a status other than 200 means."""
        kind, what = {
            400: (BadResponseError, "refuses the question"),
            401: (AuthError, "does not accept the key"),
            403: (AccessDeniedError, "does not give access"),
            404: (NoDataError, "has nothing of that"),
            422: (UnknownLocationError, "does not understand the region"),
        }.get(
            reply.status,
            (ProviderUnavailableError, "is out of order")
            if reply.status >= 500
            else (BadResponseError, "answers in a way it does not document"),
        )
        return self._web.error(kind, f"{what} (status {reply.status})", reply)

    # --- for services

    def _checked(self, reply: Reply) -> Reply:
        """Return an answer that is one; raise what any other means."""
        if reply.status == 204:
            raise self._web.error(NoDataError, "has nothing of that (status 204)")
        if reply.status != 200:
            raise self._refused(reply)
        return reply

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
        if at is not None and at > now + max(self._web.skew or timedelta(), timedelta()) + _SKEW:
            raise BadResponseError(f"issued in the future, at {show(at)} UTC")
        origin = Origin(
            provider=self.name,
            zone=zone,
            signal=self.signal,
            accounting=self.accounting,
            issued_at=at,
            fetched_at=now,
        )
        return replace(series, origin=origin)

    # --- the ladder

    def _translate(
        self, locations: Sequence[str]
    ) -> tuple[dict[str, str], dict[str, ProviderError]]:
        zones: dict[str, str] = {}
        failed: dict[str, ProviderError] = {}
        for location in locations:
            try:
                zone = self.zones.get(location) or self._zone(location)
                if not (zone.isprintable() and 0 < len(zone) <= _MOST_NAME):
                    raise UnknownLocationError("expected the name of a region")
                zones[location] = zone
            except ProviderError as error:
                failed[location] = self._named(error, location)
        return zones, failed

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
        deadline = Deadline.after(self.deadline.total_seconds())
        found: dict[str, Series | ProviderError] = {}
        groups = self._groups(zones)
        while groups:
            answers = run_all(
                [partial(ask, group, deadline) for group in groups],
                workers=self.workers,
                deadline=deadline,
            )
            spoilt: list[Sequence[str]] = []
            for group, answer in zip(groups, answers, strict=True):
                if isinstance(answer, UnknownLocationError | NoDataError) and len(group) > 1:
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
        if isinstance(answer, KeyError | TypeError | AttributeError | ValueError | OverflowError):
            return self._named(BadResponseError("not of the form that is documented"), zone)
        if isinstance(answer, BaseException):
            raise answer
        outcome = answer.get(zone) or NoDataError("it is missing in the answer")
        if isinstance(outcome, ProviderError):
            return self._named(outcome, zone)
        if start is not None and outcome.ends[-1] <= start.timestamp():
            skew = self._web.skew or timedelta()
            hint = f"; its clock and ours differ by {abs(skew)}" if abs(skew) > _SKEW else ""
            return self._named(
                CoverageError(f"nothing from {show(start)} UTC on, only {outcome.covered()}{hint}"),
                zone,
            )
        return outcome

    def _named(self, error: ProviderError, zone: str) -> ProviderError:
        """Name the service and the zone in an error, and hide secrets once more."""
        text = str(error).removeprefix(f"{self.name}: ")
        # A copy: a group shares its error, and a traceback holds what was sent.
        named = copy(error)
        named.args = (str(self._web.error(ProviderError, f"region {zone!r}: {text}")),)
        if isinstance(named, CoverageError):
            named.message = named.args[0]
        return named

    def _read(self, zone: str) -> Series | None:
        return None if self._cache is None else self._cache.read(self._key(zone))

    def _write(self, zone: str, series: Series) -> None:
        if self._cache is not None:
            self._cache.write(self._key(zone), series)

    @cached_property
    def _cache(self) -> Cache | None:
        return None if self.cache is None else Cache(Path(self.cache))

    def _key(self, zone: str) -> str:
        """What tells forecasts apart; nothing in it is secret."""
        parts = (self.name, self._web.base_url, zone, self.signal, self.accounting)
        return " ".join(str(part) for part in parts)


def _usable(
    series: Series | None, now: datetime, oldest: timedelta, start: datetime, end: datetime
) -> bool:
    """Whether an answer from the cache is young enough and still covers what comes next."""
    if series is None or series.origin is None or series.origin.fetched_at is None:
        return False
    # A time in the future was written under another clock, and says nothing of its age.
    if not timedelta() <= now - series.origin.fetched_at < oldest:
        return False
    reach = min(_REACH, max(end - start, timedelta(minutes=1)))
    return not np.isnan(series.means(np.array([start.timestamp()]), reach.total_seconds())).any()


def _labelled(series: Series | None, quality: Quality) -> Series:
    assert series is not None  # noqa: S101 - it was found usable
    assert series.origin is not None  # noqa: S101 - so it has one
    return replace(series, origin=replace(series.origin, quality=quality))


def _by_location(
    zone_of: Mapping[str, str],
    known: Mapping[str, Series | ProviderError],
    failed: Mapping[str, ProviderError],
) -> Answer:
    found: dict[str, Series] = {}
    errors = dict(failed)
    for location, zone in zone_of.items():
        outcome = known[zone]
        if isinstance(outcome, Series):
            found[location] = outcome
        else:
            errors[location] = outcome
    return found, errors
