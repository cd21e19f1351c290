"""What neighbours in weight share: choices between two equal ones, and rows that stand for them."""

import itertools
from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import Instance
from lowcarb_solvers import Classes, Problem, merge, neighbours, price_search
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.keys import number_tuples
from lowcarb_solvers.neighbours import Neighbours, thin
from lowcarb_solvers.price_search import find_prices
from lowcarb_solvers.prices import lagrangian_bound
from lowcarb_solvers.reduction import RestrictedProblem, fix_columns


def random_classes(seed: int) -> Classes:
    """Merge a fleet with equal clients or without, that owes much or nothing."""
    rng = np.random.default_rng(seed)
    clients = int(rng.integers(2, 600))
    return merge(
        Instance(
            clients=clients,
            rounds=int(rng.integers(1, 12)),
            cohort_size=int(rng.integers(1, min(40, clients))),
            regions=int(rng.integers(1, 5)),
            hardware=[None, 7][seed % 2],
            min_share=float(rng.uniform(0, 1)),
            max_share=[None, 1.5, 2.0][seed % 3],
            owing=float(rng.choice([0, 0.3])),
        ).problem(seed)
    )


def random_prices(classes: Classes, seed: int) -> FloatArray:
    rng = np.random.default_rng(seed)
    low, high = np.sort(rng.uniform(0, 1.3, 2))
    prices: FloatArray = np.quantile(classes.cost(), min(1.0, high)) * rng.uniform(
        low, high, classes.problem.rounds
    )
    return prices


def check_same(one: RestrictedProblem, other: RestrictedProblem) -> None:
    assert (one.fixed.dense == other.fixed.dense).all()
    assert (one.rows == other.rows).all()
    assert (one.capacity == other.capacity).all()
    assert (one.turn == other.turn).all()


@pytest.mark.parametrize("seed", range(120))
def test_choices_of_blocks_are_those_of_each(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    classes, rng = random_classes(seed), np.random.default_rng(seed)
    prices = random_prices(classes, seed)
    margin = float(rng.choice([1e-9, 0.01, 0.1])) * float(prices.mean())
    each = fix_columns(classes, prices, margin)
    monkeypatch.setattr(neighbours, "_WORTH_BLOCKS", 1)
    monkeypatch.setattr(neighbours, "_BLOCK", int(rng.integers(1, 40)))
    check_same(fix_columns(classes, prices, margin), each)


@pytest.mark.parametrize("seed", range(60))
def test_the_bound_of_blocks_is_that_of_each(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    classes, rng = random_classes(seed), np.random.default_rng(seed)
    prices = random_prices(classes, seed)
    penalty = float(rng.choice([1.0, 3.0, 1e3])) * float(prices.max())
    if seed % 5 == 0:
        classes = replace(classes, most_short=int(rng.integers(0, 3)))
    each = lagrangian_bound(classes, prices, penalty)
    monkeypatch.setattr(neighbours, "_WORTH_BLOCKS", 1)
    monkeypatch.setattr(neighbours, "_BLOCK", int(rng.integers(1, 40)))
    assert lagrangian_bound(classes, prices, penalty) == pytest.approx(each, rel=1e-12)


def test_ties_do_not_lower_the_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    # The light ones take both rounds; the heavy ones owe one turn, and two rounds tie for it.
    weight = np.linspace(0.3, 0.7, 9)
    classes = merge(
        Problem(
            cost_level=np.ones((1, 2)),
            level_of=np.zeros(9, dtype=np.int64),
            weight=weight,
            cohort_size=np.full(2, 6),
            at_least=np.ones(9, dtype=np.int64),
            at_most=np.full(9, 2),
        )
    )
    above = weight - 0.5
    expected = 12 * 0.5 + np.where(above < 0, 2 * above, above).sum()
    monkeypatch.setattr(neighbours, "_WORTH_BLOCKS", 1)
    monkeypatch.setattr(neighbours, "_BLOCK", 8)
    assert lagrangian_bound(classes, np.full(2, 0.5), 0.0) == pytest.approx(expected)


@pytest.mark.parametrize("seed", range(60))
def test_blocks_cover_all_and_hold_one_kind(seed: int) -> None:
    classes, rng = random_classes(seed), np.random.default_rng(seed)
    which = np.flatnonzero(rng.random(len(classes)) < rng.choice([0.0, 0.3, 1.0]))
    each = int(rng.integers(1, 20))
    blocks = Neighbours.of(classes, which, most=each)
    assert (np.sort(blocks.which) == which).all()
    assert blocks.length.sum() == len(which)
    assert (blocks.length <= each).all()
    assert (blocks.length[blocks.last] == 1).all()
    keys = np.stack([classes.level_of, classes.at_least, classes.at_most])
    for begin, length in zip(blocks.begin, blocks.length, strict=True):
        members = blocks.which[begin : begin + length]
        assert (keys[:, members] == keys[:, members[:1]]).all()
        assert (np.diff(classes.weight[members]) > 0).all()
    # The last block of each kind is the only one that nobody of its kind follows.
    first = keys[:, blocks.first].T
    followed = [bool((a == b).all()) for a, b in itertools.pairwise(first)]
    assert (blocks.last == ~np.array([*followed, False][: len(first)], dtype=np.bool_)).all()


@pytest.mark.parametrize("seed", range(30))
def test_linear_values_are_found_between_blocks(seed: int) -> None:
    classes = random_classes(seed)
    blocks = Neighbours.of(classes, np.arange(len(classes)), most=1 + seed)
    weight = classes.weight[blocks.which]
    level = classes.level_of[blocks.which]
    expected = 3 * weight + level - 2
    found = blocks.between(expected[blocks.begin], weight)
    assert found == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("seed", range(40))
def test_rows_stand_for_all_their_neighbours(seed: int) -> None:
    classes = random_classes(seed)
    wanted = max(1, len(classes) // (1 + seed % 9))
    thinned = thin(classes, np.arange(len(classes)), wanted)
    rows = thinned.classes
    assert rows.size.sum() == classes.size.sum()
    assert (rows.size * rows.weight).sum() == pytest.approx((classes.size * classes.weight).sum())
    assert rows.floor.sum() == classes.floor.sum()
    assert rows.ceiling.sum() == classes.ceiling.sum()
    assert (np.lexsort((rows.weight, rows.level_of)) == np.arange(len(rows))).all()
    assert 0 <= thinned.apart < 1
    kind = number_tuples([classes.level_of, classes.at_least, classes.at_most])
    kinds = int(kind.max()) + 1
    assert len(rows) <= wanted + 3 * kinds
    # Kinds of few classes keep them all.
    few = np.bincount(kind) <= wanted // kinds
    assert len(rows) >= np.bincount(kind)[few].sum()


@pytest.mark.parametrize("seed", range(60))
def test_the_concerned_are_found_by_search(seed: int) -> None:
    classes = random_classes(seed)
    prices = random_prices(classes, seed) - 0.1
    expected = (classes.at_least > 0) | (classes.cost() <= prices).any(axis=1)
    found = classes.concerned(prices)
    assert (np.diff(found) > 0).all()
    # A hair's breadth more may be concerned.
    assert set(np.flatnonzero(expected)) <= set(found)
    nearly = (classes.at_least > 0) | (classes.cost() <= prices + 1e-9).any(axis=1)
    assert set(found) <= set(np.flatnonzero(nearly))


def test_thinned_rows_lead_to_the_same_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    classes = merge(
        Instance(
            clients=6000, rounds=12, cohort_size=300, regions=6, max_share=2.0, owing=0.3
        ).problem()
    )
    monkeypatch.setattr(price_search, "_COARSE_COLUMNS", 3_000)
    monkeypatch.setattr(price_search, "_FEWEST_ROWS", 10**9)
    plain = find_prices(classes)
    thinned: list[int] = []

    def spy(*given: object) -> object:
        thinned.append(1)
        return thin(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(price_search, "thin", spy)
    monkeypatch.setattr(price_search, "_FEWEST_ROWS", 100)
    found = find_prices(classes)
    assert thinned
    assert plain is not None
    assert found is not None
    assert found.prices == pytest.approx(plain.prices, rel=1e-3)
    assert found.width < 1e-3 * found.prices.mean()
