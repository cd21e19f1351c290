"""What can be known of the intensities ahead, however badly the provider is doing.

For each region the first of these that holds:

1. fresh: the provider's answer covers the workload that starts now;
2. last good: an earlier answer of the provider does, fetched less than six hours ago, or given to a
   round that began less than six hours ago if it does not say when;
3. typical: typical days stand in, given ones or the hours seen so far;
4. missing: nothing is known. A region of which nothing is known is planned like the dirtiest known
   one, so that its clients get the turns they are owed and no more; no grams are booked for them.

Typical days also stand in beyond the reach of 1 and 2 and in their gaps. An answer too short for
the workload is not 1, but what it knows replaces hours of 3.
"""

import logging
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.provenance import Provenance, Quality, comparable
from lowcarb.carbon.typical_day import TypicalDay, fill, hourly_means
from lowcarb.errors import ProviderError, ProviderUnavailableError
from lowcarb.providers import Answer, Provider
from lowcarb.providers.http.deadline import Deadline, run_all
from lowcarb.units import SHORTEST_S

logger = logging.getLogger("flwr.lowcarb")

# Times beyond are in another unit than seconds, or nonsense.
_FIRST_S, _LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 2500))
# After that a typical day is no worse.
_LAST_GOOD_FOR = timedelta(hours=6)

UNKNOWN = "unknown"
"""Region of clients that do not say where they are; no provider is asked for it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastView:
    """The intensities ahead as they look at one time.

    Parameters
    ----------
    forecast
        Covers every region from now to the end; None if nothing is known of any.
    provenances
        Where each region's intensities come from, and how good they are.
    """

    forecast: Forecast | None
    provenances: dict[str, Provenance]

    def mean(self, region: str | None, start: datetime, seconds: float | None) -> float | None:
        """Mean intensity over a stretch of work, gCO2eq/kWh; None where nothing is known."""
        provenance = self.provenances.get(region or UNKNOWN)
        if self.forecast is None or provenance is None or provenance.quality is Quality.MISSING:
            return None
        series = self.forecast.of(region or UNKNOWN)
        mean = series.means(np.array([start.timestamp()]), max(seconds or 0.0, SHORTEST_S))[0]
        return None if np.isnan(mean) else float(mean)

    @property
    def missing(self) -> set[str]:
        """Regions of which nothing is known."""
        return {name for name, o in self.provenances.items() if o.quality is Quality.MISSING}

    @property
    def summary(self) -> str:
        """Say how many regions are not fresh; empty if all are."""
        counts = {
            quality: [name for name, o in self.provenances.items() if o.quality is quality]
            for quality in (Quality.LAST_GOOD, Quality.TYPICAL, Quality.MISSING)
        }
        return ", ".join(
            f"{quality} for {names[0] if len(names) == 1 else f'{len(names)} regions'}"
            for quality, names in counts.items()
            if names
        )


@dataclass(kw_only=True)
class FallbackForecasts:
    """Asks the provider before each round and remembers what it said.

    Parameters
    ----------
    provider
        Where forecasts come from.
    typical
        Typical days; None to use the hours of the forecasts seen so far.
    patience
        How long the provider may take. It is asked in a thread of its own, and not again before it
        has answered.
    """

    provider: Provider
    typical: TypicalDay | None = None
    patience: timedelta = timedelta(minutes=2)
    _last_good: dict[str, Series] = field(default_factory=dict)
    _got_at: dict[str, datetime] = field(default_factory=dict)
    _hours: dict[str, FloatArray] = field(default_factory=dict)
    _signal: str | None = None
    _busy: bool = False

    def get(
        self, regions: Sequence[str], start: datetime, end: datetime, longest: timedelta
    ) -> ForecastView:
        """Ask for regions and make the best of the answer.

        Parameters
        ----------
        regions
            Those of the clients.
        start, end
            From the start of the next round to the end of the last.
        longest
            The longest workload: a series is good if it covers that much from the start on.
        """
        asked = [name for name in regions if name != UNKNOWN]
        answer = self._ask(asked, start, end) if asked else {}
        series: dict[str, Series] = {}
        provenances: dict[str, Provenance] = {}
        for region in regions:
            best = self._best(region, answer.get(region), start, longest)
            day = self._day(region)
            if day is None:
                provenances[region] = Provenance(
                    provider="none", zone=region, quality=Quality.MISSING
                )
                continue
            if best is None:
                best = self._typical(region, day, answer.get(region), start, end)
            best = fill(best, day, start.timestamp(), end.timestamp())
            assert best.provenance is not None  # noqa: S101 - each way gives one
            series[region], provenances[region] = best, best.provenance
        if not series:
            return ForecastView(forecast=None, provenances=provenances)
        stand_in = _dirtiest(series, start, end)
        series |= {region: stand_in for region in regions if region not in series}
        return ForecastView(
            forecast=Forecast(series=series, source="the provider"), provenances=provenances
        )

    def _ask(self, regions: Sequence[str], start: datetime, end: datetime) -> Mapping[str, Series]:
        """Ask the provider; whatever it does, the training goes on."""
        good: dict[str, Series] = {}
        try:
            found, failed = self._answer(regions, start, end)
            for region in regions:
                reason = (
                    failed.get(region) or "the provider says nothing of it"
                    if region not in found
                    else series_fault(found[region])
                )
                if reason is not None:
                    logger.warning("lowcarb: no forecast of region %r: %s", region, reason)
                elif self._has_our_signal(region, found[region]):
                    good[region] = found[region]
        except ProviderError as error:
            logger.warning("lowcarb: no forecast: %s", error)
        except Exception:
            # A provider may be the user's own code; its fault must not end a training.
            logger.exception("lowcarb: the provider failed")
        return good

    def _answer(self, regions: Sequence[str], start: datetime, end: datetime) -> Answer:
        """Ask the provider, and give up on one that hangs."""
        if self._busy:
            raise ProviderUnavailableError("the provider is still busy with an earlier question")

        def ask() -> tuple[Answer]:
            self._busy = True
            try:
                return (self.provider.forecasts(regions, start=start, end=end),)
            finally:
                self._busy = False

        patience_s = self.patience.total_seconds()
        deadline = Deadline.after(patience_s)
        (outcome,) = run_all([ask], workers=1, deadline=deadline, started=[])
        if outcome is None:
            raise ProviderUnavailableError(f"no answer within {patience_s:g} s")
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome[0]

    def _has_our_signal(self, region: str, series: Series) -> bool:
        """Never rank marginal against average intensities; the first signal decides."""
        signal = None if series.provenance is None else series.provenance.signal
        self._signal = self._signal or signal
        if comparable(signal, self._signal):
            return True
        logger.warning(
            "lowcarb: the forecast of region %r is %s where the others are %s, and not used",
            region,
            signal,
            self._signal,
        )
        return False

    def _best(
        self, region: str, fresh: Series | None, start: datetime, longest: timedelta
    ) -> Series | None:
        """Choose between the provider's answer and the last good one."""
        covered = False
        if fresh is not None:
            # Hours of an old forecast still say what a typical day looks like.
            self._remember_hours(region, fresh)
            covered = _covers(fresh, start, longest)
            if covered and not _is_typical(fresh):
                if fresh.provenance is None:
                    fresh = replace(
                        fresh, provenance=Provenance(provider="the provider", zone=region)
                    )
                self._last_good[region], self._got_at[region] = fresh, start
                return fresh
        old = self._last_good.get(region)
        if old is not None and _covers(old, start, longest) and not self._is_too_old(region, start):
            assert old.provenance is not None  # noqa: S101 - it was given one
            return replace(old, provenance=replace(old.provenance, quality=Quality.LAST_GOOD))
        # Typical days of the provider are no better than typical days.
        return fresh if covered else None

    def _is_too_old(self, region: str, start: datetime) -> bool:
        """Whether a last good forecast is; one that does not say is as old as its round."""
        provenance = self._last_good[region].provenance
        fetched_at = None if provenance is None else provenance.fetched_at
        return start - (fetched_at or self._got_at[region]) >= _LAST_GOOD_FOR

    def _typical(
        self, region: str, day: FloatArray, fresh: Series | None, start: datetime, end: datetime
    ) -> Series:
        """Repeat a typical day; the little that is known ahead of that time comes before it."""
        provenance = Provenance(provider="typical days", zone=region, quality=Quality.TYPICAL)
        known = fresh
        if known is None and region in self._last_good and not self._is_too_old(region, start):
            known = self._last_good[region]
        if known is not None:
            return replace(known, provenance=provenance)
        typical = TypicalDay(regions=(region,), intensity=day[np.newaxis])
        return typical.series(region, start, end, provenance)

    def _remember_hours(self, region: str, series: Series) -> None:
        known = hourly_means(series)
        before = self._hours.get(region)
        if before is None:
            # Until more is seen, hours that the forecast does not reach take its mean.
            before = np.full_like(known, float(np.mean(series.values)))
        self._hours[region] = np.where(np.isnan(known), before, known)

    def _day(self, region: str) -> FloatArray | None:
        """Typical day of a region: given, or from the hours seen so far."""
        if self.typical is not None and region in self.typical.regions:
            given: FloatArray = self.typical.intensity[list(self.typical.regions).index(region)]
            return given
        return self._hours.get(region)


def series_fault(given: object) -> str | None:
    """Say why something is no series that can be planned on and booked; None if it is one."""
    if not isinstance(given, Series):
        return f"expected a Series, got {type(given).__name__}"
    if not isinstance(given.provenance, Provenance | None):
        return f"expected a Provenance, got {type(given.provenance).__name__}"
    for second in (given.times[0], given.times[-1]):
        if not _FIRST_S <= second <= _LAST_S:
            return f"expected times in seconds since 1970, got {second:g}"
    return None


def _is_typical(series: Series) -> bool:
    return series.provenance is not None and series.provenance.quality is Quality.TYPICAL


def _covers(series: Series, start: datetime, longest: timedelta) -> bool:
    mean = series.means(np.array([start.timestamp()]), longest.total_seconds())
    return not np.isnan(mean).any()


def _dirtiest(series: Mapping[str, Series], start: datetime, end: datetime) -> Series:
    """Build a constant series as dirty as the dirtiest region is on average."""
    begin, until = start.timestamp(), end.timestamp()
    level = max(float(one.means(np.array([begin]), until - begin)[0]) for one in series.values())
    times = np.array([begin, (begin + until) / 2])
    return Series(times=times, values=np.full(2, level), until=np.append(times[1:], until))
