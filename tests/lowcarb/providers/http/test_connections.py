"""Where requests go: never elsewhere, never through others, and never with what is not ours."""

import logging
import socket
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from lowcarb import errors
from tests.helpers.forecast_calls import always, ask, call, no_secrets
from tests.helpers.forecast_services import BEARER, PASSWORD, TOKEN, USER, Kind, each_kind
from tests.helpers.http_server import Asked, Say, free_port, serving


@each_kind
def test_nobody_listens(kind: Kind) -> None:
    result = call(kind, None)
    assert type(result.error) is errors.ProviderUnavailableError
    assert "the connection was refused" in str(result.error)
    assert len(result.slept) == 2


@each_kind
def test_a_name_that_does_not_resolve(kind: Kind, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(*_args: Any, **_more: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", fails)
    result = ask(kind.make("https://nowhere.invalid"), kind.region, [])
    assert type(result.error) is errors.ProviderUnavailableError
    assert "its name cannot be resolved" in str(result.error)


@each_kind
@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_redirect_is_not_followed_and_the_key_does_not_travel(kind: Kind, status: int) -> None:
    with serving(kind.say()) as other:
        elsewhere = other.url.replace("127.0.0.1", "localhost") + f"/?key={TOKEN}"
        redirect = Say(status=status, headers={"Location": elsewhere})
        result = call(kind, lambda _asked: redirect)
        assert other.asked == []
    assert type(result.error) is errors.BadResponseError
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
    assert type(result.error) is errors.ProviderUnavailableError
    assert "proxy" in str(result.error)
    no_secrets(str(result.error), repr(result.error), caplog.text)
    assert quote(PASSWORD, safe="") not in caplog.text + str(result.error)
