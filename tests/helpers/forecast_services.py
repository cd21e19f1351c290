"""What the five services say, made here in the form that each documents."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from lowcarb.providers import CarbonAwareSdk, ElectricityMaps, EnergyCharts, Neso, WattTime
from lowcarb.providers.services.client import ServiceClient
from tests.helpers.http_server import Asked, Say

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=UTC)
PAST = NOW - timedelta(hours=6)
END = NOW + timedelta(hours=12)
ISSUED = NOW - timedelta(minutes=5)
TOKEN = "key-4711-of-electricity-maps"  # noqa: S105 - made up
USER, PASSWORD = "someone@example.org", "pass/word+4711"
BEARER = "token-0815-of-watttime"
SECRETS = (TOKEN, USER, PASSWORD, BEARER)
POUND = 0.45359237

Row = tuple[datetime, Any]


def iso(at: datetime) -> str:
    return at.isoformat()


def minutes(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%MZ")


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One service as tests see it.

    Parameters
    ----------
    service
        Makes a client for an address.
    region
        One that it knows.
    step
        Between values.
    factor
        From what it sends to g/kWh.
    body
        Its answer for rows of start and value, for a zone.
    zoned, dated
        Whether its answer names the zone, and says when it was issued.
    """

    name: str
    service: Callable[..., ServiceClient]
    region: str
    other: str
    step: timedelta
    body: Callable[..., Any]
    factor: float = 1.0
    zoned: bool = True
    dated: bool = False
    keyed: bool = False

    def rows(self, count: int = 24, start: datetime = NOW) -> list[Row]:
        """Rows of plausible values; the third is zero."""
        values = [(37 * i) % 500 + 20 for i in range(count)]
        values[2] = 0
        return [(start + i * self.step, values[i]) for i in range(count)]

    def say(self, rows: Sequence[Row] | None = None, **more: Any) -> Callable[[Asked], Say]:
        """Answer everybody with these rows; log in whoever wants to."""
        given = self.rows() if rows is None else rows

        def handler(asked: Asked) -> Say:
            return login(asked) or Say(body=self.body(given, asked, **more), date=NOW)

        return handler

    def make(self, url: str, **options: Any) -> ServiceClient:
        defaults: dict[str, Any] = {
            "base_url": url,
            "deadline": timedelta(seconds=2),
            "clock": lambda: NOW,
            "sleep": lambda _seconds: None,
            "cache": None,
        }
        return self.service(**(defaults | options))


def login(asked: Asked) -> Say | None:
    return Say(body={"token": BEARER}) if asked.path == "/login" else None


def neso_country(rows: Sequence[Row], asked: Asked, zone: str | None = None, **_: Any) -> Any:
    del asked, zone
    return {"data": [slot(at, intensity(value, actual=None)) for at, value in rows]}


def slot(at: datetime, more: dict[str, Any]) -> dict[str, Any]:
    return {"from": minutes(at), "to": minutes(at + timedelta(minutes=30)), **more}


def intensity(value: Any, **more: Any) -> dict[str, Any]:
    return {"intensity": {"forecast": value, **more, "index": "moderate"}}


def neso_region(rows: Sequence[Row], asked: Asked, zone: str | None = None, **_: Any) -> Any:
    number = int(zone or asked.path.rsplit("/", 1)[1])
    data = [slot(at, intensity(value)) for at, value in rows]
    return {"data": {"regionid": number, "shortname": "somewhere", "data": data}}


def electricity_maps(
    rows: Sequence[Row], asked: Asked, zone: str | None = None, issued: datetime = ISSUED, **_: Any
) -> Any:
    return {
        "zone": zone or asked.one("zone"),
        "forecast": [{"carbonIntensity": value, "datetime": iso(at)} for at, value in rows],
        "updatedAt": iso(issued),
        "temporalGranularity": "hourly",
    }


def watttime(
    rows: Sequence[Row],
    asked: Asked,
    zone: str | None = None,
    issued: datetime = ISSUED,
    units: str = "lbs_co2_per_mwh",
    **_: Any,
) -> Any:
    return {
        "data": [{"point_time": iso(at), "value": value} for at, value in rows],
        "meta": {
            "data_point_period_seconds": 300,
            "region": zone or asked.one("region"),
            "warnings": [],
            "signal_type": "co2_moer",
            "units": units,
            "generated_at_period_seconds": 300,
            "generated_at": iso(issued),
        },
    }


def carbon_aware_sdk(
    rows: Sequence[Row], asked: Asked, zone: str | None = None, issued: datetime = ISSUED, **_: Any
) -> Any:
    return [
        {
            "generatedAt": iso(issued).replace("+00:00", ".1234567+00:00"),
            "requestedAt": iso(NOW),
            "location": zone or location,
            "dataStartAt": iso(NOW),
            "dataEndAt": iso(NOW),
            "windowSize": 5,
            "optimalDataPoints": [],
            "forecastData": [
                {"location": "THE_GRID", "timestamp": iso(at), "duration": 5, "value": value}
                for at, value in rows
            ],
        }
        for location in asked.query["location"]
    ]


def energy_charts(rows: Sequence[Row], asked: Asked, **_: Any) -> Any:
    del asked
    # What is over has come true, what is ahead is forecast.
    return {
        "unix_seconds": [int(at.timestamp()) for at, _ in rows],
        "co2eq": [value if at < NOW else None for at, value in rows],
        "co2eq_forecast": [value if at >= NOW else None for at, value in rows],
        "deprecated": False,
    }


HALF, HOUR, FIVE = timedelta(minutes=30), timedelta(hours=1), timedelta(minutes=5)

KINDS = [
    Kind(
        name="NESO GB",
        service=Neso,
        region="GB",
        other="13",
        step=HALF,
        body=neso_country,
        zoned=False,
    ),
    Kind(
        name="NESO London",
        service=Neso,
        region="13",
        other="4",
        step=HALF,
        body=neso_region,
    ),
    Kind(
        name="Electricity Maps",
        service=lambda **options: ElectricityMaps(token=TOKEN, **options),
        region="DE",
        other="FR",
        step=HOUR,
        body=electricity_maps,
        dated=True,
        keyed=True,
    ),
    Kind(
        name="WattTime",
        service=lambda **options: WattTime(user=USER, password=PASSWORD, **options),
        region="CAISO_NORTH",
        other="PJM_DC",
        step=FIVE,
        factor=POUND,
        body=watttime,
        dated=True,
        keyed=True,
    ),
    Kind(
        name="Carbon Aware SDK",
        service=lambda **options: CarbonAwareSdk(signal="marginal", **options),
        region="westeurope",
        other="eastus",
        step=FIVE,
        body=carbon_aware_sdk,
        dated=True,
    ),
    Kind(
        name="Energy-Charts",
        service=EnergyCharts,
        region="de",
        other="fr",
        step=timedelta(minutes=15),
        body=energy_charts,
        zoned=False,
    ),
]
BY_NAME = {kind.name: kind for kind in KINDS}
LONDON = BY_NAME["NESO London"]
each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
