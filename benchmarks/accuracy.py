"""What carbon-aware cohorts cost in accuracy, and what they save.

Usage::

    python -m benchmarks.accuracy [--seeds 10] [--rounds 96] [--no-ray] [--workers 2]
                                  [--keep FOLDER] [--out FILE] [--smoke]

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
from pathlib import Path
from tempfile import TemporaryDirectory
from time import perf_counter

import numpy as np

from benchmarks.accuracy_figures import TARGET, Curves
from benchmarks.accuracy_section import section
from benchmarks.accuracy_variants import ILP, RANDOM, SHOWN, VARIANTS
from benchmarks.results import RESULTS, Section, setting
from benchmarks.to_target import DEFINITION
from benchmarks.trainings import (
    APP,
    CASES,
    CLIENTS,
    COHORT,
    LAST_ROUNDS,
    Curve,
    Keeping,
    Task,
    Variant,
    train_on_ray,
)
from lowcarb.replay.parallel import side_by_side

FIRST_SEED = 300


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
        "Oort, power-of-choice (d = 20, by the losses returned last) and a selection after FedZero "
        "are from the formulas of their papers.\n\n"
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
        VARIANTS,
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
