"""Ending processes with the programs that they started.

On Linux also those that began a session of their own; elsewhere a program that leaves its process
group is left behind. So it is if it runs as another user, or if this process and its parent are
killed in the same instant. Windows has no such groups: there the tree of processes is ended, as far
as the parents of all programs still run.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
from pathlib import Path

_PR_SET_CHILD_SUBREAPER = 36
# How long Windows may take to end a tree of processes, in seconds.
_PATIENCE_S = 10.0


def adopt_orphans() -> None:
    """Become the parent of every descendant whose own parent ends, so that none is lost."""
    if sys.platform == "linux":
        # Without it a daemon cannot be found, which is no reason not to solve.
        with contextlib.suppress(OSError, AttributeError):
            ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


def end_descendants(pid: int) -> None:
    """Kill the descendants of a process, but not the process itself."""
    if sys.platform != "linux":
        return
    found: list[int] = []
    # Those that stand still start nothing new, so this comes to an end.
    while new := [child for child in _descendants(pid) if child not in found]:
        for child in new:
            _signal(child, signal.SIGSTOP)
        found += new
    for child in found:
        _signal(child, signal.SIGKILL)


def end_group(pid: int) -> None:
    """Kill the process group, or on Windows the tree, that a process leads, with the process.

    Parameters
    ----------
    pid
        Of this process, or of a child that is known by a `Popen`: Windows gives its number to no
        other process while that is there.
    """
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(pid, signal.SIGKILL)
        return
    command = Path(os.environ.get("SYSTEMROOT", r"C:\Windows")) / "System32" / "taskkill.exe"
    # It fails if the process has ended; where there is no such command, the tree is left behind.
    with contextlib.suppress(OSError, subprocess.TimeoutExpired):
        subprocess.run(  # noqa: S603 - nothing in it comes from outside
            [str(command), "/F", "/T", "/PID", str(pid)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            check=False,
            timeout=_PATIENCE_S,
        )


def collect_ended() -> None:
    """Collect the ended children of this process, which must not wait for any of them elsewhere.

    On Windows nothing is left to collect.
    """
    if not hasattr(os, "WNOHANG"):
        return
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
