"""Servers that end in the middle of a training, and the models that they come to."""

from typing import Any

from flwr.app import ArrayRecord


class Crash(Exception):
    """Stands for whatever ends a server."""


def crash_in(number: int) -> Any:
    """Build a server-side evaluation that ends the server after a round was booked."""

    def evaluate(done: int, _arrays: ArrayRecord) -> None:
        if done == number:
            raise Crash

    return evaluate


def arrays(result: Any) -> list[tuple[str, bytes]]:
    return [(name, array.data) for name, array in result.arrays.items()]
