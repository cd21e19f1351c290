"""One deadline for a whole call, and a few threads that keep it."""

import queue
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from lowcarb.providers.http.line import Line

# A thread whose socket was cut needs a moment to see it.
_GRACE_S = 0.25

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

    At the deadline the sockets of the jobs that still run are shut down, which ends their threads.
    What has no socket yet cannot be ended from outside, such as the look-up of a name: its thread
    is a daemon, and who calls should look at those that were started.

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

    def work(line: Line) -> None:
        while deadline.left_s > 0:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            outcome: T | BaseException
            try:
                with line:
                    outcome = jobs[number]()
            except BaseException as error:
                outcome = error
            done.put((number, outcome))

    lines = [Line() for _ in range(min(workers, len(jobs)))]
    threads = [
        threading.Thread(target=work, args=(line,), daemon=True, name="lowcarb-fetch")
        for line in lines
    ]
    found: list[T | BaseException | None] = [None] * len(jobs)
    try:
        for thread in threads:
            thread.start()
            started.append(thread)
        for _ in jobs:
            number, outcome = done.get(timeout=max(deadline.left_s, 0.0))
            found[number] = outcome
    except queue.Empty:
        # The deadline; what has come by now is found.
        pass
    finally:
        for line in lines:
            line.cut()
        patience = Deadline.after(_GRACE_S)
        for thread in threads:
            if thread.ident is not None:
                thread.join(max(patience.left_s, 0.0))
    return found
