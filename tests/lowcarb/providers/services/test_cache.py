"""The ladder on disk: cached, fresh, last good, an error; and a cache that is never a danger."""

import json
import os
import socket
import stat
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import CoverageError, ProviderUnavailableError
from lowcarb.providers.last_good import WithLastGood
from lowcarb.providers.services.cache import Cache, default_folder
from lowcarb.providers.services.client import ServiceClient
from tests.helpers.data import ENVIRONMENT
from tests.helpers.forecast_services import BY_NAME, END, KINDS, NOW, SECRETS, Kind
from tests.helpers.http_server import Say, Server, serving

each_kind = pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
MAPS = BY_NAME["Electricity Maps"]


class Clock:
    """Says what it is told."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


def made(kind: Kind, server: Server, folder: Path, clock: Clock, **options: Any) -> ServiceClient:
    return kind.make(server.url, cache=folder / "cache", clock=clock, **options)


def look(service: ServiceClient, region: str, clock: Clock) -> Series | Exception:
    start = clock.now
    ladder = WithLastGood(service)
    found, failed = ladder.forecasts([region], start=start, end=start + (END - NOW))
    return found.get(region) or failed[region]


def quality(given: Series | Exception) -> Quality:
    assert isinstance(given, Series), given
    assert given.provenance is not None
    return given.provenance.quality


@each_kind
def test_the_ladder(kind: Kind, tmp_path: Path) -> None:
    clock = Clock()
    rows = kind.rows(300)
    with serving(kind.say(rows)) as server:
        service = made(kind, server, tmp_path, clock)
        first = look(service, kind.region, clock)
        assert quality(first) is Quality.FRESH
        clock.now += timedelta(minutes=5)
        asked = len(server.asked)
        # A new object, as after a restart: what is kept is on the disk.
        cached = look(made(kind, server, tmp_path, clock), kind.region, clock)
        assert quality(cached) is Quality.CACHED
        assert len(server.asked) == asked
        assert isinstance(first, Series)
        assert isinstance(cached, Series)
        assert cached.values.tolist() == first.values.tolist()
        assert cached.ends.tolist() == first.ends.tolist()
        assert cached.provenance is not None
        assert first.provenance is not None
        assert cached.provenance.fetched_at == NOW
        assert cached.provenance.issued_at == first.provenance.issued_at
        server.handler = lambda _asked: Say(status=500)
        clock.now = NOW + timedelta(hours=5)
        assert quality(look(service, kind.region, clock)) is Quality.LAST_GOOD
        clock.now = NOW + timedelta(hours=6, minutes=1)
        assert isinstance(look(service, kind.region, clock), ProviderUnavailableError)
        server.handler = kind.say([(at + timedelta(hours=6), value) for at, value in rows])
        assert quality(look(service, kind.region, clock)) is Quality.FRESH


def test_a_last_good_answer_that_no_longer_covers_the_time_is_not_used(tmp_path: Path) -> None:
    clock = Clock()
    with serving(MAPS.say(MAPS.rows(3))) as server:
        service = made(MAPS, server, tmp_path, clock)
        assert quality(look(service, "DE", clock)) is Quality.FRESH
        server.handler = lambda _asked: Say(status=500)
        clock.now = NOW + timedelta(hours=1, minutes=59)
        assert quality(look(service, "DE", clock)) is Quality.LAST_GOOD
        clock.now = NOW + timedelta(hours=2, minutes=5)
        assert isinstance(look(service, "DE", clock), ProviderUnavailableError)


def test_an_answer_that_is_not_right_leaves_the_last_good_one(tmp_path: Path) -> None:
    clock = Clock()
    with serving(MAPS.say()) as server:
        service = made(MAPS, server, tmp_path, clock)
        good = look(service, "DE", clock)
        clock.now += timedelta(hours=1)
        server.handler = MAPS.say([(at, -1) for at, _ in MAPS.rows()])
        for _ in range(2):
            series = look(service, "DE", clock)
            assert quality(series) is Quality.LAST_GOOD
            assert isinstance(series, Series)
            assert isinstance(good, Series)
            assert series.values.tolist() == good.values.tolist()


@each_kind
def test_offline_opens_no_socket(
    kind: Kind, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = Clock()
    with serving(kind.say(kind.rows(300))) as server:
        look(made(kind, server, tmp_path, clock), kind.region, clock)
        offline = made(kind, server, tmp_path, clock, offline=True)

        def forbidden(*_args: Any, **_more: Any) -> Any:
            raise AssertionError("a socket was opened")

        monkeypatch.setattr(socket, "socket", forbidden)
        monkeypatch.setattr(socket, "getaddrinfo", forbidden)
        assert quality(look(offline, kind.region, clock)) is Quality.CACHED
        clock.now += timedelta(hours=3)
        assert quality(look(offline, kind.region, clock)) is Quality.LAST_GOOD
        missing = look(offline, kind.other, clock)
        monkeypatch.undo()
    assert isinstance(missing, ProviderUnavailableError)
    assert "offline" in str(missing)


@each_kind
def test_files_are_private_and_hold_no_secret(kind: Kind, tmp_path: Path) -> None:
    clock = Clock()
    with serving(kind.say()) as server:
        look(made(kind, server, tmp_path, clock), kind.region, clock)
    folder = tmp_path / "cache"
    (path,) = folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert not any(secret in path.read_text() + path.name for secret in SECRETS)


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"\xff\xfe",
        b'{"version": 1}',
        b"[" * 100_000,
        b"0" * 2**21,
        "times",
        "values",
        "zone",
        "key",
        "version",
    ],
)
def test_a_damaged_file_is_no_answer_and_no_danger(damage: bytes | str, tmp_path: Path) -> None:
    clock = Clock()
    with serving(MAPS.say()) as server:
        service = made(MAPS, server, tmp_path, clock)
        look(service, "DE", clock)
        (path,) = (tmp_path / "cache").iterdir()
        if isinstance(damage, bytes):
            path.write_bytes(damage)
        else:
            payload = json.loads(path.read_text())
            wrong = None if damage == "zone" else [1, "x"] if "s" in damage[-1] else "other"
            path.write_text(json.dumps(payload | {damage: wrong}))
        assert quality(look(service, "DE", clock)) is Quality.FRESH
        assert quality(look(service, "DE", clock)) is Quality.CACHED


def test_a_file_from_the_future_is_not_used(tmp_path: Path) -> None:
    clock = Clock()
    with serving(MAPS.say(MAPS.rows(300))) as server:
        service = made(MAPS, server, tmp_path, clock)
        clock.now = NOW + timedelta(hours=1)
        look(service, "DE", clock)
        clock.now = NOW
        assert quality(look(service, "DE", clock)) is Quality.FRESH


def test_a_folder_that_cannot_be_written_is_said_and_no_more(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    clock = Clock()
    (tmp_path / "cache").write_text("not a folder")
    with serving(MAPS.say()) as server:
        assert quality(look(made(MAPS, server, tmp_path, clock), "DE", clock)) is Quality.FRESH
    assert "cannot be written" in caplog.text


WRITER = """
import sys
import numpy as np
from datetime import UTC, datetime
from pathlib import Path
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance
from lowcarb.providers.services.cache import Cache

cache, value = Cache(Path(sys.argv[1])), float(sys.argv[2])
provenance = Provenance(provider="p", zone="z", fetched_at=datetime.now(UTC))
series = Series(times=np.arange(2000.0), values=np.full(2000, value), provenance=provenance)
print("ready", flush=True)
sys.stdin.readline()
for _ in range(150):
    cache.write("key", series)
"""


def test_processes_that_write_at_once_leave_whole_files(tmp_path: Path) -> None:
    cache = Cache(tmp_path / "cache")
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(cache.folder), value],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env=ENVIRONMENT,
        )
        for value in ("1", "2")
    ]
    try:
        for writer in writers:
            assert writer.stdout is not None
            assert writer.stdout.readline() == "ready\n"
        for writer in writers:
            assert writer.stdin is not None
            writer.stdin.write("go\n")
            writer.stdin.flush()
        seen: set[float] = set()
        while any(writer.poll() is None for writer in writers):
            series = cache.read("key")
            assert series is not None or not seen
            if series is not None:
                assert len(series.values) == 2000
                assert len(set(series.values)) == 1
                seen |= set(series.values.tolist())
    finally:
        for writer in writers:
            writer.communicate()
    assert [writer.returncode for writer in writers] == [0, 0]
    assert seen <= {1.0, 2.0}
    assert [path.suffix for path in cache.folder.iterdir()] == [".json"]


def test_addresses_zones_and_options_do_not_share_files(tmp_path: Path) -> None:
    clock = Clock()
    with serving(MAPS.say()) as server, serving(MAPS.say()) as mirror:
        for here, options in (
            (server, {}),
            (mirror, {}),
            (server, {"horizon_hours": 48}),
            (server, {"accounting": "direct"}),
        ):
            service = made(MAPS, here, tmp_path, clock, **options)
            assert quality(look(service, "DE", clock)) is Quality.FRESH
            assert quality(look(service, "FR", clock)) is Quality.FRESH
    assert len(list((tmp_path / "cache").iterdir())) == 8


def test_without_a_cache_every_call_asks() -> None:
    with serving(MAPS.say()) as server:
        service = MAPS.make(server.url, cache=None)
        for _ in range(2):
            service.forecasts(["DE"], start=NOW, end=END)
        assert len(server.asked) == 2


def test_the_default_folder_is_the_users(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_folder() == Path(os.environ["XDG_CACHE_HOME"]) / "lowcarb"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert default_folder() == tmp_path / ".cache" / "lowcarb"
    # A folder relative to wherever a program was started is none to rely on.
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    folder = default_folder()
    assert folder is None or folder == tmp_path / ".cache" / "lowcarb"
    # A user without a home, as in some containers, has no cache.
    monkeypatch.setattr("os.path.expanduser", lambda path: path)
    assert default_folder() is None
    assert MAPS.make("http://127.0.0.1:1", cache=default_folder()).cache is None


def test_what_is_over_is_not_asked_for_as_a_forecast() -> None:
    with serving(MAPS.say()) as server:
        service = MAPS.make(server.url)
        _, failed = service.forecasts(["DE"], start=NOW - timedelta(days=1), end=END)
        assert server.asked == []
    assert isinstance(failed["DE"], CoverageError)
