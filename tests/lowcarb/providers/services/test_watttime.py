"""WattTime: its logins, and what only its answers hold."""

import time
from types import SimpleNamespace
from typing import Any

import pytest

from lowcarb import errors
from tests.helpers.forecast_calls import FIFTY, always, ask, call, no_secrets
from tests.helpers.forecast_services import BEARER, BY_NAME, END, NOW, login
from tests.helpers.http_server import Asked, Say, serving


def test_watttime_finds_the_region_of_a_place_once() -> None:
    kind = BY_NAME["WattTime"]

    def handler(asked: Asked) -> Say:
        if asked.path == "/v3/region-from-loc":
            assert asked.one("signal_type") == "co2_moer"
            assert (asked.one("latitude"), asked.one("longitude")) == ("37.77", "-122.42")
            return Say(body={"region": "CAISO_NORTH", "signal_type": "co2_moer"})
        return kind.say()(asked)

    with serving(handler) as server:
        service = kind.make(server.url)
        for _ in range(2):
            found, _ = service.forecasts(["37.77,-122.42"], start=NOW, end=END)
            assert [s.provenance.zone for s in found.values() if s.provenance] == ["CAISO_NORTH"]
        assert [asked.path for asked in server.asked].count("/v3/region-from-loc") == 1


def test_watttime_says_that_cloud_regions_are_not_its_own() -> None:
    kind = BY_NAME["WattTime"]
    with serving(kind.say()) as server:
        service = kind.make(server.url, zones={"us-west-1": "CAISO_NORTH"})
        found, failed = service.forecasts(["us-west-1", "eu-west-1"], start=NOW, end=END)
    assert set(found) == {"us-west-1"}
    assert "expected a region of WattTime's" in str(failed["eu-west-1"])


@pytest.mark.parametrize("step", [10**400, 10**12, 0, -300])
def test_an_absurd_step_of_watttime_is_refused(step: int) -> None:
    kind = BY_NAME["WattTime"]

    def handler(asked: Asked) -> Say:
        body = (login(asked) or kind.say()(asked)).body
        if "meta" in body:
            body["meta"]["data_point_period_seconds"] = step
        return Say(body=body)

    with serving(handler) as server:
        _, failed = kind.make(server.url).forecasts([kind.region], start=NOW, end=END)
    assert "expected a value to hold" in str(failed[kind.region])


@pytest.mark.parametrize("units", ["percentile", "g_co2_per_kwh", "", None, 7])
def test_watttime_in_other_units_is_refused(units: Any) -> None:
    kind = BY_NAME["WattTime"]
    assert type(call(kind, kind.say(units=units)).error) is errors.BadResponseError


@pytest.mark.parametrize("signal", ["health_damage", "co2_aoer", None, 7])
def test_another_signal_of_watttime_is_refused(signal: Any) -> None:
    kind = BY_NAME["WattTime"]

    def handler(asked: Asked) -> Say:
        body = (login(asked) or kind.say()(asked)).body
        if "meta" in body:
            body["meta"]["signal_type"] = signal
        return Say(body=body)

    result = call(kind, handler)
    assert type(result.error) is errors.BadResponseError
    assert "expected signal_type co2_moer" in str(result.error)


def test_a_token_is_replaced_before_it_expires(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = BY_NAME["WattTime"]
    minutes = [0.0]
    clock = SimpleNamespace(monotonic=lambda: time.monotonic() + 60 * minutes[0])
    monkeypatch.setattr("lowcarb.providers.services.watttime.time", clock)
    with serving(kind.say()) as server:
        service = kind.make(server.url)
        # A token holds for half an hour from its login on.
        for minutes[0], logins in ((0, 1), (20, 1), (29, 2), (49, 2), (58, 3)):
            assert ask(service, kind.region, []).series is not None
            assert [asked.path for asked in server.asked].count("/login") == logins


def test_a_token_that_has_expired_is_replaced_once() -> None:
    kind = BY_NAME["WattTime"]
    valid = ["first"]

    def handler(asked: Asked) -> Say:
        if asked.path == "/login":
            return Say(body={"token": valid[0]})
        if asked.headers["Authorization"] != f"Bearer {valid[0]}":
            return Say(status=401, body="Jwt is expired")
        return kind.say()(asked)

    with serving(handler) as server:
        service = kind.make(server.url)
        assert ask(service, kind.region, []).series is not None
        valid[0] = "second"
        regions = [f"R{i}" for i in range(12)]
        found, failed = service.forecasts(regions, start=NOW, end=END)
        assert (set(found), failed) == (set(regions), {})
        # Twelve regions at once, and one login for all of them.
        assert [asked.path for asked in server.asked].count("/login") == 2


def test_a_token_that_is_never_accepted_is_an_auth_error() -> None:
    kind = BY_NAME["WattTime"]
    with serving(always(Say(status=401, body="Jwt is missing"))) as server:
        result = ask(kind.make(server.url), kind.region, [])
        paths = [asked.path for asked in server.asked]
    assert type(result.error) is errors.AuthError
    assert paths == ["/login", "/v3/forecast", "/login", "/v3/forecast"]


@pytest.mark.parametrize(
    ("fault", "expected", "most"),
    [
        (Say(status=401), errors.AuthError, 1),
        (Say(status=403, body="<html>Forbidden</html>"), errors.AuthError, 1),
        (Say(body="<html>Welcome</html>"), errors.BadResponseError, 1),
        # Three tries, as with any request.
        (Say(status=500), errors.ProviderUnavailableError, 3),
    ],
)
def test_a_login_that_fails_is_not_tried_for_every_region(
    fault: Say, expected: type[errors.ProviderError], most: int
) -> None:
    """A hundred logins in five minutes are allowed."""
    with serving(lambda _asked: fault) as server:
        service = BY_NAME["WattTime"].make(server.url)
        for _ in range(3):
            found, failed = service.forecasts(FIFTY, start=NOW, end=END)
            assert found == {}
            assert {type(error) for error in failed.values()} == {expected}
        assert {asked.path for asked in server.asked} == {"/login"}
        assert len(server.asked) == most


def test_a_login_is_tried_again_after_a_while(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = BY_NAME["WattTime"]
    with serving(lambda _asked: Say(status=401)) as server:
        service = kind.make(server.url)
        assert type(ask(service, kind.region, []).error) is errors.AuthError
        server.handler = kind.say()
        assert type(ask(service, kind.region, []).error) is errors.AuthError
        monkeypatch.setattr("lowcarb.providers.services.watttime._REST_S", 0.0)
        assert ask(service, kind.region, []).series is not None


def test_a_token_that_is_never_accepted_is_replaced_once_for_all_regions() -> None:
    with serving(always(Say(status=401, body="Jwt is missing"))) as server:
        service = BY_NAME["WattTime"].make(server.url)
        _, failed = service.forecasts(FIFTY, start=NOW, end=END)
        assert {type(error) for error in failed.values()} == {errors.AuthError}
        assert [asked.path for asked in server.asked].count("/login") == 2


@pytest.mark.parametrize("body", [{"token": {"access": BEARER}}, {"token": [BEARER]}, BEARER, 7])
def test_a_login_of_another_form_shows_no_token(body: Any) -> None:
    kind = BY_NAME["WattTime"]
    with serving(lambda _asked: Say(body=body)) as server:
        result = ask(kind.make(server.url), kind.region, [])
    assert type(result.error) is errors.BadResponseError
    no_secrets(str(result.error))
