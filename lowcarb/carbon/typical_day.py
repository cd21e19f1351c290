"""Typical days: what a region's intensity usually is at each hour of the UTC day.

Forecasts reach some days ahead, trainings last longer. The rounds beyond a forecast's reach are
planned on typical days: too little is known there for more, but enough to know that the nights of
one region are cleaner than the noons of another.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import count, spread
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.errors import InputError
from lowcarb.units import MOST_INTENSITY, SECONDS_PER_HOUR

HOURS = 24
_DAY_S = HOURS * SECONDS_PER_HOUR


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class TypicalDay:
    """Typical days of some regions.

    Parameters
    ----------
    regions
        g names.
    intensity
        Shape (g, 24): mean intensity in each hour of the UTC day, gCO2eq/kWh.
    source
        Where they come from, for messages.
    notes
        What a person should know of how they were learnt.
    """

    regions: Sequence[str]
    intensity: FloatArray
    source: str = "typical days"
    notes: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no table of intensities."""
        if self.intensity.shape != (len(self.regions), HOURS):
            raise InputError(
                f"typical days: expected shape ({len(self.regions)}, {HOURS}), got "
                f"{self.intensity.shape}"
            )
        if not ((self.intensity >= 0) & (self.intensity <= MOST_INTENSITY)).all():
            raise InputError(f"typical days: expected 0 to {MOST_INTENSITY:g} gCO2eq/kWh")

    def __repr__(self) -> str:
        regions = count(len(self.regions), "region")
        if not len(self.regions):
            return f"TypicalDay({regions})"
        values = spread(self.intensity.min(), self.intensity.max(), "gCO2eq/kWh")
        return f"TypicalDay({regions}, {values})"

    @classmethod
    def of_known(cls, days: Mapping[str, FloatArray | None]) -> "TypicalDay | None":
        """Take those regions whose days (24,) are known in each hour; None if there are none."""
        known = {
            region: day
            for region, day in days.items()
            if day is not None and not np.isnan(day).any()
        }
        if not known:
            return None
        return cls(regions=tuple(known), intensity=np.stack(list(known.values())))

    def series(self, region: str, start: datetime, end: datetime, provenance: Provenance) -> Series:
        """Repeat a region's typical day from the hour of one time to another."""
        day = self.intensity[list(self.regions).index(region)]
        begin = start.timestamp() // SECONDS_PER_HOUR * SECONDS_PER_HOUR
        # A series has at least two values.
        times, values, ends = _hours(day, begin, max(end.timestamp(), begin + 2 * SECONDS_PER_HOUR))
        return Series(times=times, values=values, provenance=provenance, until=ends)

    def forecast(self, start: datetime, end: datetime) -> Forecast:
        """Let typical days of all regions stand in for a forecast."""
        return Forecast(
            series={
                region: self.series(
                    region,
                    start,
                    end,
                    Provenance(provider=self.source, zone=region, quality=Quality.TYPICAL),
                )
                for region in self.regions
            },
            source=self.source,
            notes=(f"there is no forecast: typical days stand in for all rounds ({self.source})",),
        )

    def extend(self, forecast: Forecast, until: datetime) -> Forecast:
        """Append typical days to the series of a forecast.

        Parameters
        ----------
        forecast
            Regions of it that have no typical day stay as they are; gaps within it stay gaps.
        until
            How far every series is to reach.

        Returns
        -------
        Forecast
            The same one if it reaches far enough.
        """
        until_s = until.timestamp()
        day = dict(zip(self.regions, self.intensity, strict=True))
        longer = {
            region: fill(series, day[region], float(series.ends[-1]), until_s)
            for region, series in forecast.series.items()
            if region in day and series.ends[-1] < until_s
        }
        return replace(forecast, series={**forecast.series, **longer}) if longer else forecast


def _hours(
    day: FloatArray, begin_s: float, end_s: float
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Hours of days that repeat, from one time to another: begins, values, ends."""
    hour = SECONDS_PER_HOUR * np.arange(
        np.floor(begin_s / SECONDS_PER_HOUR), np.ceil(end_s / SECONDS_PER_HOUR)
    )
    values = day[(hour // SECONDS_PER_HOUR).astype(np.int64) % len(day)]
    return (
        np.maximum(hour, begin_s),
        values,
        np.minimum(hour + SECONDS_PER_HOUR, end_s),
    )


def fill(series: Series, day: FloatArray, begin_s: float, end_s: float) -> Series:
    """Put a typical day wherever a series says nothing between two times.

    Parameters
    ----------
    series
        What is known; it stays as it is.
    day
        Shape (24,): intensity in each hour of the UTC day, gCO2eq/kWh; or of several days that
        repeat, as they are counted from 1970.
    begin_s, end_s
        Seconds since 1970.
    """
    known_from = np.append(series.times, np.inf)
    known_until = np.insert(series.ends, 0, -np.inf)
    parts = [
        _hours(day, max(a, begin_s), min(b, end_s))
        for a, b in zip(known_until.tolist(), known_from.tolist(), strict=True)
        if min(b, end_s) > max(a, begin_s)
    ]
    if not parts:
        return series
    known = (series.times, series.values, series.ends)
    times, values, ends = (np.concatenate(columns) for columns in zip(known, *parts, strict=True))
    order = np.argsort(times, kind="stable")
    return replace(series, times=times[order], values=values[order], until=ends[order])


def learn_typical_day(past: Forecast) -> TypicalDay:
    """Learn typical days from series of the past, or from a forecast's own hours.

    Raises
    ------
    InputError
        If a region has no value in some hour of the day.
    """
    intensity = np.stack([hourly_means(series) for series in past.series.values()])
    for region, row in zip(past.series, intensity, strict=True):
        for h in np.flatnonzero(np.isnan(row))[:1]:
            raise InputError(
                f"region {region!r} has no value at {h:02d}:00 UTC on any day, so its typical day "
                "cannot be learnt",
                file=past.source,
            )
    return TypicalDay(
        regions=tuple(past.series), intensity=intensity, source=past.source, notes=past.notes
    )


def hourly_means(series: Series) -> FloatArray:
    """Mean intensity in each hour of the UTC day over all days (24,), NaN where never known."""
    return by_hour(*whole_hours(series))


def whole_hours(series: Series) -> tuple[FloatArray, FloatArray]:
    """Starts of the hours within a series, seconds since 1970, and the mean of each.

    Shape (h,) both; means are NaN where a part of the hour is not covered.
    """
    first = float(np.ceil(series.times[0] / SECONDS_PER_HOUR)) * SECONDS_PER_HOUR
    hours = max(0, int((series.ends[-1] - first) // SECONDS_PER_HOUR))
    starts = first + SECONDS_PER_HOUR * np.arange(hours, dtype=np.float64)
    # Most series are hours already.
    if np.array_equal(series.times, starts) and (series.ends - starts == SECONDS_PER_HOUR).all():
        return starts, series.values
    return starts, series.means(starts, SECONDS_PER_HOUR)


def by_hour(starts: FloatArray, means: FloatArray) -> FloatArray:
    """Average means of hours (h,) over the days (24,), NaN where no day has one."""
    known = ~np.isnan(means)
    hour = ((starts[known] % _DAY_S) // SECONDS_PER_HOUR).astype(np.int64)
    times = np.bincount(hour, minlength=HOURS)
    total = np.bincount(hour, weights=means[known], minlength=HOURS)
    return np.where(times > 0, total / np.maximum(times, 1), np.nan)
