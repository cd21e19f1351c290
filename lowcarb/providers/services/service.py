"""What all services have in common: the cache and the ladder.

For each region the first of these that can be had, and the answer says which it is:

1. cached: an answer that is a few minutes old, and nobody is asked;
2. fresh: the service's answer;
3. last good: an earlier answer, not older than six hours, that still covers the time;
4. the error that says why not.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import cached_property, partial
from pathlib import Path

import numpy as np

from lowcarb._util.times import require_utc, show
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import CoverageError, NoDataError, ProviderError
from lowcarb.providers.protocol import Answer
from lowcarb.providers.services.cache import Cache, default_folder
from lowcarb.providers.services.client import ServiceClient
from lowcarb.providers.services.rows import until

logger = logging.getLogger("flwr.lowcarb")

# A last good answer must reach so far ahead, or to the end of what was asked for.
_REACH = timedelta(hours=1)


@dataclass(kw_only=True, eq=False)
class Service(ServiceClient):
    """A forecast service.

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
        Of requests; one of its own if None.
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

    fresh_for: timedelta = timedelta(minutes=10)
    last_good_for: timedelta = timedelta(hours=6)
    cache: str | Path | None = field(default_factory=default_folder)

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what the service forecasts now, or what it did a short while ago.

        Series are as long as the service gives them: they begin about now and may end before `end`.
        """
        start, end = require_utc(start, "start"), require_utc(end, "end")
        zone_of, failed = self._translate(regions)
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

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return the intensities that came true between two times, as far as they are known."""
        start, end = require_utc(start, "start"), require_utc(end, "end")
        zone_of, failed = self._translate(regions)
        zones = list(dict.fromkeys(zone_of.values()))
        end = min(end, self.clock())
        if end <= start:
            early = f"{self.name}: nothing has come true yet from {show(start)} UTC on"
            return {}, failed | {region: NoDataError(early) for region in zone_of}
        # Services give the values that begin in the time asked for, and the one that holds when it
        # begins does so earlier.
        begin = start.replace(minute=0, second=0, microsecond=0)
        known = self._fetch(zones, partial(self._ask_past, begin, end), None)
        over = {zone: self._over(outcome, zone, end) for zone, outcome in known.items()}
        return _by_location(zone_of, over, failed)

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
        parts = (self.name, self._http.base_url, zone, self.signal, self.accounting)
        return " ".join(str(part) for part in parts)


def _usable(
    series: Series | None, now: datetime, oldest: timedelta, start: datetime, end: datetime
) -> bool:
    """Whether an answer from the cache is young enough and still covers what comes next."""
    if series is None or series.provenance is None or series.provenance.fetched_at is None:
        return False
    # A time in the future was written under another clock, and says nothing of its age.
    if not timedelta() <= now - series.provenance.fetched_at < oldest:
        return False
    reach = min(_REACH, max(end - start, timedelta(minutes=1)))
    return not np.isnan(series.means(np.array([start.timestamp()]), reach.total_seconds())).any()


def _labelled(series: Series | None, quality: Quality) -> Series:
    assert series is not None  # noqa: S101 - it was found usable
    assert series.provenance is not None  # noqa: S101 - so it has one
    return replace(series, provenance=replace(series.provenance, quality=quality))


def _by_location(
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
