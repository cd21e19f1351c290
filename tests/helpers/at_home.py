"""No test that asks a service leaves this machine, its environment or its home alone."""

import socket
from pathlib import Path
from typing import Any

import pytest

LOOPBACK = ("127.0.0.1", "::1", "localhost")


@pytest.fixture(autouse=True)
def at_home(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep caches, keys, proxies and sockets of the user out of the tests."""
    connect = socket.socket.connect

    def loopback_only(self: socket.socket, address: Any) -> None:
        assert address[0] in LOOPBACK, f"a test dials out to {address}"
        connect(self, address)

    monkeypatch.setattr(socket.socket, "connect", loopback_only)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "xdg"))
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    for name in ("ELECTRICITYMAPS_TOKEN", "WATTTIME_USER", "WATTTIME_PASSWORD", "NETRC"):
        monkeypatch.delenv(name, raising=False)
