"""The Carbon Aware SDK: one answer for many locations, of which each may fail alone."""

import json
from typing import Any

import pytest

from lowcarb.errors import (
    AccessDeniedError,
    BadResponseError,
    ConfigurationError,
    NoDataError,
    ProviderError,
    ProviderUnavailableError,
    UnknownLocationError,
)
from tests.helpers.forecast_calls import always, call
from tests.helpers.forecast_services import BY_NAME, END, NOW
from tests.helpers.http_server import Asked, Say, serving


@pytest.mark.parametrize(
    ("status", "expected"),
    [(400, BadResponseError), (403, AccessDeniedError), (500, ProviderUnavailableError)],
)
def test_a_location_that_spoils_the_sdks_answer_for_all_fails_alone(
    status: int, expected: type[Exception]
) -> None:
    """Its upstream plan may cover some locations only, and one bad one fails the whole call."""
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        spoilt = "bad" in asked.query["location"]
        return Say(status=status, body={"detail": "Sorry"}) if spoilt else kind.say()(asked)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["a", "bad", "b"], start=NOW, end=END)
    assert set(found) == {"a", "b"}
    assert {name: type(error) for name, error in failed.items()} == {"bad": expected}


@pytest.mark.parametrize("status", [401, 503])
def test_a_server_that_is_down_for_all_is_not_asked_for_each(status: int) -> None:
    kind = BY_NAME["Carbon Aware SDK"]
    with serving(lambda _asked: Say(status=status)) as server:
        _, failed = kind.make(server.url).forecasts(["a", "b", "c"], start=NOW, end=END)
        assert all(len(asked.query["location"]) == 3 for asked in server.asked)
    assert set(failed) == {"a", "b", "c"}


def test_one_location_written_in_two_ways() -> None:
    kind = BY_NAME["Carbon Aware SDK"]
    names = ["eastus", "EastUS", "westeurope"]
    with serving(kind.say()) as server:
        found, failed = kind.make(server.url).forecasts(names, start=NOW, end=END)
    assert (set(found), failed) == (set(names), {})


def test_two_different_forecasts_of_one_location_are_refused() -> None:
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body.append(json.loads(json.dumps(body[0])))
        body[-1]["forecastData"][0]["value"] = 1
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["a", "b"], start=NOW, end=END)
    assert set(found) == {"b"}
    assert type(failed["a"]) is BadResponseError


ABSURD: list[tuple[str, Any]] = [
    ("value", 10**400),
    ("duration", 10**400),
    ("duration", 10**12),
    ("duration", -5),
    ("duration", 0),
]


@pytest.mark.parametrize(("name", "value"), ABSURD)
def test_an_absurd_number_fails_alone(name: str, value: Any) -> None:
    kind = BY_NAME["Carbon Aware SDK"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        next(one for one in body if one["location"] == "b")["forecastData"][-1][name] = value
        return Say(body=body)

    with serving(handler) as server:
        found, failed = kind.make(server.url).forecasts(["a", "b"], start=NOW, end=END)
    assert set(found) == {"a"}
    assert type(failed["b"]) is BadResponseError
    assert "not of the form" not in str(failed["b"])


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("No data found for the location", NoDataError),
        ("Unknown Location: 'x' not found", UnknownLocationError),
        ("ForecastDataSource is not configured", ConfigurationError),
        ("Invalid EmissionsForecast", BadResponseError),
    ],
)
def test_what_the_sdk_means_by_400(detail: str, expected: type[ProviderError]) -> None:
    said = {"title": "ArgumentException", "detail": detail}
    result = call(BY_NAME["Carbon Aware SDK"], always(Say(status=400, body=said)))
    assert type(result.error) is expected
