"""Electricity Maps: places, options, and what only its answers hold."""

from datetime import timedelta
from typing import Any

import pytest

from lowcarb.errors import (
    AccessDeniedError,
    BadResponseError,
    ConfigurationError,
    InputError,
    ProviderError,
    UnknownLocationError,
)
from lowcarb.providers import ElectricityMaps
from tests.helpers.forecast_calls import always, call
from tests.helpers.forecast_services import BY_NAME, END, HOUR, NOW, TOKEN
from tests.helpers.http_server import Asked, Say, serving


def test_electricity_maps_never_lets_the_service_guess_where_we_are() -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        zone = "FR" if "lat" in asked.query else None
        return Say(body=kind.body(kind.rows(), asked, zone=zone))

    with serving(handler) as server:
        found, _ = kind.make(server.url, horizon_hours=48).forecasts(
            ["eu-central-1", "48.86, 2.35", "DE"], start=NOW, end=END
        )
        queries = [asked.query for asked in server.asked]
        tokens = {asked.headers["auth-token"] for asked in server.asked}
    assert {name: s.provenance.zone for name, s in found.items() if s.provenance} == {
        "eu-central-1": "DE",
        "48.86, 2.35": "FR",
        "DE": "DE",
    }
    assert len(queries) == 2
    assert all(query["disableCallerLookup"] == ["true"] for query in queries)
    assert all(query["horizonHours"] == ["48"] for query in queries)
    assert tokens == {TOKEN}


def test_electricity_maps_direct_emissions() -> None:
    kind = BY_NAME["Electricity Maps"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, accounting="direct")
        found, _ = service.forecasts(["DE"], start=NOW, end=END)
        assert server.asked[0].one("emissionFactorType") == "direct"
    assert found["DE"].provenance is not None
    assert found["DE"].provenance.accounting == "direct"


@pytest.mark.parametrize(
    ("name", "wrong"), [("zone", "FR"), ("emissionFactorType", "direct"), ("zone", None)]
)
def test_a_row_of_electricity_maps_for_another_zone_or_of_another_kind(
    name: str, wrong: Any
) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body["forecast"][7][name] = wrong
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["DE"], start=NOW, end=END)
    assert found == {}
    assert type(failed["DE"]) is BadResponseError


def test_rows_of_electricity_maps_under_data_hold_as_long_as_it_says() -> None:
    """Hours that come two apart stay hours, and what is between them a gap."""
    kind = BY_NAME["Electricity Maps"]
    rows = [(NOW + timedelta(hours=2 * i), 100 + i) for i in range(6)]

    def handler(asked: Asked) -> Say:
        body = kind.body(rows, asked)
        body["data"] = body.pop("forecast")
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["DE"], start=NOW, end=END)
    assert failed == {}
    assert found["DE"].ends.tolist() == [(at + HOUR).timestamp() for at, _ in rows]


def test_electricity_maps_options() -> None:
    with pytest.raises(InputError, match="accounting: expected lifecycle or direct, got 'both'"):
        ElectricityMaps(token=TOKEN, accounting="both")
    with pytest.raises(ConfigurationError, match="horizon_hours: expected 6, 24, 48 or 72, got 7"):
        ElectricityMaps(token=TOKEN, horizon_hours=7)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('Missing arguments "node"', UnknownLocationError),
        ("Unknown zone XX", UnknownLocationError),
        ("Zone 'XX' does not exist.", UnknownLocationError),
        ("lat and lon out of range", UnknownLocationError),
        # Neither lat nor lon is meant.
        ("horizonHours no longer allows 24, see the latest documentation", BadResponseError),
    ],
)
def test_what_electricity_maps_means_by_400(said: str, expected: type[ProviderError]) -> None:
    result = call(BY_NAME["Electricity Maps"], always(Say(status=400, body={"message": said})))
    assert type(result.error) is expected


def test_invented_values_of_a_key_in_sandbox_mode_are_refused() -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        disclaimer = "This data is inaccurate. You are in Sandbox mode."
        return Say(body={**kind.body(kind.rows(), asked), "_disclaimer": disclaimer})

    result = call(kind, handler)
    assert type(result.error) is AccessDeniedError
    assert "sandbox mode" in str(result.error)


@pytest.mark.parametrize(
    "more", [{"unit": "kgCO2eq/kWh"}, {"units": "lb/MWh"}, {"emissionFactorType": "direct"}]
)
def test_electricity_maps_in_other_units_is_refused(more: dict[str, Any]) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        return Say(body={**kind.body(kind.rows(), asked), **more})

    assert type(call(kind, handler).error) is BadResponseError


@pytest.mark.parametrize("at", ["2026-11-24T10:00:00", "yesterday", None, 7, "2026-11-24T10:00X"])
def test_times_without_a_zone_are_refused(at: Any) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body["forecast"][3]["datetime"] = at
        return Say(body=body)

    assert type(call(kind, handler).error) is BadResponseError
