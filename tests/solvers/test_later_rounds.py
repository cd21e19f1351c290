"""The cheapest rounds that are left, however long the horizon."""

import numpy as np
import pytest

from lowcarb_solvers import Problem, later_rounds, merge
from lowcarb_solvers.later_rounds import LaterRounds


def expected(cost: list[float], owed: int) -> float:
    """The owed-th cheapest of costs, the dearest of fewer, zero of none."""
    cheapest = sorted(c for c in cost if np.isfinite(c))
    return cheapest[min(owed, len(cheapest)) - 1] if owed and cheapest else 0.0


@pytest.mark.parametrize("sorted_", [1, 4, 1000])
@pytest.mark.parametrize("online", [1.0, 0.5])
def test_owed_turns_fall_into_the_cheapest_rounds_left(
    sorted_: int, online: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(later_rounds, "_SORTED", sorted_)
    rng = np.random.default_rng(0)
    for rounds in (1, 2, 7, 30):
        clients = 9
        problem = Problem(
            cost_level=rng.integers(0, 6, (3, rounds)).astype(np.float64),
            level_of=rng.integers(0, 3, clients),
            weight=rng.uniform(1, 2, clients),
            cohort_size=np.full(rounds, 2),
            at_least=np.zeros(clients, dtype=np.int64),
            at_most=np.full(clients, rounds),
            available=None if online == 1 else rng.random((clients, rounds)) < online,
        )
        classes = merge(problem)
        cost = classes.cost()
        if classes.available is not None:
            cost[~classes.available] = np.inf
        later = LaterRounds(classes)
        for j in range(rounds):
            of = rng.integers(0, len(classes), 20)
            owed = rng.integers(0, rounds + 3, 20)
            found = later.cost(of, owed, j)
            for value, k, turns in zip(found, of, owed, strict=True):
                assert value == pytest.approx(expected(cost[k, j:].tolist(), int(turns)))
