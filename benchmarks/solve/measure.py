"""Measure one method on one problem, in a process of its own.

`measure` starts this module with a method, an instance and a seed, and reads what it prints.
"""

import json
import os
import resource
import signal
import sys
from dataclasses import asdict, dataclass, replace
from tempfile import TemporaryFile
from time import monotonic

import psutil

from benchmarks.solve.families import FAMILIES, SMOKE
from benchmarks.solve.methods import METHODS
from benchmarks.solve.program import LATE, Answer
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers import child

# How often memory is looked at.
_LOOK_S = 0.2
# Wall seconds beyond the limit in which a method may come to an end.
_GRACE_S = 5.0
# Seconds for imports, making a problem, and cleaning up.
_AROUND_S = 120.0
# The limit for the smallest problem, which each process solves first: enough to start a child on a
# busy machine, which would be started once more if it were killed.
_FIRST_S = 12.0
_MB = 2.0**20


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a method took and found; None where that is not known.

    Parameters
    ----------
    answer
        What it found.
    build_cpu_s, cpu_s
        CPU seconds of the process and its children: until the model stood, and in all.
    wall_s
        Wall seconds in all.
    peak_mb
        Most memory of the process and its children together, as far as it was seen, and at least
        that of the largest.
    """

    answer: Answer
    build_cpu_s: float | None = None
    cpu_s: float | None = None
    wall_s: float | None = None
    peak_mb: float | None = None


def measure(method: str, instance: str, seed: int, limit_s: float) -> Row:
    """Run a method in a process of its own.

    Raises
    ------
    RuntimeError
        If it fails; with what it wrote.
    """
    command = [sys.executable, "-m", "benchmarks.solve.measure", method, instance, str(seed)]
    path = os.pathsep.join(sys.path)
    with TemporaryFile("w+") as out, TemporaryFile("w+") as error:
        process = psutil.Popen(
            [*command, str(limit_s)],
            stdout=out,
            stderr=error,
            env={**os.environ, "PYTHONPATH": path},
        )
        peak_mb, late = _watched(process, 3 * limit_s + _AROUND_S)
        out.seek(0)
        error.seek(0)
        if late or process.returncode == -signal.SIGALRM:
            answer = Answer(cost=None, missing=None, status=LATE)
            return Row(answer=answer, peak_mb=peak_mb)
        if process.returncode == -signal.SIGKILL:
            # Nobody but the system kills it.
            return Row(answer=Answer(cost=None, missing=None, status="killed"), peak_mb=peak_mb)
        if process.returncode != 0:
            raise RuntimeError(
                f"{METHODS[method].label} on {instance}, seed {seed}: ended with "
                f"{process.returncode}:\n{error.read()}"
            )
        found = json.loads(out.read())
    row = Row(**{**found, "answer": Answer(**found["answer"])})
    return replace(row, peak_mb=max(row.peak_mb or 0.0, peak_mb))


def _watched(process: psutil.Popen, patience_s: float) -> tuple[float, bool]:
    """Wait for a process; return its peak memory with its children's, and whether it was ended."""
    peak, until = 0, monotonic() + patience_s
    seen: list[psutil.Process] = []
    late = False
    while True:
        try:
            process.wait(_LOOK_S)
            break
        except psutil.TimeoutExpired:
            seen = [process, *process.children(recursive=True)]
            peak = max(peak, sum(map(_resident, seen)))
            if monotonic() > until:
                late = True
                process.kill()
    for left in seen[1:]:
        # Where it was ended by its alarm, its children may still run.
        if left.is_running():
            left.kill()
    return peak / _MB, late


def _resident(process: psutil.Process) -> int:
    try:
        return int(process.memory_info().rss)
    except psutil.NoSuchProcess:
        return 0


def _run(method: str, instance: str, seed: int, limit_s: float) -> Row:
    problem = FAMILIES[instance].problem(seed)
    # Imports and the first child process are not timed, however long they take.
    first = Stopwatch(_FIRST_S)
    METHODS[method].run(SMOKE["smoke"].problem(), first)
    watch = Stopwatch(limit_s, grace_s=_GRACE_S)
    answer = METHODS[method].run(problem, watch)
    watch.stop()
    child.end_idle()  # only a child that has ended shows up in the figures
    kilobytes = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    return Row(
        answer=answer,
        build_cpu_s=watch.build_cpu_s,
        cpu_s=watch.cpu_s,
        wall_s=watch.wall_s,
        peak_mb=kilobytes / 1024,
    )


if __name__ == "__main__":
    print(json.dumps(asdict(_run(sys.argv[1], sys.argv[2], int(sys.argv[3]), float(sys.argv[4])))))
