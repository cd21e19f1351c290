"""Who holds which digits: nothing is lost, and labels are as skewed as asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from digits.data import CLASSES, LEAST, STRAY, partition, partition_in_order, split
from lowcarb import InputError
from lowcarb_solvers.arrays import IntArray

LABELS = split(0)[0].labels


def skew(parts: list[IntArray]) -> float:
    """Mean distance (total variation) of the clients' label shares from everyone's."""
    overall = np.bincount(LABELS, minlength=CLASSES) / len(LABELS)
    own = [np.bincount(LABELS[part], minlength=CLASSES) / len(part) for part in parts]
    return float(np.mean([np.abs(shares - overall).sum() / 2 for shares in own]))


@given(
    clients=st.integers(1, len(LABELS) // LEAST),
    alpha=st.floats(1e-3, 1e3),
    seed=st.integers(0, 2**32),
)
def test_every_sample_is_with_one_client_and_none_has_too_few(
    clients: int, alpha: float, seed: int
) -> None:
    parts = partition(LABELS, clients=clients, alpha=alpha, seed=seed)
    assert len(parts) == clients
    assert min(map(len, parts)) >= LEAST
    assert np.sort(np.concatenate(parts)).tolist() == list(range(len(LABELS)))


@given(clients=st.integers(1, len(LABELS) // LEAST), seed=st.integers(0, 2**32))
def test_in_order_every_sample_is_with_one_client_too(clients: int, seed: int) -> None:
    parts = partition_in_order(LABELS, np.arange(clients), seed=seed)
    assert len(parts) == clients
    assert min(map(len, parts)) >= LEAST
    assert np.sort(np.concatenate(parts)).tolist() == list(range(len(LABELS)))


@pytest.mark.parametrize("seed", range(3))
def test_labels_follow_the_order(seed: int) -> None:
    order = np.random.default_rng(seed).permutation(30)
    parts = partition_in_order(LABELS, order, seed=seed)
    means = [float(np.median(LABELS[parts[client]])) for client in order.tolist()]
    assert means == sorted(means)
    assert (means[0], means[-1]) == (0, 9)
    # A third of the clients holds hardly anything but a third of the labels.
    first = LABELS[np.concatenate([parts[client] for client in order[:10].tolist()])]
    assert float((first > 3).mean()) < STRAY


def test_the_seed_decides() -> None:
    def dealt(seed: int) -> list[list[int]]:
        return [part.tolist() for part in partition(LABELS, clients=30, alpha=0.5, seed=seed)]

    assert dealt(3) == dealt(3)
    assert dealt(3) != dealt(4)


@pytest.mark.parametrize("seed", range(5))
def test_labels_are_the_more_skewed_the_smaller_alpha_is(seed: int) -> None:
    skews = [
        skew(partition(LABELS, clients=30, alpha=alpha, seed=seed)) for alpha in (100, 1, 0.5, 0.05)
    ]
    assert skews == sorted(skews)
    assert skews[0] < 0.15
    assert skews[-1] > 0.6


def test_tests_are_a_fifth_and_no_one_trains_on_them() -> None:
    trained, tests = split(0)
    assert (len(trained), len(tests)) == (1438, 359)
    assert 0 <= trained.images.min() < trained.images.max() <= 1
    both = np.concatenate([trained.images, tests.images])
    again = np.concatenate([part.images for part in split(1)])
    assert not np.array_equal(both, again)
    order = [np.lexsort(images.T) for images in (both, again)]
    assert np.array_equal(both[order[0]], again[order[1]])


@pytest.mark.parametrize(
    ("clients", "alpha", "message"),
    [
        (400, 1.0, "clients: expected 1 to 359, 4 of the 1438 samples for each, got 400"),
        (0, 1.0, "clients: expected 1 to 359"),
        (3, 0.0, "alpha: expected a number above 0, got 0.0"),
        (3, float("nan"), "alpha: expected a number above 0"),
    ],
)
def test_what_cannot_be_dealt_is_refused(clients: int, alpha: float, message: str) -> None:
    with pytest.raises(InputError, match=message):
        partition(LABELS, clients=clients, alpha=alpha, seed=0)
