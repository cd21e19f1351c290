"""One deadline for a whole call, and a few threads that keep it."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")


@dataclass(frozen=True)
class Deadline:
    """An instant after which nobody waits any more.

    Parameters
    ----------
    at
        By `time.monotonic`.
    length_s
        How long the wait was to be, for messages.
    """

    at: float
    length_s: float

    @classmethod
    def after(cls, seconds: float) -> "Deadline":
        """Return the deadline that is so many seconds from now."""
        return cls(time.monotonic() + seconds, seconds)

    def or_after(self, seconds: float) -> "Deadline":
        """Return this deadline, or the deadline in so many seconds if that comes first."""
        return min(self, Deadline.after(seconds), key=lambda deadline: deadline.at)

    @property
    def left_s(self) -> float:
        """Seconds that are left; zero or less if none are."""
        return self.at - time.monotonic()


def run_all(
    jobs: Sequence[Callable[[], T]],
    *,
    workers: int,
    deadline: Deadline,
    started: list[threading.Thread],
) -> list[T | BaseException | None]:
    """Run jobs side by side; return what each gave or raised, None for what came too late.

    The threads are daemons: a thread that a stubborn server holds up delays neither the caller nor
    the end of the program. It gives up by itself once its socket times out, which a server that
    sends a byte from time to time can put off: who calls should look at those that were started.

    Parameters
    ----------
    jobs
        What to run.
    workers
        At most so many threads.
    deadline
        When to stop waiting.
    started
        The threads are added to it.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    done: queue.SimpleQueue[tuple[int, T | BaseException]] = queue.SimpleQueue()
    for number in range(len(jobs)):
        waiting.put(number)

    def work() -> None:
        while deadline.left_s > 0:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                done.put((number, jobs[number]()))
            except BaseException as error:
                done.put((number, error))

    for _ in range(min(workers, len(jobs))):
        thread = threading.Thread(target=work, daemon=True, name="lowcarb-fetch")
        started.append(thread)
        thread.start()
    found: list[T | BaseException | None] = [None] * len(jobs)
    for _ in jobs:
        try:
            number, outcome = done.get(timeout=max(deadline.left_s, 0.0))
        except queue.Empty:
            break
        found[number] = outcome
    return found
