"""A training that goes on with more rounds than it began with, or fewer: bounds follow."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Client, Fairness, Fleet, Ledger, LedgerError
from tests.helpers.crashes import Crash, crash_in
from tests.helpers.flower_app import carbon_aware, grid, run
from tests.helpers.params import first_fast


def test_a_training_can_be_made_longer(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=3)
    run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=5)
    account = Ledger(path).account()
    assert (account.training.rounds, len(account.rounds)) == (5, 5)


@pytest.mark.parametrize(
    ("fairness", "clients"),
    first_fast(
        [
            (Fairness(), 5),
            (Fairness(min_share=0, max_share=2), 10),
            (Fairness(), 10),
            (Fairness(min_share=1), 10),
            (Fairness(min_rounds=2, max_rounds=20), 10),
        ],
        2,
    ),
)
@pytest.mark.parametrize("rounds", [(4, 30), (30, 6)])
def test_bounds_are_those_of_the_new_length(
    tmp_path: Path, fairness: Fairness, clients: int, rounds: tuple[int, int]
) -> None:
    path = tmp_path / "run.db"
    first, second = rounds
    with pytest.raises(Crash):
        run(
            carbon_aware(FedAvg(), ledger=path, fairness=fairness),
            grid(clients),
            rounds=first,
            evaluate_fn=crash_in(3),
        )
    run(carbon_aware(FedAvg(), ledger=path, fairness=fairness), grid(clients), rounds=second)
    account = Ledger(path).account()
    whole = carbon_aware(FedAvg(), fairness=fairness)
    run(whole, grid(clients), rounds=second)
    assert account.members == list(whole.account.members)
    assert [len(booked.turns) for booked in account.rounds] == [5] * second
    assert not account.owed


def test_a_late_clients_bounds_are_those_of_the_new_length_too(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    for rounds, clients in ((2, 4), (4, 8), (20, 8)):
        run(carbon_aware(FedAvg(), ledger=path, cohort_size=4), grid(clients), rounds=rounds)
    bounds = {(m.joined, m.min_rounds, m.max_rounds) for m in Ledger(path).account().members}
    # Half of 4 x 20 / 4 turns, but for those that joined with 18 rounds left half of 4 x 18 / 8.
    assert bounds == {(1, 10, 20), (3, 4, 18)}


def test_a_clients_own_bounds_stay_its_own(tmp_path: Path) -> None:
    one = Client(name="client-00", region="R00", energy_kwh=0.1, duration=timedelta(minutes=30))
    fleet = replace(Fleet.from_clients([one]), max_rounds=np.array([2]))
    path = tmp_path / "run.db"
    for rounds in (3, 12):
        options: dict[str, Any] = {"ledger": path, "fleet": fleet}
        run(carbon_aware(FedAvg(), cohort_size=2, **options), grid(4), rounds=rounds)
    bounds = {m.name: (m.min_rounds, m.max_rounds) for m in Ledger(path).account().members}
    assert bounds == {
        "client-00": (2, 2),
        **{f"client-{i:02d}": (3, 12) for i in range(1, 4)},
    }


def test_too_few_rounds_are_refused_and_nothing_is_changed(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=5)
    before = Ledger(path).account()
    with pytest.raises(LedgerError, match="at least 5 rounds, which are booked already, got 4"):
        run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=4)
    assert Ledger(path).account() == before
