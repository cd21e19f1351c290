"""What choosing the hours before a deadline saves on recorded days, and of what could be saved.

Usage::

    python -m benchmarks.hours --data DIR [--hours 96,168] [--starts 16] [--out FILE]
    python -m benchmarks.hours --embedded --out FILE
    python -m benchmarks.hours --smoke

Replays the fleet of ``benchmarks.savings``, 10 clients in each of 24 rounds of an hour at half
shares as floors, planned anew at each slot on the newest forecast issued by then, and
rewrites its section of ``benchmarks/RESULTS.md``: at once, the joint plan of hours and cohorts, and
perfect foresight.
"""

import argparse
import os
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

from benchmarks.days import Days
from benchmarks.results import RESULTS, Section, setting, table
from benchmarks.savings import COHORT, SEED, add_days, days_of, fleet_of, percent
from lowcarb import Fairness, Planner
from lowcarb.planning.slot_policies import AT_ONCE, slot_policies
from lowcarb.planning.slot_solver import SlotSearch
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
        oracle=SlotSearch(solvers=SOLVERS),
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


def report(days: Days, command: str, deadlines: list[int], starts: int, rounds: int) -> str:
    """Play all deadlines and write the section."""
    rows = []
    for hours in deadlines:
        rows += rows_of(played(days.by_accounting["lifecycle"], hours, starts, 1.0, rounds), hours)
    return "\n".join(
        [
            "## Hours before a deadline\n",
            f"{command}, on {days.about}. {setting()}",
            f"{rounds} rounds of {COHORT} at half shares as floors, {starts} start days, planned "
            "anew at each slot on the newest forecast, corrected by what was known to have come "
            "true. Saved: against rounds at once with the cheapest cohorts.\n",
            table(HEADER, rows),
        ]
    )


def main() -> None:
    """Read the options, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_days(parser)
    parser.add_argument("--hours", default="96,168")
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    days = days_of(parser, options)
    results = Section.of("hours", parser, options, apart_from=("data", "out"), more=days.departures)
    command = results.command(f"benchmarks.hours{'' if options.data is None else ' --data DIR'}")
    if options.smoke:
        print(report(days, command, [6], 1, 2))
        return
    results.refuse_unless_replaceable(options.out)
    deadlines = [int(hours) for hours in options.hours.split(",")]
    results.write(options.out, report(days, command, deadlines, options.starts, ROUNDS))
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
