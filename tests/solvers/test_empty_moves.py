"""Moves of empty seats: both forms of the exchange graph know them, and exchanges make them."""

import numpy as np
import pytest

from lowcarb_solvers import Greedy, certify, merge, solve
from lowcarb_solvers.cycles import cancel_cycles
from lowcarb_solvers.deadline import never
from lowcarb_solvers.empty_moves import EmptyMoves
from lowcarb_solvers.exchange import ByClasses, ByPairs, Moves
from lowcarb_solvers.shared_shortfalls import share_shortfalls
from tests.helpers.breathing import breathing


@pytest.mark.parametrize("elastic", [False, True])
@pytest.mark.parametrize("block", range(3))
def test_both_forms_shorten_alike(block: int, elastic: bool) -> None:
    compared = 0
    for seed in range(30 * block, 30 * block + 30):
        rng = np.random.default_rng(seed)
        classes = merge(breathing(seed, elastic=elastic))
        answer = Greedy()(classes)
        if answer.counts is None:
            continue
        moves = Moves(classes, answer.counts, classes.penalty if elastic else 0.0)
        pairs, halves = ByPairs(moves, never), ByClasses(moves, never)
        for _ in range(5):
            distance = rng.normal(0, 100, classes.problem.rounds + 1)
            distance[rng.random(len(distance)) < 0.3] = np.inf
            scale = 1e-12 * max(1.0, classes.penalty)
            for one, other in (
                (pairs.onward(distance), halves.onward(distance)),
                (pairs.back(distance), halves.back(distance)),
            ):
                assert other == pytest.approx(one, rel=1e-12, abs=scale)
                compared += 1
    assert compared >= 50


@pytest.mark.parametrize("seed", range(20))
def test_an_arc_costs_what_its_cheapest_move_does(seed: int) -> None:
    classes = merge(breathing(seed, elastic=True))
    rng = np.random.default_rng(seed)
    answer = Greedy()(classes).answer
    counts = answer * (rng.random(answer.shape) < 0.7)
    empty = EmptyMoves.of(classes, counts, 100.0)
    arcs = empty.arcs()
    for r in range(len(arcs)):
        for s in range(len(arcs)):
            if r != s:
                cost, most = empty.cheapest(r, s)
                assert cost == arcs[r, s]
                assert (most > 0) == np.isfinite(cost)


@pytest.mark.parametrize("block", range(3))
def test_exchanges_lead_from_nothing_to_the_optimum(block: int) -> None:
    for seed in range(25 * block, 25 * block + 25):
        problem = breathing(seed, elastic=True, most_clients=8, most_rounds=6)
        classes = share_shortfalls(merge(problem))
        nothing = np.zeros((len(classes), problem.rounds), dtype=np.int64)
        counts = cancel_cycles(classes, nothing, never)
        best = solve(problem)
        assert classes.violations(counts) == []
        assert classes.penalties(counts) == classes.penalties(best.seated)
        assert classes.total_cost(counts) == pytest.approx(best.objective, rel=1e-9, abs=1e-9)
        assert certify(classes, counts).optimal
