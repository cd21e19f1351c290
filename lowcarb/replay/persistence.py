"""Forecasts for days of which only what came true is known: each day as the last known one."""

from datetime import timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.issues import Issues
from lowcarb.errors import CoverageError
from lowcarb.units import SECONDS_PER_HOUR

_DAY_S = 24 * SECONDS_PER_HOUR
# An issue each so often, each for so long: beyond that typical days stand in, as ever.
_EVERY_S, _REACH_DAYS = SECONDS_PER_HOUR, 2


def persistence(actual: Forecast, delay: timedelta) -> Issues:
    """Forecast each hour as the newest that was known of the same hour of the day.

    Parameters
    ----------
    actual
        What came true.
    delay
        How long after its end a value is known.

    Raises
    ------
    CoverageError
        If it is shorter than a day.
    """
    known_s = delay.total_seconds()
    first = min(float(series.times[0]) for series in actual.series.values()) + _DAY_S + known_s
    last = max(float(series.ends[-1]) for series in actual.series.values())
    begin = np.ceil(first / _EVERY_S) * _EVERY_S
    issues = []
    for issued in np.arange(begin, last, _EVERY_S).tolist():
        made = {
            region: day
            for region, series in actual.series.items()
            if (day := _as_before(series, issued, known_s)) is not None
        }
        if made:
            issues.append(
                Forecast(series=made, source=actual.source, issued_at=from_seconds(issued))
            )
    if not issues:
        raise CoverageError(
            "expected more than a day of what came true, to forecast the next day by",
            file=actual.source,
            field="forecast",
        )
    note = (
        "no forecast was given: each hour is forecast as the newest one known of the same hour of "
        "the day (persistence), and the oracle is hindsight; what real forecasts save lies between"
    )
    issues[-1] = Forecast(
        series=issues[-1].series,
        source=actual.source,
        issued_at=issues[-1].issued_at,
        notes=(note, *actual.notes),
    )
    return Issues(forecasts=tuple(issues), source=actual.source)


def _as_before(series: Series, issued: float, known_s: float) -> Series | None:
    """The last known day, as often as an issue reaches; None if too little is known of it."""
    latest = issued - known_s
    end = int(np.searchsorted(series.ends, latest, side="right"))
    begin = int(np.searchsorted(series.times, latest - _DAY_S))
    if end - begin < 2:
        return None
    times, values, ends = (
        column[begin:end] for column in (series.times, series.values, series.ends)
    )
    # The day that ended an hour ago is that which ends in 23 hours, and so on.
    shifts = _DAY_S * np.arange(1, _REACH_DAYS + 1)

    def repeated(column: FloatArray) -> FloatArray:
        return np.concatenate([column + shift for shift in shifts])

    until = repeated(ends)
    return Series(times=repeated(times), values=np.tile(values, len(shifts)), until=until)
