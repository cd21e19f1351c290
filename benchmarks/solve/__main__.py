"""Time, memory and answers of Lowcarb's solver beside its peers, each run in a process of its own.

Usage::

    python -m benchmarks.solve [--smoke] [--runs 5] [--instances day classes ...]

Peers take turns, so that a machine that slows down slows all of them; the table gives medians, and
ratios to Lowcarb of the same round of runs. `build` is merging for Lowcarb and the model's objects
or arrays for the others; `peak` is the largest process, CBC included.
"""

import argparse
import json
import resource
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.instances import INSTANCES, Instance
from lowcarb_solvers import Greedy, Problem, child, merge, solve

SMOKE = {"smoke": Instance(clients=30, rounds=6, cohort_size=4, hardware=3)}
FAMILIES = {**INSTANCES, **SMOKE}
TIME_LIMIT_S = 120.0
MOST_COLUMNS_OF_PEERS = 200_000
"""Above this many clients x rounds the peers on single clients take minutes and gigabytes."""
Row = dict[str, Any]


def lowcarb(problem: Problem) -> Row:
    """Merge, greedy, CBC on class counts, check, certificate."""
    began = perf_counter()
    classes = merge(problem)
    merged = perf_counter()
    solution = solve(classes)
    return {
        "build_s": merged - began,
        "solve_s": perf_counter() - merged,
        "cost": solution.objective,
        "bound": solution.bound,
    }


def regret(problem: Problem) -> Row:
    """The look-ahead greedy ranking alone."""
    began = perf_counter()
    solution = solve(problem, Greedy())
    return {
        "build_s": 0.0,
        "solve_s": perf_counter() - began,
        "cost": solution.objective,
        "bound": solution.bound,
    }


def naive(problem: Problem) -> Row:
    """PuLP and CBC on a binary for each client and round."""
    from benchmarks.peers import naive_pulp

    found = naive_pulp(problem, TIME_LIMIT_S)
    return {"build_s": found.build_s, "solve_s": found.solve_s, "cost": found.cost, "bound": None}


def highs(problem: Problem) -> Row:
    """HiGHS by arrays, through scipy, on a binary for each client and round."""
    from benchmarks import peers

    began = perf_counter()
    found = peers.highs(replace(problem, elastic=False))
    return {
        "build_s": 0.0,
        "solve_s": perf_counter() - began,
        "cost": None if found is None else found.cost,
        "bound": None,
    }


METHODS: dict[str, Callable[[Problem], Row]] = {
    "lowcarb": lowcarb,
    "regret": regret,
    "naive": naive,
    "highs": highs,
}


def _run_one(method: str, instance: str, seed: int) -> None:
    problem = FAMILIES[instance].problem(seed)
    METHODS[method](SMOKE["smoke"].problem())  # imports and the first child process are not timed
    row = METHODS[method](problem)
    child.end_idle()  # only a child that has ended shows up in the figures
    kilobytes = max(
        resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    )
    print(json.dumps({**row, "peak_mb": kilobytes / 1024}))


def _measure(method: str, instance: str, seed: int) -> Row:
    command = [sys.executable, "-m", "benchmarks.solve", "--one", method, instance, str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603
    row: Row = json.loads(done.stdout)
    return {**row, "total_s": row["build_s"] + row["solve_s"]}


def _report(instance: str, runs: int, methods: Sequence[str]) -> None:
    shape = FAMILIES[instance]
    if shape.clients * shape.rounds > MOST_COLUMNS_OF_PEERS:
        methods = [method for method in methods if method in ("lowcarb", "regret")]
    rows: dict[str, list[Row]] = {method: [] for method in methods}
    for seed in range(runs):
        for method in methods:
            rows[method].append(_measure(method, instance, seed))
    print(f"\n{instance}: {shape.clients} clients x {shape.rounds} rounds, {runs} runs, medians")
    print("method    build s  solve s  x lowcarb  peak MB     objective  above lowcarb  bound gap")
    for method in methods:
        own, base = rows[method], rows["lowcarb"]
        ratio = median(o["total_s"] / b["total_s"] for o, b in zip(own, base, strict=True))
        above = [
            o["cost"] / b["cost"] - 1
            for o, b in zip(own, base, strict=True)
            if o["cost"] is not None
        ]
        gaps = [1 - o["bound"] / o["cost"] for o in own if o["bound"] is not None]
        found = [o["cost"] for o in own if o["cost"] is not None]
        objective = f"{median(found):12.2f}" if found else f"{'none':>12}"
        above_text = f"{max(above):13.1e}" if above else f"{'-':>13}"
        gap_text = f"{max(gaps):9.1e}" if gaps else f"{'-':>9}"
        print(
            f"{method:9} {median(o['build_s'] for o in own):7.3f}  "
            f"{median(o['solve_s'] for o in own):7.3f}  {ratio:9.1f}  "
            f"{max(o['peak_mb'] for o in own):7.0f}  {objective}  {above_text}  {gap_text}"
        )


def main() -> None:
    """Read the options and report each instance."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one run of one tiny instance")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--instances", nargs="+", default=list(INSTANCES), choices=list(FAMILIES))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--one", nargs=3, metavar=("METHOD", "INSTANCE", "SEED"))
    options = parser.parse_args()
    if options.one:
        _run_one(options.one[0], options.one[1], int(options.one[2]))
        return
    methods = ["lowcarb", *(m for m in options.methods if m != "lowcarb")]
    for instance in SMOKE if options.smoke else options.instances:
        _report(instance, 1 if options.smoke else options.runs, methods)


if __name__ == "__main__":
    main()
