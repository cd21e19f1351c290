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
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.last_days import LastDays
from lowcarb.carbon.provenance import Provenance, Quality, comparable
from lowcarb.carbon.typical_day import TypicalDay, hourly_means
from lowcarb.errors import ProviderError
from lowcarb.providers.forecast_view import UNKNOWN, ForecastView
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.last_good import PATIENCE, WithLastGood, covers, labelled
from lowcarb.providers.protocol import Provider
from lowcarb.providers.series_fault import series_fault

logger = logging.getLogger(__name__)


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

    def usual(self, regions: Sequence[str]) -> TypicalDay | None:
        """Return the typical days of regions that are given; None where forecasts are corrected.

        Parameters
        ----------
        regions
            Those of the clients.
        """
        if self.correct is not None:
            return None
        given = {region: self._day(region) for region in regions if self._is_given(region)}
        return TypicalDay.of_known(given)

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
            covered = covers(fresh, start, longest)
            if covered and not _is_typical(fresh):
                if fresh.provenance is None:
                    fresh = replace(
                        fresh, provenance=Provenance(provider="the provider", zone=region)
                    )
                self._last_good[region], self._got_at[region] = fresh, start
                return fresh
        old = self._last_good.get(region)
        if old is not None and self._is_young(region, start) and covers(old, start, longest):
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


def _is_typical(series: Series) -> bool:
    return series.provenance is not None and series.provenance.quality is Quality.TYPICAL


def _dirtiest(series: Mapping[str, Series], start: datetime, end: datetime) -> Series:
    """Build a constant series as dirty as the dirtiest region is on average; all cover the time."""
    begin, until = start.timestamp(), end.timestamp()
    means = [known.mean(start, end - start) for known in series.values()]
    level = max(mean for mean in means if mean is not None)
    times = np.array([begin, (begin + until) / 2])
    return Series(times=times, values=np.full(2, level), until=np.append(times[1:], until))
