"""Nudged costs differ by the seeded rule alone, and have an optimum that leaves little open."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance
from lowcarb_solvers import merge
from lowcarb_solvers.equals import nudges_for, preferences, preferring
from lowcarb_solvers.price_search import find_prices
from lowcarb_solvers.reduction import fix_columns

PROBLEM = Instance(clients=60, rounds=200, cohort_size=6, max_share=2.0, regions=3).problem()


def test_nudges_are_the_same_for_a_class_however_it_is_asked_for() -> None:
    classes = merge(PROBLEM)
    nudge = nudges_for(classes)[0]
    nudged = preferring(classes, nudge)
    every = np.arange(len(classes))
    expected = classes.cost() + nudge * preferences(PROBLEM.seed, every, PROBLEM.rounds)
    assert (nudged.cost() == expected).all()
    assert (nudged.cost(slice(5, 9)) == expected[5:9]).all()
    assert (nudged.cost(every[[7, 2]]) == expected[[7, 2]]).all()
    assert 0 < np.abs(expected - classes.cost()).max() <= nudge * (1 + 1e-9)


def test_without_a_nudge_nothing_changes() -> None:
    classes = merge(PROBLEM)
    assert preferring(classes, 0.0) is classes


@pytest.mark.parametrize("online", [1.0, 0.7])
def test_where_many_are_equal_nudges_leave_little_open(online: float) -> None:
    # Half of the rounds cost the same, so a client may as well work in any of them.
    level = PROBLEM.cost_level.copy()
    level[:, ::2] = level.min()
    rng = np.random.default_rng(0)
    problem = replace(
        PROBLEM,
        cost_level=level,
        available=None if online == 1 else rng.random((60, 200)) < online,
    )
    classes = merge(problem)
    nudge = nudges_for(classes)[0]
    nudged = preferring(classes, nudge)
    found = find_prices(nudged)
    assert found is not None
    assert fix_columns(classes, found.prices, 2 * nudge).columns > 2_000
    assert fix_columns(nudged, found.prices, 5 * found.width).columns < 1_000
