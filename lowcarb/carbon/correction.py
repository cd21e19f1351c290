"""Forecasts corrected by what came true of those before.

Three things are learnt of each region, all from pairs of a forecast and of what came true, in
logarithms, where f is the forecast of an hour and y what came true:

1. *Typical days.* How far y is above f at this hour of the day: the bias b. And how far f itself
   is above its own typical day: the departure d.
2. *Measured skill.* How much of b and of d is to be believed, by day ahead: what would have been
   best for the issues of the last weeks, drawn towards what is usual. ``f + s b - (1 - t) d`` is
   the typical day that came true plus a share t of the departure from it, where s = 1.
3. *Last residual.* What is left at the newest hour that is known lasts for a while: most of it for
   some hours, the rest for days.

Only what was known at a time changes a forecast of that time: values that came true count once the
last of an hour has ended and `delay` is over, issues from their time of issue on.

Where a region's forecasts fail all the same (`carbon.guard`), something stands in for them
(`carbon.stand_in`).
"""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb._util.text import counts
from lowcarb._util.times import require_utc
from lowcarb.carbon.correction_constants import Correction
from lowcarb.carbon.correction_past import LONGEST, Past, hour_from
from lowcarb.carbon.correction_skill import Skill
from lowcarb.carbon.correction_typical import TypicalErrors
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.guard import Guard, Verdict
from lowcarb.carbon.intervals import PastErrors
from lowcarb.carbon.issues import Issues
from lowcarb.carbon.provenance import Quality
from lowcarb.carbon.stand_in import STANDING_IN, StandIn
from lowcarb.carbon.strange import Strange
from lowcarb.carbon.typical_day import HOURS
from lowcarb.errors import InputError
from lowcarb.units import MOST_INTENSITY, SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Corrector:
    """Corrects forecasts by issues of the past and what came true of them.

    Parameters
    ----------
    issues
        Forecasts as they were issued; those without an issue time teach nothing.
    actual
        What came true.
    delay
        How long after its end a value that came true is known.
    correction
        How to correct.
    guarded
        Whether typical days and yesterday's values stand in for forecasts that `carbon.guard` finds
        not to be believed.

    Raises
    ------
    InputError
        If the delay is negative.

    Examples
    --------
    A plan on a corrected forecast::

        corrector = Corrector(issues=read_forecasts("issues.csv"), actual=read_actuals("past.csv"))
        plan = planner.plan(start, corrector.at(start))
    """

    issues: Issues
    actual: Forecast
    delay: timedelta = timedelta(hours=1)
    correction: Correction = field(default_factory=Correction)
    guarded: bool = True

    def __repr__(self) -> str:
        return f"Corrector({self.issues!r} by {self.actual!r}, known after {self.delay})"

    def __post_init__(self) -> None:
        """Refuse to know what has not ended."""
        if self.delay < timedelta():
            raise InputError(f"delay: expected zero or longer, got {self.delay}", field="delay")

    @lazy
    def _whole_past(self) -> Past | None:
        return Past.of(self.issues, self.actual)

    @lazy
    def _strange(self) -> Strange:
        past = self._whole_past
        assert past is not None  # noqa: S101 - asked only where there is one
        return Strange.of(past, StandIn.of(past), self.delay.total_seconds())

    @lazy
    def _past(self) -> Past | None:
        past = self._whole_past
        return past if past is None or not self.guarded else self._strange.left_out(past)

    @lazy
    def _typical(self) -> TypicalErrors:
        assert self._past is not None  # noqa: S101 - asked only where there is one
        return TypicalErrors.of(self._past, self.correction.half_life, self.correction.prior_days)

    @lazy
    def _skill(self) -> Skill:
        assert self._past is not None  # noqa: S101 - asked only where there is one
        return Skill.of(self._past, self._typical, self.delay.total_seconds())

    @lazy
    def _stand_in(self) -> StandIn:
        assert self._past is not None  # noqa: S101 - asked only where there is one
        return StandIn.of(self._past)

    @lazy
    def _guard(self) -> Guard:
        assert self._past is not None  # noqa: S101 - asked only where there is one
        delay_s = self.delay.total_seconds()
        return Guard.of(self._past, self.hindsight, self._stand_in, self._strange, delay_s)

    def verdicts(self, now: datetime) -> dict[str, Verdict]:
        """Return what the guard finds at a time, by region whose forecasts have a fault or factor.

        Empty where forecasts are not guarded, or nothing is known of them.
        """
        if self._past is None or not self.guarded:
            return {}
        return self._guard.at(require_utc(now, "now").timestamp())

    def verdicts_over(self, begin: datetime, end: datetime) -> list[Verdict]:
        """Return what the guard finds from one time to another, hourly, each finding once."""
        found: dict[tuple[str, int], Verdict] = {}
        while begin <= end:
            for region, verdict in self.verdicts(begin).items():
                found.setdefault((region, verdict.since), verdict)
            begin += timedelta(hours=1)
        return list(found.values())

    def days_known(self, now: datetime) -> dict[str, int]:
        """Whole days, by region, on which both a forecast and what came true are known at a time.

        Regions of which too little is known to correct them are not among them.
        """
        past = self._past
        if past is None:
            return {}
        hours = past.hours_known(past.known(self._until(now)))
        return {
            region: int(hours[r]) // HOURS
            for r, region in enumerate(past.regions)
            if hours[r] >= self.correction.least_hours
        }

    def _until(self, now: datetime) -> float:
        return require_utc(now, "now").timestamp() - self.delay.total_seconds()

    def at(self, now: datetime) -> Forecast:
        """Return the newest issue of each region at a time, corrected by what is known then.

        Raises
        ------
        CoverageError
            If all were issued later.
        """
        return self.correct(self.issues.at(now), now)

    def correct(self, forecast: Forecast, now: datetime) -> Forecast:
        """Correct a forecast by what is known at a time.

        Parameters
        ----------
        forecast
            Issued by then; any steps. Regions of which too little is known stay as they are, and so
            does what is over, and a forecast without an issue time.
        now
            The time.

        Returns
        -------
        Forecast
            At the same times, and with a note; the same one if nothing was corrected.
        """
        past, days = self._past, self.days_known(now)
        corrected = [region for region in days if region in forecast.series]
        if past is None or not corrected or forecast.issued_at is None:
            return forecast
        now_s = require_utc(now, "now").timestamp()
        factors = self._rises(past, forecast, corrected, now_s)
        series = dict(forecast.series)
        for region, rise in zip(corrected, factors, strict=True):
            one = series[region]
            values = (one.values + 1) * np.exp(rise) - 1
            series[region] = replace(
                one,
                values=np.where(rise == 0, one.values, values.clip(0, MOST_INTENSITY)),
                until=one.ends,
            )
        found = {region: one for region, one in self.verdicts(now).items() if region in series}
        for region, verdict in found.items():
            if not verdict.believed:
                series[region] = self._standing_in(past, region, series[region], now_s)
        return replace(
            forecast,
            series=series,
            notes=(
                *forecast.notes,
                *(verdict.sentence for verdict in found.values()),
                _note(corrected, days, len(forecast.series)),
            ),
        )

    @lazy
    def errors(self) -> PastErrors | None:
        """Errors of past issues as they would have been used then; None where none are known.

        Where the guard did not believe a region when an issue came out, they are those of what
        stood in.
        """
        past = self._past
        if past is None:
            return None
        errors = self.hindsight.copy()
        known = past.known_when_issued(self.delay.total_seconds())
        true = past.of_issues(past.actual)
        if not self.guarded:
            return PastErrors(past=past, errors=errors, delay=self.delay)
        faults = self._guard.fault_in(past.issued)
        for day, r in np.argwhere((past.issued < len(past.actual)) & (faults > 0)).tolist():
            at = int(past.issued[day, r])
            lead = np.arange(LONGEST)
            column = np.full(LONGEST, r)
            newest = np.full(LONGEST, known[day, r] - 1)
            logs = self._stand_in.values(at + lead, column, newest, lead)
            errors[day, :, r] = np.where(np.isnan(logs), errors[day, :, r], true[day, :, r] - logs)
        return PastErrors(past=past, errors=errors, delay=self.delay)

    def _standing_in(self, past: Past, region: str, series: Series, now_s: float) -> Series:
        """Put typical days and yesterday's values in the place of what is ahead."""
        r = np.full(len(series.times), past.regions.index(region))
        hour = _hour_of(series.times, series.ends, now_s) - past.first
        newest = past.known(now_s - self.delay.total_seconds())[r] - 1
        lead = np.maximum(hour - (int(now_s // SECONDS_PER_HOUR) - past.first), 0)
        logs = self._stand_in.values(hour, r, newest, lead)
        keep = np.isnan(logs) | (series.ends <= now_s)
        values = np.where(keep, series.values, np.expm1(logs).clip(0, MOST_INTENSITY))
        label = series.provenance
        if label is not None:
            label = replace(label, provider=STANDING_IN, quality=Quality.TYPICAL)
        return replace(series, values=values, provenance=label)

    def _rises(
        self, past: Past, forecast: Forecast, regions: Sequence[str], now_s: float
    ) -> list[FloatArray]:
        """Return what to add to the logarithms of a forecast, region by region."""
        assert forecast.issued_at is not None  # noqa: S101 - the caller saw to it
        # All values of all regions in one row.
        column = {region: r for r, region in enumerate(past.regions)}
        series = [forecast.series[region] for region in regions]
        r = np.repeat([column[region] for region in regions], [len(one.times) for one in series])
        begin, end, values = (
            np.concatenate(parts)
            for parts in zip(*((one.times, one.ends, one.values) for one in series), strict=True)
        )
        hour = _hour_of(begin, end, now_s) - past.first
        issued = np.array(
            [
                hour_from(forecast.older.get(region, forecast.issued_at).timestamp()) - past.first
                for region in past.regions
            ]
        )
        rise = self._rise(past, np.log1p(values), hour, r, hour - issued[r], now_s)
        rise[end <= now_s] = 0.0
        ends = np.cumsum([len(one.times) for one in series])
        return np.split(rise, ends[:-1])

    def _rise(
        self,
        past: Past,
        forecast: FloatArray,
        hour: IntArray,
        r: IntArray,
        lead: IntArray,
        now_s: float,
    ) -> FloatArray:
        """Return what to add to logarithms of forecasts in one row, by what is known at a time."""
        known = past.known(now_s - self.delay.total_seconds())
        newest = past.newest(known)
        now = int(now_s // SECONDS_PER_HOUR) - past.first
        share = self._skill.shares(self.correction, known, now // HOURS)
        left = self._left(past, newest, share)
        rise = self._believed(self._typical, share, forecast, hour, r, newest[r], lead, now)
        found: FloatArray = (
            rise
            + self.correction.fading(np.maximum(hour - newest[r], 0).astype(np.float64)) * left[r]
        )
        return found

    @lazy
    def hindsight(self) -> FloatArray:
        """How far what came true was above the first issue of each day, as corrected then.

        Shape as that of `Past.ahead`: logarithms; NaN where unknown.
        """
        past = self._past
        assert past is not None  # noqa: S101 - asked only where there is one
        corrected = past.ahead.copy()
        hours = len(past.actual)
        for day, issued in enumerate(past.issued):
            for at in np.unique(issued[issued < hours]).tolist():
                now_s = float((past.first + at) * SECONDS_PER_HOUR)
                known = past.hours_known(past.known(now_s - self.delay.total_seconds()))
                these = np.flatnonzero((issued == at) & (known >= self.correction.least_hours))
                if not len(these):
                    continue
                lead, r = (part.reshape(-1) for part in np.indices((LONGEST, len(these))))
                r = these[r]
                ahead = past.ahead[day, lead, r]
                rise = self._rise(past, ahead, at + lead, r, lead, now_s)
                corrected[day, lead, r] = np.maximum(ahead + rise, 0.0)
        return past.of_issues(past.actual) - corrected

    @staticmethod
    def _believed(
        typical: TypicalErrors,
        share: FloatArray,
        forecast: FloatArray,
        hour: IntArray,
        r: IntArray,
        newest: IntArray,
        lead: IntArray,
        now: IntArray | int,
    ) -> FloatArray:
        """Bias and departure as far as they are believed, for values in one row."""
        bias, departure = typical.of_hours(forecast, hour, r, newest, now)
        day = np.clip(lead // HOURS, 0, len(share) - 1)
        found: FloatArray = share[day, 0, r] * bias - share[day, 1, r] * departure
        return found

    def _left(self, past: Past, newest: IntArray, share: FloatArray) -> FloatArray:
        """Return what is left at the newest hour of each region, zero where there is none."""
        r = np.arange(len(past.regions))
        at = np.maximum(newest, 0)
        believed = self._believed(
            self._typical,
            share,
            past.forecast[at, r],
            at,
            r,
            # What was known a day before: an hour is no measure of itself.
            at - 1,
            past.lead[at, r],
            at,
        )
        return np.where(newest < 0, 0.0, past.error[at, r] - believed)


def _hour_of(begin: FloatArray, end: FloatArray, now_s: float) -> IntArray:
    """Return the hour, counted from 1970, in the middle of what is ahead of each value."""
    hour = (np.maximum(begin, np.minimum(now_s, end)) + end) / (2 * SECONDS_PER_HOUR)
    found: IntArray = np.floor(hour).astype(np.int64)
    return found


def _note(corrected: Sequence[str], days: dict[str, int], regions: int) -> str:
    fewest, most = min(days[one] for one in corrected), max(days[one] for one in corrected)
    which = "" if len(corrected) == regions else f" in {len(corrected)} of {regions} regions"
    return f"forecasts are corrected{which} by what came true on {counts(fewest, most, 'day')}"
