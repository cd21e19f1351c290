"""Clients that fail, and rounds that come to nothing. The training never stops."""

from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flwr.app import Message
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from tests.helpers.flower_app import carbon_aware, cohorts, grid, is_training, run


def outcomes(account: Account, client: str) -> list[tuple[int, Outcome]]:
    return [
        (booked.number, turn.outcome)
        for booked in account.rounds
        for turn in booked.turns
        if turn.client == client
    ]


@pytest.mark.parametrize(
    ("what", "expected", "reason"),
    [
        ("error", Outcome.FAILED, "error 2: the client app raised"),
        ("dead", Outcome.FAILED, "error 5: node unavailable"),
        ("silent", Outcome.SILENT, ""),
    ],
)
def test_a_client_that_drops_out_repays_its_turn_later(
    what: str, expected: Outcome, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[int] = []

    def fault(node: int, message: Message) -> str | None:
        if is_training(message) and node == 1003 and not failed:
            failed.append(node)
            return what
        return None

    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=2))
    run(strategy, grid(10, fault=fault), rounds=12)
    account = strategy.account
    assert failed == [1003]
    mine = outcomes(account, "client-03")
    assert [outcome for _, outcome in mine].count(expected) == 1
    assert account.turns["client-03"] >= 2
    assert not account.owed
    lost = next(number for number, outcome in mine if outcome is expected)
    # It rests for two rounds after its first failure.
    assert all(number > lost + 2 for number, _ in mine if number > lost)
    turn = next(t for t in account.rounds[lost - 1].turns if t.client == "client-03")
    assert (turn.reason, turn.measured, turn.energy_kwh) == (reason, None, turn.planned_kwh)
    assert f"client-03 {expected}" in caplog.text


@pytest.mark.parametrize("seed", range(4))
def test_floors_are_met_though_every_tenth_turn_is_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def fault(_node: int, message: Message) -> str | None:
        return "error" if is_training(message) and rng.random() < 0.1 else None

    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=6))
    run(strategy, grid(10, fault=fault), rounds=16)
    account = strategy.account
    assert sum(account.turns.values()) < 16 * 5
    assert not account.owed


def test_a_dead_client_is_asked_less_and_less() -> None:
    def fault(node: int, message: Message) -> str | None:
        return "dead" if is_training(message) and node == 1003 else None

    strategy = carbon_aware(FedAvg(), cohort_size=3, fairness=Fairness(min_share=1))
    run(strategy, grid(6, fault=fault), rounds=30)
    asked = [number for number, _ in outcomes(strategy.account, "client-03")]
    gaps = [after - before for before, after in pairwise(asked)]
    assert len(gaps) >= 2
    assert all(gap > 2**failures for failures, gap in enumerate(gaps, start=1))
    assert strategy.account.owed == {"client-03": 15}


def test_when_everyone_fails_nobody_is_blamed_and_no_turn_counts() -> None:
    def fault(_node: int, message: Message) -> str | None:
        return "silent" if message.metadata.message_type == "train" and len(sent) > 30 else None

    on = grid(10, fault=fault)
    sent = on.sent
    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=1))
    result = run(strategy, on, rounds=6)
    account = strategy.account
    assert [booked.aggregated for booked in account.rounds].count(True) < 6
    assert all(
        turn.outcome is Outcome.SILENT
        for booked in account.rounds
        if not booked.aggregated
        for turn in booked.turns
    )
    assert [len(booked.turns) for booked in account.rounds] == [5] * 6
    assert result.arrays


def test_replies_of_a_round_that_was_not_aggregated_do_not_count() -> None:
    class Refuses(FedAvg):
        def aggregate_train(self, server_round: int, replies: Any) -> Any:
            return (
                (None, None)
                if server_round == 2
                else super().aggregate_train(server_round, replies)
            )

    strategy = carbon_aware(Refuses())
    run(strategy, grid(10), rounds=3)
    second = strategy.account.rounds[1]
    assert {turn.outcome for turn in second.turns} == {Outcome.DROPPED}
    assert not second.aggregated
    assert sum(strategy.account.turns.values()) == 10
    # What was burnt was burnt.
    assert second.realised_g == pytest.approx(second.planned_g)
    assert second.realised_g


def test_a_round_whose_aggregation_raises_is_booked() -> None:
    class Raises(FedAvg):
        def aggregate_train(self, server_round: int, replies: Any) -> Any:
            if server_round == 2:
                raise RuntimeError("inconsistent replies")
            return super().aggregate_train(server_round, replies)

    strategy = carbon_aware(Raises())
    with pytest.raises(RuntimeError, match="inconsistent replies"):
        run(strategy, grid(10), rounds=3)
    assert [booked.aggregated for booked in strategy.account.rounds] == [True, False]


def test_who_was_not_written_to_is_not_blamed(caplog: pytest.LogCaptureFixture) -> None:
    class Half(FedAvg):
        def configure_train(self, *args: Any) -> Any:
            return list(super().configure_train(*args))[::2]

    on = grid(20)
    strategy = carbon_aware(Half(fraction_evaluate=0.0))
    run(strategy, on, rounds=4)
    assert [len(cohort) for cohort in cohorts(strategy)] == [3] * 4
    assert {turn.outcome for turn in strategy.account.work} == {Outcome.TRAINED}
    assert len(on.sent) == 20 + 4 * 3
    assert "Half writes to 3 of the 5 nodes that were chosen" in caplog.text
