"""What choosing the hours before a deadline saves on recorded days, and of what could be saved.

Usage::

    python -m benchmarks.hours [--data ../shared/data] [--hours 96,168] [--starts 16] [--smoke]

Replays the fleet of ``benchmarks.savings``, 10 clients in each of 24 rounds of an hour at half
shares as floors, planned anew at each slot on the newest forecast issued by then, and prints a
table: at once, the joint plan of hours and cohorts, and perfect foresight.
"""

import argparse
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.results import setting, table
from benchmarks.savings import COHORT, SEED, fleet_of, percent, recordings
from lowcarb import Fairness, Planner
from lowcarb.planning.slot_policies import AT_ONCE, slot_policies
from lowcarb.planning.slot_solver import GreedySlots
from lowcarb.replay import HoursAfter, HoursComparison, Recording, compare_hours, starts_within
from lowcarb_solvers import chain

ROUNDS = 24
SOLVERS = chain(10.0)
HEADER = ["hours", "policy", "kg CO2eq", "saved %", "+-", "of foresight %", "95 %", "floors %"]


def played(
    recording: Recording, hours: int, starts: int, spread: float, rounds: int
) -> HoursComparison:
    """Play one deadline from all starts."""
    planner = Planner(
        fleet=fleet_of(sorted(recording.actual.series), spread),
        cohort_size=COHORT,
        rounds=rounds,
        fairness=Fairness(min_share="0.5"),
        solvers=SOLVERS,
        seed=SEED,
    )
    begins = starts_within(recording, replace(planner, rounds=hours), starts)
    policies = slot_policies(SOLVERS)
    return compare_hours(
        planner,
        recording,
        begins,
        {name: policies[name] for name in (AT_ONCE, "ilp")},
        HoursAfter(within=timedelta(hours=hours)),
        oracle=GreedySlots(solvers=SOLVERS),
        workers=min(os.cpu_count() or 1, len(begins)),
    )


def rows_of(found: HoursComparison, hours: int) -> list[list[str]]:
    """Write the figures of all policies."""
    rows = []
    for name, one in found.summaries.items():
        within = one.share_interval
        rows.append(
            [
                str(hours),
                name,
                f"{one.realised_g / 1000:.2f}",
                percent(one.saved),
                f"{100 * one.spread:.1f}",
                percent(one.share_of_oracle),
                "-" if within is None else f"{percent(within.low)} to {percent(within.high)}",
                percent(one.floors_met),
            ]
        )
    return rows


def report(folder: Path | None, deadlines: list[int], starts: int, rounds: int) -> str:
    """Play all deadlines and write the table."""
    source, found = recordings(folder)
    rows = []
    for hours in deadlines:
        rows += rows_of(played(found["lifecycle"], hours, starts, 1.0, rounds), hours)
    return f"{source}; {starts} starts. {setting()}\n\n{table(HEADER, rows)}"


def main() -> None:
    """Read the options, replay, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--hours", default="96,168")
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    if options.smoke:
        print(report(None, [6], 1, 2))
        return
    deadlines = [int(hours) for hours in options.hours.split(",")]
    print(report(options.data, deadlines, options.starts, ROUNDS))


if __name__ == "__main__":
    main()
