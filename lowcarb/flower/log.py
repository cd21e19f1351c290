"""Lowcarb's log within Flower's, where a training is watched."""

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager

_OURS = [logging.getLogger(name) for name in ("lowcarb", "lowcarb_solvers")]
_FLOWERS = logging.getLogger("flwr.lowcarb")


class _PassOn(logging.Handler):
    """Hands each record to Flower's log."""

    def emit(self, record: logging.LogRecord) -> None:
        """Let Flower's handlers have a record."""
        _FLOWERS.handle(record)


_HANDLER = _PassOn()
_LOCK = threading.Lock()
# By logger, how things were before the first of the trainings that run now.
_BEFORE: dict[str, tuple[int, bool]] = {}
_TRAININGS = [0]


@contextmanager
def in_flowers_log() -> Iterator[None]:
    """Let Flower's log have what all rooms of Lowcarb log, until the last training ends.

    Without this only warnings would be seen: nobody has set up a log for Lowcarb.
    """
    with _LOCK:
        _TRAININGS[0] += 1
        if _TRAININGS[0] == 1:
            for logger in _OURS:
                _BEFORE[logger.name] = logger.level, logger.propagate
                logger.addHandler(_HANDLER)
                if logger.level == logging.NOTSET:
                    logger.setLevel(_FLOWERS.getEffectiveLevel())
                # What is passed on reaches the root's handlers from there.
                logger.propagate = False
    try:
        yield
    finally:
        with _LOCK:
            _TRAININGS[0] -= 1
            if not _TRAININGS[0]:
                for logger in _OURS:
                    logger.removeHandler(_HANDLER)
                    level, logger.propagate = _BEFORE.pop(logger.name)
                    logger.setLevel(level)
