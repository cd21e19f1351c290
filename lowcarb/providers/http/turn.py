"""Answers are read by turns, so that memory holds no more than a single parsed answer."""

import threading

from lowcarb.providers.http.deadline import Deadline


class Turn:
    """Lets one thread at a time have a parsed answer, which is up to 50 times its bytes."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._holder: int | None = None

    def take(self, deadline: Deadline) -> bool:
        """Wait for the turn; return whether it came in time. Who has it keeps it."""
        if self._holder == threading.get_ident():
            return True
        if not self._lock.acquire(timeout=max(deadline.left_s, 0.0)):
            return False
        self._holder = threading.get_ident()
        return True

    def give_back(self) -> None:
        """End the turn of this thread, if it has the turn."""
        if self._holder == threading.get_ident():
            self._holder = None
            self._lock.release()
