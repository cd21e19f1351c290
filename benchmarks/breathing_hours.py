"""What cohorts that breathe save in chosen hours, re-planned and with perfect foresight.

Usage::

    python -m benchmarks.breathing_hours --data DIR [--starts 16] [--out FILE]
    python -m benchmarks.breathing_hours --embedded --out FILE
    python -m benchmarks.breathing_hours --smoke

Replays the fleet of ``benchmarks.savings``: 10 clients in each of 96 hourly rounds, and as many
turns in up to 96 rounds of 1 to 20 clients within 168 hours, both planned anew on the newest
forecast issued by then. Rewrites its section of ``benchmarks/RESULTS.md``.
"""

import argparse
import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.days import Days
from benchmarks.results import RESULTS, Section, setting, table
from benchmarks.savings import COHORT, SEED, add_days, days_of, fleet_of, percent
from lowcarb import Fairness, Planner
from lowcarb.planning.policies import Planned
from lowcarb.planning.slot_policies import slot_policies
from lowcarb.planning.slot_solver import SlotSearch
from lowcarb.replay import Backtest, HoursAfter, Recording, starts_within
from lowcarb.replay.hours_backtest import HoursBacktest
from lowcarb.replay.parallel import side_by_side
from lowcarb_solvers import chain

RANGE = (1, 20)
TURNS = ((9, 10), (7, 12), (7, None), (4, None))
SOLVERS = chain(10.0)
HEADER = [
    "turns",
    "10 in 96 h %",
    "1 to 20 in 168 h %",
    "gain",
    "+-",
    "foresight: 10 in 96 h %",
    "1 to 20 in 168 h %",
    "gain",
    "of foresight's gain %",
    "floors %",
]


@dataclass(frozen=True, kw_only=True)
class Emitted:
    """What one start emits, gCO2eq.

    Parameters
    ----------
    random
        Random cohorts of one size at once, expected.
    fixed, fixed_known
        Planned cohorts of one size at once, re-planned and with perfect foresight.
    breathing, breathing_known
        Cohorts that breathe in chosen hours.
    floors_met
        The least share of clients that got the turns they are owed.
    """

    random: float
    fixed: float
    fixed_known: float
    breathing: float
    breathing_known: float
    floors_met: float


@dataclass(frozen=True, kw_only=True)
class Size:
    """How large the benchmark is.

    Parameters
    ----------
    rounds, hours
        Rounds of one size at once, and hours until the deadline of others.
    turns
        Floors and caps on each client's turns; None for no cap.
    """

    rounds: int = 96
    hours: int = 168
    turns: tuple[tuple[int, int | None], ...] = TURNS


def played(start: datetime, *, planner: Planner, recording: Recording, hours: int) -> Emitted:
    """Play one start both ways."""
    at_once = Backtest(planner=planner, recording=recording, start=start)
    after = HoursAfter(within=timedelta(hours=hours), fewest_rounds=1)
    chosen = HoursBacktest(
        planner=replace(
            planner, cohort_range=RANGE, hours=after.at(start), fewest_rounds=after.fewest_rounds
        ),
        recording=recording,
        start=start,
    )
    runs = [
        at_once.run("ilp", Planned(SOLVERS)),
        at_once.oracle(Planned(SOLVERS)),
        chosen.run("ilp", slot_policies(SOLVERS)["ilp"]),
        chosen.oracle(SlotSearch(solvers=SOLVERS)),
    ]
    fixed, fixed_known, breathing, breathing_known = (run.realised_g for run in runs)
    return Emitted(
        random=chosen.random_g(),
        fixed=fixed,
        fixed_known=fixed_known,
        breathing=breathing,
        breathing_known=breathing_known,
        floors_met=min(run.floors_met for run in runs),
    )


def row_of(name: str, found: Sequence[Emitted]) -> list[str]:
    """Write the figures of one setting: savings against random cohorts, ratios of means."""

    def saved(which: str) -> float:
        whole = sum(one.random for one in found)
        return 1 - sum(float(getattr(one, which)) for one in found) / whole

    gains = [100 * (one.fixed - one.breathing) / one.random for one in found]
    gain = saved("breathing") - saved("fixed")
    known = saved("breathing_known") - saved("fixed_known")
    return [
        name,
        percent(saved("fixed")),
        percent(saved("breathing")),
        percent(gain),
        f"{np.std(gains):.1f}",
        percent(saved("fixed_known")),
        percent(saved("breathing_known")),
        percent(known),
        percent(gain / known if known else None),
        percent(min(one.floors_met for one in found)),
    ]


def report(days: Days, command: str, starts: int, size: Size) -> str:
    """Play all settings and write the section."""
    began = perf_counter()
    recording = days.by_accounting["lifecycle"]
    rows = []
    for floor, cap in size.turns:
        planner = Planner(
            fleet=fleet_of(sorted(recording.actual.series), 1.0),
            cohort_size=COHORT,
            rounds=size.rounds,
            fairness=Fairness(min_rounds=floor, max_rounds=cap),
            solvers=SOLVERS,
            seed=SEED,
        )
        begins = starts_within(recording, replace(planner, rounds=size.hours), starts)
        play = partial(played, planner=planner, recording=recording, hours=size.hours)
        found = list(side_by_side(play, begins, min(os.cpu_count() or 1, len(begins), 2)))
        rows.append(row_of(f"{floor}-{'none' if cap is None else cap}", found))
        print(" | ".join(rows[-1]), flush=True)
    turns = COHORT * size.rounds
    return "\n".join(
        [
            "## Cohorts that breathe in chosen hours\n",
            f"{command}, on {days.about}. {setting()}",
            f"{turns} turns of {len(planner.fleet)} clients from {len(begins)} start days: "
            f"{COHORT} in each of {size.rounds} hourly rounds at once, and {RANGE[0]} to "
            f"{RANGE[1]} in up to {size.rounds} rounds within {size.hours} h, planned anew on the "
            "newest forecast, corrected by what was known to have come true, and with perfect "
            f"foresight. Saved: against random cohorts of {COHORT} in the first {size.rounds} "
            "hours; +- is the spread of the gain over the start days. It took "
            f"{(perf_counter() - began) / 60:.0f} minutes.\n",
            table(HEADER, rows),
        ]
    )


def main() -> None:
    """Read the options, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_days(parser)
    parser.add_argument("--starts", type=int, default=16)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    days = days_of(parser, options)
    results = Section.of(
        "breathing-hours", parser, options, apart_from=("data", "out"), more=days.departures
    )
    more = "" if options.data is None else " --data DIR"
    command = results.command(f"benchmarks.breathing_hours{more}")
    if options.smoke:
        print(report(days, command, 1, Size(rounds=3, hours=6, turns=((0, None),))))
        return
    results.refuse_unless_replaceable(options.out)
    results.write(options.out, report(days, command, options.starts, Size()))
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
