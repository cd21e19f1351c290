"""Seconds of one method: CPU seconds with those of its children, by Linux's account, and wall."""

import os
import resource
import signal
from pathlib import Path
from time import monotonic, process_time


def cpu_s() -> float:
    """CPU seconds of this process, of its children, and of what those have collected.

    Children that still run are counted in hundredths.
    """
    ended = resource.getrusage(resource.RUSAGE_CHILDREN)
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == os.getpid():
            ticks += sum(int(field) for field in fields[11:15])
    return process_time() + ended.ru_utime + ended.ru_stime + ticks / os.sysconf("SC_CLK_TCK")


class Stopwatch:
    """Times building and solving.

    Parameters
    ----------
    limit_s
        Wall seconds that a method has.
    grace_s
        Wall seconds after that in which a method may come to an end; then the process is ended,
        since not all solvers can be interrupted. None for any time.
    """

    def __init__(self, limit_s: float, *, grace_s: float | None = None) -> None:
        self._limit_s, self._grace_s = limit_s, grace_s
        self.start()

    def start(self) -> None:
        """Begin; a method that first needs something which is not timed begins again."""
        if self._grace_s is not None:
            # What the signal does unless it is handled is to end the process.
            signal.setitimer(signal.ITIMER_REAL, self._limit_s + self._grace_s)
        self.build_cpu_s: float | None = None
        self._wall, self._cpu = monotonic(), cpu_s()

    def built(self) -> None:
        """Note that the model stands."""
        self.build_cpu_s = cpu_s() - self._cpu

    @property
    def left_s(self) -> float:
        """Wall seconds left, at least one tenth: solvers read zero as no limit."""
        return max(0.1, self._limit_s - (monotonic() - self._wall))

    def stop(self) -> None:
        """End; what comes later is not timed. A second stop changes nothing."""
        if not hasattr(self, "cpu_s"):
            self.cpu_s, self.wall_s = cpu_s() - self._cpu, monotonic() - self._wall
            if self._grace_s is not None:
                signal.setitimer(signal.ITIMER_REAL, 0.0)
