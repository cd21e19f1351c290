"""Invented issues and what came true, with a bias by region and hour of the day."""

from dataclasses import replace
from datetime import datetime, timedelta

import numpy as np

from lowcarb import Forecast, Issues, Series
from tests.helpers.data import START

HORIZON = 96


def biased_days(
    *,
    seed: int = 0,
    regions: int = 3,
    days: int = 10,
    per_day: int = 1,
    step_min: int = 60,
    factor: float = 1.4,
    noise: float = 0.05,
    gaps: float = 0.0,
    level: float = 400.0,
) -> tuple[Issues, Forecast]:
    """Make days before `START`, the issues of each, and what came true up to four days later.

    Parameters
    ----------
    factor, noise
        How far forecasts are off, always and by chance.
    gaps
        The share of values that came true and are not known.
    level
        Mean of the intensities; zero for values that are zero now and then.
    """
    rng = np.random.default_rng(seed)
    step_s = 60.0 * step_min
    begin = START.timestamp() - 86_400.0 * days
    count = int((86_400.0 * days + 3600.0 * HORIZON) / step_s)
    times = begin + step_s * np.arange(count, dtype=np.float64)
    hour = (times - begin) / 3600.0
    wave = 1 + 0.3 * np.sin(2 * np.pi * (hour[None] / 24 + rng.random((regions, 1))))
    mood = 1 + 0.1 * np.sin(hour[None] / 31 + 6 * rng.random((regions, 1)))
    true = level * wave * mood * np.exp(noise * rng.normal(size=(regions, count)))
    if level == 0:
        true = np.maximum(0.0, rng.normal(size=(regions, count)))
    true = np.minimum(true, 1e5)
    issues = []
    for number in range(days * per_day + 1):
        first = number * 1440 // per_day // step_min
        now = slice(first, min(count, first + int(3600 * HORIZON / step_s)))
        said = np.minimum(
            true[:, now] * factor * np.exp(noise * rng.normal(size=(regions, 1))), 1e5
        )
        issues.append(
            Forecast(
                series={f"R{r}": Series(times=times[now], values=said[r]) for r in range(regions)},
                source="issues",
                issued_at=datetime.fromtimestamp(float(times[first]), START.tzinfo),
            )
        )
    there = rng.random((regions, count)) >= gaps
    there[:, :2] = True
    actual = Forecast(
        series={
            f"R{r}": Series(
                times=times[there[r]], values=true[r][there[r]], until=times[there[r]] + step_s
            )
            for r in range(regions)
        },
        source="actuals",
    )
    return Issues(forecasts=tuple(issues), source="issues"), actual


def spoilt_after(
    issues: Issues, actual: Forecast, now: datetime, delay: timedelta
) -> tuple[Issues, Forecast]:
    """Replace by chance all that is not known at a time: later issues, and what came true later."""
    rng = np.random.default_rng(9)
    last = (now - delay).timestamp()

    def spoil(forecast: Forecast, after: float) -> Forecast:
        return replace(
            forecast,
            series={
                region: replace(
                    series,
                    values=np.where(
                        series.ends > after, rng.uniform(0, 900, len(series.values)), series.values
                    ),
                )
                for region, series in forecast.series.items()
            },
        )

    later = tuple(
        spoil(one, -np.inf) if one.issued_at is not None and one.issued_at > now else one
        for one in issues.forecasts
    )
    return replace(issues, forecasts=later), spoil(actual, last)
