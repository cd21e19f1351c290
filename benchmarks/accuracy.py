"""What carbon-aware cohorts cost in accuracy, and what they save.

Usage::

    python -m benchmarks.accuracy [--seeds 10] [--rounds 96] [--no-ray] [--workers 2]
                                  [--more] [--keep FOLDER] [--out FILE] [--smoke]

Trains the Flower app in ``benchmarks/learning`` again and again in this process: 30 clients, 10 in
each of 96 hourly rounds, under several policies and floors, on the same seeds for all of them. In
the skewed case labels are dealt by chance and machines differ. In the hard case labels follow the
regions and machines are alike, so that a policy which leaves dirty regions out loses their labels.
Rewrites its section of ``benchmarks/RESULTS.md``, with all seeds and rounds only: what is smaller
needs an ``--out`` of its own. One seed is trained in a Flower simulation on
Ray as well, which must give the same accuracies.

Settings, what a turn is worth, and to take accuracy as a mean over the last five rounds, were
chosen on seeds 0 to 9; the seeds played here begin with 300.
"""

import argparse
import os
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np
from scipy import stats

from benchmarks.accuracy_picture import learning_curves, trade_off
from benchmarks.accuracy_variants import (
    CHEAPEST,
    DEBIASED,
    ILP,
    LIKE_FEDZERO,
    MORE,
    OORT,
    POWER_OF_CHOICE,
    RANDOM,
    SHOWN,
    TO_OTHER_TARGETS,
    TRADE_OFF,
    VALUE,
    VARIANTS,
)
from benchmarks.results import RESULTS, Section, save_pictures, setting, table
from benchmarks.to_target import DEFINITION, ToTarget, in_grams, in_percent
from benchmarks.trainings import (
    APP,
    CASES,
    CLIENTS,
    COHORT,
    LAST_ROUNDS,
    Case,
    Curve,
    Keeping,
    Task,
    Variant,
    train_on_ray,
)
from lowcarb.replay.metrics import jain
from lowcarb.replay.parallel import side_by_side
from lowcarb_solvers.arrays import FloatArray

FIRST_SEED = 300
TARGET = 0.92
"""Accuracy that a training is to reach."""
OTHER_TARGETS = (0.86, 0.88, 0.90, 0.94)
"""Whether what holds for `TARGET` holds around it."""
CONFIDENCE = 0.95


@dataclass(frozen=True, kw_only=True)
class Difference:
    """Mean of paired differences, with its confidence interval."""

    mean: float
    half_width: float

    @classmethod
    def of(cls, pairs: FloatArray) -> "Difference":
        """Student's t over the seeds (s,)."""
        if len(pairs) < 2:
            return cls(mean=float(pairs.mean()), half_width=float("nan"))
        quantile = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(pairs) - 1))
        error = float(pairs.std(ddof=1)) / np.sqrt(len(pairs))
        return cls(mean=float(pairs.mean()), half_width=quantile * error)

    def __str__(self) -> str:
        low, high = self.mean - self.half_width, self.mean + self.half_width
        return f"{self.mean:+.2f} ({low:+.2f} to {high:+.2f})"


Curves = dict[Variant, list[Curve]]
"""Trainings of each variant, in the order of the seeds."""


def points(curves: Curves, variant: Variant) -> Difference:
    """Accuracy in the end against random cohorts on the same seed, in points."""
    pairs = zip(curves[variant], curves[RANDOM], strict=True)
    return Difference.of(np.array([100 * (a.final - b.final) for a, b in pairs]))


def points_of_last_round(curves: Curves, variant: Variant) -> Difference:
    """The same by the last round alone."""
    pairs = zip(curves[variant], curves[RANDOM], strict=True)
    return Difference.of(np.array([100 * (a.accuracy[-1] - b.accuracy[-1]) for a, b in pairs]))


def saved(curves: Curves, variant: Variant) -> float:
    """Share of the grams that random cohorts emitted, over all seeds, in percent."""
    mine, theirs = (
        sum(float(curve.emissions_g[-1]) for curve in curves[one]) for one in (variant, RANDOM)
    )
    return 100 * (1 - mine / theirs)


HEADER = [
    "policy",
    "min-share",
    "accuracy, %",
    "points to random (95 % interval)",
    "g CO2eq",
    "saved, %",
    "turns",
    "Jain",
]
HEADER_TO_OTHERS = ["policy", "min-share", *(f"{one:.0%}" for one in OTHER_TARGETS)]
HEADER_TO_TARGET = [
    "policy",
    "min-share",
    f"expected g to {TARGET:.0%}, misses counted",
    "against random (95 % interval)",
    "arrived",
    "g spent by those that never arrived",
    "g of those that arrived, alone",
    "rounds of those that arrived, alone",
]


def named(variant: Variant) -> list[str]:
    """Write who chose, and under which floor."""
    return [variant.name, "-" if variant.min_share is None else f"{variant.min_share:g}"]


def row(curves: Curves, variant: Variant) -> list[str]:
    """Write one variant's figures at equal rounds, means over the seeds."""
    mine = curves[variant]
    turns = np.array([curve.turns for curve in mine])
    return [
        *named(variant),
        f"{100 * np.mean([curve.final for curve in mine]):.1f}",
        "" if variant is RANDOM else str(points(curves, variant)),
        f"{np.mean([curve.emissions_g[-1] for curve in mine]):,.0f}",
        f"{saved(curves, variant):.0f}",
        f"{turns.min():.0f}-{turns.max():.0f}",
        f"{np.mean([jain(one.astype(np.int64)) for one in turns]):.2f}",
    ]


def row_to_target(curves: Curves, variant: Variant) -> list[str]:
    """Write what one variant spends to reach the target, and how often it does."""
    mine = ToTarget.of(curves[variant], TARGET)
    reached = [found[0] for curve in curves[variant] if (found := curve.until(TARGET))]
    return [
        *named(variant),
        in_grams(mine.expected_g),
        "" if variant is RANDOM else against_random(curves, variant),
        f"{len(reached)} of {len(curves[variant])}",
        in_grams(mine.without_arriving_g),
        in_grams(mine.of_arrivals_g),
        f"{np.mean(reached):.0f}" if reached else "-",
    ]


def against_random(curves: Curves, variant: Variant, target: float = TARGET) -> str:
    """Expected grams to a target against random cohorts, in percent, with the interval."""
    mine, theirs = (ToTarget.of(curves[one], target) for one in (variant, RANDOM))
    return in_percent(mine.against(theirs))


def row_to_others(curves: Curves, variant: Variant) -> list[str]:
    """Write what one variant is expected to spend to the other targets."""
    cells = []
    for target in OTHER_TARGETS:
        mine = ToTarget.of(curves[variant], target)
        against = "" if variant is RANDOM else f"{against_random(curves, variant, target)}; "
        arrived = f"{mine.arrived.sum():.0f} of {len(mine.arrived)}"
        cells.append(f"{in_grams(mine.expected_g)} g; {against}{arrived}")
    return [*named(variant), *cells]


def verdict(curves: Curves) -> str:
    """Say what floors alone do, what they do with a price for losses, and what having none does."""
    return (
        f"Carbon to {TARGET:.0%}, misses counted, against random cohorts, with floors of half an "
        f"equal share. {_verdict_of(curves, ILP, 'By carbon alone:')} "
        f"{_verdict_of(curves, VALUE, f'With {VALUE.max_extra_carbon:g} % for losses, debiased:')}"
        f"{_without_floors(curves)}"
    )


def _without_floors(curves: Curves) -> str:
    if CHEAPEST not in curves:
        return ""
    return (
        f" Without floors, cheapest ends {points(curves, CHEAPEST)} points from random cohorts and "
        f"emits {saved(curves, CHEAPEST):.0f} % less."
    )


def _verdict_of(curves: Curves, variant: Variant, how: str) -> str:
    arrived = sum(curve.until(TARGET) is not None for curve in curves[variant])
    return (
        f"{how} {against_random(curves, variant)}, {arrived} of {len(curves[variant])} seeds "
        f"arrive; at equal rounds it ends {points(curves, variant)} points from them (by the last "
        f"round alone {points_of_last_round(curves, variant)}) and emits "
        f"{saved(curves, variant):.0f} % less."
    )


def end_of(curves: Curves, variant: Variant) -> tuple[float, float]:
    """Mean accuracy in the end, in percent, and mean emissions, in grams."""
    mine = curves[variant]
    accuracy = 100 * np.mean([curve.final for curve in mine])
    return float(accuracy), float(np.mean([curve.emissions_g[-1] for curve in mine]))


def section(case: Case, curves: Curves, figures: Path) -> str:
    """Write one case: verdict, table, picture."""
    parts = [
        f"\n### {case.title}\n",
        verdict(curves),
        f"\n**Carbon to {TARGET:.0%}**\n",
        table(HEADER_TO_TARGET, [row_to_target(curves, variant) for variant in curves]),
        "\n**Carbon to other accuracies**: expected, misses counted; against random; arrived\n",
        table(
            HEADER_TO_OTHERS,
            [row_to_others(curves, variant) for variant in TO_OTHER_TARGETS if variant in curves],
        ),
        "\n**At equal rounds**\n",
        table(HEADER, [row(curves, variant) for variant in curves]),
        "",
    ]
    picture = learning_curves(
        f"learning_{case.name}",
        {
            one.name: (
                np.array([curve.accuracy for curve in curves[one]]),
                np.array([curve.emissions_g for curve in curves[one]]),
            )
            for one in SHOWN
            if one in curves
        },
        target=TARGET,
    )
    line = [one for one in (DEBIASED, *TRADE_OFF) if one in curves]
    others = [one for one in (RANDOM, ILP, OORT, POWER_OF_CHOICE, LIKE_FEDZERO) if one in curves]
    front = trade_off(
        f"trade_off_{case.name}",
        {one.name: end_of(curves, one) for one in line},
        {one.name: end_of(curves, one) for one in others},
    )
    parts.append(save_pictures([picture, front], figures, case.title.lower()))
    return "\n".join(parts)


def confirmation(curves: Curves, task: Task) -> str:
    """Train one seed on Ray and compare."""
    variants = (RANDOM, ILP)
    apart = [
        float(np.abs(ray.accuracy - curves[variant][0].accuracy).max())
        for variant, ray in zip(variants, train_on_ray(task, variants), strict=True)
    ]
    found = (
        "the accuracies of all rounds are the same to the last digit"
        if not any(apart)
        else f"accuracies differ by up to {100 * max(apart):.2g} points"
    )
    return (
        f"\nSeed {task.seed} of the skewed case was trained in a Flower simulation on Ray as well, "
        f"with random and ilp: {found}."
    )


def played(tasks: Sequence[Task], workers: int, train: Keeping) -> Iterator[tuple[Task, Curve]]:
    """Train all tasks, and say how far that is."""
    for number, (task, curve) in enumerate(
        zip(tasks, side_by_side(train, tasks, workers), strict=True), start=1
    ):
        print(f"\r{number} of {len(tasks)} trainings", end="", file=sys.stderr, flush=True)
        yield task, curve
    print(file=sys.stderr)


def report(
    rounds: int,
    seeds: int,
    variants: Sequence[Variant],
    *,
    ray: bool,
    command: str,
    out: Path,
    workers: int,
    keep: Path | None = None,
) -> str:
    """Train everything and write the section, and its pictures."""
    began = perf_counter()
    tasks = [
        Task(case=case, variant=variant, seed=FIRST_SEED + k, rounds=rounds)
        for case in CASES
        for variant in variants
        for k in range(seeds)
    ]
    train = Keeping(folder=keep)
    earlier = sum(map(train.has, tasks))
    found: dict[str, Curves] = {case.name: {v: [] for v in variants} for case in CASES}
    for task, curve in played(tasks, workers, train):
        found[task.case.name][task.variant].append(curve)
    parts = [
        "## Accuracy\n",
        f"{command}. {setting()}",
        f"A network of 64-32-10 units learns scikit-learn's digits: {CLIENTS} clients over the "
        f"regions of the embedded scenario, {COHORT} in each of {rounds} hourly rounds, so an "
        f"equal share is {COHORT * rounds / CLIENTS:g} turns. Seeds {FIRST_SEED} to "
        f"{FIRST_SEED + seeds - 1}, the same for every policy; settings were chosen on other "
        "seeds. Accuracy is on the fifth of the digits that no client holds, the mean of the last "
        f"{LAST_ROUNDS} rounds; grams are those that came true. Debiased: replies are weighed by "
        "expected over realised turns. For losses: so many percent more carbon than by carbon "
        "alone may go to clients whose last loss times the rounds since they were asked is high. "
        "Oort, power-of-choice (d = 20, by the losses returned last) and, where it was asked for, "
        "a selection after FedZero are from the formulas of their papers.\n\n"
        f"{DEFINITION} A training arrives in its first round at {TARGET:.0%}. Intervals "
        "of the difference: paired bootstrap over the seeds.",
    ]
    parts += [section(case, found[case.name], out) for case in CASES]
    if ray:
        parts.append(confirmation(found[CASES[0].name], tasks[0]))
    part = (
        f", beside {earlier} trainings of an earlier run that was gone on with" if earlier else ""
    )
    parts.append(f"\nThis took {(perf_counter() - began) / 60:.0f} minutes{part}.")
    return "\n".join(parts)


def main() -> None:
    """Read the options, train, write."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seeds", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=96)
    parser.add_argument("--no-ray", action="store_true", help="without the simulation")
    parser.add_argument("--workers", type=int, default=os.cpu_count() or 1, help="processes")
    parser.add_argument("--more", action="store_true", help="other prices, and one more peer")
    parser.add_argument("--keep", type=Path, help="folder of trainings that are over, to go on")
    parser.add_argument("--out", type=Path, default=RESULTS)
    parser.add_argument("--smoke", action="store_true", help="tiny; prints, writes no results")
    options = parser.parse_args()
    # Where the app's package is.
    sys.path.insert(0, str(APP))
    results = Section.of("accuracy", parser, options, apart_from=("workers", "keep", "out"))
    command = results.command("benchmarks.accuracy")
    if options.smoke:
        with TemporaryDirectory() as folder:
            out = Path(folder)
            print(report(4, 2, SHOWN, ray=False, command=command, out=out, workers=1))
        return
    results.refuse_unless_replaceable(options.out)
    text = report(
        options.rounds,
        options.seeds,
        (*VARIANTS, *MORE) if options.more else VARIANTS,
        ray=not options.no_ray,
        command=command,
        out=results.figures(options.out),
        workers=options.workers,
        keep=options.keep,
    )
    results.write(options.out, text)
    print(f"Wrote {options.out}")


if __name__ == "__main__":
    main()
