"""CPU seconds of planning from nothing, and again a round later, by CBC and by min-cost flow.

Usage::

    python -m benchmarks.solve_ahead [--smoke] [--runs 3] [--instances 100x96 ...]
        [--methods 'Flow cold' ...]

`cold` plans from nothing; `warm` plans what is left after the first of these rounds, beginning
from that plan's prices; `all arcs` is OR-tools alone, without greedy, prices or proof. Each runs in
a process of its own, since OR-tools and some releases of highspy cannot be imported into one.
Seconds are those of that process and of its children, which run already, by Linux's account:
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


def _timed(problem: Problem, solver: str, warm: Warm | None) -> tuple[Row, Solution]:
    began = cpu_s()
    plan = solve(merge(problem), *chain(TIME_LIMIT_S, solver=solver), warm=warm)
    row = {"cpu_s": cpu_s() - began, "cost": plan.objective, "status": plan.status}
    return row, plan


def cold(problem: Problem, solver: str) -> Row:
    """Merge, solve and certify."""
    return _timed(problem, solver, None)[0]


def warm(problem: Problem, solver: str) -> Row:
    """The same a round later, beginning from the earlier plan's prices."""
    _, plan = _timed(problem, solver, None)
    return _timed(later(problem, plan), solver, Warm.after(plan))[0]


def all_arcs(problem: Problem) -> Row:
    """OR-tools on all arcs."""
    from benchmarks.flow import flow as by_flow

    began = cpu_s()
    cost = by_flow(problem)
    return {"cpu_s": cpu_s() - began, "cost": cost, "status": "optimal"}


METHODS: dict[str, Callable[[Problem], Row]] = {
    "CBC cold": lambda problem: cold(problem, "cbc"),
    "CBC warm": lambda problem: warm(problem, "cbc"),
    "Flow cold": lambda problem: cold(problem, "flow"),
    "Flow warm": lambda problem: warm(problem, "flow"),
    "all arcs": all_arcs,
}


def _measure(method: str, instance: str, seed: int) -> Row:
    command = [sys.executable, "-m", "benchmarks.solve_ahead", "--one", method, instance, str(seed)]
    path = os.pathsep.join(["solvers", os.environ.get("PYTHONPATH", "")])
    done = subprocess.run(  # noqa: S603
        command, capture_output=True, text=True, check=True, env={**os.environ, "PYTHONPATH": path}
    )
    row: Row = json.loads(done.stdout)
    return row


def _report(instance: str, runs: int, methods: list[str]) -> None:
    rows: dict[str, list[Row]] = {method: [] for method in methods}
    for seed in range(runs):
        for method, found in rows.items():
            found.append(_measure(method, instance, seed))
    seconds = [f"{median(row['cpu_s'] for row in found):9.3f}" for found in rows.values()]
    statuses = {row["status"] for found in rows.values() for row in found}
    # Warm plans answer a shorter problem, of which an equally good earlier plan makes another.
    costs = [[row["cost"] for row in found] for name, found in rows.items() if "warm" not in name]
    apart = max((max(same) / min(same) - 1 for same in zip(*costs, strict=True)), default=0.0)
    print(
        f"{instance:16} {' '.join(seconds)} {apart:8.0e}  {', '.join(sorted(statuses))}", flush=True
    )


def main() -> None:
    """Read the options and report each instance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one run of one small instance")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--instances", nargs="+", default=list(PLANNED), choices=list(FAMILIES))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "INSTANCE", "SEED"))
    options = parser.parse_args()
    if options.one:
        method, instance, seed = options.one
        if method != "all arcs":  # imports and the first child process are not timed
            name = method.split()[0].lower()
            solve(SMOKE["smoke"].problem(), *chain(solver=name))
        print(json.dumps(METHODS[method](FAMILIES[instance].problem(int(seed)))))
        return
    print(f"{'CPU s':16} {' '.join(f'{name:>9}' for name in options.methods)}    apart  status")
    for instance in SMOKE if options.smoke else options.instances:
        _report(instance, 1 if options.smoke else options.runs, options.methods)


if __name__ == "__main__":
    main()
