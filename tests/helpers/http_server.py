"""A web server on this machine that says what a test wants it to say, or fails as it wants."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

Headers = Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One request.

    Parameters
    ----------
    path, query, headers
        Its parts.
    """

    path: str
    query: dict[str, list[str]]
    headers: Headers

    def one(self, name: str) -> str:
        """The only value of a parameter."""
        (value,) = self.query[name]
        return value


@dataclass(frozen=True, kw_only=True)
class Say:
    """One answer.

    Parameters
    ----------
    status, headers
        As they are sent.
    body
        Bytes or text as they are; anything else as JSON.
    delay
        Seconds before anything is sent.
    drip, drip_head
        Seconds between single bytes of the body, and of a header before it.
    cut
        Break off after so many bytes of the body.
    hang_up
        Break off before anything is sent.
    date
        The clock of the server; None to tell none.
    """

    status: int = 200
    body: Any = b""
    headers: Headers = field(default_factory=dict)
    delay: float = 0.0
    drip: float = 0.0
    drip_head: float = 0.0
    cut: int | None = None
    hang_up: bool = False
    date: datetime | None = None

    @property
    def content(self) -> bytes:
        if isinstance(self.body, bytes):
            return self.body
        text = self.body if isinstance(self.body, str) else json.dumps(self.body)
        return text.encode()


Handler = Callable[[Asked], Say]


@dataclass
class Server:
    """A running server.

    Parameters
    ----------
    url
        Where it is.
    handler
        What it answers; may be changed at any time.
    """

    url: str
    handler: Handler
    asked: list[Asked] = field(default_factory=list)


@contextmanager
def serving(handler: Handler) -> Iterator[Server]:
    """Run a server until the block ends."""
    stop = threading.Event()

    class Answers(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            query = parse_qs(parts.query)
            asked = Asked(path=parts.path, query=query, headers=dict(self.headers.items()))
            server.asked.append(asked)
            say = server.handler(asked)
            with suppress(OSError):
                self._say(say)

        def _say(self, say: Say) -> None:
            stop.wait(say.delay)
            if say.hang_up:
                self.connection.shutdown(socket.SHUT_RDWR)
                self.close_connection = True
                return
            self.send_response_only(say.status)
            if say.date is not None:
                self.send_header("Date", format_datetime(say.date, usegmt=True))
            for name, value in {"Content-Type": "application/json", **say.headers}.items():
                self.send_header(name, value)
            if say.drip_head:
                self.flush_headers()
                self._drip(b"X-Slow: " + b"x" * 10_000, say.drip_head)
            self.send_header("Content-Length", str(len(say.content)))
            self.end_headers()
            content = say.content[: say.cut]
            if say.drip:
                self._drip(content, say.drip)
            else:
                self.wfile.write(content)
            if say.cut is not None:
                self.close_connection = True

        def _drip(self, content: bytes, seconds: float) -> None:
            for byte in content:
                if stop.wait(seconds):
                    break
                self.wfile.write(bytes([byte]))
                self.wfile.flush()

        def log_message(self, *args: Any) -> None:
            """Say nothing."""

    class Quiet(ThreadingHTTPServer):
        daemon_threads = True
        request_queue_size = 64

        def handle_error(self, *args: Any) -> None:
            """A client that hung up is no news."""

    with Quiet(("127.0.0.1", 0), Answers) as http:
        server = Server(url=f"http://127.0.0.1:{http.server_address[1]}", handler=handler)
        thread = threading.Thread(target=http.serve_forever, args=(0.02,), daemon=True)
        thread.start()
        try:
            yield server
        finally:
            stop.set()
            http.shutdown()
            thread.join()


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def now() -> float:
    """For bounds that only a hang would break."""
    return time.monotonic()


def eventually_no(thread: str) -> None:
    """Wait until no thread of that name runs."""
    for one in threading.enumerate():
        if one.name == thread:
            one.join(20)
            assert not one.is_alive()
