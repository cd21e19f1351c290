"""Services that fail in every way that was seen: the documented error, in time, without secrets."""

import base64
import html
import json
import logging
import pickle
import re
import socket
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import quote

import pytest

from lowcarb import errors
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Quality
from lowcarb.providers import ElectricityMaps, Provider, WattTime
from lowcarb.providers.fallback import WithLastGood
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.http.secrets import Secret, hide
from lowcarb.providers.services.client import ServiceClient
from tests.helpers.data import ENVIRONMENT
from tests.helpers.forecast_services import (
    BEARER,
    BY_NAME,
    END,
    ISSUED,
    KINDS,
    NOW,
    PASSWORD,
    SECRETS,
    TOKEN,
    USER,
    Kind,
    Row,
    login,
)
from tests.helpers.http_server import (
    Asked,
    Handler,
    Say,
    eventually_no,
    free_port,
    now,
    serving,
)

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
# Calls end after 2 s; only one that hangs would take as long as this.
HANG_S = 6.0


@dataclass(frozen=True)
class Result:
    """What came of a call."""

    series: Series | None
    error: errors.ProviderError | None
    slept: list[float]


def ask(service: Provider, region: str, slept: list[float]) -> Result:
    begin = now()
    found, failed = service.forecasts([region], start=NOW, end=END)
    assert now() - begin < HANG_S
    assert set(found) | set(failed) == {region}
    return Result(found.get(region), failed.get(region), slept)


def call(kind: Kind, handler: Handler | None, **options: Any) -> Result:
    """Ask for one region; there is no server at all if there is no handler."""
    slept: list[float] = []
    given = {"sleep": slept.append, **options}
    if handler is None:
        url = f"http://127.0.0.1:{free_port()}"
        return ask(kind.make(url, **given), kind.region, slept)
    with serving(handler) as server:
        return ask(kind.make(server.url, **given), kind.region, slept)


def always(say: Say) -> Handler:
    """Fail on everything but the login."""
    return lambda asked: login(asked) or say


def no_secrets(*texts: str) -> None:
    for text in texts:
        for secret in SECRETS:
            assert secret not in text


# --- transport

Unavailable, Bad, Limited = (
    errors.ProviderUnavailableError,
    errors.BadResponseError,
    errors.RateLimitedError,
)
SAYS: dict[str, tuple[Say, type[errors.ProviderError]]] = {
    "silence": (Say(delay=9), Unavailable),
    "slow drip": (Say(body=b"x" * 500, drip=0.05), Unavailable),
    "slow drip of a header": (Say(drip_head=0.05), Unavailable),
    "hung up": (Say(hang_up=True), Unavailable),
    "cut body": (Say(body={"data": ["x" * 5000]}, cut=300), Unavailable),
    "garbage": (Say(body=b"\x00\xff\xfe\x80garbage"), Bad),
    "broken gzip": (Say(body=b"no gzip", headers={"Content-Encoding": "gzip"}), Unavailable),
    "HTML": (Say(body="<html><body>Welcome to the portal</body></html>"), Bad),
    "an empty body": (Say(), Bad),
    "JSON of another form": (Say(body={"hello": "world"}), Bad),
    "a bare number": (Say(body=7), Bad),
    "nested without end": (Say(body="[" * 100_000), Bad),
    "204": (Say(status=204), errors.NoDataError),
    "403": (Say(status=403, body={"error": "no"}), errors.AccessDeniedError),
    "408": (Say(status=408), Unavailable),
    "418": (Say(status=418), Bad),
    "429": (Say(status=429), Limited),
    "500": (Say(status=500, body={"error": "oops"}), Unavailable),
    "502": (Say(status=502, body="<html>Bad gateway</html>"), Unavailable),
    "503": (Say(status=503), Unavailable),
}

FIFTY = [f"z{first}{second}" for first in "abcde" for second in "abcdefghij"]
SLOW = ("silence", "slow drip", "slow drip of a header")


@each_kind
@pytest.mark.parametrize("fault", SAYS)
def test_transport_and_status(kind: Kind, fault: str) -> None:
    say, expected = SAYS[fault]
    slow = fault in SLOW
    deadline = timedelta(seconds=0.5 if slow else 2)
    result = call(kind, always(say), deadline=deadline)
    assert type(result.error) is expected
    assert repr(kind.region) in str(result.error)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
@pytest.mark.parametrize("fault", SLOW)
def test_fifty_regions_share_one_deadline(kind: Kind, fault: str) -> None:
    regions = [str(i) for i in range(1, 18)] if "NESO" in kind.name else FIFTY
    begin = now()
    with serving(lambda _asked: SAYS[fault][0]) as server:
        service = kind.make(server.url, deadline=timedelta(seconds=0.5), sleep=time.sleep)
        found, failed = service.forecasts(regions, start=NOW, end=END)
    assert now() - begin < HANG_S
    assert found == {}
    assert {type(error) for error in failed.values()} == {Unavailable}
    assert set(failed) == set(regions)


@each_kind
def test_a_body_that_drips_is_given_up_at_the_deadline(kind: Kind) -> None:
    """It takes minutes; no thread waits for it."""
    with serving(always(Say(body=b"x" * 5000, drip=0.05))) as server:
        ask(kind.make(server.url, deadline=timedelta(seconds=0.3)), kind.region, [])
        eventually_no("lowcarb-fetch")


@each_kind
def test_an_answer_without_end_is_refused(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowcarb.providers.http.client._MOST_BYTES", 1000)
    result = call(kind, always(Say(body=b" " * 200_000)))
    assert type(result.error) is Bad
    assert "more than 1000 bytes" in str(result.error)


def test_a_program_does_not_wait_for_what_came_too_late() -> None:
    script = (
        "import sys\n"
        "from datetime import UTC, datetime, timedelta\n"
        "from lowcarb.providers import Neso\n"
        "neso = Neso(base_url=sys.argv[1], cache=None, deadline=timedelta(seconds=0.3))\n"
        "now = datetime.now(UTC)\n"
        "print(neso.forecasts(['GB'], start=now, end=now + timedelta(hours=2))[1]['GB'])\n"
    )
    with serving(lambda _asked: Say(drip_head=0.05)) as server:
        done = subprocess.run(
            [sys.executable, "-c", script, server.url],
            capture_output=True,
            text=True,
            env=ENVIRONMENT,
            # The header alone takes eight minutes.
            timeout=60,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    assert "no answer within 0.3 s" in done.stdout


REFUSALS: dict[tuple[str, int], type[errors.ProviderError]] = {
    ("NESO GB", 400): Bad,
    ("NESO London", 400): Bad,
    ("Electricity Maps", 400): Bad,
    ("WattTime", 400): Bad,
    ("Carbon Aware SDK", 400): Bad,
    ("Energy-Charts", 400): errors.UnknownLocationError,
    ("NESO GB", 401): errors.AuthError,
    ("Electricity Maps", 401): errors.AuthError,
    ("WattTime", 401): errors.AuthError,
    # It is the operator's key that is wrong, not ours.
    ("Carbon Aware SDK", 401): errors.AccessDeniedError,
    ("NESO London", 404): errors.NoDataError,
    ("Electricity Maps", 404): errors.UnknownLocationError,
    ("WattTime", 404): errors.UnknownLocationError,
    ("Carbon Aware SDK", 404): errors.NoDataError,
    ("Energy-Charts", 404): errors.UnknownLocationError,
    ("Carbon Aware SDK", 501): errors.ConfigurationError,
}


@pytest.mark.parametrize(("name", "status"), REFUSALS)
def test_what_each_service_means_by_a_status(name: str, status: int) -> None:
    result = call(BY_NAME[name], always(Say(status=status, body={"error": "Sorry"})))
    assert type(result.error) is REFUSALS[name, status]
    assert result.slept == []


@pytest.mark.parametrize(
    ("detail", "expected"),
    [
        ("No data found for the location", errors.NoDataError),
        ("Unknown Location: 'x' not found", errors.UnknownLocationError),
        ("ForecastDataSource is not configured", errors.ConfigurationError),
        ("Invalid EmissionsForecast", Bad),
    ],
)
def test_what_the_sdk_means_by_400(detail: str, expected: type[errors.ProviderError]) -> None:
    said = {"title": "ArgumentException", "detail": detail}
    result = call(BY_NAME["Carbon Aware SDK"], always(Say(status=400, body=said)))
    assert type(result.error) is expected


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        ('Missing arguments "node"', errors.UnknownLocationError),
        ("Unknown zone XX", errors.UnknownLocationError),
        ("Zone 'XX' does not exist.", errors.UnknownLocationError),
        ("lat and lon out of range", errors.UnknownLocationError),
        # Neither lat nor lon is meant.
        ("horizonHours no longer allows 24, see the latest documentation", Bad),
    ],
)
def test_what_electricity_maps_means_by_400(
    said: str, expected: type[errors.ProviderError]
) -> None:
    result = call(BY_NAME["Electricity Maps"], always(Say(status=400, body={"message": said})))
    assert type(result.error) is expected


def test_invented_values_of_a_key_in_sandbox_mode_are_refused() -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        disclaimer = "This data is inaccurate. You are in Sandbox mode."
        return Say(body={**kind.body(kind.rows(), asked), "_disclaimer": disclaimer})

    result = call(kind, handler)
    assert type(result.error) is errors.AccessDeniedError
    assert "sandbox mode" in str(result.error)


@each_kind
def test_nobody_listens(kind: Kind) -> None:
    result = call(kind, None)
    assert type(result.error) is Unavailable
    assert "the connection was refused" in str(result.error)
    assert len(result.slept) == 2


@each_kind
def test_a_name_that_does_not_resolve(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: Any, **_more: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    result = ask(kind.make("https://nowhere.invalid"), kind.region, [])
    assert type(result.error) is Unavailable
    assert "its name cannot be resolved" in str(result.error)


@each_kind
def test_the_second_try_may_do(kind: Kind) -> None:
    tries: list[Asked] = []

    def handler(asked: Asked) -> Say:
        if asked.path != "/login":
            tries.append(asked)
        return Say(status=503) if len(tries) == 1 else kind.say()(asked)

    result = call(kind, handler)
    assert result.series is not None
    assert len(tries) == 2
    (pause,) = result.slept
    assert 0 < pause < 1


# --- being asked to wait

RETRY_AFTER: dict[str, tuple[str, timedelta | None]] = {
    "seconds": ("3600", timedelta(hours=1)),
    "as a date": (format_datetime(NOW + timedelta(hours=6), usegmt=True), timedelta(hours=6)),
    "a year": ("31536000", timedelta(days=365)),
    "absurd": ("9" * 30, None),
    "negative": ("-5", None),
    "no time at all": ("soon", None),
    "a date that is over": (format_datetime(NOW - timedelta(days=1), usegmt=True), timedelta()),
}


@each_kind
@pytest.mark.parametrize("wish", RETRY_AFTER)
def test_retry_after_is_kept_but_never_waited_for_beyond_the_deadline(
    kind: Kind, wish: str
) -> None:
    text, expected = RETRY_AFTER[wish]
    result = call(kind, always(Say(status=429, headers={"Retry-After": text})))
    assert isinstance(result.error, Limited)
    assert result.error.retry_after == expected
    assert all(pause < 2 for pause in result.slept)
    long = expected is not None and expected > timedelta(seconds=2)
    assert len(result.slept) == (0 if long else 2)


def test_a_date_to_wait_for_is_by_the_clock_that_says_it() -> None:
    fast = NOW + timedelta(days=1)
    text = format_datetime(fast + timedelta(seconds=90), usegmt=True)
    say = Say(status=429, headers={"Retry-After": text}, date=fast)
    with serving(always(say)) as server:
        result = ask(BY_NAME["NESO GB"].make(server.url), "GB", [])
    assert isinstance(result.error, Limited)
    assert result.error.retry_after == timedelta(seconds=90)


def test_a_short_wait_is_waited() -> None:
    kind = BY_NAME["NESO GB"]
    tries: list[Asked] = []

    def handler(asked: Asked) -> Say:
        tries.append(asked)
        if len(tries) == 1:
            return Say(status=429, headers={"Retry-After": "1"})
        return kind.say()(asked)

    result = call(kind, handler)
    assert result.series is not None
    assert result.slept == [1.0]


def test_a_service_that_wants_to_be_left_alone_is() -> None:
    kind = BY_NAME["Electricity Maps"]
    with serving(always(Say(status=429, headers={"Retry-After": "600"}))) as server:
        service = kind.make(server.url)
        service.forecasts(["DE"], start=NOW, end=END)
        asked = len(server.asked)
        _, failed = service.forecasts(["FR"], start=NOW, end=END)
        assert len(server.asked) == asked == 1
    assert isinstance(failed["FR"], Limited)


def test_a_service_that_wants_to_be_left_alone_for_a_year_is_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """After an hour, which is none here."""
    monkeypatch.setattr("lowcarb.providers.http.client._LONGEST_REST", timedelta())
    kind = BY_NAME["Electricity Maps"]
    with serving(always(Say(status=429, headers={"Retry-After": "31536000"}))) as server:
        service = kind.make(server.url)
        assert type(ask(service, kind.region, []).error) is Limited
        server.handler = kind.say()
        assert ask(service, kind.region, []).series is not None


# --- content

Edit = Callable[[Kind, list[Row]], Sequence[Row]]


def swap(_: Kind, rows: list[Row]) -> list[Row]:
    return [*rows[:4], rows[5], rows[4], *rows[6:]]


def value(given: Any) -> Edit:
    return lambda _, rows: [*rows[:4], (rows[4][0], given), *rows[5:]]


EDITS: dict[str, Edit] = {
    "null": value(None),
    "NaN": value(float("nan")),
    "infinite": value(float("inf")),
    "negative": value(-1),
    "too large": value(1e9),
    "a text": value("211"),
    "a truth": value(True),
    "unordered": swap,
    "different duplicates": lambda _, rows: [*rows[:5], (rows[4][0], 7), *rows[5:]],
}


# The columns of Energy-Charts have gaps by nature: see below.
REFUSED = [
    pytest.param(kind, fault, id=f"{kind.name}-{fault}")
    for kind in KINDS
    for fault in EDITS
    if (kind.name, fault) != ("Energy-Charts", "null")
]


@pytest.mark.parametrize(("kind", "fault"), REFUSED)
def test_a_value_that_is_not_right_is_refused(kind: Kind, fault: str) -> None:
    rows = EDITS[fault](kind, kind.rows())
    result = call(kind, kind.say(rows))
    assert type(result.error) is Bad
    # It is seen where it is, and not only that something is wrong.
    assert fault in ("NaN", "infinite") or "not of the form" not in str(result.error)


@each_kind
def test_a_missing_stretch_stays_visible(kind: Kind) -> None:
    rows = kind.rows()
    result = call(kind, kind.say([*rows[:4], *rows[6:]]))
    series = result.series
    assert series is not None
    assert series.ends[3] == rows[4][0].timestamp()
    assert series.times[4] == rows[6][0].timestamp()
    assert "without" in series.describe_coverage()


def test_a_hole_in_the_columns_of_energy_charts_stays_visible() -> None:
    kind = BY_NAME["Energy-Charts"]
    rows = kind.rows()
    series = call(kind, kind.say(value(None)(kind, rows))).series
    assert series is not None
    assert len(series.values) == len(rows) - 1
    assert series.ends[3] == rows[4][0].timestamp()


@each_kind
def test_identical_duplicates_are_merged(kind: Kind) -> None:
    rows = kind.rows()
    series = call(kind, kind.say([*rows[:5], rows[4], *rows[5:]])).series
    assert series is not None
    assert len(series.values) == len(rows)


@each_kind
def test_a_short_horizon_is_given_as_it_is(kind: Kind) -> None:
    series = call(kind, kind.say(kind.rows(3))).series
    assert series is not None
    assert series.ends[-1] == (NOW + 3 * kind.step).timestamp()


@each_kind
def test_no_rows_are_no_data(kind: Kind) -> None:
    assert type(call(kind, kind.say([])).error) is errors.NoDataError


@each_kind
def test_an_answer_about_yesterday_does_not_cover_now(kind: Kind) -> None:
    rows = kind.rows(24, NOW - timedelta(days=2))
    assert type(call(kind, kind.say(rows)).error) is errors.CoverageError


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.zoned], ids=lambda kind: kind.name)
def test_an_answer_for_another_zone_is_refused(kind: Kind) -> None:
    assert type(call(kind, kind.say(zone=kind.other)).error) is Bad


@pytest.mark.parametrize("units", ["percentile", "g_co2_per_kwh", "", None, 7])
def test_watttime_in_other_units_is_refused(units: Any) -> None:
    kind = BY_NAME["WattTime"]
    assert type(call(kind, kind.say(units=units)).error) is Bad


@pytest.mark.parametrize("signal", ["health_damage", "co2_aoer", None, 7])
def test_another_signal_of_watttime_is_refused(signal: Any) -> None:
    kind = BY_NAME["WattTime"]

    def handler(asked: Asked) -> Say:
        body = (login(asked) or kind.say()(asked)).body
        if "meta" in body:
            body["meta"]["signal_type"] = signal
        return Say(body=body)

    result = call(kind, handler)
    assert type(result.error) is Bad
    assert "expected signal_type co2_moer" in str(result.error)


@pytest.mark.parametrize(
    "more", [{"unit": "kgCO2eq/kWh"}, {"units": "lb/MWh"}, {"emissionFactorType": "direct"}]
)
def test_electricity_maps_in_other_units_is_refused(more: dict[str, Any]) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        return Say(body={**kind.body(kind.rows(), asked), **more})

    assert type(call(kind, handler).error) is Bad


def test_columns_that_differ_in_length_are_refused() -> None:
    kind = BY_NAME["Energy-Charts"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        return Say(body={**body, "co2eq_forecast": body["co2eq_forecast"][:-1]})

    assert type(call(kind, handler).error) is Bad


@pytest.mark.parametrize("at", [True, -1, 2**40, 1795514400.5, "1795514400", None])
def test_columns_of_other_times_are_refused(at: Any) -> None:
    kind = BY_NAME["Energy-Charts"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body["unix_seconds"][0] = at
        return Say(body=body)

    result = call(kind, handler)
    assert type(result.error) is Bad
    assert "expected times in seconds since 1970" in str(result.error)


@pytest.mark.parametrize("at", ["2026-11-24T10:00:00", "yesterday", None, 7, "2026-11-24T10:00X"])
def test_times_without_a_zone_are_refused(at: Any) -> None:
    kind = BY_NAME["Electricity Maps"]

    def handler(asked: Asked) -> Say:
        body = kind.body(kind.rows(), asked)
        body["forecast"][3]["datetime"] = at
        return Say(body=body)

    assert type(call(kind, handler).error) is Bad


# --- clocks

DATED = [kind for kind in KINDS if kind.dated]


@pytest.mark.parametrize("kind", DATED, ids=lambda kind: kind.name)
def test_a_forecast_from_the_future_is_refused(kind: Kind) -> None:
    result = call(kind, kind.say(issued=NOW + timedelta(hours=3)))
    assert type(result.error) is Bad
    assert "issued in the future" in str(result.error)


@pytest.mark.parametrize("kind", DATED, ids=lambda kind: kind.name)
def test_a_clock_of_ours_that_is_late_is_allowed_for(kind: Kind) -> None:
    ahead = timedelta(hours=2)

    def handler(asked: Asked) -> Say:
        say = kind.say(issued=ISSUED + ahead)(asked)
        return say if asked.path == "/login" else replace(say, date=NOW + ahead)

    assert call(kind, handler).series is not None


@each_kind
def test_a_clock_of_ours_that_is_far_ahead_is_pointed_out(kind: Kind) -> None:
    def handler(asked: Asked) -> Say:
        rows = kind.rows(12, NOW - timedelta(days=3))
        return replace(kind.say(rows)(asked), date=NOW - timedelta(days=3))

    result = call(kind, handler)
    assert type(result.error) is errors.CoverageError
    assert "its clock and ours differ by 3 days" in str(result.error)


# --- redirects, keys, secrets


@each_kind
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_does_not_travel(kind: Kind, status: int) -> None:
    with serving(kind.say()) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost") + f"/?key={TOKEN}"
        redirect = Say(status=status, headers={"Location": elsewhere})
        result = call(kind, lambda _asked: redirect)
        assert other.asked == []
    assert type(result.error) is Bad
    assert "redirect to localhost" in str(result.error)
    no_secrets(str(result.error))


@each_kind
def test_what_stands_in_netrc_is_not_sent(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("default login stranger password of-another-service\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(kind.say()) as server:
        ask(kind.make(server.url), kind.region, [])
        sent = [(asked.path, asked.headers.get("Authorization")) for asked in server.asked]
    expected = f"Bearer {BEARER}" if kind.name == "WattTime" else None
    assert [header for path, header in sent if path != "/login"] == [expected]
    assert all(str(header).startswith("Basic ") for path, header in sent if path == "/login")


@each_kind
def test_cookies_are_not_kept(kind: Kind) -> None:
    def handler(asked: Asked) -> Say:
        return replace(kind.say()(asked), headers={"Set-Cookie": "who=you; Path=/"})

    with serving(handler) as server:
        service = kind.make(server.url)
        for _ in range(2):
            assert ask(service, kind.region, []).series is not None
        assert not [asked for asked in server.asked if "Cookie" in asked.headers]


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
        (Say(body="<html>Welcome</html>"), Bad, 1),
        # Three tries, as with any request.
        (Say(status=500), Unavailable, 3),
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
    assert type(result.error) is Bad
    no_secrets(str(result.error))


def traceback_within(service: ServiceClient, region: str, *, variables: bool) -> str:
    """Fail inside, and show the traceback, with all local variables if wanted."""
    with pytest.raises((errors.ProviderError, ValueError, AttributeError)) as caught:
        service._service.ask(service._call(Deadline.after(0.5)), [region])
    told = traceback.TracebackException.from_exception(caught.value, capture_locals=variables)
    return "".join(told.format())


BASIC = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
ECHO = {
    "Electricity Maps": f"{TOKEN} {quote(TOKEN)}",
    "WattTime": f"{USER} {PASSWORD} {quote(PASSWORD, safe='')} {BEARER} Basic {BASIC} {PASSWORD}",
}


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.keyed], ids=lambda kind: kind.name)
@pytest.mark.parametrize(
    "fault", ["echo 400", "echo 401", "echo 403", "echo 500", "echo 200", *SAYS]
)
def test_no_secret_shows_anywhere(
    kind: Kind,
    fault: str,
    tmp_path: Path,
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    if fault.startswith("echo"):
        status = int(fault.split()[1])
        echo = ECHO[kind.name]
        say = Say(status=status, body={"error": echo, "message": [f"you sent {echo}"]})
    elif fault in SLOW:
        say = replace(SAYS[fault][0], delay=1.0)
    else:
        say = SAYS[fault][0]
    folder = tmp_path / "cache"
    deadline = timedelta(seconds=0.5)
    with serving(kind.say()) as server:
        service = kind.make(server.url, cache=folder, fresh_for=timedelta(), deadline=deadline)
        assert ask(service, kind.region, []).series is not None
        server.handler = always(say)
        result = ask(WithLastGood(service), kind.region, [])
        other = service.forecasts([kind.other], start=NOW, end=END)[1][kind.other]
        # An answer that is parsed is a variable, whatever it echoes.
        traced = traceback_within(service, kind.other, variables=fault != "echo 200")
    assert result.series is not None
    assert result.series.provenance is not None
    assert result.series.provenance.quality is Quality.LAST_GOOD
    assert other.__context__ is None
    no_secrets(str(other), repr(other), traced)
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert files
    no_secrets(*(path.read_text() + path.name for path in files))
    no_secrets(caplog.text, repr(service), repr(vars(service)), str(result.series.provenance))
    assert BASIC not in caplog.text + str(other) + traced


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.keyed], ids=lambda kind: kind.name)
def test_a_key_is_not_sent_in_the_clear(kind: Kind) -> None:
    with pytest.raises(errors.ConfigurationError, match="expected https"):
        kind.make("http://example.org")


@each_kind
def test_what_goes_to_this_machine_goes_through_no_proxy(
    kind: Kind, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A key may be sent to it without HTTPS, and a proxy would read it."""
    with serving(kind.say()) as server, serving(always(Say(status=502))) as proxy:
        for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
            monkeypatch.setenv(name, proxy.url)
        for host in ("127.0.0.1", "localhost"):
            url = server.url.replace("127.0.0.1", host)
            assert ask(kind.make(url), kind.region, []).series is not None
        assert proxy.asked == []


@each_kind
def test_a_proxy_that_cannot_be_reached_is_said_without_its_password(
    kind: Kind, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    proxy = f"http://{quote(USER)}:{quote(PASSWORD, safe='')}@127.0.0.1:{free_port()}"
    monkeypatch.setenv("HTTPS_PROXY", proxy)
    monkeypatch.setenv("https_proxy", proxy)
    result = ask(kind.make("https://forecasts.invalid"), kind.region, [])
    assert type(result.error) is Unavailable
    assert "proxy" in str(result.error)
    no_secrets(str(result.error), repr(result.error), caplog.text)
    assert quote(PASSWORD, safe="") not in caplog.text + str(result.error)


HARD = "k&y'4711 <\"of\\/all>+%="


@pytest.mark.parametrize(
    "written",
    [
        HARD,
        quote(HARD),
        quote(HARD, safe=""),
        quote(HARD, safe="").lower(),
        html.escape(HARD),
        json.dumps(HARD),
        repr(HARD),
        base64.b64encode(HARD.encode()).decode(),
        base64.b64encode(HARD.encode()).decode().rstrip("="),
        base64.urlsafe_b64encode(HARD.encode()).decode(),
    ],
)
def test_a_secret_is_struck_out_however_it_is_written(written: str) -> None:
    shown = hide(f"you sent {written}; sorry", [Secret(HARD)])
    # Quotes around it and padding behind it tell nothing.
    assert re.fullmatch(r"""you sent ["']?\*\*\*=*["']?; sorry""", shown)


@pytest.mark.parametrize("kind", [kind for kind in KINDS if kind.keyed], ids=lambda kind: kind.name)
def test_half_a_secret_is_one_too(kind: Kind) -> None:
    """Messages are shortened, but never in the middle of a key."""
    secret = TOKEN if kind.name == "Electricity Maps" else PASSWORD
    before = 0

    def handler(asked: Asked) -> Say:
        return kind.say(zone="x" * before + secret)(asked)

    with serving(handler) as server:
        service = kind.make(server.url)
        for before in range(0, 400, 3):  # noqa: B007 - the handler reads it
            error = str(ask(service, kind.region, []).error)
            assert secret[:8] not in error
            assert len(error) < 400


def test_a_secret_is_not_pickled() -> None:
    for service in (ElectricityMaps(token=TOKEN), WattTime(user=USER, password=PASSWORD)):
        for secret in service._service.secrets:
            with pytest.raises(TypeError, match="a secret is not written to files") as caught:
                pickle.dumps(secret)
            no_secrets(str(caught.value))
        with pytest.raises(TypeError):
            pickle.dumps(service)


@pytest.mark.parametrize(
    "url",
    [
        "",
        "example.org",
        "ftp://example.org",
        "http://",
        "http://user:secret-word@example.org",
        "http://example.org/?key=secret-word",
        "http://[::1",
        "http://example.org:port",
    ],
)
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        BY_NAME["Carbon Aware SDK"].make(url)
    assert "secret-word" not in str(caught.value)


@pytest.mark.parametrize("key", ["with\nbreak", "süß", "\x00"])
def test_a_key_that_cannot_be_sent_is_not_shown(key: str) -> None:
    with pytest.raises(errors.ConfigurationError) as caught:
        ElectricityMaps(token=f"start-{key}-end")
    assert key not in str(caught.value)
    with pytest.raises(errors.ConfigurationError) as caught:
        WattTime(user=USER, password=f"start-{key}-end")
    assert key not in str(caught.value)
