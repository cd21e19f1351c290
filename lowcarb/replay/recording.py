"""Recorded days: what was forecast, what came true, and what could be known when."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.lazy import lazy
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.guard_log import GuardLog
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.last_days import LEARNT_DAYS, LastDays
from lowcarb.carbon.typical_day import TypicalDay, hourly_means, whole_hours
from lowcarb.replay.persistence import persistence
from lowcarb.units import SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True, eq=False)
class Recording:
    """What was forecast and what came true.

    Parameters
    ----------
    issues
        Forecasts as they were issued.
    actual
        Actual intensities; a value labelled T holds from T to the next one.
    delay
        How long after its end an actual value is known; None for never.
    notes
        What a person should know of them.
    persistent
        Whether the issues are yesterday's values, since no forecasts are known.
    correct
        Whether forecasts are corrected by the actual values that were known, and something stands
        in for those that fail.
    """

    issues: Issues
    actual: Forecast
    delay: timedelta | None = timedelta(hours=1)
    notes: tuple[str, ...] = ()
    persistent: bool = False
    correct: bool = True

    @classmethod
    def of_history(
        cls, actual: Forecast, regions: Sequence[str], delay: timedelta = timedelta(hours=1)
    ) -> "Recording":
        """Record days of which only what came true is known; yesterday's values are the forecast.

        Parameters
        ----------
        actual, delay
            As above.
        regions
            Of the clients.

        Raises
        ------
        CoverageError
            If there is no midnight (UTC) with a whole day of values before it.
        """
        issues = persistence(actual, tuple(regions), delay)
        return cls(issues=issues, actual=actual, delay=delay, persistent=True)

    def known(self, start: datetime) -> dict[str, Series]:
        """Actual values of the last days that were known by a time, where there are any."""
        return {
            region: Series(
                times=series.times[known], values=series.values[known], until=series.ends[known]
            )
            for region, series in self.actual.series.items()
            if (known := self._known(series, start)) is not None
        }

    def _known(self, series: Series, start: datetime) -> slice | None:
        """Which values of the last days were known by a time; None if they are no series."""
        if self.delay is None:
            return None
        latest = start.timestamp() - self.delay.total_seconds()
        begin = int(np.searchsorted(series.times, latest - LEARNT_DAYS * 86_400.0))
        end = int(np.searchsorted(series.ends, latest, side="right"))
        return slice(begin, end) if end - begin >= 2 else None

    @lazy
    def _hours(self) -> dict[str, tuple[FloatArray, FloatArray]]:
        """Whole hours of the actual intensities of each region."""
        return {region: whole_hours(series) for region, series in self.actual.series.items()}

    def _learnt(self, region: str, start: datetime) -> LastDays | None:
        """Days of the values that were known by a time; None if there are none."""
        series = self.actual.series.get(region)
        known = None if series is None else self._known(series, start)
        if series is None or known is None:
            return None
        starts, means = self._hours[region]
        begin = np.searchsorted(starts, series.times[known][0])
        end = np.searchsorted(starts + SECONDS_PER_HOUR, series.ends[known][-1], side="right")
        return LastDays.of(starts[begin:end], means[begin:end])

    def typical(self, regions: Sequence[str], start: datetime) -> TypicalDay | None:
        """Typical days of the values that were known by a time, of regions whose hours all are."""
        learnt = {region: self._learnt(region, start) for region in regions}
        return TypicalDay.of_known(
            {region: None if days is None else days.typical for region, days in learnt.items()}
        )

    @lazy
    def corrector(self) -> Corrector | None:
        """Corrects the forecasts; None where none is corrected."""
        if not self.correct or self.delay is None:
            return None
        return Corrector(issues=self.issues, actual=self.actual, delay=self.delay)

    @lazy
    def _guard_log(self) -> GuardLog:
        return GuardLog()

    def view(self, start: datetime, end_s: float) -> Forecast:
        """Return what can be known at a time of the intensities up to another one.

        Raises
        ------
        CoverageError
            If nothing was issued by then.
        """
        corrector = self.corrector
        issue = self.issues.at(start) if corrector is None else corrector.at(start)
        if corrector is not None:
            self._guard_log.say(corrector.verdicts(start))
        series = {}
        for region, ahead in issue.series.items():
            days = self._learnt(region, start) or LastDays.unknown()
            if np.isnan(days.typical).any():
                hours = hourly_means(ahead)
                days = days.completed(np.where(np.isnan(hours), ahead.values.mean(), hours))
            series[region] = days.beyond(ahead, start.timestamp(), end_s)
        return replace(issue, series=series)
