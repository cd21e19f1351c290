"""Objects show what they are on one line, however large they are."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb import (
    Availability,
    Client,
    Fleet,
    Forecast,
    Issues,
    Series,
    TypicalDay,
    read_availability,
    read_fleet,
    read_forecasts,
    read_typical_day,
)
from tests.helpers.data import ROOT, START, invented_forecast, mixed_fleet

T0 = START.timestamp()
NASTY = "/a/very/long/path" * 60 + "/forecast\n\x1b[31m.csv"


@pytest.fixture(autouse=True)
def beside_the_examples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)


def test_the_examples_show_what_they_are(tmp_path: Any) -> None:
    issues = read_forecasts("examples/issues.csv")
    fleet = read_fleet("examples/clients.csv")
    away = tmp_path / "away.csv"
    away.write_text(
        "client,from,until\n"
        f"{fleet.clients[0]},2022-07-01T00:00Z,2022-07-01T06:00Z\n"
        f"{fleet.clients[0]},2022-07-02T00:00Z,2022-07-02T06:00Z\n"
    )
    forecast = read_forecasts("examples/forecast.csv").newest
    shown = {
        repr(thing)
        for thing in (
            forecast,
            forecast.series["BPAT"],
            issues,
            issues.newest,
            fleet,
            read_typical_day("examples/typical_day.csv"),
            read_availability(away, fleet),
        )
    }
    assert shown == {
        "Forecast(6 regions, 2022-07-01 00:00 to 2022-07-03 00:00 UTC, hourly, "
        "from examples/forecast.csv)",
        "Series(48 values, 2022-07-01 00:00 to 2022-07-03 00:00 UTC, hourly, 55 to 66 gCO2eq/kWh)",
        "Issues(13 forecasts, issued 2022-07-01 00:00 to 2022-07-13 00:00 UTC, "
        "from examples/issues.csv)",
        "Forecast(6 regions, 2022-07-13 00:00 to 2022-07-17 00:00 UTC, hourly, "
        "issued 2022-07-13 00:00, from examples/issues.csv)",
        "Fleet(12 clients in 6 regions, 0.036 to 0.353 kWh and 30 to 60 min a round, "
        "from examples/clients.csv)",
        "TypicalDay(6 regions, 55 to 492 gCO2eq/kWh)",
        "Availability(2 windows of 1 client, 2022-07-01 00:00 to 2022-07-02 06:00 UTC)",
    }


def series(step_s: float, values: int = 3) -> Series:
    times = T0 + step_s * np.arange(values, dtype=np.float64)
    return Series(times=times, values=np.full(values, 1e5 / 3))


@pytest.mark.parametrize(
    ("thing", "shown"),
    [
        (series(300), "Series(3 values, 2022-07-15 00:00 to 2022-07-15 00:15 UTC, every 5 min, "),
        (
            Forecast(series={"a": series(300), "b": series(3600)}, source=NASTY, issued_at=START),
            "Forecast(2 regions, 2022-07-15 00:00 to 2022-07-15 03:00 UTC, every 5 to 60 min, "
            "issued 2022-07-15 00:00, from ...ath/a/very/long/path",
        ),
        (Forecast(series={}, source="x"), "Forecast(0 regions, from x)"),
        (Forecast(series={"a": series(1 / 3)}, source=NASTY), "Forecast(1 region, "),
        (Issues(forecasts=(invented_forecast(),) * 999, source=NASTY), "Issues(999 forecasts, iss"),
        (TypicalDay(regions=(), intensity=np.empty((0, 24))), "TypicalDay(0 regions)"),
        (
            TypicalDay(regions=("x" * 999,), intensity=np.full((1, 24), 7.0)),
            "TypicalDay(1 region, 7 gCO2eq/kWh)",
        ),
        (mixed_fleet(["x" * 200, "y"], clients=3000, distinct=True), "Fleet(3000 clients in 2 reg"),
        (
            Fleet.from_clients(
                [Client(name="a", region="DE", energy_kwh=1 / 3, duration=timedelta(minutes=20))]
            ),
            "Fleet(1 client in 1 region, 0.333 kWh and 20 min a round)",
        ),
        (
            Availability(client=np.array([], int), begin=np.array([]), end=np.array([])),
            "Availability(0 windows)",
        ),
    ],
)
def test_large_and_empty_things_are_shown_on_one_short_line(thing: object, shown: str) -> None:
    assert repr(thing).startswith(shown)
    assert len(repr(thing)) <= 200
    assert repr(thing).isprintable()
