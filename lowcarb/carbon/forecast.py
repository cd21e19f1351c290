"""Forecasts of carbon intensity: one piecewise-constant series for each region."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.frame_table import FRAME
from lowcarb._util.lazy import lazy
from lowcarb._util.text import count, listed, origin, spread
from lowcarb._util.times import from_seconds, require_utc, show, show_span
from lowcarb.carbon.forecast_frame import read_frame
from lowcarb.carbon.holding import ends_of
from lowcarb.carbon.provenance import Provenance
from lowcarb.errors import CoverageError, InputError
from lowcarb.units import MOST_INTENSITY, SECONDS_PER_MINUTE, factor_of

if TYPE_CHECKING:
    import pandas as pd

# Share of a window that may be uncovered because of rounding.
_ROUNDING = 1e-6
# The regions that an error about an unknown one names.
_LISTED = 30


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Series:
    """Carbon intensity of one region over time.

    A value holds from its time to the next one, the last as long as the step before it. Where the
    steps around say that values are missing (see `carbon.holding`), the value holds for one such
    step, and behind it nothing is known.

    Parameters
    ----------
    times
        Shape (m,), m >= 2: seconds since 1970 (UTC), ascending.
    values
        Shape (m,): gCO2eq/kWh, from 0 to `MOST_INTENSITY`.
    provenance
        Where they come from; None where nobody asked.
    until
        Shape (m,): when each value stops to hold, where that is known and need not be guessed from
        the steps; after its own time, and not after the next one.

    Raises
    ------
    InputError
        If times do not ascend or values are no intensities.
    """

    times: FloatArray
    values: FloatArray
    provenance: Provenance | None = None
    until: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse times and values that are no series."""
        if len(self.times) < 2:
            raise InputError("expected at least two times: a value holds until the next one")
        if self.times.shape != self.values.shape:
            raise InputError(f"{len(self.times)} times but {len(self.values)} values")
        if not (np.diff(self.times) > 0).all():
            raise InputError("times must ascend")
        if not ((self.values >= 0) & (self.values <= MOST_INTENSITY)).all():
            raise InputError(f"intensities must be from 0 to {MOST_INTENSITY:g} gCO2eq/kWh")
        if self.until is not None and (
            self.until.shape != self.times.shape
            or not (self.until > self.times).all()
            or not (self.until[:-1] <= self.times[1:]).all()
        ):
            raise InputError("until: expected an end for each value, before the next one begins")

    def __repr__(self) -> str:
        values = spread(self.values.min(), self.values.max(), "gCO2eq/kWh")
        return (
            f"Series({len(self.times)} values, {show_span(self.times[0], self.ends[-1])}, "
            f"{_steps([self])}, {values})"
        )

    @lazy
    def step_s(self) -> float:
        """The most common step in seconds, the smallest of several: for people, not to reckon."""
        steps, times = np.unique(np.diff(self.times), return_counts=True)
        return float(steps[np.argmax(times)])

    @lazy
    def ends(self) -> FloatArray:
        """When each value stops to hold, seconds since 1970 (m,)."""
        return ends_of(self.times) if self.until is None else self.until

    @lazy
    def _cumulated(self) -> tuple[FloatArray, FloatArray, FloatArray]:
        """Knots, seconds covered up to each, and intensity times seconds up to each."""
        knots = np.stack([self.times, self.ends], axis=1).reshape(-1)
        held = np.stack([np.zeros_like(self.times), self.ends - self.times], axis=1).reshape(-1)
        return knots, np.cumsum(held), np.cumsum(held * np.repeat(self.values, 2))

    def means(self, starts: FloatArray, duration_s: float) -> FloatArray:
        """Mean intensity over windows of equal length, NaN where a part is not covered.

        Parameters
        ----------
        starts
            Shape (t,): seconds since 1970.
        duration_s
            Length of each window, longer than zero.
        """
        knots, covered, integral = self._cumulated
        begin, end = starts, starts + duration_s
        known = np.interp(end, knots, covered) - np.interp(begin, knots, covered)
        total = np.interp(end, knots, integral) - np.interp(begin, knots, integral)
        # Within one value the mean is that value to the last bit: equal rows can then be merged.
        value = np.maximum(np.searchsorted(self.times, begin, side="right") - 1, 0)
        within = (begin >= self.times[value]) & (end <= self.ends[value])
        mean = np.where(within, self.values[value], total / duration_s)
        return np.where(known >= duration_s * (1 - _ROUNDING), mean, np.nan)

    def mean(self, start: datetime, duration: timedelta) -> float | None:
        """Mean intensity over one window, gCO2eq/kWh; None where a part is not covered."""
        begin = np.array([require_utc(start, "start").timestamp()])
        mean = float(self.means(begin, duration.total_seconds())[0])
        return None if np.isnan(mean) else mean

    def describe_coverage(self) -> str:
        """Say what is covered, for people."""
        gaps = np.flatnonzero(self.ends[:-1] < self.times[1:])
        span = show_span(self.times[0], self.ends[-1])
        if not len(gaps):
            return span
        first = gaps[0]
        return (
            f"{span}, without {show(from_seconds(self.ends[first]))} to "
            f"{show(from_seconds(self.times[first + 1]))}"
            + (f" and {len(gaps) - 1} more gaps" if len(gaps) > 1 else "")
        )


@dataclass(frozen=True, kw_only=True, eq=False, repr=False)
class Forecast:
    """One issue of a forecast: a series for each region, and where it comes from.

    Parameters
    ----------
    series
        Region to series; regions may differ in their times and steps.
    source
        A file or a service, for messages and the account.
    issued_at
        When it was issued; None where the source does not say.
    older
        By region that the newest issue does not know: when the issue was issued that serves it.
    constant
        Whether each region has a single value, at all times.
    begins
        When a plan begins by default, where that is not the first time.
    hints
        By region: what errors about it should say as well.
    notes
        What a person should know of how it was read.
    """

    series: Mapping[str, Series]
    source: str
    issued_at: datetime | None = None
    older: Mapping[str, datetime] = field(default_factory=dict)
    constant: bool = False
    begins: datetime | None = None
    hints: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[str, ...] = ()

    @classmethod
    def from_frame(
        cls,
        frame: "pd.DataFrame | pd.Series[float]",
        *,
        source: str = FRAME,
        issued_at: datetime | None = None,
        units: str = "g/kWh",
    ) -> "Forecast":
        """Build a forecast from a data frame, by the rules of a CSV with the column time_utc.

        Parameters
        ----------
        frame
            Shape (t, g): a column for each region, named as the region; the index holds the times,
            with a zone, ascending. A missing value is unknown from its time to the next time of
            the index. A Series needs the name of its region.
        source
            What messages and the account call it.
        issued_at
            When it was issued, with a zone; None where nobody knows.
        units
            Unit of the values, one of `UNITS`.

        Raises
        ------
        InputError
            Names the source, and the row (counted from 0), the region and the time of what is
            wrong.

        Examples
        --------
        >>> import pandas as pd
        >>> times = pd.date_range("2022-07-01", periods=3, freq="h", tz="UTC")
        >>> frame = pd.DataFrame({"DE": [300, 310, 290], "FR": [50, 45, 40]}, index=times)
        >>> Forecast.from_frame(frame, source="mine").series["FR"].values
        array([50., 45., 40.])
        """
        return cls(
            series={
                region: Series(times=times, values=values, until=ends)
                for region, (times, values, ends) in read_frame(
                    frame, source, factor_of(units)
                ).items()
            },
            source=source,
            issued_at=None if issued_at is None else require_utc(issued_at, "issued_at"),
        )

    def __repr__(self) -> str:
        known = list(self.series.values())
        parts = [count(len(known), "region")]
        if known:
            begin, end = min(s.times[0] for s in known), max(s.ends[-1] for s in known)
            parts += [show_span(begin, end), _steps(known)]
        if self.issued_at is not None:
            parts.append(f"issued {show(self.issued_at)}")
        return f"Forecast({', '.join([*parts, origin(self.source)])})"

    @lazy
    def first_time(self) -> datetime:
        """The earliest time from the issue on that any region has a value for."""
        if self.constant:
            return self._begin_of_constants()
        issued = -np.inf if self.issued_at is None else self.issued_at.timestamp()
        return from_seconds(
            min(
                float(series.times[min(int(np.sum(series.times < issued)), len(series.times) - 1)])
                for series in self.series.values()
            )
        )

    def first_covered(self, regions: Sequence[str]) -> datetime:
        """Return the first time from the issue on at which all of some regions have a value.

        Raises
        ------
        InputError
            If constants hold at all times.
        """
        if self.constant:
            return self._begin_of_constants()
        known = [self.series[region] for region in regions if region in self.series]
        if not known:
            return self.first_time
        issued = -np.inf if self.issued_at is None else self.issued_at.timestamp()
        begin = max(
            float(one.times[min(int(np.sum(one.times < issued)), len(one.times) - 1)])
            for one in known
        )
        times = np.unique(np.concatenate([one.times for one in known]))
        times = times[times >= begin]
        held = np.ones(len(times), dtype=np.bool_)
        for one in known:
            at = np.searchsorted(one.times, times, side="right") - 1
            held &= times < one.ends[at]
        return from_seconds(float(times[np.argmax(held)]) if held.any() else begin)

    def _begin_of_constants(self) -> datetime:
        if self.begins is None:
            raise InputError(
                "its values hold at all times; --start says when the first round begins",
                file=self.source,
                field="start",
            )
        return self.begins

    def require_actual(self) -> None:
        """Refuse a forecast as it was issued where what came true is expected.

        Raises
        ------
        InputError
            Names the source.
        """
        if self.issued_at is not None:
            raise InputError(
                "has a column issued_at; expected one series of what came true",
                file=self.source,
                field="issued_at",
            )

    def mean(self, region: str, start: datetime, duration: timedelta) -> float:
        """Mean intensity of a region over a window, gCO2eq/kWh.

        Raises
        ------
        InputError
            If the region is unknown; lists the known ones.
        CoverageError
            If the window is not fully covered; says what is.
        """
        begin = require_utc(start, "start")
        if duration <= timedelta():
            raise InputError(f"duration: expected longer than zero, got {duration}")
        mean = self.of(region).mean(begin, duration)
        if mean is None:
            raise self.coverage_error(region, begin, duration)
        return mean

    def of(self, region: str) -> Series:
        """Series of a region; an unknown one is an error that lists those that are known."""
        if region not in self.series:
            raise InputError(self.unknown_region_message(region), file=self.source, field="region")
        return self.series[region]

    def unknown_region_message(self, region: str, who: str = "") -> str:
        """Say that a region is unknown, whose it is, and which ones are known."""
        known = listed(sorted(self.series), _LISTED)
        hint = f"; {self.hints[region]}" if region in self.hints else ""
        return (
            f"region {region!r}{who} is not in the forecast {self.source}, which has {known}{hint}"
        )

    def coverage_error(
        self, region: str, start: datetime, duration: timedelta, who: str = ""
    ) -> CoverageError:
        """Build the error for a window that is not covered."""
        hint = f"; {self.hints[region]}" if region in self.hints else ""
        return CoverageError(
            f"the forecast does not cover region {region!r} from {show(start)} to "
            f"{show(start + duration)} UTC{who}; it covers "
            f"{self.of(region).describe_coverage()}{hint}",
            file=self.source,
            field="target_time",
        )


def _steps(series: Sequence[Series]) -> str:
    """Say how often there are values."""
    minutes = [one.step_s / SECONDS_PER_MINUTE for one in series]
    if set(minutes) == {60.0}:
        return "hourly"
    return f"every {spread(min(minutes), max(minutes), 'min')}"
