"""The two forms of the exchange graph shorten distances alike, and so prove and price alike."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance, small
from lowcarb_solvers import Classes, Greedy, Status, certify, exchange, merge, solve
from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.deadline import never
from lowcarb_solvers.exchange import ByClasses, ByPairs, Moves

MIDDLE = Instance(clients=40, rounds=12, cohort_size=5, max_share=2.0, hardware=5)


def forms(classes: Classes, counts: IntArray) -> tuple[ByPairs, ByClasses]:
    penalty = classes.penalty if classes.problem.elastic else 0.0
    moves = Moves(classes, counts, penalty)
    return ByPairs(moves, never), ByClasses(moves, never)


def random_distance(rounds: int, rng: np.random.Generator) -> FloatArray:
    distance = rng.normal(0, 100, rounds + 1)
    distance[rng.random(rounds + 1) < 0.3] = np.inf
    return distance


@pytest.mark.parametrize("elastic", [False, True])
@pytest.mark.parametrize("block", range(5))
def test_both_forms_shorten_alike(block: int, elastic: bool) -> None:
    compared = 0
    for seed in range(40 * block, 40 * block + 40):
        rng = np.random.default_rng(seed)
        classes = merge(small(seed, elastic=elastic))
        answer = Greedy()(classes)
        if answer.counts is None:
            continue
        pairs, halves = forms(classes, answer.counts)
        for _ in range(5):
            distance = random_distance(classes.problem.rounds, rng)
            for one, other in (
                (pairs.onward(distance), halves.onward(distance)),
                (pairs.back(distance), halves.back(distance)),
            ):
                scale = 1e-12 * max(1.0, classes.penalty)
                assert other == pytest.approx(one, rel=1e-12, abs=scale)
                compared += 1
    assert compared >= 50


@pytest.mark.parametrize("online", [1.0, 0.6])
@pytest.mark.parametrize("elastic", [False, True])
def test_both_forms_prove_and_price_alike(
    online: float, elastic: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = replace(MIDDLE, online=online).problem(3)
    solution = solve(replace(problem, elastic=elastic))
    found = []
    for classes_a_round in (0, 10**9):
        monkeypatch.setattr(exchange, "_CLASSES_A_ROUND", classes_a_round)
        proof = certify(solution.classes, solution.answer)
        assert proof.optimal
        found.append((proof.seat_prices, proof.turn_prices))
    for one, other in zip(*found, strict=True):
        assert np.isfinite(one).any()
        assert other == pytest.approx(one, rel=1e-9, abs=1e-9, nan_ok=True)


def test_no_path_of_the_half_arcs_is_longer_than_it_says() -> None:
    for seed in range(60):
        solution = solve(small(seed, elastic=True))
        assert solution.status is Status.OPTIMAL
        for graph in forms(solution.classes, solution.answer):
            distance = np.append(np.full(solution.classes.problem.rounds, np.inf), 0.0)
            for _ in range(graph.longest):
                distance = graph.onward(distance)
            assert graph.onward(distance) == pytest.approx(distance, rel=1e-9, abs=1e-9)


def test_any_start_leads_to_the_same_verdict() -> None:
    solution = solve(MIDDLE.problem(0))
    greedy = Greedy("cost")(solution.classes)
    rng = np.random.default_rng(0)
    assert solution.objective is not None
    for _ in range(10):
        start = rng.normal(0, 50, MIDDLE.rounds)
        assert certify(solution.classes, solution.answer, start=start).optimal
        worse = certify(solution.classes, greedy.answer, start=start)
        assert not worse.optimal
        assert worse.bound <= solution.objective * (1 + 1e-12)


@pytest.mark.parametrize("seed", range(12))
def test_the_outermost_of_those_alike_are_enough(
    seed: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    rng = np.random.default_rng(seed)
    problem = Instance(
        clients=400,
        rounds=8,
        cohort_size=int(rng.integers(10, 60)),
        regions=3,
        hardware=[None, 20][seed % 2],
        max_share=[None, 2.0][seed // 2 % 2],
        owing=0.3,
    ).problem(seed)
    classes = merge(replace(problem, elastic=bool(seed % 3)))
    answer = Greedy()(classes)
    all_pairs, _ = forms(classes, answer.answer)
    monkeypatch.setattr(exchange, "_MANY_HOLDERS", 0)
    moves = Moves(classes, answer.answer, classes.penalty if seed % 3 else 0.0)
    assert len(np.unique(moves.holder)) < len(answer.seated.holders)
    few_pairs, few_halves = forms(classes, answer.answer)
    assert (few_pairs.arcs == all_pairs.arcs).all()
    distance = random_distance(problem.rounds, rng)
    for one, other in (
        (all_pairs.onward(distance), few_halves.onward(distance)),
        (all_pairs.back(distance), few_halves.back(distance)),
    ):
        assert other == pytest.approx(one, rel=1e-12, abs=1e-12 * classes.penalty)
