"""Large problems with all kinds of limits at once, by seed and size: timed here and in tests."""

import numpy as np

from benchmarks.instances import diurnal
from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.limits import LimitedProblem, Limits, cover, knapsack, quota


def large_limited(
    clients: int,
    cohort: int,
    *,
    distinct: bool,
    seed: int = 0,
    rounds: int = 24,
    sizes: tuple[int, int] | None = None,
) -> LimitedProblem:
    """Make a federation with all kinds of limits at once: samples, kWh, regions, labels, rest.

    Cohorts breathe within `sizes`, if they are given; the limits are the same.
    """
    rng = np.random.default_rng(seed)
    regions, labels = 7, 5
    region, label = rng.integers(0, regions, clients), rng.integers(0, labels, clients)
    energy: FloatArray
    if distinct:
        energy = np.exp(rng.uniform(np.log(0.05), np.log(0.25), clients))
        samples = rng.integers(50, 500, clients).astype(float)
    else:
        energy = rng.choice(np.geomspace(0.05, 0.25, 5), clients)
        samples = rng.choice([50.0, 100.0, 200.0, 400.0], clients)
    problem = Problem(
        cost_level=diurnal(regions, rounds, rng),
        level_of=region,
        weight=energy,
        cohort_size=np.full(rounds, cohort),
        at_least=np.zeros(clients, dtype=np.int64),
        at_most=np.full(clients, 4),
        elastic=True,
        cohort_least=None if sizes is None else np.full(rounds, sizes[0]),
        cohort_most=None if sizes is None else np.full(rounds, sizes[1]),
    )
    rules = [
        cover("samples", samples, round(cohort * samples.mean() * 1.05), rounds=rounds),
        knapsack("kWh", energy, cohort * energy.mean() * 0.8, rounds=rounds, unit="kWh"),
        *(
            quota(f"region {r}", region == r, rounds=rounds, at_most=int(0.3 * cohort))
            for r in range(regions)
        ),
        *(
            quota(f"label {k}", label == k, rounds=rounds, at_least=int(0.15 * cohort))
            for k in range(labels)
        ),
    ]
    rest = np.ones(clients, dtype=np.int64)
    return LimitedProblem(problem=problem, limits=Limits(rules=tuple(rules), rest=rest))
