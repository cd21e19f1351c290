"""Lowcarb's figures among the metrics of Flower's Result."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp.strategy import FedAvg, Result

from lowcarb import CarbonAware
from lowcarb.flower.metrics import PREFIX
from lowcarb.training.clock import WallClock
from tests.helpers.data import START
from tests.helpers.flower_app import (
    carbon_aware,
    client_app,
    grid,
    initial_arrays,
    node_configs,
    run,
)
from tests.helpers.flower_grid import InProcessGrid


def ours(result: Result, number: int) -> dict[str, float]:
    metrics = result.train_metrics_clientapp[number]
    return {k.removeprefix(PREFIX): float(v) for k, v in metrics.items() if k.startswith(PREFIX)}  # type: ignore[arg-type]


def agree(strategy: CarbonAware, result: Result) -> None:
    """The last round's figures are those of the account."""
    account = strategy.account
    last = ours(result, account.rounds_over)
    assert last["total-planned-g"] == pytest.approx(account.planned_g)
    assert last["total-realised-g"] == pytest.approx(account.realised_g)
    assert last["total-saved-share"] == pytest.approx(account.saved_share)
    assert last["owed-turns"] == sum(account.owed.values())


def test_each_round_has_its_figures_beside_the_strategys() -> None:
    strategy = carbon_aware(FedAvg())
    result = run(strategy, grid(10), rounds=8)
    for booked in strategy.account.rounds:
        figures = ours(result, booked.number)
        assert figures["planned-g"] == pytest.approx(booked.planned_g)
        assert figures["random-g"] == pytest.approx(booked.random_g)
        assert figures["measured-share"] == 0
        assert "train_loss" in result.train_metrics_clientapp[booked.number]
    agree(strategy, result)


def test_a_restart_goes_on_counting(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(carbon_aware(FedAvg(), ledger=path), grid(10), rounds=3)
    strategy = carbon_aware(FedAvg(), ledger=path)
    result = run(strategy, grid(10), rounds=6)
    assert sorted(result.train_metrics_clientapp) == [4, 5, 6]
    agree(strategy, result)


def test_a_loop_of_calls_has_them_by_its_own_numbers() -> None:
    strategy, on = carbon_aware(FedAvg(), rounds=3), grid(10)
    for number in (1, 2, 3):
        result = run(strategy, on, rounds=1)
        planned = strategy.account.rounds[number - 1].planned_g
        assert ours(result, 1)["planned-g"] == pytest.approx(planned)


def test_a_round_that_came_to_nothing_has_figures_in_the_result_alone() -> None:
    seen: list[MetricRecord | None] = []

    class Watched(FedAvg):
        def aggregate_train(
            self, server_round: int, replies: Iterable[Message]
        ) -> tuple[ArrayRecord | None, MetricRecord | None]:
            found = super().aggregate_train(server_round, replies)
            seen.append(found[1])
            return found

    def fail(_node: int, message: Message) -> str | None:
        return "error" if message.metadata.message_type == "train" else None

    strategy = carbon_aware(Watched())
    result = run(strategy, grid(10, fault=fail), rounds=1)
    assert seen == [None]
    assert ours(result, 1)["energy-kwh"] > 0


def test_the_loop_sees_them_too() -> None:
    strategy = carbon_aware(FedAvg(), rounds=1)
    on = grid(10)
    messages = strategy.configure_train(1, initial_arrays(), ConfigRecord(), on)
    _, metrics = strategy.aggregate_train(1, on.send_and_receive(messages))
    assert metrics is not None
    assert metrics[f"{PREFIX}planned-g"] == pytest.approx(strategy.account.planned_g)
    strategy.close()


def test_what_is_unknown_is_left_out_and_what_is_owed_said() -> None:
    configs = node_configs(10)
    for config in configs.values():
        del config["region"]
    strategy = carbon_aware(FedAvg())
    result = run(strategy, InProcessGrid(client_app(), configs), rounds=4)
    figures = ours(result, 4)
    assert not {"planned-g", "random-g", "total-saved-share"} & set(figures)
    assert figures["owed-turns"] == 0
    assert figures["energy-kwh"] > 0


def test_no_saving_is_told_once_floors_are_lost() -> None:
    def mute(node: int, message: Message) -> str | None:
        return "error" if message.metadata.message_type == "train" and node == 1000 else None

    strategy = carbon_aware(FedAvg())
    result = run(strategy, grid(10, fault=mute), rounds=6)
    assert "total-saved-share" in ours(result, 1)
    last = ours(result, 6)
    assert last["lost-turns"] == last["owed-turns"] > 0
    assert "total-saved-share" not in last


def test_evaluation_has_figures_of_its_own() -> None:
    configs = node_configs(6)
    for config in configs.values():
        config["power-w"] = 50_000.0  # of a few microseconds, each
    clock = WallClock(now=lambda: START, sleep=lambda _seconds: None)
    strategy = carbon_aware(FedAvg(), clock=clock)
    result = run(strategy, InProcessGrid(client_app(), configs), rounds=1)
    works = strategy.account.evaluations[1]
    metrics = result.evaluate_metrics_clientapp[1]
    assert metrics[f"{PREFIX}evaluation-kwh"] == pytest.approx(sum(w.energy_kwh for w in works))
    assert len(works) == 6
