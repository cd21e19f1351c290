"""Invented trainings of the accuracy benchmark."""

import numpy as np

from benchmarks.accuracy_figures import Curves
from benchmarks.accuracy_variants import CHEAPEST, ILP, RANDOM, VALUE
from benchmarks.trainings import Curve

SEEDS, ROUNDS = 4, 7


def curves(seed: int = 0) -> Curves:
    """Invent trainings of four variants."""
    rng = np.random.default_rng(seed)
    return {
        variant: [
            Curve(
                accuracy=rng.uniform(0.5, 0.95, ROUNDS + 1),
                emissions_g=np.append(0.0, rng.uniform(100, 200, ROUNDS).cumsum()),
                turns=rng.integers(1, 9, 30).astype(np.float64),
            )
            for _ in range(SEEDS)
        ]
        for variant in (RANDOM, ILP, CHEAPEST, VALUE)
    }
