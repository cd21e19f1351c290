"""What each way to choose saves on recorded days, and how far it stays from perfect foresight.

Usage::

    python -m benchmarks.savings --data DIR [--starts 8] [--seeds 20] [--out FILE]
    python -m benchmarks.savings --embedded --out FILE
    python -m benchmarks.savings --smoke

Replays 100 clients, spread over the regions by a seed, 10 in each of 96 hourly rounds, re-planned
before each round on the newest forecast issued by then, corrected by what had come true, and
rewrites its section of ``benchmarks/RESULTS.md``. That section is of the recorded days, in full:
days of one's own, the embedded scenario and fewer starts need an ``--out`` of their own.
docs/recorded-days.md says where the recorded days come from, and ``python -m benchmarks.data DIR``
whether a folder holds them.
"""

import argparse
import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.data import WHERE
from benchmarks.days import Days
from benchmarks.results import RESULTS, Section, save_pictures, setting, table
from lowcarb import Client, Fairness, Fleet, InputError, Planner
from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.planning.wording import ABOUT_MARKED, marked
from lowcarb.replay import (
    Comparison,
    PolicySummary,
    Recording,
    compare,
    draw_disruptions,
    gap_to_oracle,
    starts_within,
)
from lowcarb.replay.names import ORACLE
from lowcarb.report.comparison.pictures import pictures_of
from lowcarb.report.comparison.verdict import remaining

HOUR = timedelta(hours=1)
CLIENTS, COHORT = 100, 10
ENERGY_KWH = 0.1
SEED = 0
SPREADS = {"equal energies": 1.0, "energies up to 5x apart": 5.0}
PLANNING = ("greedy", "regret", "ilp")
COMPARED = ("random", "round-robin", "greedy", "regret", "ilp", "lowcarb-2022", "cheapest")
# Shares of the oracle's saving that an independent rolling plan reached on the recorded days, with
# forecasts as issued.
INDEPENDENT = {"equal energies": (70, 79, 88, 94), "energies up to 5x apart": (72, 83, 89, 95)}


@dataclass(frozen=True, kw_only=True)
class Bench:
    """The size of a benchmark.

    Parameters
    ----------
    rounds
        Hourly rounds.
    turns
        Floors and caps on each client's turns; None for no cap.
    starts, seeds
        Start days, and seeds of random cohorts.
    """

    rounds: int
    turns: tuple[tuple[int, int | None], ...]
    starts: int
    seeds: int


FULL = Bench(rounds=96, turns=((9, 10), (7, 12), (7, None), (4, None)), starts=8, seeds=20)
SMOKE = Bench(rounds=24, turns=((2, 3), (1, None)), starts=2, seeds=2)


def name_of(floor: int, cap: int | None) -> str:
    """Name a setting by its turns."""
    return f"{floor}-{'none' if cap is None else cap}"


def fleet_of(regions: list[str], spread: float) -> Fleet:
    """Spread clients over the regions, with energies that differ up to a factor."""
    rng = np.random.default_rng(SEED)
    energy = ENERGY_KWH * np.exp(rng.uniform(0, np.log(spread), CLIENTS))
    region = rng.integers(len(regions), size=CLIENTS)
    return Fleet.from_clients(
        [
            Client(
                name=f"client-{i:02d}",
                region=regions[region[i]],
                energy_kwh=float(energy[i]),
                duration=HOUR,
            )
            for i in range(CLIENTS)
        ]
    )


@dataclass(frozen=True, kw_only=True)
class Replays:
    """Runs comparisons on one recording.

    Parameters
    ----------
    bench
        How large.
    recording
        The days.
    """

    bench: Bench
    recording: Recording

    def run(
        self,
        spread: float,
        fairness: Fairness,
        names: tuple[str, ...],
        *,
        dropout: float = 0.0,
        absence: float = 0.0,
    ) -> Comparison:
        """Play policies, and the oracle, from all starts."""
        bench = self.bench
        planner = Planner(
            fleet=fleet_of(sorted(self.recording.actual.series), spread),
            cohort_size=COHORT,
            rounds=bench.rounds,
            fairness=fairness,
            seed=SEED,
        )
        starts = starts_within(self.recording, planner, bench.starts)
        return compare(
            planner,
            self.recording,
            starts,
            {name: POLICIES[name] for name in names},
            seeds=bench.seeds,
            oracle=Planned(),
            disruptions=draw_disruptions(
                CLIENTS, bench.rounds, seed=SEED, dropout=dropout, absence=absence
            ),
            split=True,
            workers=min(os.cpu_count() or 1, len(starts)),
        )

    def settings(self) -> Iterator[tuple[str, Fairness]]:
        """Give the fairness rules by name."""
        for floor, cap in self.bench.turns:
            yield name_of(floor, cap), Fairness(min_rounds=floor, max_rounds=cap)


def percent(value: float | None) -> str:
    """Write a share in percent."""
    return "-" if value is None else f"{100 * value:.1f}"


def row(name: str, summary: PolicySummary) -> list[str]:
    """Write one policy's metrics."""
    return [
        name,
        f"{summary.realised_g / 1000:.2f}",
        marked(percent(summary.saved), comparable=summary.comparable),
        f"{100 * summary.spread:.1f}",
        percent(summary.share_of_oracle),
        percent(summary.floors_met),
        f"{summary.turns_min}-{summary.turns_max}",
        f"{summary.jain:.3f}",
        f"{summary.gini:.3f}",
        f"{1000 * summary.seconds_median:.0f} / {1000 * summary.seconds_p95:.0f}",
        str(summary.fallbacks),
    ]


HEADER = [
    "policy",
    "kg CO2eq",
    "saved %",
    "+-",
    "of oracle %",
    "floors met %",
    "turns",
    "Jain",
    "Gini",
    "ms a round (median / p95)",
    "fallbacks",
]


def detail(title: str, found: Comparison) -> str:
    """Write all metrics of one comparison."""
    order = [*(name for name in COMPARED if name in found.runs), ORACLE]
    rows = [row(name, found.summaries[name]) for name in order]
    gap = gap_to_oracle(found)
    left = [] if gap is None else remaining(found, gap)
    return f"\n**{title}**\n\n{table(HEADER, rows)}\n\n{' '.join(left)}\n"


def overview(by_setting: dict[str, Comparison], independent: tuple[int, ...] | None) -> str:
    """Write the share of the oracle's saving, setting by setting."""
    rows = []
    for name in PLANNING:
        shares = [c.summaries[name].share_of_oracle for c in by_setting.values()]
        rows.append([name, *(percent(share) for share in shares)])
    if independent is not None:
        rows.append(
            [
                "an independent rolling plan, on raw forecasts",
                *(str(share) for share in independent),
            ]
        )
    for ahead in ("greedy", "regret"):
        points = [
            f"{100 * (c.summaries['ilp'].saved - c.summaries[ahead].saved):+.1f}"
            for c in by_setting.values()
        ]
        rows.append([f"points of saving, ilp over {ahead}", *points])
    return table(["share of the oracle's saving, %", *by_setting], rows)


def heuristic_of_2022(replays: Replays, spread: float, found: Comparison) -> list[str]:
    """Give ilp the turns that the heuristic of 2022 itself delivered, and compare."""
    old = found.summaries["lowcarb-2022"]
    fairness = Fairness(min_rounds=old.turns_min, max_rounds=old.turns_max)
    ilp = replays.run(spread, fairness, ("ilp",)).summaries["ilp"]
    return [
        f"{old.turns_min}-{old.turns_max}",
        percent(old.saved),
        percent(ilp.saved),
        f"{ilp.saved / old.saved:.1f}x",
    ]


def report(bench: Bench, days: Days, command: str, figures: Path | None) -> str:
    """Run everything and write the section, and its pictures if there is a folder for them."""
    began = perf_counter()
    found = days.by_accounting
    replays = Replays(bench=bench, recording=found["lifecycle"])
    parts = [
        "## Savings on recorded days\n",
        f"{command}, on {days.about}. {setting()}",
        f"{CLIENTS} clients over {len(found['lifecycle'].actual.series)} regions by seed {SEED}, "
        f"{COHORT} in each of {bench.rounds} hourly rounds, {bench.starts} start days, "
        f"{bench.seeds} random seeds; re-planned before each round on the newest forecast, "
        "corrected by what was known to have come true. "
        "Emissions are realised ones: actual intensity times energy. Saved: against the exact "
        "expectation of random cohorts, +- over the start days (random: over its seeds); "
        f"{ABOUT_MARKED}.",
    ]
    heuristic, seconds = [], []
    for title, spread in SPREADS.items():
        by_setting = {}
        for name, fairness in replays.settings():
            started = perf_counter()
            by_setting[name] = replays.run(spread, fairness, COMPARED)
            seconds.append(perf_counter() - started)
        full = bench.turns == FULL.turns and "direct" in found
        parts.append(f"\n### With {title}\n")
        parts.append(overview(by_setting, INDEPENDENT[title] if full else None))
        parts += [detail(f"Turns {name}", c) for name, c in by_setting.items()]
        if spread == 1:
            name, shown = list(by_setting.items())[1]
            if figures is not None:
                pictures = pictures_of(shown, gap_to_oracle(shown))
                parts.append(save_pictures(pictures, figures, f"turns {name}, {title}"))
        heuristic.append(
            [title, *heuristic_of_2022(replays, spread, next(iter(by_setting.values())))]
        )
    parts.append("\n### Against the heuristic of 2022, at the turns that it delivered\n")
    header = ["", "turns", "saved by it, %", "saved by ilp, %", "ratio"]
    parts.append(table(header, heuristic))
    if "direct" in found:
        direct = replace(replays, recording=found["direct"])
        parts.append("\n### With direct instead of lifecycle intensities, equal energies\n")
        by_setting = {name: direct.run(1.0, rule, PLANNING) for name, rule in direct.settings()}
        parts.append(overview(by_setting, None))
    name, fairness = list(replays.settings())[1]
    lossy = replays.run(1.0, fairness, PLANNING, dropout=0.05, absence=0.05)
    parts.append("\n### With 5 % dropouts and 5 % absences\n")
    parts.append(
        "A lost turn is charged and not credited; who is away now is expected back in the next "
        "round. Policies learn of either when it happens, and then keep turns in reserve. The "
        "oracle knows beforehand."
    )
    parts.append(detail(f"Turns {name}, equal energies", lossy))
    parts.append(
        f"\nOne comparison of all policies from {bench.starts} starts, with {bench.seeds} seeds of "
        f"random, took {min(seconds):.0f} to {max(seconds):.0f} s, and all of this "
        f"{(perf_counter() - began) / 60:.0f} minutes."
    )
    return "\n".join(parts)


def add_days(parser: argparse.ArgumentParser) -> None:
    """Add the options that say which days are played."""
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--data", type=Path, metavar="DIR", help="folder of recorded days")
    which.add_argument("--embedded", action="store_true", help="on the embedded scenario instead")


def days_of(parser: argparse.ArgumentParser, options: argparse.Namespace) -> Days:
    """Read or make the days that the options say, or exit with a message."""
    if options.smoke or options.embedded:
        return Days.embedded(SEED)
    if options.data is None:
        parser.error(f"expected --data DIR, or --embedded with --out FILE; {WHERE}")
    try:
        return Days.read(options.data)
    except InputError as error:
        parser.error(f"--data: {error}")


def main() -> None:
    """Read the options, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_days(parser)
    parser.add_argument("--starts", type=int, default=FULL.starts)
    parser.add_argument("--seeds", type=int, default=FULL.seeds)
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    days = days_of(parser, options)
    results = Section.of(
        "savings", parser, options, apart_from=("data", "out"), more=days.departures
    )
    command = results.command(f"benchmarks.savings{'' if options.data is None else ' --data DIR'}")
    if options.smoke:
        print(report(SMOKE, days, command, None))
        return
    results.refuse_unless_replaceable(options.out)
    bench = replace(FULL, starts=options.starts, seeds=options.seeds)
    text = report(bench, days, command, results.figures(options.out))
    results.write(options.out, text)
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
