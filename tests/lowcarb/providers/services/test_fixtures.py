"""Recorded and documented answers of the services, where they are at hand."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lowcarb import errors
from lowcarb.carbon.forecast import Series
from lowcarb.providers import CarbonAwareSdk, ElectricityMaps, EnergyCharts, Neso, WattTime
from lowcarb.providers.protocol import Answer
from lowcarb.providers.services.client import ServiceClient
from tests.helpers.data import ROOT
from tests.helpers.forecast_services import POUND, login
from tests.helpers.http_server import Asked, Handler, Say, serving

FOLDER = ROOT.parent / "shared" / "providers" / "fixtures"
pytestmark = pytest.mark.skipif(not FOLDER.exists(), reason="the recorded answers are not at hand")


def content(name: str) -> bytes:
    return (FOLDER / name).read_bytes()


def told(name: str) -> Any:
    return json.loads(content(name))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


def answer(
    service: type[ServiceClient],
    handler: Handler,
    region: str,
    now: datetime,
    past: Any = None,
    **more: Any,
) -> Answer:
    """Ask a service about a region, at a time, while a server plays its part."""

    def logged_in(asked: Asked) -> Say:
        return login(asked) or handler(asked)

    with serving(logged_in) as server:
        client = service(
            base_url=server.url,
            clock=lambda: now,
            sleep=lambda _s: None,
            cache=None,
            deadline=timedelta(seconds=2),
            **more,
        )
        if past is not None:
            return client.actuals([region], start=past[0], end=past[1])
        return client.forecasts([region], start=now, end=now + timedelta(hours=24))


def series(*args: Any, **more: Any) -> Series:
    found, failed = answer(*args, **more)
    assert failed == {}
    (one,) = found.values()
    return one


def fault(*args: Any, **more: Any) -> errors.ProviderError:
    found, failed = answer(*args, **more)
    assert not found
    (one,) = failed.values()
    return one


def saying(name: str, status: int = 200) -> Handler:
    return lambda _asked: Say(body=content(name), status=status)


KEY: dict[str, Any] = {"token": "key-of-the-tests"}
ACCOUNT: dict[str, Any] = {"user": "user-of-the-tests", "password": "password-of-the-tests"}


@pytest.mark.parametrize("region", ["GB", "13"])
def test_neso_48_hours(region: str) -> None:
    country = region == "GB"
    name = "intensity_fw48h" if country else "regional_regionid13_fw48h"
    name = f"neso/{name}_2023-12-03.json"
    rows = told(name)["data"] if country else told(name)["data"]["data"]
    one = series(Neso, saying(name), region, at("2023-12-03T11:40Z"))
    assert one.values.tolist() == [row["intensity"]["forecast"] for row in rows]
    assert one.times.tolist() == [at(row["from"]).timestamp() for row in rows]
    assert one.ends.tolist() == [at(row["to"]).timestamp() for row in rows]


def test_neso_all_regions_at_once() -> None:
    name = "neso/regional_all_range_2020-01-01_first6.json"
    slots = told(name)["data"]
    with serving(saying(name)) as server:
        now = at("2020-01-01T00:00Z")
        client = Neso(base_url=server.url, clock=lambda: now, cache=None)
        regions = [str(number) for number in range(1, 18)]
        found, failed = client.forecasts(regions, start=now, end=now + timedelta(hours=2))
        assert [asked.path for asked in server.asked] == [
            "/regional/intensity/2020-01-01T00:00Z/fw48h"
        ]
    assert failed == {}
    for region in regions:
        expected = [
            r["intensity"]["forecast"]
            for s in slots
            for r in s["regions"]
            if str(r["regionid"]) == region
        ]
        assert found[region].values.tolist() == expected


@pytest.mark.parametrize(
    ("name", "region", "value"),
    [
        ("neso/intensity_current_2021-04-30.json", "GB", 255),
        ("neso/regional_regionid13_current_2021-04-30.json", "London", 210),
    ],
)
def test_neso_one_half_hour(name: str, region: str, value: float) -> None:
    one = series(Neso, saying(name), region, at("2021-04-30T22:31Z"))
    assert set(one.values) == {value}
    assert (one.times[0], one.ends[-1]) == (
        at("2021-04-30T22:30Z").timestamp(),
        at("2021-04-30T23:00Z").timestamp(),
    )


def test_neso_what_came_true() -> None:
    name = "neso/intensity_range_2020-01-01.json"
    past = (at("2020-01-01T00:00Z"), at("2020-01-02T23:59Z"))
    one = series(Neso, saying(name), "GB", at("2020-01-03T00:00Z"), past=past)
    assert one.values.tolist() == [row["intensity"]["actual"] for row in told(name)["data"]]


def test_electricity_maps_forecast() -> None:
    name = "electricitymaps/v4_forecast_DK-DK2_2026-08-22T1734.json"
    one = series(ElectricityMaps, saying(name), "DK-DK2", at("2026-08-22T17:40Z"), **KEY)
    rows = told(name)["forecast"]
    assert one.values.tolist() == [row["carbonIntensity"] for row in rows]
    assert one.times.tolist() == [at(row["datetime"]).timestamp() for row in rows]
    assert one.step_s == 3600
    assert one.provenance is not None
    assert one.provenance.issued_at == at("2026-08-22T17:34:24.392Z")


def test_electricity_maps_what_came_true() -> None:
    name = "electricitymaps/carbon_intensity_history.json"
    past = (at("2024-03-05T20:00Z"), at("2024-03-06T20:00Z"))
    one = series(ElectricityMaps, saying(name), "DE", at("2024-03-06T20:00Z"), past=past, **KEY)
    assert one.values.tolist() == [row["carbonIntensity"] for row in told(name)["history"]]


@pytest.mark.parametrize(
    "name",
    [
        "latest_carbon_intensity.json",
        "v4_latest_DK-DK2_2026-08-22.json",
        "zones.json",
        "zones_entry_with_token.json",
    ],
)
def test_electricity_maps_answers_to_other_questions_are_refused(name: str) -> None:
    given = told(f"electricitymaps/{name}")
    region = given.get("zone", "DE")
    error = fault(
        ElectricityMaps, saying(f"electricitymaps/{name}"), region, at("2026-08-22T17:40Z"), **KEY
    )
    assert isinstance(error, errors.BadResponseError)


@pytest.mark.parametrize(
    ("name", "status", "kind"),
    [
        ("error_400_input.json", 400, errors.UnknownLocationError),
        ("error_401_invalid_token.json", 401, errors.AuthError),
        ("error_401_zone_not_in_plan.json", 401, errors.AccessDeniedError),
        ("error_404_no_recent_data.json", 404, errors.NoDataError),
    ],
)
def test_electricity_maps_errors(name: str, status: int, kind: type[Exception]) -> None:
    error = fault(
        ElectricityMaps,
        saying(f"electricitymaps/{name}", status),
        "DE",
        at("2026-08-22T17:40Z"),
        **KEY,
    )
    assert type(error) is kind


def test_watttime_forecast_in_pounds() -> None:
    name = "watttime/forecast_doc.json"
    one = series(WattTime, saying(name), "CAISO_NORTH", at("2022-07-15T00:02Z"), **ACCOUNT)
    rows = told(name)["data"]
    assert one.values.tolist() == pytest.approx([row["value"] * POUND for row in rows])
    assert one.times.tolist() == [at(row["point_time"]).timestamp() for row in rows]
    assert one.step_s == 300
    assert one.provenance is not None
    assert one.provenance.issued_at == at("2022-07-15T00:00Z")


def test_watttime_what_came_true() -> None:
    past = (at("2022-07-15T00:00Z"), at("2022-07-15T00:10Z"))
    one = series(
        WattTime,
        saying("watttime/historical_doc.json"),
        "CAISO_NORTH",
        at("2022-07-15T01:00Z"),
        past=past,
        **ACCOUNT,
    )
    assert one.values.tolist() == pytest.approx([870 * POUND, 860 * POUND])


def test_watttime_finds_the_region_of_a_place() -> None:
    document = told("watttime/forecast_doc.json")
    document["meta"]["region"] = "ISONE_WCMA"

    def handler(asked: Asked) -> Say:
        if asked.path == "/v3/region-from-loc":
            return Say(body=content("watttime/region_from_loc_doc.json"))
        return Say(body=document)

    one = series(WattTime, handler, "42.372,-72.519", at("2022-07-15T00:02Z"), **ACCOUNT)
    assert one.provenance is not None
    assert one.provenance.zone == "ISONE_WCMA"


@pytest.mark.parametrize(
    ("name", "status", "region", "kind"),
    [
        ("error_doc.json", 400, "CAISO_NORTH", errors.BadResponseError),
        ("coordinates_not_found_response.json", 404, "0,0", errors.UnknownLocationError),
        ("invalid_scope_response.json", 403, "PJM_DC", errors.AccessDeniedError),
        ("data_401_jwt_missing.txt", 401, "PJM_DC", errors.AuthError),
        ("realtime_emissions_response.json", 200, "PSCO", errors.BadResponseError),
    ],
)
def test_watttime_errors(name: str, status: int, region: str, kind: type[Exception]) -> None:
    now = at("2024-06-18T18:40Z")
    error = fault(WattTime, saying(f"watttime/{name}", status), region, now, **ACCOUNT)
    assert type(error) is kind


def test_watttime_login() -> None:
    token = told("watttime/login_doc.json")["token"]

    def handler(asked: Asked) -> Say:
        if asked.path == "/login":
            return Say(body=content("watttime/login_doc.json"))
        assert asked.headers["Authorization"] == f"Bearer {token}"
        return Say(body=content("watttime/forecast_doc.json"))

    now = at("2022-07-15T00:02Z")
    with serving(handler) as server:
        client = WattTime(base_url=server.url, clock=lambda: now, cache=None, **ACCOUNT)
        found, _ = client.forecasts(["CAISO_NORTH"], start=now, end=now + timedelta(hours=1))
        assert set(found) == {"CAISO_NORTH"}
        server.handler = saying("watttime/login_403_forbidden.html", 403)
        client = WattTime(base_url=server.url, clock=lambda: now, cache=None, **ACCOUNT)
        _, failed = client.forecasts(["CAISO_NORTH"], start=now, end=now + timedelta(hours=1))
    assert type(failed["CAISO_NORTH"]) is errors.AuthError


@pytest.mark.parametrize(
    ("name", "location", "values"),
    [
        ("forecasts_current_dto_example.json", "eastus", [380.99, 359.23, 375.12]),
        ("forecasts_current_doc_STALE.json", "northeurope", [532.02293146, 535.7318741001667]),
    ],
)
def test_the_sdks_forecasts(name: str, location: str, values: list[float]) -> None:
    now = at("2022-06-01T14:41Z") if location == "eastus" else at("2022-07-19T14:00Z")
    one = series(CarbonAwareSdk, saying(f"casdk/{name}"), location, now)
    assert one.values.tolist() == values


def test_the_sdks_recorded_forecast() -> None:
    model = told("casdk/json_datasource_forecast_de_2024-03-24.json")
    rows = [
        {"location": "DE", "timestamp": row["Time"], "duration": 15, "value": row["Rating"]}
        for row in model["Emissions"]
    ]
    document = [
        {
            "generatedAt": model["GeneratedAt"],
            "location": "germanywestcentral",
            "forecastData": rows,
        }
    ]
    now = at("2024-03-24T00:05Z")
    one = series(CarbonAwareSdk, lambda _asked: Say(body=document), "germanywestcentral", now)
    assert one.values.tolist() == [row["Rating"] for row in model["Emissions"]]
    assert one.values[-1] == 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("error_400_no_forecast_source.json", errors.ConfigurationError),
        ("error_400_outside_forecast.json", errors.BadResponseError),
        ("error_400_unknown_location.json", errors.UnknownLocationError),
    ],
)
def test_the_sdks_errors(name: str, kind: type[Exception]) -> None:
    error = fault(CarbonAwareSdk, saying(f"casdk/{name}", 400), "nowhere", at("2022-06-01T14:41Z"))
    assert type(error) is kind


@pytest.mark.parametrize("country", ["de", "fr"])
def test_energy_charts(country: str) -> None:
    name = f"energy_charts/co2eq_{country}_2024-03-22.json"
    document = told(name)
    now = at("2024-03-22T18:05Z")
    one = series(EnergyCharts, saying(name), country.upper(), now)
    both = zip(document["co2eq"], document["co2eq_forecast"], strict=True)
    assert one.values.tolist() == [actual if ahead is None else ahead for actual, ahead in both]
    assert one.times.tolist() == document["unix_seconds"]
    past = series(EnergyCharts, saying(name), country, now, past=(now - timedelta(hours=9), now))
    assert past.values.tolist() == [value for value in document["co2eq"] if value is not None]


@pytest.mark.parametrize(
    ("name", "status", "region", "kind"),
    [
        ("empty_national_date.json", 200, "GB", errors.NoDataError),
        ("empty_regional_fw48h.json", 200, "13", errors.NoDataError),
        ("error_400_shape.json", 400, "GB", errors.BadResponseError),
        ("error_500_2025-01-13.json", 500, "GB", errors.ProviderUnavailableError),
    ],
)
def test_neso_errors(name: str, status: int, region: str, kind: type[Exception]) -> None:
    error = fault(Neso, saying(f"neso/{name}", status), region, at("2026-09-07T00:00Z"))
    assert type(error) is kind


def test_every_fixture_is_read_by_a_test() -> None:
    source = Path(__file__).read_text()
    for entry in json.loads((FOLDER / "MANIFEST.json").read_text()):
        stem = Path(entry["file"]).name.split("_2023")[0].split("_de_")[0].split("_fr_")[0]
        assert stem.removesuffix(".json") in source, entry["file"]
