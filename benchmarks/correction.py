"""What correcting forecasts by what came true adds to the saving of a rolling plan.

Usage::

    python -m benchmarks.correction --data DIR [--starts 12] [--parts 6] [--out FILE]
    python -m benchmarks.correction --embedded --out FILE
    python -m benchmarks.correction --smoke

The fleet, the floors and caps and the days are those of ``benchmarks.savings``. Rewrites its
section of ``benchmarks/RESULTS.md``.
"""

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter

import numpy as np

from benchmarks.days import Days
from benchmarks.results import RESULTS, Section, setting, table
from benchmarks.savings import (
    CLIENTS,
    COHORT,
    FULL,
    SEED,
    SMOKE,
    Bench,
    add_days,
    days_of,
    fleet_of,
    name_of,
)
from lowcarb import Fairness, Forecast, Planner
from lowcarb._util.arrays import FloatArray
from lowcarb._util.lazy import lazy
from lowcarb._util.text import count
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.correction_constants import Correction
from lowcarb.carbon.correction_measured import Corrected
from lowcarb.carbon.coverage_of_intervals import coverage
from lowcarb.carbon.intervals import FEWEST
from lowcarb.planning.policies import Planned
from lowcarb.replay import Backtest, Recording, choose_starts
from lowcarb_solvers import chain

HOUR = timedelta(hours=1)
DELAYS = (6, 2, 1, 0)
NEVER = 1e9
"""Days that a prior weighs as if nothing else could be seen."""
PARTS = {
    "all of it": Correction(),
    "no bias": Correction(most_bias=0.0),
    "no measured skill": Correction(skill_prior_days=NEVER),
    "departures believed": Correction(skill_prior_days=NEVER, disbelief=(0.0,)),
    "no last residual": Correction(lasting=0.0, hours=1e-3),
}


@dataclass(frozen=True, kw_only=True, eq=False)
class ViewedDays(Recording):
    """A recording that corrects as it is told, and makes each view once for all settings.

    Parameters
    ----------
    how
        How to correct; None for forecasts as issued.
    guarded
        Whether something stands in for forecasts that are not believed.
    """

    how: Correction | None = None
    guarded: bool = True
    seen: dict[tuple[datetime, float], Forecast] = field(default_factory=dict)

    @lazy
    def corrector(self) -> Corrector | None:
        """Corrects the forecasts; None where none is corrected."""
        if self.how is None or self.delay is None:
            return None
        return Corrector(
            issues=self.issues,
            actual=self.actual,
            delay=self.delay,
            correction=self.how,
            guarded=self.guarded,
        )

    def view(self, start: datetime, end_s: float) -> Forecast:
        """Return what can be known at a time of the intensities up to another one."""
        if (start, end_s) not in self.seen:
            self.seen[start, end_s] = super().view(start, end_s)
        return self.seen[start, end_s]


@dataclass(frozen=True, kw_only=True)
class Replays:
    """Plays the rolling plan, the oracle and random's expectation.

    Parameters
    ----------
    bench
        How large.
    recording
        The days.
    spread
        How far energies are apart.
    between
        Whether to start at issues in between those that the constants were chosen on.
    """

    bench: Bench
    recording: Recording
    spread: float = 1.0
    between: bool = False
    limits: dict[tuple[int, int | None, datetime], tuple[float, float]] = field(
        default_factory=dict
    )

    def planner(self, floor: int, cap: int | None) -> Planner:
        """Give the planner of a setting."""
        return Planner(
            fleet=fleet_of(sorted(self.recording.actual.series), self.spread),
            cohort_size=COHORT,
            rounds=self.bench.rounds,
            fairness=Fairness(min_rounds=floor, max_rounds=cap),
            seed=SEED,
        )

    @lazy
    def starts(self) -> tuple[datetime, ...]:
        """First rounds, evenly spread."""
        planner, most = self.planner(*self.bench.turns[0]), self.bench.starts
        if not self.between:
            return choose_starts(self.recording, planner, most).times
        return choose_starts(self.recording, planner, 2 * most).times[1::2]

    def saved(
        self, how: Correction | None, hours: int = 1, *, guarded: bool = True
    ) -> list[tuple[FloatArray, FloatArray]]:
        """By setting: what the plan and the oracle saved, as shares of random, from each start."""
        days = ViewedDays(
            issues=self.recording.issues,
            actual=self.recording.actual,
            delay=hours * HOUR,
            persistent=self.recording.persistent,
            how=how,
            guarded=guarded,
        )
        found = []
        for floor, cap in self.bench.turns:
            planner = self.planner(floor, cap)
            ours, limits = [], []
            for start in self.starts:
                stage = Backtest(planner=planner, recording=days, start=start)
                key = (floor, cap, start)
                if key not in self.limits:
                    oracle = stage.oracle(Planned(chain(solver="flow")))
                    self.limits[key] = oracle.realised_g, stage.truth.random_cost
                limit, random = self.limits[key]
                ilp = stage.run("ilp", Planned(chain(solver="flow")))
                ours.append(1 - ilp.realised_g / random)
                limits.append(1 - limit / random)
            found.append((np.array(ours), np.array(limits)))
        return found


def shares(saved: list[tuple[FloatArray, FloatArray]]) -> list[str]:
    """Write shares of the oracle's saving in percent."""
    return [f"{100 * ours.mean() / limit.mean():.1f}" for ours, limit in saved]


def gains(
    saved: list[tuple[FloatArray, FloatArray]], raw: list[tuple[FloatArray, FloatArray]]
) -> list[str]:
    """Write what was gained on raw forecasts, start by start, in points of the oracle's saving."""
    found = []
    for (ours, limit), (theirs, _) in zip(saved, raw, strict=True):
        points = 100 * (ours - theirs) / limit.mean()
        error = points.std(ddof=1) / np.sqrt(len(points)) if len(points) > 1 else np.nan
        found.append(f"{points.mean():+.1f} ± {error:.1f}")
    return found


def _rows(replays: Replays, delays: tuple[int, ...]) -> Iterator[list[str]]:
    raw = replays.saved(None)
    yield ["never: forecasts as issued", *shares(raw)]
    for hours in delays:
        saved = replays.saved(Correction(), hours)
        when = "at once" if hours == 0 else f"{hours} h after its end"
        yield [when, *shares(saved)]
        yield ["... gained", *gains(saved, raw)]
        if hours == 1:
            yield _without(Correction(), replays)


def _held(corrector: Corrector) -> Iterator[list[str]]:
    """How often intervals held, at every fourth issue."""
    issued = [one.issued_at for one in corrector.issues.forecasts]
    moments = [one for one in issued[FEWEST + 1 :: 4] if one is not None]
    for day, (held, cases) in enumerate(coverage(corrector, moments)):
        if cases:
            yield [str(day + 1), f"{100 * held / cases:.1f}", f"{cases:,}"]


def _without(how: Correction, replays: Replays) -> list[str]:
    return ["... without the guard", *shares(replays.saved(how, guarded=False))]


def report(bench: Bench, days: Days, command: str, parts: int) -> str:
    """Run everything and write the section.

    Parameters
    ----------
    bench
        How large.
    days
        The days that are played.
    command
        What to type for it.
    parts
        Starts with parts of the correction left out.
    """
    began = perf_counter()
    found = days.by_accounting
    settings = [name_of(*turns) for turns in bench.turns]
    replays = Replays(bench=bench, recording=found["lifecycle"])
    corrector = Corrector(issues=replays.recording.issues, actual=replays.recording.actual)
    measured = Corrected.of(
        corrector,
        sorted(replays.recording.actual.series),
        replays.starts,
    )
    text = [
        "## Corrected forecasts\n",
        f"{command}, on {days.about}. {setting('ortools')}",
        f"{CLIENTS} clients, {COHORT} in each of {bench.rounds} hourly rounds, "
        f"{count(len(replays.starts), 'start')}. Share of the oracle's saving that the rolling "
        "plan reaches, by the turns of each client and by when an actual value is known; ± is the "
        "standard error of what was gained, start by start.",
        f"At these starts: {measured.sentence}.",
        "\n### Intervals of intensities\n",
        "90 % intervals of regions and hours, by the errors of issues before: how often they held "
        "what came true, by day ahead. None of these values was used to make its interval.\n",
        table(["day ahead", "held, %", "cases"], list(_held(corrector))),
        "\n### Equal energies\n",
        table(["actual values are known, %", *settings], list(_rows(replays, DELAYS))),
        "\n### Energies up to 5x apart\n",
        table(
            ["actual values are known, %", *settings],
            list(_rows(replace(replays, spread=5.0, limits={}), (1,))),
        ),
    ]
    last = list(found)[-1]
    others = Replays(bench=replace(bench, starts=parts), recording=found[last], between=True)
    raw = others.saved(None)
    rows = [["forecasts as issued", *shares(raw)]]
    for name, how in PARTS.items():
        saved = others.saved(how)
        rows += [[name, *shares(saved)], ["... gained", *gains(saved, raw)]]
    text += [
        "\n### Each part\n",
        f"With {last} intensities, {count(len(others.starts), 'start')} in between those on "
        "which constants were chosen, equal energies, known 1 h after their end.\n",
        table(["correction, %", *settings], rows),
        f"\nAll of this took {(perf_counter() - began) / 60:.0f} min.",
    ]
    return "\n".join(text)


def main() -> None:
    """Read the options, replay, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    add_days(parser)
    parser.add_argument("--starts", type=int, default=12)
    parser.add_argument("--parts", type=int, default=6, help="starts with parts left out")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny, on the embedded scenario")
    options = parser.parse_args()
    days = days_of(parser, options)
    results = Section.of(
        "correction", parser, options, apart_from=("data", "out"), more=days.departures
    )
    where = "" if options.data is None else " --data DIR"
    command = results.command(f"benchmarks.correction{where}")
    if options.smoke:
        print(report(SMOKE, days, command, 1))
        return
    results.refuse_unless_replaceable(options.out)
    text = report(replace(FULL, starts=options.starts), days, command, options.parts)
    results.write(options.out, text)
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
