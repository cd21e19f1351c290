"""The digits, and who holds which of them."""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from sklearn.datasets import load_digits

from lowcarb import InputError
from lowcarb_solvers.arrays import FloatArray, IntArray

CLASSES, PIXELS = 10, 64
TEST_SHARE = 0.2
LEAST = 4
"""Samples that each client holds at least."""
STRAY = 0.1
"""Share of the samples that are with any client where labels follow regions."""
_BRIGHTEST = 16.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Samples:
    """Images with their labels.

    Parameters
    ----------
    images
        Shape (n, 64): brightness from 0 to 1.
    labels
        Shape (n,): 0 to 9.
    """

    images: FloatArray
    labels: IntArray

    def __len__(self) -> int:
        return len(self.labels)

    def take(self, which: IntArray) -> "Samples":
        """Return some of them."""
        return Samples(images=self.images[which], labels=self.labels[which])


@lru_cache(maxsize=1)
def _all() -> Samples:
    images, labels = load_digits(return_X_y=True)
    return Samples(images=images / _BRIGHTEST, labels=labels.astype(np.int64))


def split(seed: int) -> tuple[Samples, Samples]:
    """Part the digits into those that clients train on and those that only test the model."""
    digits = _all()
    order = np.random.default_rng([seed, 1]).permutation(len(digits))
    tests = round(TEST_SHARE * len(digits))
    return digits.take(order[tests:]), digits.take(order[:tests])


def partition(labels: IntArray, *, clients: int, alpha: float, seed: int) -> list[IntArray]:
    """Deal samples to clients so that their labels differ.

    Of each label, clients get shares that are drawn from a symmetric Dirichlet distribution. Who
    then holds fewer than `LEAST` samples gets some from the client that holds the most.

    Parameters
    ----------
    labels
        Shape (n,).
    clients
        How many there are.
    alpha
        Above 0. Small: each label is with a few clients. Large: everyone holds the same mix.
    seed
        Decides who gets what.

    Returns
    -------
    list
        For each client the positions of its samples, ascending. Every sample is with one client.

    Raises
    ------
    InputError
        If `alpha` is not above 0 or there are too many clients.
    """
    if not 0 < alpha < np.inf:
        raise InputError(f"alpha: expected a number above 0, got {alpha}", field="alpha")
    _check_clients(labels, clients)
    rng = np.random.default_rng([seed, 2])
    owner = np.empty(len(labels), dtype=np.int64)
    for label in np.unique(labels):
        members = rng.permutation(np.flatnonzero(labels == label))
        shares = rng.dirichlet(np.full(clients, alpha))
        # Rounding the running total, not each share, deals every sample once.
        ends = np.rint(np.cumsum(shares) * len(members)).astype(np.int64)
        owner[members] = np.searchsorted(ends, np.arange(len(members)), side="right")
    return _parts(owner, clients, rng)


def partition_in_order(labels: IntArray, order: IntArray, *, seed: int) -> list[IntArray]:
    """Deal samples so that labels follow an order of the clients, such as that of their regions.

    The first clients in the order hold the first labels, the last ones the last labels, but for a
    share of `STRAY` samples that may be with anyone.

    Parameters
    ----------
    labels
        Shape (n,).
    order
        Shape (clients,): clients by their numbers, those with the lowest labels first.
    seed
        Decides who gets what.

    Returns
    -------
    list
        As of `partition`.

    Raises
    ------
    InputError
        If there are too many clients.
    """
    clients = len(order)
    _check_clients(labels, clients)
    rng = np.random.default_rng([seed, 2])
    owner = rng.integers(clients, size=len(labels))
    settled = np.flatnonzero(rng.random(len(labels)) >= STRAY)
    by_label = rng.permutation(settled)
    by_label = by_label[np.argsort(labels[by_label], kind="stable")]
    owner[by_label] = order[np.arange(len(by_label)) * clients // len(by_label)]
    return _parts(owner, clients, rng)


def _check_clients(labels: IntArray, clients: int) -> None:
    most = len(labels) // LEAST
    if not 1 <= clients <= most:
        raise InputError(
            f"clients: expected 1 to {most}, {LEAST} of the {len(labels)} samples for each, "
            f"got {clients}",
            field="clients",
        )


def _parts(owner: IntArray, clients: int, rng: np.random.Generator) -> list[IntArray]:
    """Give each client's samples; who has too few gets some from the client that has the most."""
    sizes = np.bincount(owner, minlength=clients)
    for poor in np.flatnonzero(sizes < LEAST).tolist():
        while sizes[poor] < LEAST:
            rich = int(np.argmax(sizes))
            owner[rng.choice(np.flatnonzero(owner == rich))] = poor
            sizes[poor] += 1
            sizes[rich] -= 1
    return [np.flatnonzero(owner == client) for client in range(clients)]
