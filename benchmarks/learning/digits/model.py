"""A network with one small hidden layer, in plain numpy."""

from collections.abc import Sequence

import numpy as np

from digits.data import CLASSES, PIXELS, Samples
from lowcarb_solvers.arrays import FloatArray, IntArray

HIDDEN = 32
Weights = Sequence[FloatArray]
"""Hidden weights (64, 32) and biases (32,), output weights (32, 10) and biases (10,)."""


def initial_weights(seed: int) -> list[FloatArray]:
    """Draw the weights that a training starts from."""
    rng = np.random.default_rng([seed, 3])
    return [
        rng.normal(0, np.sqrt(2 / PIXELS), (PIXELS, HIDDEN)),
        np.zeros(HIDDEN),
        rng.normal(0, np.sqrt(1 / HIDDEN), (HIDDEN, CLASSES)),
        np.zeros(CLASSES),
    ]


def loss_and_gradients(weights: Weights, samples: Samples) -> tuple[float, list[FloatArray]]:
    """Mean cross-entropy of the samples, and its derivative with respect to each weight."""
    hidden, probabilities = _forward(weights, samples.images)
    every = np.arange(len(samples))
    loss = float(_losses(probabilities, samples.labels).mean())
    at_output = probabilities.copy()
    at_output[every, samples.labels] -= 1
    at_output /= len(samples)
    at_hidden = at_output @ weights[2].T * (hidden > 0)
    return loss, [
        samples.images.T @ at_hidden,
        at_hidden.sum(axis=0),
        hidden.T @ at_output,
        at_output.sum(axis=0),
    ]


def train(
    weights: Weights,
    samples: Samples,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    rng: np.random.Generator,
) -> list[FloatArray]:
    """Improve weights by stochastic gradient descent; the given ones stay as they are."""
    trained = [layer.copy() for layer in weights]
    for _ in range(epochs):
        order = rng.permutation(len(samples))
        for begin in range(0, len(order), batch_size):
            batch = samples.take(order[begin : begin + batch_size])
            _, gradients = loss_and_gradients(trained, batch)
            for layer, gradient in zip(trained, gradients, strict=True):
                layer -= learning_rate * gradient
    return trained


def evaluate(weights: Weights, samples: Samples) -> tuple[float, float]:
    """Share of the samples that the model knows, and its loss."""
    loss, _ = loss_and_gradients(weights, samples)
    _, probabilities = _forward(weights, samples.images)
    return float(np.mean(probabilities.argmax(axis=1) == samples.labels)), loss


def losses(weights: Weights, samples: Samples) -> FloatArray:
    """Cross-entropy of each sample (n,)."""
    _, probabilities = _forward(weights, samples.images)
    return _losses(probabilities, samples.labels)


def _losses(probabilities: FloatArray, labels: IntArray) -> FloatArray:
    found: FloatArray = -np.log(probabilities[np.arange(len(labels)), labels])
    return found


def _forward(weights: Weights, images: FloatArray) -> tuple[FloatArray, FloatArray]:
    hidden = np.maximum(0, images @ weights[0] + weights[1])
    scores = hidden @ weights[2] + weights[3]
    # The largest score is 0 then, so that no exponential overflows.
    scores -= scores.max(axis=1, keepdims=True)
    odds = np.exp(scores)
    # A sure mistake must not cost infinitely much.
    return hidden, np.maximum(odds / odds.sum(axis=1, keepdims=True), np.finfo(np.float64).tiny)
