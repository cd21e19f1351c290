"""Yesterday's values as the forecast, for days of which nobody kept one: persistence."""

from datetime import timedelta

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.times import from_seconds
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.issues import Issues
from lowcarb.errors import CoverageError

_DAY_S = 86_400.0


def persistence(actual: Forecast, regions: tuple[str, ...], delay: timedelta) -> Issues:
    """Issue, at each midnight (UTC), the newest known value of each time of the day for that day.

    That is yesterday's value, but for what is not known yet at midnight. The first issue has a
    whole day of actual values before it.

    Parameters
    ----------
    actual
        What came true.
    regions
        Of whom a forecast is needed.
    delay
        How long after its end an actual value is known.

    Raises
    ------
    CoverageError
        If the actual values of a region do not hold one midnight with a day before it.
    """
    series = {region: actual.of(region) for region in regions}
    first = max(float(one.times[0]) for one in series.values()) + _DAY_S
    last = min(float(one.ends[-1]) for one in series.values())
    midnights = np.arange(np.ceil(first / _DAY_S), np.ceil(last / _DAY_S)) * _DAY_S
    forecasts = []
    for midnight in midnights.tolist():
        known = midnight - delay.total_seconds()
        found = {region: _repeated(one, midnight, known) for region, one in series.items()}
        if all(one is not None for one in found.values()):
            forecasts.append(
                Forecast(
                    series={region: one for region, one in found.items() if one is not None},
                    source=actual.source,
                    issued_at=from_seconds(midnight),
                )
            )
    if not forecasts:
        spans = min(series.values(), key=lambda one: one.ends[-1] - one.times[0])
        raise CoverageError(
            "without a forecast, yesterday's values stand in, which needs a midnight (UTC) with a "
            f"whole day of values before it; there are those of {spans.describe_coverage()}",
            file=actual.source,
            field="actuals",
        )
    return Issues(forecasts=tuple(forecasts), source=actual.source)


def _repeated(series: Series, midnight: float, known: float) -> Series | None:
    """Values of the last day that is known, moved by whole days behind a midnight."""
    end = int(np.searchsorted(series.ends, known, side="right"))
    if end < 2:
        return None
    newest = float(series.ends[end - 1])
    begin = int(np.searchsorted(series.times, newest - _DAY_S))
    times, ends, values = (part[begin:end] for part in (series.times, series.ends, series.values))
    moved = _DAY_S * np.ceil((midnight - times) / _DAY_S)
    order = np.argsort(times + moved, kind="stable")
    shifted: FloatArray = (times + moved)[order]
    until = np.minimum((ends + moved)[order], np.append(shifted[1:], np.inf))
    if len(shifted) < 2:
        return None
    return Series(times=shifted, values=values[order], until=until)
