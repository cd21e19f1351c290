"""Servers that never end what they say: no thread outlives a call, and the next call asks again."""

import gc
import itertools
import threading
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import requests

from lowcarb.errors import BadResponseError, ProviderUnavailableError
from lowcarb.providers.http.deadline import Deadline, run_all
from lowcarb.providers.services.client import MOST_LATE, ServiceClient
from tests.helpers.forecast_services import BY_NAME, END, KINDS, NOW, Kind
from tests.helpers.http_server import Say, now, serving
from tests.helpers.raw_server import Sends, head, sending

LONDON = BY_NAME["NESO London"]
REGIONS = ["1", "2", "3", "4"]
# Calls end after 0.3 s; only a call that hangs would take as long as this.
HANG_S = 6.0
CHUNKED = "Transfer-Encoding: chunked"


def slowly(pieces: Iterator[bytes]) -> Iterator[bytes]:
    for piece in pieces:
        time.sleep(0.02)
        yield piece


def then(begin: bytes, piece: bytes) -> Iterator[bytes]:
    return itertools.chain([begin], itertools.repeat(piece))


def drip(text: bytes) -> Iterator[bytes]:
    return slowly(bytes([byte]) for byte in text)


TRAILER = b"X-More: " + b"x" * 100 + b"\r\n"
ENDLESS: dict[str, Sends] = {
    "trailers": lambda: then(head(CHUNKED) + b"0\r\n", TRAILER * 500),
    "slow trailers": lambda: slowly(then(head(CHUNKED) + b"0\r\n", TRAILER)),
    "100 Continue": lambda: itertools.repeat(head(status="100 Continue") * 500),
    "slow 100 Continue": lambda: slowly(itertools.repeat(head(status="100 Continue"))),
    "a header by bytes": lambda: drip(b"HTTP/1.1 200 OK\r\nX-Slow: " + b"x" * 50_000),
    "a status by bytes": lambda: drip(b"HTTP/1.1 200 " + b"O" * 50_000),
    "a length of a chunk by bytes": lambda: itertools.chain([head(CHUNKED)], drip(b"0" * 50_000)),
    "an extension of a chunk by bytes": lambda: itertools.chain(
        [head(CHUNKED)], drip(b"5;" + b"x" * 50_000)
    ),
    "a body by bytes": lambda: itertools.chain(
        [head("Content-Length: 50000")], drip(b" " * 50_000)
    ),
    "a packed body by bytes": lambda: itertools.chain(
        [head("Content-Length: 50000", "Content-Encoding: gzip")],
        drip(b"\x1f\x8b\x08" + bytes(50_000)),
    ),
    "tiny chunks": lambda: slowly(then(head(CHUNKED), b"1\r\n \r\n")),
    "silence": lambda: slowly(itertools.repeat(b"")),
}


def fetching() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name == "lowcarb-fetch"]


def descriptors() -> int:
    return len(list(Path("/proc/self/fd").iterdir()))


def descriptors_unused(service: ServiceClient, url: str) -> int:
    """Count those that no pool keeps: how many it keeps is a matter of which thread comes first."""
    service._http._session().get_adapter(url).close()
    gc.collect()
    return descriptors()


def none_is_left() -> None:
    """What was cut ends by itself; the bound is generous for machines under load."""
    until = now() + 5
    while fetching() and now() < until:
        time.sleep(0.01)
    assert fetching() == []


def ask(service: ServiceClient, regions: Sequence[str]) -> set[type[Exception]]:
    begin = now()
    found, failed = service.forecasts(regions, start=NOW, end=END)
    assert now() - begin < HANG_S
    assert found == {}
    assert set(failed) == set(regions)
    return {type(error) for error in failed.values()}


def made(url: str, kind: Kind = LONDON) -> ServiceClient:
    return kind.make(url, deadline=timedelta(seconds=0.3))


@pytest.mark.parametrize("fault", ENDLESS)
def test_no_thread_outlives_a_call(fault: str) -> None:
    with sending(ENDLESS[fault]) as server:
        assert ask(made(server.url), REGIONS) == {ProviderUnavailableError}
        none_is_left()


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_service_that_is_well_again_is_asked_again(kind: Kind) -> None:
    """Far more calls hang than would fill all threads, and the next call answers."""
    regions = [kind.region, kind.other]
    with sending(ENDLESS["a header by bytes"]) as server, serving(kind.say()) as well:
        service = kind.make(server.url, deadline=timedelta(seconds=0.05))
        for _ in range(MOST_LATE // len(regions) + 4):
            assert ask(service, regions) == {ProviderUnavailableError}
        service._http.base_url = well.url
        service.deadline = timedelta(seconds=10)
        found, failed = service.forecasts([kind.region], start=NOW, end=END)
    assert (set(found), failed) == ({kind.region}, {})


def test_a_session_of_ones_own_is_watched_too() -> None:
    with requests.Session() as session, serving(LONDON.say()) as well:
        # Idle connections of its earlier use are no way out.
        session.get(well.url + "/7", timeout=5)
        options = {"session": session, "deadline": timedelta(seconds=0.3)}
        for _ in range(2):
            with sending(ENDLESS["slow trailers"]) as server:
                assert ask(LONDON.make(server.url, **options), REGIONS) == {
                    ProviderUnavailableError
                }
                none_is_left()


def test_a_proxy_that_never_ends_is_cut_off(monkeypatch: pytest.MonkeyPatch) -> None:
    with sending(ENDLESS["a header by bytes"]) as proxy:
        for scheme in ("http", "https"):
            monkeypatch.setenv(f"{scheme}_proxy", proxy.url)
            assert ask(made(f"{scheme}://forecasts.invalid"), REGIONS) == {ProviderUnavailableError}
            none_is_left()


@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_tls_that_never_begins_is_cut_off() -> None:
    """The first bytes of a record of a handshake that says it is long."""
    record = b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc" + b"\x00" * 50_000
    with sending(lambda: drip(record)) as server:
        url = server.url.replace("http:", "https:")
        assert ask(made(url), REGIONS) == {ProviderUnavailableError}
        none_is_left()
    # A socket whose handshake breaks off may be left to the garbage collector.
    gc.collect()


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="needs a list of descriptors")
def test_no_descriptor_is_left_behind() -> None:
    with sending(ENDLESS["slow trailers"]) as server:
        service = made(server.url)
        ask(service, REGIONS)
        none_is_left()
        with serving(LONDON.say()) as well:
            service._http.base_url = well.url
            service.forecasts(REGIONS, start=NOW, end=END)
        service._http.base_url = server.url
        before = descriptors_unused(service, server.url)
        for _ in range(5):
            ask(service, REGIONS)
        none_is_left()
        # Those of the server's side go when it sees that nobody listens.
        until = now() + 5
        while descriptors_unused(service, server.url) > before and now() < until:
            time.sleep(0.01)
        assert descriptors_unused(service, server.url) <= before


def test_connections_are_kept_for_the_next_call() -> None:
    """What was not late is not cut."""
    seen: set[object] = set()
    with serving(LONDON.say()) as server:
        service = LONDON.make(server.url)
        for _ in range(3):
            found, _failed = service.forecasts(["13"], start=NOW, end=END)
            assert set(found) == {"13"}
            pools = service._http._session().get_adapter(server.url).poolmanager.pools  # type: ignore[attr-defined]
            (pool,) = (pools[key] for key in pools.keys())  # noqa: SIM118 - no dict
            seen.add(pool.num_connections)
    assert seen == {1}


@pytest.mark.parametrize("status", [300, 301, 302, 303, 304, 307, 308, 399])
@pytest.mark.parametrize("location", ["Location: https://other.example/", "X-None: 0"])
def test_no_body_of_a_redirect_is_read(status: int, location: str) -> None:
    piece = b"x" * 65_536
    begin = head(location, status=f"{status} Elsewhere")
    with sending(lambda: then(begin, piece)) as server:
        assert ask(LONDON.make(server.url), REGIONS) == {BadResponseError}
        none_is_left()
        # Only what fits into the buffers of the sockets.
        assert server.sent < len(REGIONS) * 16 * 2**20


def test_a_redirect_to_no_address_is_told_as_a_redirect() -> None:
    say = Say(status=302, headers={"Location": "http://[no"})
    with serving(lambda _asked: say) as server:
        _, failed = LONDON.make(server.url).forecasts(["13"], start=NOW, end=END)
    assert "answers with a redirect to no address" in str(failed["13"])


def test_an_interrupted_wait_cuts_too() -> None:
    with sending(ENDLESS["slow trailers"]) as server:
        service = made(server.url)
        call = service._call(Deadline.after(60))

        def job() -> object:
            return service._service.ask(call, ["13"])

        class Interrupted(Deadline):
            @property
            def left_s(self) -> float:
                if threading.current_thread() is threading.main_thread():
                    time.sleep(0.2)
                    raise KeyboardInterrupt
                return 60.0

        with pytest.raises(KeyboardInterrupt):
            run_all([job], workers=1, deadline=Interrupted(0.0, 60.0), started=[])
        none_is_left()
