"""Invented recorded days, and a stage on them."""

from datetime import timedelta
from typing import Any

import numpy as np

from lowcarb import Fairness, Fleet, Forecast, Issues, Planner, Series
from lowcarb.replay import Backtest, Disruptions, Recording
from tests.helpers.data import START, mixed_fleet

REGIONS = [f"R{r:02d}" for r in range(6)]
ROUNDS = 18
HOUR = timedelta(hours=1)


def invented_recording(seed: int = 0, days: int = 20, error: float = 0.2) -> Recording:
    """Make days with a rhythm, a daily mood and an error that grows with the time ahead."""
    rng = np.random.default_rng(seed)
    hours = np.arange(24 * days, dtype=np.float64)
    base = rng.uniform(50, 700, len(REGIONS))[:, None]
    swing = rng.uniform(0.1, 0.5, len(REGIONS))[:, None]
    phase = rng.uniform(0, 24, len(REGIONS))[:, None]
    mood = np.repeat(rng.normal(1, 0.1, (len(REGIONS), days)), 24, axis=1)
    level = base * mood * (1 + swing * np.cos(2 * np.pi * (hours - phase) / 24))
    begin = START - timedelta(days=12)
    times = begin.timestamp() + 3600.0 * hours
    actual = Forecast(
        series={r: Series(times=times, values=v) for r, v in zip(REGIONS, level, strict=True)},
        source="actuals",
    )
    issues = []
    for day in range(days - 4):
        now = slice(24 * day, 24 * day + 96)
        noise = 1 + error * np.sqrt(np.arange(96) / 96) * rng.normal(size=(len(REGIONS), 96))
        wrong = np.maximum(0, level[:, now] * noise)
        issues.append(
            Forecast(
                series={
                    r: Series(times=times[now], values=v)
                    for r, v in zip(REGIONS, wrong, strict=True)
                },
                source="issues",
                issued_at=begin + timedelta(days=day),
            )
        )
    return Recording(issues=Issues(forecasts=tuple(issues), source="issues"), actual=actual)


RECORDING = invented_recording()


def fleet(clients: int = 20) -> Fleet:
    return mixed_fleet(REGIONS, clients=clients, distinct=True)


def backtest(disruptions: Disruptions | None = None, **options: Any) -> Backtest:
    planner = Planner(
        fleet=fleet(),
        cohort_size=4,
        rounds=ROUNDS,
        fairness=options.pop("fairness", Fairness(min_rounds=2, max_rounds=6)),
    )
    return Backtest(
        planner=planner,
        recording=RECORDING,
        start=START,
        disruptions=disruptions or Disruptions(),
        **options,
    )
