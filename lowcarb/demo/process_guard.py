"""Run a program so that nothing which the program started outlives the program or its user.

``python -m lowcarb.demo.process_guard PROGRAM ...`` runs the program and keeps a list of its
descendants, with those that moved to sessions of their own. When the program ends, or standard
input does (whose other end the user's process holds: it closes when that process ends, however that
happens), all descendants are asked to end, and killed if they do not.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO

import psutil

# How often descendants are listed, in seconds; a child must be seen once before its parent ends.
_WATCH_S = 0.25
# How long programs may take to end by themselves once they are asked to, in seconds.
_GRACE_S = 5.0
_PR_SET_CHILD_SUBREAPER = 36


@contextmanager
def guarded(
    command: list[str], *, env: dict[str, str], output: IO[bytes]
) -> "Iterator[subprocess.Popen[bytes]]":
    """Run a program within a block; behind it nothing of the program is left.

    Parameters
    ----------
    command
        The program and its arguments.
    env
        Its whole environment.
    output
        Where it prints to.

    Yields
    ------
    Popen
        The guard, which ends when the program has ended, with its status.
    """
    guard = subprocess.Popen(  # noqa: S603 - the caller's own command
        # -P: nothing in the user's working folder may stand in for a library.
        [sys.executable, "-P", "-m", "lowcarb.demo.process_guard", *command],
        stdin=subprocess.PIPE,
        stdout=output,
        stderr=output,
        env=env,
        start_new_session=True,
    )
    try:
        yield guard
    finally:
        if guard.stdin is not None:
            guard.stdin.close()
        guard.wait()


def _main(command: list[str]) -> int:
    """Run a program until its own end or that of its user; return its status."""
    over = threading.Event()

    def wait_for_the_end_of_input() -> None:
        # Not through sys.stdin, whose lock this thread would hold for ever.
        while os.read(0, 1):
            pass
        over.set()

    if sys.platform == "linux":
        # Orphans come here to be reaped; the first process of a container reaps none.
        ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    threading.Thread(target=wait_for_the_end_of_input, daemon=True).start()
    signal.signal(signal.SIGTERM, lambda *_: over.set())
    program = psutil.Popen(command, stdin=subprocess.DEVNULL)
    # The program itself comes first: what waits for the family then keeps its status.
    family: set[psutil.Process] = {program}
    while program.poll() is None and not over.is_set():
        family = _with_descendants(family)
        over.wait(_WATCH_S)
    _end(_with_descendants(family))
    status: int = program.wait()
    _reap()
    return status


def _reap() -> None:
    """Collect adopted orphans; an orphan with many threads is dead before it can be collected."""
    if not hasattr(os, "WNOHANG"):
        return  # Windows leaves nothing to collect
    deadline = time.monotonic() + _GRACE_S
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(_WATCH_S / 5)


def _end(family: set[psutil.Process]) -> None:
    """Ask processes to end, with what they start meanwhile, and kill those that stay."""
    deadline = time.monotonic() + _GRACE_S
    asked: set[psutil.Process] = set()
    while family:
        late = time.monotonic() > deadline
        for process in family if late else family - asked:
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill() if late else process.terminate()
        asked |= family
        _, alive = psutil.wait_procs(family, timeout=_WATCH_S / 5)
        family = _with_descendants(set(alive))


def _with_descendants(family: set[psutil.Process]) -> set[psutil.Process]:
    """Add the descendants of this process, and of known processes whose parents have ended."""
    found = set(psutil.Process().children(recursive=True))
    for orphan in family - found:
        with contextlib.suppress(psutil.NoSuchProcess):
            found.update(orphan.children(recursive=True))
    return family | found


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
