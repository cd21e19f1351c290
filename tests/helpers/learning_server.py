"""A training on a service that keeps no past forecasts: what it learns is all that it has.

Forecasts of three regions are off, and those of one become random on the way. A client trains for
as long as the server learns beside the round, as clients do whose rounds take minutes.
"""

import os
import signal
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

from flwr.app import Message
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness, SimulatedClock
from lowcarb.ledger import Ledger
from lowcarb.planning.policies import Planned
from lowcarb_solvers import Greedy
from tests.helpers.flower_app import carbon_aware, client_app, initial_arrays
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.live_service import BEGIN, Service

ROUNDS = 30
EVERY = timedelta(hours=3)


def when_learnt(_node: int, _message: Message) -> None:
    """Keep a client at work until nothing is under way beside the round."""
    for thread in threading.enumerate():
        if thread.name == "lowcarb-corrections":
            thread.join(30)


def learning(ledger: Ledger | Path | str | None) -> CarbonAware:
    """Build the strategy."""
    return carbon_aware(
        FedAvg(fraction_evaluate=0.0),
        provider=Service(),
        ledger=ledger,
        clock=SimulatedClock(BEGIN, every=EVERY, sleep=lambda _seconds: None),
        fairness=Fairness(min_rounds=5),
        policy=Planned(solvers=(Greedy(),)),
        cohort_size=2,
    )


def train(strategy: CarbonAware, evaluate: Any = None, rounds: int = ROUNDS) -> None:
    """Train all rounds that are left."""
    configs = {
        1000 + i: {
            "client-id": f"client-{i}",
            "region": f"R{i % 3}",
            "energy-kwh": 0.5 + 0.1 * i,
            "duration-min": 60.0,
        }
        for i in range(6)
    }
    strategy.start(
        grid=InProcessGrid(client_app(), configs, fault=when_learnt),
        initial_arrays=initial_arrays(),
        num_rounds=rounds,
        timeout=5,
        evaluate_fn=evaluate,
    )


def killed_in(number: int) -> Any:
    """Build a server-side evaluation that kills the process once a round is booked."""

    def evaluate(done: int, _arrays: Any) -> None:
        if done == number:
            os.kill(os.getpid(), signal.SIGKILL)

    return evaluate


if __name__ == "__main__":
    train(learning(sys.argv[1]), killed_in(int(sys.argv[2])))
