"""Ending the programs that a process started, also those that began a session of their own.

Linux only: elsewhere a program that leaves its process group is left behind. So it is if it runs
as another user, or if this process and its parent are killed in the same instant.
"""

import contextlib
import ctypes
import os
import signal
import sys
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is lost."""
    if sys.platform == "linux":
        # Without it a daemon cannot be found, which is no reason not to solve.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants(pid: int) -> None:
    """Kill the descendants of a process, but not the process itself."""
    found: list[int] = []
    # Those that stand still start nothing new, so this comes to an end.
    while new := [child for child in _descendants(pid) if child not in found]:
        for child in new:
            _signal(child, signal.SIGSTOP)
        found += new
    for child in found:
        _signal(child, signal.SIGKILL)


def collect_ended() -> None:
    """Collect the ended children of this process, which must not wait for any of them elsewhere."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def _descendants(pid: int) -> list[int]:
    """Walk down the process tree; empty where the system does not show it."""
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        # Threads and processes may end at any time.
        with contextlib.suppress(OSError):
            for child in listing.read_text().split():
                found += [int(child), *_descendants(int(child))]
    return found


def _signal(pid: int, number: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)
