"""What CarbonAware adds to a round of Flower, on top of planning it.

Usage::

    python -m benchmarks.adapter [--nodes 1000] [--rounds 20] [--cohort-size 100] [--runs 3]

Runs FedAvg on the in-process grid, bare and inside CarbonAware with a ledger on disk, and prints
medians over the rounds: what the adapter's own work takes (recognising replies, booking, saving the
model, everything but planning and the strategy inside), what planning takes, and the whole round
against the bare one.
"""

import argparse
import logging
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np
from flwr.app import ArrayRecord, Message, MetricRecord
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness
from tests.helpers.flower_app import carbon_aware, client_app, node_configs
from tests.helpers.flower_grid import InProcessGrid

WEIGHTS = 100_000


class TimedFedAvg(FedAvg):
    """FedAvg that adds up the time it takes itself."""

    seconds = 0.0

    def configure_train(self, *args: Any) -> Iterable[Message]:
        """Configure, timed."""
        began = perf_counter()
        messages = list(super().configure_train(*args))
        self.seconds += perf_counter() - began
        return messages

    def aggregate_train(self, *args: Any) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Aggregate, timed."""
        began = perf_counter()
        result = super().aggregate_train(*args)
        self.seconds += perf_counter() - began
        return result


@dataclass
class Measured:
    """Seconds of each round.

    Parameters
    ----------
    own
        The adapter's work without planning and without the strategy inside.
    planning
        Deciding on the cohort.
    """

    own: list[float] = field(default_factory=list)
    planning: list[float] = field(default_factory=list)


def measure(strategy: CarbonAware, grid: Grid, arrays: ArrayRecord, rounds: int) -> Measured:
    """Run a training and take the adapter's time apart."""
    found = Measured()
    inside: TimedFedAvg = strategy.strategy  # type: ignore[assignment]
    configure, aggregate = strategy.configure_train, strategy.aggregate_train

    def timed_configure(*args: Any) -> Any:
        inside.seconds, began = 0.0, perf_counter()
        messages = configure(*args)
        found.own.append(perf_counter() - began - inside.seconds)
        return messages

    def timed_aggregate(*args: Any) -> Any:
        inside.seconds, began = 0.0, perf_counter()
        result = aggregate(*args)
        found.own[-1] += perf_counter() - began - inside.seconds
        found.planning.append(strategy.account.rounds[-1].seconds)
        found.own[-1] -= found.planning[-1]
        return result

    vars(strategy).update(configure_train=timed_configure, aggregate_train=timed_aggregate)
    strategy.start(grid=grid, initial_arrays=arrays, num_rounds=rounds)
    return found


def main() -> None:
    """Read the options, measure, print."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--nodes", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--cohort-size", type=int, default=100)
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    logging.getLogger("flwr").setLevel(logging.ERROR)
    arrays = ArrayRecord([np.zeros(WEIGHTS)])
    grid = InProcessGrid(client_app(), node_configs(options.nodes))
    runs = []
    with tempfile.TemporaryDirectory() as folder:
        for number in range(options.runs):
            strategy = carbon_aware(
                TimedFedAvg(fraction_evaluate=0.0),
                cohort_size=options.cohort_size,
                fairness=Fairness(min_share="0.5"),
                ledger=Path(folder) / f"run{number}.db",
            )
            runs.append(measure(strategy, grid, arrays, options.rounds))
    # The first round asks every client for its facts.
    own = [1000 * median(run.own[1:]) for run in runs]
    print(
        f"{options.nodes:,} nodes, cohort {options.cohort_size}, {options.rounds} rounds, "
        f"{WEIGHTS:,} weights, ledger on disk, {options.runs} runs\n"
        f"adapter on top of planning: {median(own):.1f} ms a round (runs: "
        f"{', '.join(f'{value:.1f}' for value in own)}; slowest round "
        f"{1000 * max(max(run.own[1:]) for run in runs):.1f} ms)\n"
        f"planning: {1000 * median(median(run.planning[1:]) for run in runs):.1f} ms a round"
    )


if __name__ == "__main__":
    main()
