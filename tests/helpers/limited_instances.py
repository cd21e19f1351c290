"""Small random problems with limits, by seed."""

from dataclasses import replace

import numpy as np

from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.limits.excess import Excess
from lowcarb_solvers.limits.limited_problem import LimitedProblem, Limits
from lowcarb_solvers.limits.rules import Rule, Stage, budget, cover, knapsack, quota

KINDS = (
    "quota",
    "crossing",
    "cover",
    "cap",
    "costs",
    "site",
    "budget",
    "gram budget",
    "share",
    "rest",
    "excess",
)

ON_GRAMS = ("costs", "gram budget", "site costs", "excess")
"""Kinds that count what turns cost, or change it."""


def small_limited(
    seed: int,
    kinds: tuple[str, ...] | None = None,
    *,
    elastic: bool,
    clients: tuple[int, int] = (3, 5),
    rounds: tuple[int, int] = (2, 3),
    tight: float = 1.0,
) -> LimitedProblem:
    """Make a problem in whole numbers, so that sums are exact, with some alike clients.

    `kinds` are those of its limits; None draws some. Above 1 `tight` makes bounds harder to keep.
    """
    rng = np.random.default_rng(seed)
    n, t = (
        int(rng.integers(clients[0], clients[1] + 1)),
        int(rng.integers(rounds[0], rounds[1] + 1)),
    )
    alike = rng.integers(0, max(2, n - int(rng.integers(0, 3))), n)
    level = rng.integers(1, 30, (2, t)).astype(float)
    level_of, weight = rng.integers(0, 2, n)[alike], rng.integers(1, 4, n)[alike].astype(float)
    samples, energy = rng.integers(1, 9, n)[alike].astype(float), weight
    group, label = rng.integers(0, 2, n)[alike], rng.integers(0, 2, n)[alike]
    most = rng.integers(1, t + 1, n)[alike]
    problem = Problem(
        cost_level=level,
        level_of=level_of,
        weight=weight,
        cohort_size=rng.integers(1, min(4, n + 1), t),
        at_least=np.minimum(most, rng.integers(0, 2, n)[alike]),
        at_most=most,
        available=None if rng.random() < 0.6 else (rng.random((n, t)) < 0.8)[alike],
        turns=rng.integers(0, 3, n),
        seed=seed,
        elastic=elastic,
    )
    if kinds is None:
        kinds = tuple(rng.choice(KINDS, int(rng.integers(2, 5)), replace=False).tolist())
    rules: list[Rule] = []
    excess: list[Excess] = []
    seats = problem.cohort_size.astype(float)
    mean_cost = float((weight * level[level_of].mean(axis=1)).mean())
    high: FloatArray
    for kind in kinds:
        if kind == "quota":
            low = np.rint(seats * rng.uniform(0, 0.6 * tight, t))
            rules.append(quota("group 0", group == 0, rounds=t, at_least=low))
        elif kind == "crossing":
            high = np.floor(seats * rng.uniform(0.4, 1, t) / tight)
            rules.append(quota("label 1", label == 1, rounds=t, at_most=high))
        elif kind == "cover":
            low = np.rint(samples.mean() * seats * rng.uniform(0.5, 1.2 * tight))
            rules.append(cover("samples", samples, low, rounds=t))
        elif kind == "cap":
            high = np.rint(energy.mean() * seats * rng.uniform(0.8, 1.3) / tight)
            rules.append(knapsack("kWh", energy, high, rounds=t, unit="kWh"))
        elif kind == "costs":
            high = np.rint(mean_cost * seats * rng.uniform(0.7, 1.3) / tight)
            rules.append(knapsack("grams", None, high, rounds=t, unit="g"))
        elif kind == "site costs":
            site = group == 0
            high = np.rint(mean_cost * seats * rng.uniform(0.2, 0.8) / tight)
            rules.append(knapsack("site grams", None, high, rounds=t, unit="g", clients=site))
        elif kind == "site":
            high = rng.integers(1, 6, t).astype(float)
            site = label == 0
            rules.append(knapsack("site", energy, high, rounds=t, unit="kWh", clients=site))
        elif kind == "budget":
            in_all = float(np.rint(energy.mean() * seats.sum() * rng.uniform(0.7, 1.2) / tight))
            rules.append(budget("kWh in all", energy, in_all, unit="kWh"))
        elif kind == "gram budget":
            in_all = float(np.rint(mean_cost * seats.sum() * rng.uniform(0.6, 1.1) / tight))
            rules.append(budget("grams in all", None, in_all, unit="g"))
        elif kind == "share":
            low = np.rint(seats.sum() * rng.uniform(0.2, 0.6 * tight))
            rules.append(quota("turns of 1", group == 1, rounds=t, at_least=low, whole=True))
        elif kind == "excess":
            site = group == 0
            cheapest = level[np.unique(level_of[site])].min(axis=0) if site.any() else level[0]
            excess.append(
                Excess(
                    name="roof",
                    clients=site,
                    amount=energy,
                    supply=rng.integers(0, 5, t).astype(float),
                    saves=np.floor(cheapest * rng.uniform(0.2, 1)),
                )
            )
    rest = rested = None
    if "rest" in kinds:
        rest, rested = rng.integers(0, 3, n)[alike], rng.integers(0, 3, n)
    order = tuple(rng.permutation(list(Stage)).tolist()) if rng.random() < 0.3 else tuple(Stage)
    return LimitedProblem(
        problem=problem,
        limits=Limits(
            rules=tuple(rules),
            excess=tuple(excess),
            rest=rest,
            rested=rested,
            stages=tuple(Stage(stage) for stage in order),
        ),
    )


def with_range(limited: LimitedProblem, seed: int) -> LimitedProblem:
    """Let the cohorts of a problem breathe by a client or two, around some total of turns."""
    rng = np.random.default_rng(seed)
    size = limited.problem.cohort_size
    least = np.maximum(0, size - rng.integers(0, 3, len(size)))
    most = np.minimum(limited.problem.clients, size + rng.integers(0, 3, len(size)))
    total = int(size.sum())
    if rng.random() < 0.4:
        total = int(rng.integers(least.sum(), most.sum() + 1))
    problem = replace(limited.problem, cohort_least=least, cohort_most=most, cohort_total=total)
    return replace(limited, problem=problem)
