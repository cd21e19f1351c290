"""A web server on this machine that sends bytes as they are given, for ever if need be."""

import socket
import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass

Sends = Callable[[], Iterable[bytes]]


@dataclass
class RawServer:
    """A running server.

    Parameters
    ----------
    url
        Where it is.
    sends
        Makes the pieces of an answer; may be changed at any time.
    """

    url: str
    sends: Sends
    sent: int = 0
    """Bytes that were sent, of all answers."""


@contextmanager
def sending(sends: Sends) -> Iterator[RawServer]:
    """Run a server until the block ends."""
    over = threading.Event()

    def answer(line: socket.socket) -> None:
        with line, suppress(OSError):
            line.settimeout(20)
            line.recv(65_536)
            for piece in server.sends():
                if over.is_set():
                    return
                line.sendall(piece)
                server.sent += len(piece)

    def accept() -> None:
        with suppress(OSError):
            while True:
                line, _ = listener.accept()
                threading.Thread(target=answer, args=(line,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0), backlog=64) as listener:
        server = RawServer(url=f"http://127.0.0.1:{listener.getsockname()[1]}", sends=sends)
        thread = threading.Thread(target=accept, daemon=True)
        thread.start()
        try:
            yield server
        finally:
            over.set()
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            thread.join(20)


def head(*lines: str, status: str = "200 OK") -> bytes:
    """The beginning of an answer, up to its body."""
    return "\r\n".join([f"HTTP/1.1 {status}", *lines, "", ""]).encode()
