"""Flower's SecAgg+ workflow, which is of its older API, on the cohorts of a loop of one's own."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Context, Message, RecordDict
from flwr.client import NumPyClient
from flwr.client.mod import secaggplus_mod
from flwr.clientapp import ClientApp
from flwr.common import ndarrays_to_parameters, parameters_to_ndarrays
from flwr.server import LegacyContext, ServerConfig
from flwr.server.client_manager import SimpleClientManager
from flwr.server.compat.grid_client_proxy import GridClientProxy
from flwr.server.strategy import FedAvg as LegacyFedAvg
from flwr.server.workflow import DefaultWorkflow, SecAggPlusWorkflow
from flwr.server.workflow.constant import MAIN_CONFIGS_RECORD, Key
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg

import lowcarb
from lowcarb import CarbonAware, Fairness
from lowcarb.flower.cohort import Cohort
from lowcarb.flower.passing_grid import PassingGrid
from tests.helpers.flower_app import carbon_aware, node_configs
from tests.helpers.flower_grid import InProcessGrid

CLIENTS, COHORT, ROUNDS = 8, 5, 4
STAGES = 4


class Trains(NumPyClient):
    """Adds a tenth of its place among the clients to every weight.

    Parameters
    ----------
    node
        Of the client.
    """

    def __init__(self, node: int) -> None:
        self.node = node

    def fit(self, parameters: Any, _config: Any) -> Any:
        return [weights + step(self.node) for weights in parameters], 1, {}


def step(node: int) -> float:
    return (node - 1000) / 10


def client_app() -> ClientApp:
    """Build a client whose training, within the protocol, is measured."""
    return ClientApp(
        client_fn=lambda context: Trains(context.node_id).to_client(),
        mods=[secaggplus_mod, lowcarb.client_mod],
    )


class Kept(PassingGrid):
    """Keeps the replies that came last."""

    def send_and_receive(self, *args: Any, **kwargs: Any) -> list[Message]:
        self.replies = list(super().send_and_receive(*args, **kwargs))
        return self.replies


class SecAgg(SecAggPlusWorkflow):
    """Tells the cohort whose vectors are in the sum.

    Parameters
    ----------
    cohort
        Of the round.
    """

    cohort: Cohort

    def collect_masked_vectors_stage(self, grid: Grid, context: Any, state: Any) -> bool:
        kept = Kept(grid)
        enough: bool = super().collect_masked_vectors_stage(kept, context, state)
        self.cohort.replies = kept.replies
        return enough


def carbon_aware_fit(carbon: CarbonAware) -> Callable[[Grid, Any], None]:
    """Aggregate securely over the cohort, which is all that the older strategy sees."""
    secagg = SecAgg(num_shares=1.0, reconstruction_threshold=0.5, max_weight=1)

    def fit(grid: Grid, context: Any) -> None:
        number = int(str(context.state.config_records[MAIN_CONFIGS_RECORD][Key.CURRENT_ROUND]))
        everyone, context.client_manager = context.client_manager, SimpleClientManager()
        with carbon.cohort(number, grid) as secagg.cohort:
            secagg.cohort.replies = []
            for node in secagg.cohort.nodes:
                context.client_manager.register(GridClientProxy(node, grid, context.run_id))
            secagg(grid, context)
        context.client_manager = everyone

    return fit


def train(grid: InProcessGrid, carbon: CarbonAware) -> list[float]:
    """Train by the older workflow; give the first weight after each round."""
    weights: list[float] = []

    class Watched(LegacyFedAvg):
        def aggregate_fit(self, server_round: int, results: Any, failures: Any) -> Any:
            parameters, metrics = super().aggregate_fit(server_round, results, failures)
            assert parameters is not None
            weights.append(float(parameters_to_ndarrays(parameters)[0][0]))
            return parameters, metrics

    context = LegacyContext(
        context=Context(run_id=1, node_id=0, node_config={}, state=RecordDict(), run_config={}),
        config=ServerConfig(num_rounds=ROUNDS),
        strategy=Watched(
            fraction_evaluate=0.0, initial_parameters=ndarrays_to_parameters([np.zeros(3)])
        ),
    )
    DefaultWorkflow(fit_workflow=carbon_aware_fit(carbon))(grid, context)
    return weights


class RunningGrid(InProcessGrid):
    """A grid that knows its run, as the older API wants."""

    @property
    def run(self) -> Any:
        return Context(run_id=1, node_id=0, node_config={}, state=RecordDict(), run_config={})


def carbon_aware_loop(path: Path) -> CarbonAware:
    return carbon_aware(
        FedAvg(),
        cohort_size=COHORT,
        rounds=ROUNDS,
        fairness=Fairness(min_rounds=1),
        ledger=path / "run.db",
    )


def test_the_sum_is_that_of_the_cohort_and_floors_are_met(tmp_path: Path) -> None:
    grid = RunningGrid(client_app(), node_configs(CLIENTS))
    carbon = carbon_aware_loop(tmp_path)
    weights = train(grid, carbon)
    rounds = carbon.account.rounds
    asked = [[int(turn.client[-2:]) for turn in booked.turns] for booked in rounds]
    assert [len(cohort) for cohort in asked] == [COHORT] * ROUNDS
    means = [sum(step(1000 + i) for i in cohort) / COHORT for cohort in asked]
    assert weights == pytest.approx(np.cumsum(means), abs=1e-3)
    assert not carbon.account.owed
    # Nobody but the cohort gets a message of the protocol.
    trained = [node - 1000 for kind, node in grid.sent if kind == "train"]
    assert sorted(trained) == sorted(STAGES * [i for cohort in asked for i in cohort])


def test_who_drops_out_of_the_protocol_has_had_no_turn(tmp_path: Path) -> None:
    messages: dict[int, int] = {}

    def third_is_lost(node: int, message: Message) -> str | None:
        if message.metadata.message_type != "train":
            return None
        messages[node] = messages.get(node, 0) + 1
        return "silent" if node == min(messages) and messages[node] == 3 else None

    grid = RunningGrid(client_app(), node_configs(CLIENTS), third_is_lost)
    carbon = carbon_aware_loop(tmp_path)
    train(grid, carbon)
    first = carbon.account.rounds[0]
    lost = f"client-{min(messages) - 1000:02d}"
    assert {turn.client for turn in first.turns if not turn.counts} == {lost}
