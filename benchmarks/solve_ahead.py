"""CPU seconds of planning from nothing, and again a round later, beside OR-tools' min-cost flow.

Usage::

    python -m benchmarks.solve_ahead [--smoke] [--runs 3] [--instances 100x96 ...]
        [--flow-python /path/to/python]

`cold` plans from nothing; `warm` plans what is left after the first of these rounds, beginning
from that plan's prices; `flow` is OR-tools on all arcs, in an interpreter that has it, since
OR-tools and a recent highspy cannot be imported into one process. Each runs in a process of its
own. Seconds are those of that process and of its children, which run already, by Linux's account:
hundredths.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from statistics import median
from time import process_time
from typing import Any

from benchmarks.instances import HUGE, PLANNED, Instance, later
from lowcarb_solvers import Problem, Solution, Warm, chain, merge, solve

SMOKE = {"smoke": Instance(clients=60, rounds=100, cohort_size=6, regions=50, max_share=2.0)}
FAMILIES = {**PLANNED, **HUGE, **SMOKE}
TIME_LIMIT_S = 120.0
Row = dict[str, Any]


def cpu_s() -> float:
    """CPU seconds of this process, of its children, and of what those have collected."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # it has ended meanwhile
        if int(fields[1]) == os.getpid():
            ticks += sum(int(field) for field in fields[11:15])
    return process_time() + ticks / os.sysconf("SC_CLK_TCK")


def _timed(problem: Problem, warm: Warm | None) -> tuple[Row, Solution]:
    began = cpu_s()
    plan = solve(merge(problem), *chain(TIME_LIMIT_S), warm=warm)
    row = {"cpu_s": cpu_s() - began, "cost": plan.objective, "status": plan.status}
    return row, plan


def cold(problem: Problem) -> Row:
    """Merge, solve and certify."""
    return _timed(problem, None)[0]


def warm(problem: Problem) -> Row:
    """The same a round later, beginning from the earlier plan's prices."""
    _, plan = _timed(problem, None)
    return _timed(later(problem, plan), Warm.after(plan))[0]


def flow(problem: Problem) -> Row:
    """OR-tools on all arcs."""
    from benchmarks.flow import flow as by_flow

    began = cpu_s()
    cost = by_flow(problem)
    return {"cpu_s": cpu_s() - began, "cost": cost, "status": "optimal"}


METHODS: dict[str, Callable[[Problem], Row]] = {"cold": cold, "warm": warm, "flow": flow}


def _measure(python: str, method: str, instance: str, seed: int) -> Row:
    command = [python, "-m", "benchmarks.solve_ahead", "--one", method, instance, str(seed)]
    path = os.pathsep.join(["solvers", os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    row: Row = json.loads(done.stdout)
    return row


def _report(instance: str, runs: int, flow_python: str | None) -> None:
    interpreters = {"cold": sys.executable, "warm": sys.executable}
    if flow_python is not None:
        interpreters["flow"] = flow_python
    rows: dict[str, list[Row]] = {method: [] for method in interpreters}
    for seed in range(runs):
        for method, python in interpreters.items():
            rows[method].append(_measure(python, method, instance, seed))
    seconds = {m: median(row["cpu_s"] for row in found) for m, found in rows.items()}
    statuses = {row["status"] for found in rows.values() for row in found}
    text = f"{instance:16} {seconds['cold']:7.2f}  {seconds['warm']:7.2f}"
    if "flow" in rows:
        pairs = list(zip(rows["cold"], rows["flow"], strict=True))
        ratio = median(a["cpu_s"] / b["cpu_s"] for a, b in pairs)
        apart = max(abs(a["cost"] / b["cost"] - 1) for a, b in pairs)
        text += f"  {seconds['flow']:7.3f}  {ratio:9.2f}  {apart:7.0e}"
    print(f"{text}  {', '.join(sorted(statuses))}", flush=True)


def main() -> None:
    """Read the options and report each instance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one run of one small instance")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--instances", nargs="+", default=list(PLANNED), choices=list(FAMILIES))
    parser.add_argument("--flow-python", help="an interpreter with numpy and OR-tools")
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "INSTANCE", "SEED"))
    options = parser.parse_args()
    if options.one:
        method, instance, seed = options.one
        if method != "flow":  # imports and the first child process are not timed
            solve(SMOKE["smoke"].problem())
        print(json.dumps(METHODS[method](FAMILIES[instance].problem(int(seed)))))
        return
    print("CPU s               cold     warm     flow  cold/flow    apart  status")
    for instance in SMOKE if options.smoke else options.instances:
        _report(instance, 1 if options.smoke else options.runs, options.flow_python)


if __name__ == "__main__":
    main()
