"""Regions of which a single figure is known, such as a yearly mean: it holds at all times."""

from collections.abc import Mapping
from datetime import UTC, datetime

import numpy as np

from lowcarb._util.text import count
from lowcarb._util.times import from_seconds
from lowcarb.carbon.forecast import Forecast, Series

_ALWAYS = [datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (1900, 2200, 2499)]


def constants(values: Mapping[str, float], source: str, at: float | None) -> Forecast:
    """Build a forecast that is the same at all times.

    Parameters
    ----------
    values
        By region, gCO2eq/kWh.
    source
        Where they come from.
    at
        The time that stands beside them, in seconds since 1970; None if none does.
    """
    first, middle, last = _ALWAYS
    return Forecast(
        series={
            region: Series(
                times=np.array([first, middle]),
                values=np.array([value, value]),
                until=np.array([middle, last]),
            )
            for region, value in values.items()
        },
        source=source,
        constant=True,
        begins=None if at is None else from_seconds(at),
    )


def name_constants(forecast: Forecast) -> str:
    """Say that values are constants."""
    regions = count(len(forecast.series), "region")
    return (
        f"{forecast.source}: a single value for each region ({regions}), which is taken to hold "
        "at all times: no hour is cleaner than another"
    )
