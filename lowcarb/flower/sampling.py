"""What a strategy reads while it samples, so that it takes the whole cohort.

Flower's strategies take a fraction of the nodes that a grid shows, at least so many, and wait for
more. Within a block of `sampling` they read other figures there, and only there: whatever else the
strategy does with these attributes, such as a schedule that changes the fraction before or after
each round, reads and keeps its own figures.
"""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from types import FrameType
from typing import Any

from flwr.serverapp.strategy import FedAvg, Strategy

# A function that looks at the nodes is one that samples.
_LOOKS = {"get_node_ids", "get_nodes", "sample_nodes"}
# What this package reads of a strategy are the strategy's own figures.
_OURS = "lowcarb.flower."


@contextmanager
def sampling(strategy: Strategy, read: Mapping[str, Callable[[Any], Any]]) -> Iterator[None]:
    """Let what samples nodes within the block read other figures of a strategy.

    In Flower's strategies, and those made from them, that is each function that looks at the nodes,
    and whatever such a function calls. Of others nothing is known: all of their reads are meant.

    Parameters
    ----------
    strategy
        The strategy that samples.
    read
        By attribute, what is read there, made of the strategy's own value.
    """
    own = type(strategy)
    meant = _samples if isinstance(strategy, FedAvg) else _not_ours

    def __getattribute__(self: Strategy, name: str) -> Any:  # noqa: N807 - it becomes a method
        value = super(seen, self).__getattribute__(name)
        if name in read and meant(sys._getframe(1)):
            return read[name](value)
        return value

    body = {
        "__slots__": (),
        "__module__": own.__module__,
        "__qualname__": own.__qualname__,
        "__doc__": own.__doc__,
        "__getattribute__": __getattribute__,
    }
    seen: Any = type(own)(own.__name__, (own,), body)  # type: ignore[misc]
    strategy.__class__ = seen
    try:
        yield
    finally:
        strategy.__class__ = own


def _samples(frame: FrameType | None) -> bool:
    """Whether a frame, or one that called it within the block, is of a function that samples."""
    while frame is not None and _not_ours(frame):
        if not _LOOKS.isdisjoint(frame.f_code.co_names):
            return True
        frame = frame.f_back
    return False


def _not_ours(frame: FrameType) -> bool:
    return not str(frame.f_globals.get("__name__")).startswith(_OURS)
