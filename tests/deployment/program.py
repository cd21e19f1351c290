"""Programs that run beside a test, each with a log, none of which outlives it."""

import ctypes
import os
import signal
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from tests.helpers.processes import eventually

_SET_PARENT_DEATH_SIGNAL = 1
# How much of a log an error shows.
_TAIL = 4_000


class Program:
    """A program in a session of its own that writes into a log file.

    Linux kills it as soon as the test process is gone, however that ended. Start it from the main
    thread: the kernel takes the end of the starting thread for the parent's.
    """

    def __init__(
        self, name: str, command: Sequence[str], *, log: Path, environment: dict[str, str]
    ) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as output:
            # A program that is started again goes on in the same log; only its own lines count.
            self._begin = output.tell()
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=environment,
                cwd=log.parent,
                start_new_session=True,
                preexec_fn=_die_with_parent,
            )

    @property
    def output(self) -> str:
        """What it has written so far."""
        return self._log.read_bytes()[self._begin :].decode(errors="replace")

    @property
    def status(self) -> int | None:
        """Its exit status; None while it runs."""
        return self._process.poll()

    def wait_for(self, condition: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait for a condition; fail if it takes too long, or if the program ends before."""
        met = eventually(lambda: condition() or self.status is not None, seconds) and condition()
        if not met:
            ended = "" if self.status is None else f" (it ended with status {self.status})"
            raise AssertionError(f"{self.name}: no {what}{ended}:\n{self.output[-_TAIL:]}")

    def wait_for_text(self, text: str, seconds: float) -> None:
        """Wait until the log holds a text."""
        self.wait_for(lambda: text in self.output, f"{text!r} in its log", seconds)

    def wait_for_end_or(self, text: str, seconds: float) -> None:
        """Wait until the log holds a text or the program has ended."""
        met = eventually(lambda: text in self.output or self.status is not None, seconds)
        assert met, f"{self.name}: neither {text!r} nor an end:\n{self.output[-_TAIL:]}"

    def wait(self, seconds: float) -> int:
        """Wait until the program ends; return its exit status."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            raise AssertionError(
                f"{self.name}: still running after {seconds:g} s:\n{self.output[-_TAIL:]}"
            ) from None

    def kill(self) -> None:
        """Kill it, if it still runs, and collect it."""
        self._process.kill()
        self._process.wait()


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def processes_with(variable: str, value: str) -> dict[int, str]:
    """Find the processes that have a variable in their environment: ids and command lines."""
    wanted = f"{variable}={value}".encode()
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ")
                found[int(folder.name)] = command.decode(errors="replace")
        except OSError:
            continue  # it has ended, or belongs to somebody else
    return found


def kill_those_with(variable: str, value: str) -> None:
    """Kill all processes that have a variable in their environment."""

    def none_is_left() -> bool:
        # One that was being started while we looked may have been missed: look again.
        left = processes_with(variable, value)
        for pid in left:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
        return not left

    assert eventually(none_is_left, 30.0), processes_with(variable, value)
