"""An interruption (Ctrl-C) that waits until what belongs together is done."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def held_back() -> Iterator[bool]:
    """Let an interruption that comes in this block take effect at the block's end.

    Yields whether it can be held back: only the main thread can do so. An interruption takes
    effect even where the block fails.
    """
    handler = signal.getsignal(signal.SIGINT)
    if threading.current_thread() is not threading.main_thread() or handler is None:
        yield False
        return
    came: list[int] = []
    signal.signal(signal.SIGINT, lambda number, _: came.append(number))
    try:
        yield True
    finally:
        signal.signal(signal.SIGINT, handler)
        if came:
            signal.raise_signal(signal.SIGINT)
