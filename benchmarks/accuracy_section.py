"""What is said of one case of the accuracy benchmark: its verdict, its tables, its pictures."""

from pathlib import Path

import numpy as np

from benchmarks.accuracy_figures import (
    OTHER_TARGETS,
    TARGET,
    Curves,
    against_random,
    end_of,
    points,
    points_of_last_round,
    saved,
)
from benchmarks.accuracy_picture import learning_curves, trade_off
from benchmarks.accuracy_variants import (
    CHEAPEST,
    DEBIASED,
    EARLIER,
    EARLIER_SEEDS,
    ILP,
    LIKE_FEDZERO,
    OORT,
    POWER_OF_CHOICE,
    RANDOM,
    SHOWN,
    TO_OTHER_TARGETS,
    TRADE_OFF,
    VALUE,
)
from benchmarks.results import save_pictures, table
from benchmarks.to_target import ToTarget, in_grams
from benchmarks.trainings import Case, Variant
from lowcarb.replay.metrics import jain

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
HEADER_OF_EARLIER = [
    "policy",
    "here",
    "earlier",
    "standard error of the difference",
    "apart, in it",
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


def beside_earlier(case: Case, curves: Curves) -> list[str]:
    """Write points of peers beside those of an earlier evaluation."""
    rows = []
    for variant, before in EARLIER[case.name].items():
        if variant in curves:
            here = points(curves, variant)
            # Of the difference: the earlier one had fewer seeds, and as much spread a seed.
            error = here.error * np.sqrt(1 + len(curves[variant]) / EARLIER_SEEDS)
            apart = f"{abs(here.mean - before) / error:.1f}"
            rows.append(
                [variant.name, f"{here.mean:+.2f}", f"{before:+.1f}", f"{error:.2f}", apart]
            )
    if not rows:
        return []
    about = f"with other code on {EARLIER_SEEDS} other seeds"
    return [
        f"\n**Peers beside an earlier evaluation**, {about}: points to random\n",
        table(HEADER_OF_EARLIER, rows),
    ]


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
        *beside_earlier(case, curves),
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
