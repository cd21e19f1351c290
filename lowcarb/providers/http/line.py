"""The socket of a running request, so that somebody else can end the request.

A timeout of a socket is for one read: a server that sends a byte from time to time, or headers,
trailers or "100 Continue" without end, holds a thread for as long as it likes. So each connection
tells the job that uses it which socket it has, and who waits for the job shuts the socket down.
"""

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

if TYPE_CHECKING:
    import requests

_in_use = threading.local()


class Line:
    """What a job is connected by; the job runs in a ``with`` block of the line."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._socket: socket.socket | None = None
        self._is_cut = False

    def __enter__(self) -> Self:
        """Let connections of this thread tell this line of their sockets."""
        _in_use.line = self
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Let go of the socket, which a connection may keep for the next request."""
        _in_use.line = None
        self._keep(None)

    def hold(self, number: int) -> None:
        """Keep a socket, by its descriptor, until the next socket comes or the job ends."""
        # A duplicate: TLS takes the original away for its handshake, and a number may be reused.
        self._keep(socket.socket(fileno=socket.dup(number)))

    def cut(self) -> None:
        """End what the job waits for, now and from now on."""
        with self._lock:
            self._is_cut = True
            _shut(self._socket)

    def _keep(self, held: socket.socket | None) -> None:
        with self._lock:
            before, self._socket = self._socket, held
            if before is not None:
                before.close()
            if held is not None and self._is_cut:
                held.close()
                self._socket = None
                raise TimeoutError("the line is cut")


def watch(session: "requests.Session") -> None:
    """Make all connections of a session tell the line that is in use of their sockets."""
    for adapter in session.adapters.values():
        manager = getattr(adapter, "poolmanager", None)
        if manager is not None and not _is_watched(manager):
            _watch(manager)
            through_proxy = _watching(adapter.proxy_manager_for)  # type: ignore[attr-defined]
            setattr(adapter, "proxy_manager_for", through_proxy)  # noqa: B010 - a method


def _watching(make: Callable[..., Any]) -> Callable[..., Any]:
    def watched(*args: Any, **options: Any) -> Any:
        manager = make(*args, **options)
        if not _is_watched(manager):
            _watch(manager)
        return manager

    return watched


def _is_watched(manager: Any) -> bool:
    pools = manager.pool_classes_by_scheme.values()
    return all(issubclass(pool.ConnectionCls, _Telling) for pool in pools)


def _watch(manager: Any) -> None:
    # Idle connections of an earlier use would not tell.
    manager.clear()
    pools = manager.pool_classes_by_scheme
    manager.pool_classes_by_scheme = {scheme: _telling(pool) for scheme, pool in pools.items()}


@cache
def _telling(pool: Any) -> Any:
    connection = type(f"Telling{pool.ConnectionCls.__name__}", (_Telling, pool.ConnectionCls), {})
    return type(f"Telling{pool.__name__}", (pool,), {"ConnectionCls": connection})


class _Telling:
    """Tells the line in use of a new socket before TLS begins, and of a socket used again."""

    sock: Any

    def _new_conn(self) -> Any:
        made = super()._new_conn()  # type: ignore[misc]
        try:
            _tell(made)
        except BaseException:
            made.close()
            raise
        return made

    def request(self, *args: Any, **options: Any) -> Any:
        if self.sock is not None:
            _tell(self.sock)
        return super().request(*args, **options)  # type: ignore[misc]


def _tell(used: Any) -> None:
    line: Line | None = getattr(_in_use, "line", None)
    if line is not None:
        line.hold(used.fileno())


def _shut(held: socket.socket | None) -> None:
    if held is not None:
        # The other side may have ended it before.
        with suppress(OSError):
            held.shutdown(socket.SHUT_RDWR)
