"""Run a program so that nothing which it started outlives it, or whoever wanted it.

``python -m lowcarb.demo.process_guard PROGRAM ...`` runs the program and keeps a list of its
descendants, with those that moved to sessions of their own. When the program ends, or standard
input does (its other end is with whoever wanted the program, and closes when that process ends,
however it ends), all of them are told to end, and killed if they do not.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

# How often descendants are listed, in seconds; a child must be seen once before its parent ends.
_WATCH_S = 0.25
# How long programs may take to end by themselves once they are told to, in seconds.
_GRACE_S = 5.0
_PR_SET_CHILD_SUBREAPER = 36

Process = tuple[int, str]
"""Id and start time: together they are no other's, even when the id is given again."""


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
    """Run a program until it ends or nobody wants it any more."""
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
    program = subprocess.Popen(command, stdin=subprocess.DEVNULL)  # noqa: S603 - as asked for
    family: set[Process] = set()
    while program.poll() is None and not over.is_set():
        family |= _descendants(os.getpid(), family)
        over.wait(_WATCH_S)
    family |= _descendants(os.getpid(), family)
    _end(family)
    status = program.wait()
    _reap()
    return status


def _reap() -> None:
    """Collect adopted orphans; one with many threads is dead a moment before it can be."""
    deadline = time.monotonic() + _GRACE_S
    with contextlib.suppress(ChildProcessError):
        while time.monotonic() < deadline:
            if not os.waitpid(-1, os.WNOHANG)[0]:
                time.sleep(_WATCH_S / 5)


def _end(family: set[Process]) -> None:
    """Tell processes to end, with what they start meanwhile, and kill those that stay."""
    deadline = time.monotonic() + _GRACE_S
    told: set[Process] = set()
    while left := _alive(family):
        family |= _descendants(os.getpid(), family)
        late = time.monotonic() > deadline
        _signal(left if late else left - told, signal.SIGKILL if late else signal.SIGTERM)
        told |= left
        time.sleep(_WATCH_S / 5)


def _signal(processes: Iterable[Process], number: signal.Signals) -> None:
    for pid, _ in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(pid, number)


def _alive(family: set[Process]) -> set[Process]:
    return family & {(pid, start) for pid, _, start in _processes()}


def _descendants(root: int, known: set[Process]) -> set[Process]:
    """Return all descendants of a process, and of known ones whose parents have ended."""
    processes = _processes()
    parents = {root} | {pid for pid, _, start in processes if (pid, start) in known}
    found: set[Process] = set()
    while True:
        more = {(pid, start) for pid, parent, start in processes if parent in parents} - found
        if not more:
            return found
        found |= more
        parents |= {pid for pid, _ in more}


def _processes() -> list[tuple[int, int, str]]:
    """Id, parent and start time of every process that runs."""
    if Path("/proc/self/stat").exists():
        return list(_processes_of_linux())
    listed = subprocess.run(
        ["ps", "-A", "-o", "pid=,ppid=,stat=,lstart="],  # noqa: S607 - where ps is differs
        capture_output=True,
        text=True,
        check=True,
    )
    rows = (line.split(maxsplit=3) for line in listed.stdout.splitlines())
    return [(int(row[0]), int(row[1]), row[3]) for row in rows if not row[2].startswith("Z")]


def _processes_of_linux() -> Iterator[tuple[int, int, str]]:
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with contextlib.suppress(OSError):
                # The name in the second field may hold blanks and brackets.
                fields = (folder / "stat").read_text().rpartition(")")[2].split()
                if fields[0] not in "ZX":
                    yield int(folder.name), int(fields[1]), fields[19]


if __name__ == "__main__":
    sys.exit(_main(sys.argv[1:]))
