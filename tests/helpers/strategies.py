"""Strategies to put into CarbonAware: private ones, and one that hides another."""

from typing import Any

import numpy as np
import pytest
from flwr.serverapp import strategy as flower
from flwr.serverapp.strategy import Strategy

COHORT = 7


def private(kind: str, **options: Any) -> Strategy:
    wrapper = getattr(flower, f"DifferentialPrivacyServerSide{kind}Clipping")
    wrapped: Strategy = wrapper(
        flower.FedAvg(), noise_multiplier=0.3, num_sampled_clients=COHORT, **options
    )
    return wrapped


class Accountant:
    """Adds up the releases of a Gaussian mechanism; what Flower asks of an accountant."""

    def __init__(self) -> None:
        accounting = pytest.importorskip("flwr.supercore.privacy_accounting")
        self._spent = accounting.PrivacySpent
        self.config = accounting.PrivacyConfig(
            target_delta=1e-5,
            population_size=20,
            neighboring_relation=accounting.NeighboringRelation.ADD_OR_REMOVE_ONE,
            sampling_method=accounting.SamplingMethod.NO_AMPLIFICATION,
        )
        self.releases: list[Any] = []

    def compose(self, event: Any, count: int = 1) -> None:
        self.releases += [event] * count

    def get_privacy_spent(self, delta: float | None = None) -> Any:
        rho = sum(1 / (2 * event.noise_multiplier**2) for event in self.releases)
        delta = delta or self.config.target_delta
        epsilon = rho + 2 * np.sqrt(rho * np.log(1 / delta))
        return self._spent(epsilon, delta, len(self.releases), "zCDP")


def accounted() -> Strategy:
    return private("Fixed", clipping_norm=1.0, accountant=Accountant())


class Wrapper(Strategy):
    """A wrapper of one's own, which keeps the strategy inside, or what gives it."""

    def __init__(self, kept: Any) -> None:
        self.kept = kept

    def configure_train(self, *args: Any) -> Any:
        return self._inside.configure_train(*args)

    def aggregate_train(self, *args: Any) -> Any:
        return self._inside.aggregate_train(*args)

    def configure_evaluate(self, *args: Any) -> Any:
        return self._inside.configure_evaluate(*args)

    def aggregate_evaluate(self, *args: Any) -> Any:
        return self._inside.aggregate_evaluate(*args)

    def summary(self) -> None:
        self._inside.summary()

    @property
    def _inside(self) -> Any:
        return self.kept() if callable(self.kept) else self.kept
