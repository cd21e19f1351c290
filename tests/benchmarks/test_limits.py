"""All kinds of limits at once: what is measured, and HiGHS beside."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.limited_instances import large_limited
from benchmarks.limited_peer import PeerAnswer, by_highs
from benchmarks.limits import SMOKE, measure, report
from lowcarb_solvers.limits import Limits, budget, solve_limited


@pytest.mark.slow
@pytest.mark.parametrize("sizes", [None, (6, 18)])
@pytest.mark.parametrize("distinct", [False, True])
def test_highs_agrees_where_both_finish(distinct: bool, sizes: tuple[int, int] | None) -> None:
    limited = large_limited(60, 12, distinct=distinct, seed=3, rounds=3, sizes=sizes)
    ours = solve_limited(limited, time_limit=30, gap=0.0)
    theirs = by_highs(limited, seconds=30, gap=0.0)
    assert ours.shortfalls == ()
    assert theirs.objective == pytest.approx(ours.objective, rel=1e-6)
    assert theirs.bound == pytest.approx(ours.objective, rel=1e-6)


def test_highs_refuses_what_its_model_does_not_know() -> None:
    limited = large_limited(20, 4, distinct=False, rounds=2)
    rule = budget("kWh in all", limited.problem.weight, 1.0, unit="kWh")
    with pytest.raises(ValueError, match="expected rules of single rounds"):
        by_highs(replace(limited, limits=Limits(rules=(rule,))), seconds=1, gap=0.0)


@pytest.mark.slow
def test_bounds_above_the_others_cost_are_named() -> None:
    found = measure(SMOKE[0], 1)
    assert found.contradictions == ()
    assert found.wrong == ()
    cost = found.cost
    lying = replace(found, peer=PeerAnswer(objective=0.9 * cost, bound=1.1 * cost))
    ours, theirs = lying.contradictions
    assert ours.startswith("seed 1: Lowcarb's bound")
    assert theirs.startswith("seed 1: HiGHS's bound")
    nothing = replace(found, peer=PeerAnswer(objective=None, bound=-np.inf))
    assert nothing.contradictions == ()
    assert nothing.peer_gap == np.inf


def test_a_small_run() -> None:
    text = report("`this`", SMOKE, 1)
    assert "Bounds above the other's cost: none." in text
    assert "| smoke, 10 s |" in text
    assert "| 1 of 1 |" in text
