"""A small Flower app for tests: its training can be recomputed, and it tells what it was sent."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np
from flwr.app import ArrayRecord, Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import Result, Strategy

import lowcarb
from lowcarb import CarbonAware, Forecast, SimulatedClock
from lowcarb.providers import Answer
from tests.helpers.data import START, invented_forecast
from tests.helpers.flower_grid import InProcessGrid

FORECAST = invented_forecast()


class Invented:
    """Gives an invented forecast.

    Parameters
    ----------
    forecast
        What it gives.
    """

    def __init__(self, forecast: Forecast = FORECAST) -> None:
        self.forecast = forecast
        self.asked: list[tuple[Sequence[str], datetime, datetime]] = []

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.asked.append((list(regions), start, end))
        return {name: self.forecast.series[name] for name in regions}, {}


def initial_arrays() -> ArrayRecord:
    return ArrayRecord({"w": _array([0.5, -1.0, 2.0]), "b": _array([[1.0, 2.0], [3.0, 4.0]])})


def _array(values: Any) -> Any:
    from flwr.app import Array

    return Array(np.array(values))


def client_app(*, mod: bool = True) -> ClientApp:
    """Build a client that moves the weights by its node id, the round and its configuration."""
    app = ClientApp(mods=[lowcarb.client_mod] if mod else [])

    @app.train()
    def train(message: Message, context: Context) -> Message:
        config = message.content.config_records["config"]
        rng = np.random.default_rng([context.node_id, int(str(config["server-round"]))])
        pull = 1.0 + float(str(config.get("proximal-mu", 0.0)))
        arrays = {
            name: _array((array.numpy() + rng.normal(size=array.numpy().shape)) / pull)
            for name, array in message.content.array_records["arrays"].items()
        }
        metrics = MetricRecord({"num-examples": 10, "train_loss": float(rng.uniform(1, 2))})
        content = RecordDict({"arrays": ArrayRecord(arrays), "metrics": metrics})
        return Message(content, reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        metrics = MetricRecord({"num-examples": 10, "loss": float(context.node_id)})
        return Message(RecordDict({"metrics": metrics}), reply_to=message)

    return app


def tree_app() -> ClientApp:
    """Build a client that answers with one boosted tree, in XGBoost's JSON format."""
    app = ClientApp(mods=[lowcarb.client_mod])

    @app.train()
    def train(message: Message, context: Context) -> Message:
        tree = {"id": 0, "base_weights": [float(context.node_id)]}
        model = {
            "gbtree_model_param": {"num_trees": "1", "num_parallel_tree": "1"},
            "iteration_indptr": [0, 1],
            "trees": [tree],
            "tree_info": [0],
        }
        text = json.dumps({"learner": {"gradient_booster": {"model": model}}})
        arrays = ArrayRecord([np.frombuffer(text.encode(), dtype=np.uint8)])
        metrics = MetricRecord({"num-examples": 10})
        return Message(RecordDict({"arrays": arrays, "metrics": metrics}), reply_to=message)

    @app.evaluate()
    def evaluate(message: Message, context: Context) -> Message:
        metrics = MetricRecord({"num-examples": 10, "loss": float(context.node_id)})
        return Message(RecordDict({"metrics": metrics}), reply_to=message)

    return app


def node_configs(count: int, *, regions: int = 26) -> dict[int, dict[str, Any]]:
    """Node configs of clients client-00, client-01, ... that differ in region and energy."""
    return {
        1000 + i: {
            "client-id": f"client-{i:02d}",
            "region": f"R{i % regions:02d}",
            "energy-kwh": 0.1 + 0.01 * (i % 7),
            "duration-min": 30.0,
        }
        for i in range(count)
    }


def grid(count: int = 20, **options: Any) -> InProcessGrid:
    return InProcessGrid(client_app(), node_configs(count), **options)


def carbon_aware(strategy: Strategy, **options: Any) -> CarbonAware:
    """Wrap a strategy with what tests want unless they say otherwise."""
    defaults: dict[str, Any] = {
        "provider": Invented(),
        "clock": SimulatedClock(START, sleep=lambda _seconds: None),
        "cohort_size": 5,
    }
    return CarbonAware(strategy, **(defaults | options))


def run(strategy: CarbonAware, on: InProcessGrid, rounds: int = 6, **options: Any) -> Result:
    return strategy.start(
        grid=on, initial_arrays=initial_arrays(), num_rounds=rounds, timeout=5, **options
    )


def cohorts(strategy: CarbonAware) -> list[list[str]]:
    """Names of each round's cohort, in order."""
    return [[turn.client for turn in booked.turns] for booked in strategy.account.rounds]


def is_training(message: Message) -> bool:
    return "arrays" in message.content


def nodes_of(names: Sequence[str], configs: Mapping[int, Mapping[str, Any]]) -> list[int]:
    by_name = {str(config["client-id"]): node for node, config in configs.items()}
    return [by_name[name] for name in names]
