"""The client of all services: names of regions, one deadline, a cache, and what errors mean.

It only asks: which earlier answer stands in for a service that fails is up to the ladder in
`lowcarb.providers.fallback`.
"""

import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

from lowcarb._util.times import require_utc, show, utc_now
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import (
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
from lowcarb.providers.last_good import LAST_GOOD_FOR, labelled, needed_reach
from lowcarb.providers.protocol import Answer
from lowcarb.providers.services.cache import Cache, default_folder
from lowcarb.providers.services.rows import until
from lowcarb.providers.services.service import SKEW, Call, Found, Service
from lowcarb.providers.services.zones import is_name

# So many requests may still hang, of earlier calls, before no more are begun.
MOST_LATE = 32
# So old a start may be: services forecast from now on.
_LATEST = timedelta(hours=1)
# What reading an answer of another form may raise.
_MALFORMED = (
    KeyError,
    TypeError,
    AttributeError,
    ValueError,
    OverflowError,
    RecursionError,
)


@dataclass(kw_only=True, eq=False)
class ServiceClient(ABC):
    """Asks a service; each service adds nothing but its own options and its description.

    Parameters
    ----------
    base_url
        Its address; empty for the service's own.
    zones
        Your names of regions to the service's; they come before all other names.
    deadline
        Of a whole call, all regions and retries included.
    offline
        Whether to take answers from the cache only; no socket is opened.
    session
        Of requests; None to open a session at the first request.
    clock, sleep
        For tests.
    fresh_for
        So old an answer may be to be taken from the cache without asking; zero to ask always.
    last_good_for
        So old an answer may be to stand in for a service that fails.
    cache
        Folder of the cache; None for none.

    Raises
    ------
    ConfigurationError
        If the address or a key is missing or cannot be used.
    """

    base_url: str = ""
    zones: Mapping[str, str] = field(default_factory=dict)
    deadline: timedelta = timedelta(seconds=30)
    offline: bool = False
    session: Session | None = field(default=None, repr=False)
    clock: Callable[[], datetime] = field(default=utc_now, repr=False)
    sleep: Callable[[float], None] = field(default=time.sleep, repr=False)
    fresh_for: timedelta = timedelta(minutes=10)
    last_good_for: timedelta = LAST_GOOD_FOR
    cache: str | Path | None = field(default_factory=default_folder)

    def __post_init__(self) -> None:
        """Look at the options; nothing is opened yet."""
        self._service = self._describe()
        name = self._service.name
        if self.deadline <= timedelta():
            raise ConfigurationError(f"{name}: deadline: expected longer than zero")
        for region, zone in self.zones.items():
            if not isinstance(zone, str) or not zone.strip():
                raise ConfigurationError(
                    f"{name}: zones: expected the name of a region for {region!r}, got {zone!r}"
                )
        if not (self.base_url or self._service.home):
            raise ConfigurationError(f"{name} needs base_url, the address of your own server")
        self._threads: list[threading.Thread] = []
        self._http = HttpClient(
            service=name,
            base_url=self.base_url or self._service.home,
            keyed=bool(self._service.secrets),
            secrets=list(self._service.secrets),
            session=self.session,
            now=self.clock,
            sleep=self.sleep,
        )

    @abstractmethod
    def _describe(self) -> Service:
        """Describe the service, once its own options have been looked at."""

    @property
    def name(self) -> str:
        """Name of the service, for messages and the account."""
        return self._service.name

    @property
    def signal(self) -> str | None:
        """Say "average" or "marginal"; None if its source decides."""
        return self._service.signal

    @property
    def accounting(self) -> str | None:
        """Say "lifecycle" or "direct"; None if it does not say."""
        return self._service.accounting

    # --- questions

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what the service forecasts now, or what it did a short while ago.

        Series are as long as the service gives them: they begin about now and may end before `end`.
        """
        deadline = Deadline.after(self.deadline.total_seconds())
        return self.forecasts_by(deadline, regions, start=start, end=end)

    def forecasts_by(
        self, deadline: Deadline, regions: Sequence[str], *, start: datetime, end: datetime
    ) -> Answer:
        """Return what `forecasts` does, before a deadline and within that of the service."""
        start, end = require_utc(start, "start"), require_utc(end, "end")
        zone_of, failed = self._translate(regions)
        zones = list(dict.fromkeys(zone_of.values()))
        now = self.clock()
        if start < now - _LATEST:
            late = f"{self.name}: expected a start from now on, got {show(start)} UTC"
            error = CoverageError(f"{late}: old forecasts are not to be had")
            return {}, failed | dict.fromkeys(zone_of, error)
        known: dict[str, Series | ProviderError] = {}
        reach = needed_reach(start, end)
        for zone in zones:
            kept = self._read(zone, now - self.fresh_for)
            if kept is not None and kept.mean(start, reach) is not None:
                known[zone] = labelled(kept, Quality.CACHED)
        ask = self._service.ask
        for zone, outcome in self._fetch(
            [zone for zone in zones if zone not in known], ask, deadline, start
        ).items():
            if isinstance(outcome, Series) and self._cache is not None:
                self._cache.write(self._key(zone), outcome)
            known[zone] = outcome
        return _by_region(zone_of, known, failed)

    def remembered(self, regions: Sequence[str]) -> dict[str, Series]:
        """Return the last answer for each region that is in the cache, however old."""
        zone_of, _ = self._translate(regions)
        kept = {region: self._read(zone) for region, zone in zone_of.items()}
        return {region: series for region, series in kept.items() if series is not None}

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return the intensities that came true between two times, as far as they are known."""
        start, end = require_utc(start, "start"), require_utc(end, "end")
        zone_of, failed = self._translate(regions)
        zones = list(dict.fromkeys(zone_of.values()))
        end = min(end, self.clock())
        if end <= start:
            early = f"{self.name}: nothing has come true yet from {show(start)} UTC on"
            return {}, failed | {region: NoDataError(early) for region in zone_of}
        # Services give the values that begin in the time asked for, and the value that holds when
        # that time begins does so earlier.
        begin = start.replace(minute=0, second=0, microsecond=0)
        ask = partial(self._service.ask_past, start=begin, end=end)
        deadline = Deadline.after(self.deadline.total_seconds())
        known = self._fetch(zones, ask, deadline, None)
        over = {zone: self._over(outcome, zone, end) for zone, outcome in known.items()}
        return _by_region(zone_of, over, failed)

    def _over(
        self, outcome: Series | ProviderError, zone: str, end: datetime
    ) -> Series | ProviderError:
        """Leave out a value that still holds: it has not come true, and may yet change."""
        if not isinstance(outcome, Series):
            return outcome
        try:
            return until(outcome, end.timestamp())
        except NoDataError as error:
            return self._named(error, zone)

    # --- names

    def _translate(self, regions: Sequence[str]) -> tuple[dict[str, str], dict[str, ProviderError]]:
        zones: dict[str, str] = {}
        failed: dict[str, ProviderError] = {}
        for region in regions:
            try:
                zone = self._zone_of(region)
                if not is_name(zone):
                    raise UnknownLocationError("expected the name of a region")
                zones[region] = zone
            except ProviderError as error:
                failed[region] = self._named(error, region)
        return zones, failed

    def _zone_of(self, region: str) -> str:
        own = self.zones.get(region)
        try:
            return self._service.zone_of(own or region)
        except UnknownLocationError:
            if not own:
                raise
            # The service may know names that we do not.
            return own

    # --- the cache

    @cached_property
    def _cache(self) -> Cache | None:
        return None if self.cache is None else Cache(Path(self.cache))

    def _key(self, zone: str) -> str:
        """What tells forecasts apart; nothing in it is secret."""
        parts = (self.name, self._http.base_url, zone, self.signal, self.accounting)
        variant = self._service.variant
        return " ".join([*map(str, parts), *([variant] if variant else [])])

    def _read(self, zone: str, since: datetime | None = None) -> Series | None:
        """Return the last answer, if it was fetched after a time."""
        series = None if self._cache is None else self._cache.read(self._key(zone))
        if series is None or series.provenance is None or series.provenance.fetched_at is None:
            return None
        at = series.provenance.fetched_at
        # A time in the future was written under another clock, and says nothing of the age.
        return series if at <= self.clock() and (since is None or at > since) else None

    # --- asking

    def _call(self, deadline: Deadline) -> Call:
        return Call(service=self._service, http=self._http, clock=self.clock, deadline=deadline)

    def _fetch(
        self,
        zones: Sequence[str],
        ask: Callable[[Call, Sequence[str]], Found],
        deadline: Deadline,
        start: datetime | None,
    ) -> dict[str, Series | ProviderError]:
        """Ask for zones side by side, and alone for zones of which each may be a group's fault."""
        if not zones:
            return {}
        self._threads[:] = [thread for thread in self._threads if thread.is_alive()]
        why = ""
        if self.offline:
            why = "offline, and nothing fits in the cache"
        elif len(self._threads) >= MOST_LATE:
            why = f"{len(self._threads)} earlier requests still hang"
        if why:
            return {zone: self._named(ProviderUnavailableError(why), zone) for zone in zones}
        deadline = deadline.or_after(self.deadline.total_seconds())
        call = self._call(deadline)
        found: dict[str, Series | ProviderError] = {}
        groups = self._service.groups(zones)
        while groups:
            answers = run_all(
                [partial(_answer, ask, call, group) for group in groups],
                workers=self._service.workers,
                deadline=deadline,
                started=self._threads,
            )
            alone: list[Sequence[str]] = []
            for group, answer in zip(groups, answers, strict=True):
                fault = isinstance(answer, ProviderError) and self._service.ask_alone(answer)
                if len(group) > 1 and fault:
                    alone += [[zone] for zone in group]
                else:
                    slow = f"no answer within {deadline.length_s:g} s"
                    outcome = ProviderUnavailableError(slow) if answer is None else answer
                    found |= {zone: self._outcome(outcome, zone, start) for zone in group}
            groups = alone
        return found

    def _outcome(
        self, answer: Found | BaseException, zone: str, start: datetime | None
    ) -> Series | ProviderError:
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
            hint = f"; its clock and ours differ by {abs(skew)}" if abs(skew) > SKEW else ""
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


def _answer(
    ask: Callable[[Call, Sequence[str]], Found], call: Call, zones: Sequence[str]
) -> Found | Exception:
    """Ask, and end the turn; an error is returned without the answer that its traceback holds."""
    try:
        return ask(call, zones)
    except (ProviderError, *_MALFORMED) as error:
        error.__cause__ = error.__context__ = None
        return error.with_traceback(None)
    finally:
        call.done_reading()


def _by_region(
    zone_of: Mapping[str, str],
    known: Mapping[str, Series | ProviderError],
    failed: Mapping[str, ProviderError],
) -> Answer:
    found: dict[str, Series] = {}
    errors = dict(failed)
    for region, zone in zone_of.items():
        outcome = known[zone]
        if isinstance(outcome, Series):
            found[region] = outcome
        else:
            errors[region] = outcome
    return found, errors
