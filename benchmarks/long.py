"""How far trainings that last longer than forecasts reach stay from perfect foresight.

Usage::

    python -m benchmarks.long --data DIR [--starts 12] [--out FILE]
    python -m benchmarks.long --embedded --out FILE
    python -m benchmarks.long --smoke

Replays the fleet of ``benchmarks.savings``, 10 clients in each of 480 hourly rounds, re-planned
before each round on forecasts of 96 hours: as they were issued, and corrected by what had come
true. Beyond them stand the last weeks over again; typical days in their place are measured beside.
Rewrites its section of ``benchmarks/RESULTS.md``.
"""

import argparse
import os
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.days import Days
from benchmarks.results import RESULTS, Section, setting, table
from benchmarks.savings import CLIENTS, COHORT, SEED, add_days, days_of, fleet_of
from lowcarb import Fairness, Planner
from lowcarb._util.text import count
from lowcarb.carbon.last_days import LEARNT_DAYS, LastDays
from lowcarb.planning.policies import Planned
from lowcarb.replay import Comparison, Recording, choose_starts, compare
from lowcarb.replay.names import ORACLE
from lowcarb_solvers import chain

ROUNDS = 480
SHARES = ("0.75", "0.5")
WORKERS = min(2, os.cpu_count() or 1)


@dataclass(frozen=True, kw_only=True, eq=False)
class TypicalBeyond(Recording):
    """Lets each region's typical day stand in beyond its forecast, the same day after day."""

    def _learnt(self, region: str, start: datetime) -> LastDays | None:
        """Days of the values that were known by a time, all of them typical."""
        found = super()._learnt(region, start)
        return None if found is None else replace(found, again=found.typical)


def ways(recording: Recording) -> dict[str, Recording]:
    """What a plan can be made on."""
    typical = TypicalBeyond(issues=recording.issues, actual=recording.actual, delay=recording.delay)
    return {
        "forecasts as issued": replace(recording, correct=False),
        "corrected": recording,
        "corrected, typical days beyond": typical,
    }


def played(recording: Recording, share: str, rounds: int, starts: int) -> Comparison:
    """Play the rolling plan and perfect foresight from all starts."""
    planner = Planner(
        fleet=fleet_of(sorted(recording.actual.series), 1.0),
        cohort_size=COHORT,
        rounds=rounds,
        fairness=Fairness(min_share=share),
        seed=SEED,
    )
    begins = choose_starts(recording, planner, starts).times
    solver = Planned(chain(solver="flow"))
    return compare(
        planner,
        recording,
        begins,
        {"ilp": solver},
        oracle=solver,
        workers=min(WORKERS, len(begins)),
    )


def cells(found: Comparison) -> list[str]:
    """Write what was emitted above perfect foresight in percent, and the floors missed."""
    ours, limit = found.runs["ilp"], found.runs[ORACLE]
    above = np.array(
        [100 * (a.realised_g / b.realised_g - 1) for a, b in zip(ours, limit, strict=True)]
    )
    error = ""
    if len(above) > 1:
        error = f" ± {above.std(ddof=1) / np.sqrt(found.independent):.1f}"
    missed = sum(int((run.turns < run.at_least).sum()) for run in ours)
    return [f"{above.mean():.1f}{error}", f"{above.max():.1f}", str(missed)]


def report(days: Days, command: str, shares: tuple[str, ...], rounds: int, starts: int) -> str:
    """Play all and write the section."""
    began = perf_counter()
    rows = []
    for name, recording in ways(days.by_accounting["lifecycle"]).items():
        row = [name]
        for share in shares:
            found = played(recording, share, rounds, starts)
            row += cells(found)
        rows.append(row)
    header = [
        part
        for share in shares
        for part in (f"above foresight at {share}, %", "worst start", "floors missed")
    ]
    return "\n".join(
        [
            "## Trainings longer than forecasts\n",
            f"{command}, on {days.about}. {setting('ortools')}",
            f"{CLIENTS} clients, {COHORT} in each of {rounds} hourly rounds, floors of "
            f"{' and '.join(shares)} of an equal share and no caps, "
            f"{count(len(found.starts), 'start')}, of which {found.independent} can be had without "
            "an overlap. Emissions above those of perfect foresight of all rounds, mean over the "
            "starts; ± is their standard deviation over the root of the number of starts without "
            "an overlap. Floors missed: by clients, of all starts together. Beyond the forecasts "
            f"the last {LEARNT_DAYS} days that were known come again.\n",
            table(["planned on", *header], rows),
            f"\nAll of this took {(perf_counter() - began) / 60:.0f} min.",
        ]
    )


def main() -> None:
    """Read the options, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_days(parser)
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    days = days_of(parser, options)
    results = Section.of("long", parser, options, apart_from=("data", "out"), more=days.departures)
    command = results.command(f"benchmarks.long{'' if options.data is None else ' --data DIR'}")
    if options.smoke:
        print(report(days, command, SHARES[:1], 97, 1))
        return
    results.refuse_unless_replaceable(options.out)
    results.write(options.out, report(days, command, SHARES, ROUNDS, options.starts))
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
