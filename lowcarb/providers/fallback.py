"""The ladder: what can be known of the intensities ahead, however badly a provider is doing.

For each region the first of these that holds:

1. fresh: the provider's answer covers the workload that starts now; it is called cached if the
   provider gave the answer a few minutes ago and was not asked again;
2. last good: an earlier answer of the provider does, fetched less than `LAST_GOOD_FOR` before, or
   given to a round that began less than that before if it does not say when it was fetched;
3. typical: typical days stand in, given ones or the hours seen so far;
4. missing: nothing is known. Such a region is planned like the dirtiest known region, so that its
   clients get the turns they are owed and no more; no grams are booked for them.

Typical days also stand in for the gaps of 1 and 2, and beyond their reach; there the last days do
(`carbon.last_days`) if it is known what came true and no typical day is given. An answer too short
for the workload is not 1, but what it knows replaces hours of 3.

The ladder has one deadline for the whole question: it is handed to a provider that is `Timed`, and
any other provider is watched until then.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.last_days import LastDays
from lowcarb.carbon.provenance import Provenance, Quality, comparable
from lowcarb.carbon.typical_day import TypicalDay, hourly_means
from lowcarb.errors import ProviderError, ProviderUnavailableError
from lowcarb.providers.http.deadline import Deadline, run_all
from lowcarb.providers.protocol import Answer, Provider, Remembers, Timed
from lowcarb.units import SHORTEST_S

logger = logging.getLogger(__name__)

LAST_GOOD_FOR = timedelta(hours=6)
"""How old a last good forecast may be: after that a typical day is no worse."""
PATIENCE = timedelta(minutes=2)
"""How long a provider may take, all regions included; a service's own deadline may be shorter."""
UNKNOWN = "unknown"
"""Region of clients that do not say where they are; no provider is asked for it."""

# Times beyond are in another unit than seconds, or nonsense.
_FIRST_S, _LAST_S = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 2500))
# An old answer must reach so far ahead, or to the end of what is asked for.
_REACH = timedelta(hours=1)


def needed_reach(start: datetime, end: datetime) -> timedelta:
    """How far ahead of a start an answer given earlier must reach to be used again."""
    return min(_REACH, max(end - start, timedelta(minutes=1)))


@dataclass(eq=False)
class WithLastGood:
    """A provider whose last good answers stand in where it fails, and that keeps a deadline.

    Parameters
    ----------
    provider
        Who is asked. Unless the provider is `Timed` it is asked in a thread of its own, and not
        again before it has answered. Only a provider that `Remembers` has last good answers.
    """

    provider: Provider
    _busy: bool = field(default=False, init=False, repr=False)

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        """Return what `forecasts_by` does within `PATIENCE`."""
        deadline = Deadline.after(PATIENCE.total_seconds())
        return self.forecasts_by(deadline, regions, start=start, end=end)

    def forecasts_by(
        self, deadline: Deadline, regions: Sequence[str], *, start: datetime, end: datetime
    ) -> Answer:
        """Return the provider's answer, with what it remembers of the regions that failed.

        Raises
        ------
        ProviderUnavailableError
            If the provider has not answered by the deadline, or not yet answered the question
            before.
        """
        if isinstance(self.provider, Timed):
            answer = self.provider.forecasts_by(deadline, regions, start=start, end=end)
        else:
            answer = self._watched(deadline, regions, start, end)
        return self._with_remembered(answer, start, end)

    def is_young(self, fetched_at: datetime, start: datetime) -> bool:
        """Whether an answer may still stand in for a provider that fails at a start."""
        oldest: timedelta = getattr(self.provider, "last_good_for", LAST_GOOD_FOR)
        return start - fetched_at < oldest

    def _watched(
        self, deadline: Deadline, regions: Sequence[str], start: datetime, end: datetime
    ) -> Answer:
        """Ask a provider that may hang, and give up at the deadline."""
        if self._busy:
            raise ProviderUnavailableError("the provider is still busy with an earlier question")

        def ask() -> tuple[Answer]:
            self._busy = True
            try:
                return (self.provider.forecasts(regions, start=start, end=end),)
            finally:
                self._busy = False

        (outcome,) = run_all([ask], workers=1, deadline=deadline, started=[])
        if outcome is None:
            raise ProviderUnavailableError(f"no answer within {deadline.length_s:g} s")
        if isinstance(outcome, BaseException):
            raise outcome
        return outcome[0]

    def _with_remembered(self, answer: Answer, start: datetime, end: datetime) -> Answer:
        if not isinstance(self.provider, Remembers):
            return answer
        found, failed = answer
        reach = needed_reach(start, end)
        old: dict[str, Series] = {}
        for region, series in self.provider.remembered(list(failed)).items():
            at = None if series.provenance is None else series.provenance.fetched_at
            # An answer from after the start would tell what was not known by then.
            if at is None or at > start:
                continue
            if self.is_young(at, start) and _covers(series, start, reach):
                old[region] = labelled(series, Quality.LAST_GOOD)
        # Regions of one zone share an error.
        for error in dict.fromkeys(str(failed[region]) for region in old):
            logger.warning("lowcarb: the last good forecast stands in: %s", error)
        left = {region: error for region, error in failed.items() if region not in old}
        return {**found, **old}, left


@dataclass(frozen=True, kw_only=True, eq=False)
class ForecastView:
    """The intensities ahead, as they are known at some time.

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
        duration = timedelta(seconds=max(seconds or 0.0, SHORTEST_S))
        return self.forecast.of(region or UNKNOWN).mean(start, duration)

    @property
    def missing(self) -> set[str]:
        """Regions of which nothing is known."""
        return {name for name, p in self.provenances.items() if p.quality is Quality.MISSING}

    @property
    def summary(self) -> str:
        """Say how many regions are not fresh; empty if all are."""
        counts = {
            quality: [name for name, p in self.provenances.items() if p.quality is quality]
            for quality in (Quality.LAST_GOOD, Quality.TYPICAL, Quality.MISSING)
        }
        words = {Quality.MISSING: "no forecast"}
        return ", ".join(
            f"{words.get(quality, quality)} for {_regions(names)}"
            for quality, names in counts.items()
            if names
        )


def _regions(names: Sequence[str]) -> str:
    if len(names) > 1:
        return f"{len(names)} regions"
    return "clients of no known region" if names[0] == UNKNOWN else names[0]


@dataclass(kw_only=True)
class FallbackForecasts:
    """Asks the provider before each round and remembers its answers.

    Parameters
    ----------
    provider
        Where forecasts come from.
    typical
        Typical days; None to use the hours of the forecasts seen so far, and the last days.
    patience
        How long the provider may take: the deadline of the whole question.
    correct
        Corrects the series that the provider gave, now or before, at the start of a round; None to
        take them as they are.
    learnt
        Of a region and a time: what is known then of the days before, None for nothing. They stand
        in beyond the reach of forecasts, where no typical day is given.
    """

    provider: Provider
    typical: TypicalDay | None = None
    patience: timedelta = PATIENCE
    correct: Callable[[Mapping[str, Series], datetime], Mapping[str, Series]] | None = None
    learnt: Callable[[str, datetime], LastDays | None] | None = None
    _last_good: dict[str, Series] = field(default_factory=dict)
    _got_at: dict[str, datetime] = field(default_factory=dict)
    _hours: dict[str, FloatArray] = field(default_factory=dict)
    _signal: str | None = None

    def __post_init__(self) -> None:
        """Let the provider's last good answers stand in."""
        self._asked = WithLastGood(self.provider)

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
        given = {
            region: best
            for region in regions
            if (best := self._best(region, answer.get(region), start, longest)) is not None
        }
        corrected: Mapping[str, Series] = {}
        if self.correct is not None:
            good = {region: one for region, one in given.items() if not _is_typical(one)}
            corrected = self.correct(good, start)
            given |= corrected
        for region in regions:
            best, days = given.get(region), self._days(region, start, corrected.get(region))
            if days is None:
                provenances[region] = Provenance(
                    provider="none", zone=region, quality=Quality.MISSING
                )
                continue
            if best is None:
                best = self._typical(region, days.typical, answer.get(region), start)
            best = days.beyond(best, start.timestamp(), end.timestamp())
            assert best.provenance is not None  # noqa: S101 - each way gives one
            series[region], provenances[region] = best, best.provenance
        if not series:
            return ForecastView(forecast=None, provenances=provenances)
        stand_in = _dirtiest(series, start, end)
        series |= {region: stand_in for region in regions if region not in series}
        return ForecastView(
            forecast=Forecast(series=series, source="the provider"), provenances=provenances
        )

    def _days(self, region: str, start: datetime, corrected: Series | None) -> LastDays | None:
        """Days that stand in for a region: those given, else its last ones as far as known."""
        day = self._day(region)
        if day is None:
            return None
        if self._is_given(region):
            return LastDays.unknown().completed(day)
        if corrected is not None:
            # Days beyond the reach are as those within it, and not as before correction.
            hours = hourly_means(corrected)
            day = np.where(np.isnan(hours), day, hours)
        learnt = None if self.learnt is None else self.learnt(region, start)
        return (learnt or LastDays.unknown()).completed(day)

    def _ask(self, regions: Sequence[str], start: datetime, end: datetime) -> Mapping[str, Series]:
        """Ask the provider; whatever it does, the training goes on."""
        good: dict[str, Series] = {}
        try:
            deadline = Deadline.after(self.patience.total_seconds())
            found, failed = self._asked.forecasts_by(deadline, regions, start=start, end=end)
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
        if old is not None and self._is_young(region, start) and _covers(old, start, longest):
            return labelled(old, Quality.LAST_GOOD)
        # Typical days of the provider are no better than typical days.
        return fresh if covered else None

    def _is_young(self, region: str, start: datetime) -> bool:
        """Whether a last good forecast is; without a time of fetching it is as old as its round."""
        provenance = self._last_good[region].provenance
        fetched_at = None if provenance is None else provenance.fetched_at
        return self._asked.is_young(fetched_at or self._got_at[region], start)

    def _typical(
        self, region: str, day: FloatArray, fresh: Series | None, start: datetime
    ) -> Series:
        """Begin with a typical day, or with the little that is known ahead of that time."""
        provenance = Provenance(provider="typical days", zone=region, quality=Quality.TYPICAL)
        known = fresh
        if known is None and region in self._last_good and self._is_young(region, start):
            known = self._last_good[region]
        if known is not None:
            return replace(known, provenance=provenance)
        typical = TypicalDay(regions=(region,), intensity=day[np.newaxis])
        return typical.series(region, start, start + timedelta(days=1), provenance)

    def _remember_hours(self, region: str, series: Series) -> None:
        known = hourly_means(series)
        before = self._hours.get(region)
        if before is None:
            # Until more is seen, hours that the forecast does not reach take its mean.
            before = np.full_like(known, float(np.mean(series.values)))
        self._hours[region] = np.where(np.isnan(known), before, known)

    def _is_given(self, region: str) -> bool:
        return self.typical is not None and region in self.typical.regions

    def _day(self, region: str) -> FloatArray | None:
        """Typical day of a region: given, or from the hours seen so far."""
        if self.typical is not None and self._is_given(region):
            given: FloatArray = self.typical.intensity[list(self.typical.regions).index(region)]
            return given
        return self._hours.get(region)


def labelled(series: Series, quality: Quality) -> Series:
    """Return a series that says where it comes from with another quality."""
    assert series.provenance is not None  # noqa: S101 - it says where it comes from
    return replace(series, provenance=replace(series.provenance, quality=quality))


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


def _is_typical(series: Series) -> bool:
    return series.provenance is not None and series.provenance.quality is Quality.TYPICAL


def _covers(series: Series, start: datetime, longest: timedelta) -> bool:
    return series.mean(start, longest) is not None


def _dirtiest(series: Mapping[str, Series], start: datetime, end: datetime) -> Series:
    """Build a constant series as dirty as the dirtiest region is on average; all cover the time."""
    begin, until = start.timestamp(), end.timestamp()
    means = [known.mean(start, end - start) for known in series.values()]
    level = max(mean for mean in means if mean is not None)
    times = np.array([begin, (begin + until) / 2])
    return Series(times=times, values=np.full(2, level), until=np.append(times[1:], until))
