"""The task: linear regression by gradient descent, each client with data of its own."""

import numpy as np

TRUE_WEIGHTS = np.array([1.5, -2.0, 0.5])
"""What the clients' data follow, but for noise."""


def make_data(seed):
    """Draw one client's inputs and targets."""
    rng = np.random.default_rng(seed)
    inputs = rng.normal(size=(100, len(TRUE_WEIGHTS)))
    return inputs, inputs @ TRUE_WEIGHTS + rng.normal(scale=0.1, size=100)


def fit(weights, inputs, targets, epochs):
    """Take some steps of gradient descent."""
    for _ in range(epochs):
        weights = weights - 0.1 * inputs.T @ (inputs @ weights - targets) / len(targets)
    return weights


def loss(weights, inputs, targets):
    """Mean squared error."""
    return float(((inputs @ weights - targets) ** 2).mean())
