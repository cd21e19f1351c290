"""CPU seconds, memory and answers of Lowcarb's solvers and of every peer, all in one run.

Usage::

    python -m benchmarks.solve [--smoke] [--runs 3] [--instances 100x96 ...]
        [--methods cbc all-arcs ...] [--limit 90] [--write [FILE]]

Each method solves each problem in a process of its own, and methods take turns, so that a machine
that slows down slows all of them. Imports, making the problem and starting a first child process
are not timed. A run in which objectives differ that have to be the same says so and ends with 1.
Where ``--write`` names no file it is ``benchmarks/RESULTS.md``, which takes full runs, or one more
in the setting that stands there.
"""

import argparse
import sys
from collections.abc import Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from time import perf_counter

from benchmarks.instances import IN_CLIENTS, IN_ROUNDS, PLANNED
from benchmarks.results import RESULTS, Section, save_pictures, setting
from benchmarks.solve.comparison import TOLERANCE, Comparison
from benchmarks.solve.families import COMPARED, FAMILIES, SMOKE, columns_of, runs_of
from benchmarks.solve.growth import growth
from benchmarks.solve.measure import Row, measure
from benchmarks.solve.methods import BASE, METHODS
from benchmarks.solve.tables import detail, explained, overview
from lowcarb.report.pictures.picture import Picture

LIMIT_S = 90.0
SMOKE_LIMIT_S = 4.0


def compare(instance: str, methods: Sequence[str], runs: int, limit_s: float) -> Comparison:
    """Let all methods solve an instance, by turns."""
    rows: dict[str, list[Row]] = {method: [] for method in METHODS if method in methods}
    for seed in range(runs):
        for method, found in rows.items():
            if METHODS[method].fits(columns_of(instance)):
                found.append(measure(method, instance, seed, limit_s))
    return Comparison(instance=instance, rows=rows)


def pictures(comparisons: Mapping[str, Comparison]) -> list[Picture]:
    """Draw growth in clients and in rounds, as far as that was measured."""
    clients = {
        FAMILIES[name].clients: comparisons[name] for name in IN_CLIENTS if name in comparisons
    }
    rounds = {FAMILIES[name].rounds: comparisons[name] for name in IN_ROUNDS if name in comparisons}
    drawn = []
    if clients:
        about = "24 rounds, a fiftieth of the clients in each."
        title = "CPU seconds over clients"
        drawn.append(growth("clients", title, "clients", clients, about))
    if rounds:
        about = "100 clients, 10 in each round."
        title = "CPU seconds over rounds"
        drawn.append(growth("rounds", title, "rounds", rounds, about))
    return drawn


def section(
    comparisons: Mapping[str, Comparison],
    command: str,
    limit_s: float,
    minutes: float,
    figures: Path,
) -> str:
    """Write the results' section, and its pictures into a folder."""
    methods = list(next(iter(comparisons.values())).rows)
    found = list(comparisons.values())
    return "\n".join(
        [
            "## Solving, beside peers\n",
            f"{command}. {setting('ortools', 'scipy')}",
            "Clients all differ, with floors of 0.6 and caps of 2 equal shares of turns. Each "
            "method runs in a process of its own; seconds are CPU seconds of that process and its "
            "children, without imports, making the problem and starting the first child: medians. "
            f"Ratios are medians of those to {METHODS[BASE].label} with the same seed. Each method "
            f"had {limit_s:g} s of wall time: `late` had no answer then, `-` was left out: it "
            "needs more than about a minute or too much memory. Turns and seats may be missing at "
            "a penalty, for all methods; where some are, Lowcarb's also share that among clients, "
            f"which no other does. Optima agree to {TOLERANCE:g}, or there are no results.\n",
            explained(methods),
            "\n### CPU seconds\n",
            overview(found, ratios=False),
            f"\n### CPU seconds, as times those of {METHODS[BASE].label}\n",
            overview(found, ratios=True),
            "\n### Growth\n",
            save_pictures(pictures(comparisons), figures, f"limit {limit_s:g} s"),
            "### In detail\n",
            *(detail(comparison) for comparison in found if comparison.instance in PLANNED),
            f"All of this took {minutes:.0f} minutes.",
        ]
    )


def main() -> None:
    """Read the options, solve, print, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--smoke", action="store_true", help="one run of one tiny instance")
    parser.add_argument(
        "--runs", type=int, default=3, help="1 of large instances, and of those for pictures alone"
    )
    parser.add_argument("--instances", nargs="+", default=list(COMPARED), choices=list(FAMILIES))
    parser.add_argument("--methods", nargs="+", default=list(METHODS), choices=list(METHODS))
    parser.add_argument("--limit", type=float, default=LIMIT_S, help="wall seconds of each method")
    parser.add_argument("--write", type=Path, nargs="?", const=RESULTS, metavar="FILE")
    options = parser.parse_args()
    for method in options.methods:
        if find_spec(METHODS[method].solver) is None:
            parser.error(
                f"{method} needs {METHODS[method].solver}, which is not installed: install the "
                "dependency group dev, or name other --methods"
            )
    results = Section.of("solve", parser, options, apart_from=("write",))
    if options.write is not None:
        results.refuse_unless_replaceable(options.write)
    began = perf_counter()
    comparisons = {}
    for instance in SMOKE if options.smoke else options.instances:
        runs = 1 if options.smoke else runs_of(instance, options.runs)
        limit_s = SMOKE_LIMIT_S if options.smoke else options.limit
        comparisons[instance] = compare(instance, options.methods, runs, limit_s)
        print(detail(comparisons[instance]), flush=True)
    if wrong := [one for comparison in comparisons.values() for one in comparison.differences()]:
        sys.exit("\n".join(["Objectives differ that have to be the same:", *wrong]))
    if options.write is not None:
        minutes = (perf_counter() - began) / 60
        command, figures = results.command("benchmarks.solve"), results.figures(options.write)
        text = section(comparisons, command, options.limit, minutes, figures)
        results.write(options.write, text)
        print(f"Wrote {options.write}")


if __name__ == "__main__":
    main()
