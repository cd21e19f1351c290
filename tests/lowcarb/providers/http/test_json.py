"""What is JSON, and what is refused though json would take it."""

from typing import Any

import pytest

from lowcarb.errors import BadResponseError
from lowcarb.providers.http.response import Response
from tests.helpers.forecast_services import BY_NAME, END, KINDS, NOW, Kind, login
from tests.helpers.http_server import Asked, Say, serving


def parsed(body: str) -> Any:
    return Response(status=200, body=body.encode()).json()


@pytest.mark.parametrize(
    "body",
    ['{"a":1,"a":2}', '{"a":1,"a":1}', '[{"b":{"a":1,"c":3,"a":null}}]', r'{"a":1,"\u0061":2}'],
)
def test_a_key_that_comes_twice_is_refused(body: str) -> None:
    with pytest.raises(BadResponseError, match="expected each key once, got 'a' twice"):
        parsed(body)


def test_keys_that_differ_are_taken() -> None:
    assert parsed('{"a":1,"A":2,"b":[{"a":3},{"a":4}]}') == {
        "a": 1,
        "A": 2,
        "b": [{"a": 3}, {"a": 4}],
    }


def test_more_parts_than_any_forecast_has_are_refused() -> None:
    assert len(parsed(f"[{'{},' * 50_000}[]]")) == 50_001
    with pytest.raises(BadResponseError, match="got 100001 objects and lists"):
        parsed(f"[{'{},' * 99_999}[]]")


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_each_service_refuses_a_key_that_comes_twice(kind: Kind) -> None:
    def handler(asked: Asked) -> Say:
        body = (login(asked) or Say(body=kind.body(kind.rows(), asked))).content.decode()
        return Say(body=body if "token" in body else body.replace("{", '{"x":1,"x":2,', 1))

    with serving(handler) as server:
        _, failed = kind.make(server.url).forecasts([kind.region], start=NOW, end=END)
    assert type(failed[kind.region]) is BadResponseError
    assert "got 'x' twice" in str(failed[kind.region])


@pytest.mark.parametrize("zone", ["DE\x1b[2J", "DE\nFR", "x" * 200])
def test_a_zone_that_the_service_names_can_be_shown(zone: str) -> None:
    kind = BY_NAME["Electricity Maps"]
    with serving(lambda asked: Say(body=kind.body(kind.rows(), asked, zone=zone))) as server:
        found, failed = kind.make(server.url).forecasts(["48.1,11.6"], start=NOW, end=END)
    assert found == {}
    assert type(failed["48.1,11.6"]) is BadResponseError
    assert str(failed["48.1,11.6"]).isprintable()
