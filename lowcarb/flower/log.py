"""Lowcarb's log within Flower's, where a training is watched."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

_OURS, _FLOWERS = logging.getLogger("lowcarb"), logging.getLogger("flwr.lowcarb")


class _PassOn(logging.Handler):
    """Hands each record to Flower's log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Let Flower's handlers have a record."""
        _FLOWERS.handle(record)


@contextmanager
def in_flowers_log() -> Iterator[None]:
    """Let Flower's log have what all rooms of Lowcarb log, until the block ends.

    Without this only warnings would be seen: nobody has set up a log for Lowcarb.
    """
    handler = _PassOn()
    level, propagate = _OURS.level, _OURS.propagate
    _OURS.addHandler(handler)
    if level == logging.NOTSET:
        _OURS.setLevel(_FLOWERS.getEffectiveLevel())
    # What is passed on reaches the root's handlers from there.
    _OURS.propagate = False
    try:
        yield
    finally:
        _OURS.removeHandler(handler)
        _OURS.setLevel(level)
        _OURS.propagate = propagate
