"""What a strategy reads while it samples, so that it takes the whole cohort.

Flower's strategies take a fraction of the nodes that a grid shows, at least so many, and wait for
more. Within a block of `sampling` what samples reads other figures of them. Whatever else is done
with these attributes, such as a schedule that changes the fraction from round to round, reads and
keeps the strategy's own figures.
"""

import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from types import FrameType
from typing import Any

from flwr.serverapp import Grid
from flwr.serverapp.strategy import Strategy

from lowcarb.errors import StrategyError

Read = Mapping[str, Callable[[Any], Any]]
"""By attribute, what is read in place of the strategy's own value, made of that value."""

_OURS, _FLOWERS = "lowcarb.flower.", "flwr."
# Who hands the sampling on to another strategy, or to the class that it is made from; and who
# draws nodes all the same.
_HANDS_ON = {"configure_train", "configure_evaluate"}
_DRAWS = {"sample_nodes", "sample", "choice", "choices", "shuffle", "permutation"}

_LOCK = threading.RLock()
# By strategy, what is read of it; by class, how many of its strategies sample now.
_READ: dict[int, Read] = {}
_SAMPLING: dict[type, int] = {}


@contextmanager
def sampling(strategies: Iterable[Strategy], read: Read) -> Iterator[None]:
    """Let what samples nodes within the block read other figures of some strategies.

    That is Flower's own code, each function of others that draws nodes, or is given a grid and does
    not hand it on to another strategy, and whatever these call.

    Raises
    ------
    StrategyError
        Within the block, if a function that samples changes a figure that it has read.
    """
    with ExitStack() as stack:
        for strategy in strategies:
            stack.enter_context(_sampling(strategy, read))
        yield


@contextmanager
def _sampling(strategy: Strategy, read: Read) -> Iterator[None]:
    own = type(strategy)
    with _LOCK:
        _READ[id(strategy)] = read
        _SAMPLING[own] = _SAMPLING.get(own, 0) + 1
        if _SAMPLING[own] == 1:
            _watch(own)
    try:
        yield
    finally:
        with _LOCK:
            _READ.pop(id(strategy), None)
            _SAMPLING[own] -= 1
            if not _SAMPLING[own]:
                del _SAMPLING[own]
                _leave_alone(own)


# The class itself is watched for as long as one of its strategies samples: a class made for the
# purpose would be another type, and strategies ask for theirs.
_METHODS = "__getattribute__", "__setattr__"
_BEFORE: dict[type, dict[str, Any]] = {}


def _watch(own: type) -> None:
    get: Any = own.__getattribute__
    set_: Any = own.__setattr__
    seen: set[tuple[int, str, int]] = set()

    def __getattribute__(self: Any, name: str) -> Any:  # noqa: N807 - it becomes a method
        value = get(self, name)
        read = _READ.get(id(self))
        if read is None or name not in read or not _samples(caller := sys._getframe(1)):
            return value
        seen.add((id(self), name, id(caller)))
        return read[name](value)

    def __setattr__(self: Any, name: str, value: Any) -> None:  # noqa: N807 - as above
        if (id(self), name, id(sys._getframe(1))) in seen:
            raise StrategyError(
                f"{own.__name__} changes its {name} in the function that samples by it, where "
                "CarbonAware shows it another value: change it in a method of its own or in "
                "aggregate_train"
            )
        set_(self, name, value)

    _BEFORE[own] = {name: vars(own)[name] for name in _METHODS if name in vars(own)}
    own.__getattribute__ = __getattribute__  # type: ignore[method-assign, assignment]
    own.__setattr__ = __setattr__  # type: ignore[method-assign, assignment]


def _leave_alone(own: type) -> None:
    for name in _METHODS:
        delattr(own, name)
    for name, method in _BEFORE.pop(own).items():
        setattr(own, name, method)


def _samples(frame: FrameType | None) -> bool:
    """Whether a frame, or one that called it within the block, is of a function that samples."""
    while frame is not None:
        module = str(frame.f_globals.get("__name__"))
        if module.startswith(_OURS):
            return False
        if module.startswith(_FLOWERS) or _draws(frame):
            return True
        frame = frame.f_back
    return False


def _draws(frame: FrameType) -> bool:
    names = set(frame.f_code.co_names)
    if names & _DRAWS or names & _HANDS_ON:
        return bool(names & _DRAWS)
    return any(isinstance(value, Grid) for value in frame.f_locals.values())


def caller_among(strategies: Iterable[Strategy]) -> Strategy | None:
    """Find the innermost of some strategies whose method is being run; None if there is none."""
    known = {id(strategy): strategy for strategy in strategies}
    frame: FrameType | None = sys._getframe(1)
    while frame is not None:
        found = known.get(id(frame.f_locals.get("self")))
        if found is not None:
            return found
        frame = frame.f_back
    return None
