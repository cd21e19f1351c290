"""The network: its gradients are right, and it learns."""

import numpy as np
import pytest

from digits.data import split
from digits.model import evaluate, initial_weights, loss_and_gradients, train


def test_gradients_are_those_of_finite_differences() -> None:
    batch = split(0)[0].take(np.arange(12))
    weights = initial_weights(0)
    _, gradients = loss_and_gradients(weights, batch)
    rng = np.random.default_rng(0)
    step = 1e-6
    for layer, gradient in zip(weights, gradients, strict=True):
        assert gradient.shape == layer.shape
        # The gradient's own direction has a large slope, a drawn one tells its entries apart.
        for direction in (gradient, rng.standard_normal(layer.shape)):
            losses = []
            for sign in (1, -1):
                layer += sign * step * direction
                losses.append(loss_and_gradients(weights, batch)[0])
                layer -= sign * step * direction
            slope = (losses[0] - losses[1]) / (2 * step)
            assert slope == pytest.approx((gradient * direction).sum(), rel=1e-5, abs=1e-8)


def test_training_learns_and_leaves_its_start_alone() -> None:
    samples, tests = split(0)
    start = initial_weights(0)
    before = [layer.copy() for layer in start]

    def run(seed: int) -> list[list[float]]:
        rng = np.random.default_rng(seed)
        weights = train(start, samples, epochs=5, batch_size=16, learning_rate=0.3, rng=rng)
        assert evaluate(weights, tests)[0] > 0.93
        return [layer.reshape(-1).tolist() for layer in weights]

    assert evaluate(start, tests)[0] < 0.3
    assert run(0) == run(0)
    assert run(0) != run(1)
    for layer, untouched in zip(start, before, strict=True):
        assert np.array_equal(layer, untouched)


def test_a_sure_mistake_costs_a_finite_loss() -> None:
    samples = split(0)[0].take(np.arange(50))
    huge = [1e4 * layer for layer in initial_weights(0)]
    accuracy, loss = evaluate(huge, samples)
    assert accuracy < 1
    assert np.isfinite(loss)
