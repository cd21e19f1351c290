"""Strategies that sample in ways of their own, and what is shown to them while they do."""

import copy
import pickle
import threading
from typing import Any, ClassVar

import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg, Strategy
from flwr.serverapp.strategy.strategy_utils import sample_nodes

from lowcarb import StrategyError
from tests.helpers.flower_app import carbon_aware, cohorts, grid, run
from tests.helpers.flower_grid import set_identity
from tests.helpers.strategies import Wrapper


def sizes(strategy: Strategy, rounds: int = 4, **options: Any) -> list[int]:
    """How many clients each round of a training with 20 nodes asks."""
    wrapped = carbon_aware(strategy, **options)
    run(wrapped, grid(), rounds=rounds)
    return [len(cohort) for cohort in cohorts(wrapped)]


class OwnSampling(Strategy):
    """Samples by itself, in a helper that knows nothing of the grid."""

    def __init__(self) -> None:
        self.fraction_train = 0.5
        self.min_train_nodes = 2
        self.min_available_nodes = 2

    def wanted(self, available: int) -> int:
        return max(int(available * self.fraction_train), self.min_train_nodes)

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> list[Message]:
        wanted = self.wanted(len(list(grid.get_node_ids())))
        nodes, _ = sample_nodes(grid, self.min_available_nodes, wanted)
        inside = FedAvg(fraction_train=1.0, min_train_nodes=1, min_available_nodes=1)
        messages = list(inside.configure_train(server_round, arrays, config, grid))
        return [message for message in messages if message.metadata.dst_node_id in nodes]

    def aggregate_train(self, server_round: int, replies: Any) -> Any:
        return FedAvg().aggregate_train(server_round, replies)

    def configure_evaluate(self, *_args: Any) -> list[Message]:
        return []

    def aggregate_evaluate(self, *_args: Any) -> None:
        return None

    def summary(self) -> None:
        """Nothing."""


def test_a_strategy_of_ones_own_may_sample_in_a_helper() -> None:
    assert sizes(OwnSampling(), cohort_size=7) == [7, 7, 7, 7]
    assert sizes(OwnSampling(), cohort_size=None) == [10, 10, 10, 10]
    assert sizes(Wrapper(OwnSampling()), cohort_size=7) == [7, 7, 7, 7]


class Helped(FedAvg):
    """Made from Flower's, with a helper that is called where nodes are looked at."""

    def wanted(self, available: int) -> int:
        return int(available * self.fraction_train)

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Any:
        nodes, _ = sample_nodes(grid, 1, self.wanted(len(list(grid.get_node_ids()))))
        messages = super().configure_train(server_round, arrays, config, grid)
        return [message for message in messages if message.metadata.dst_node_id in nodes]


def test_so_may_a_strategy_made_from_flowers() -> None:
    assert sizes(Helped(fraction_train=0.3), cohort_size=7) == [7, 7, 7, 7]


class Watched(FedAvg):
    """Looks at the nodes before it changes its fraction, and hands the sampling on."""

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Any:
        self.seen = len(list(grid.get_node_ids()))
        self.fraction_train = max(0.1, self.fraction_train * 0.5)
        return super().configure_train(server_round, arrays, config, grid)


def test_who_looks_may_change_the_fraction_all_the_same() -> None:
    watched = Watched(fraction_train=0.8)
    # The nodes that it sees first are as many as the fraction before gives.
    assert sizes(watched, cohort_size=7) == [7, 7, 7, 7]
    assert watched.fraction_train == pytest.approx(0.1)


class ByHelper(FedAvg):
    """Draws nodes itself, with a fraction that is handed to a function."""

    def configure_train(self, *args: Any) -> Any:
        _, arrays, _, grid = args
        nodes = first_of(grid, self.fraction_train)
        record = RecordDict({"arrays": arrays, "config": ConfigRecord({"server-round": 1})})
        return [Message(record, node, "train") for node in nodes]


def first_of(grid: Grid, fraction: float) -> list[int]:
    nodes = list(grid.get_node_ids())
    return nodes[: int(len(nodes) * fraction)]


def test_the_fraction_may_be_handed_to_a_function() -> None:
    assert sizes(ByHelper(fraction_train=0.5), cohort_size=8) == [8, 8, 8, 8]
    assert sizes(ByHelper(fraction_train=0.5), cohort_size=None) == [10, 10, 10, 10]


class Switching(Strategy):
    """Trains with one of two strategies, the first one at first."""

    def __init__(self) -> None:
        self.phases = {"warm-up": FedAvg(fraction_train=0.5), "main": FedAvg(fraction_train=0.25)}
        self.number = 0

    @property
    def now(self) -> FedAvg:
        return self.phases["warm-up" if self.number < 3 else "main"]

    def configure_train(self, server_round: int, *args: Any) -> Any:
        self.number = server_round
        return self.now.configure_train(server_round, *args)

    def aggregate_train(self, *args: Any) -> Any:
        return self.now.aggregate_train(*args)

    def configure_evaluate(self, *args: Any) -> Any:
        return self.now.configure_evaluate(*args)

    def aggregate_evaluate(self, *args: Any) -> Any:
        return self.now.aggregate_evaluate(*args)

    def summary(self) -> None:
        """Nothing."""


def test_the_strategy_that_samples_decides() -> None:
    assert sizes(Switching(), cohort_size=8) == [8, 8, 8, 8]
    assert sizes(Switching(), cohort_size=None) == [10, 10, 5, 5]


class Twice(FedAvg):
    """Changes its fraction in the very function that draws nodes by it."""

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> Any:
        self.fraction_train = min(1.0, self.fraction_train * 2)
        return ByHelper.configure_train(self, server_round, arrays, config, grid)  # type: ignore[arg-type]


class InPlace(ByHelper):
    def configure_train(self, *args: Any) -> Any:
        _, arrays, config, grid = args
        nodes = list(grid.get_node_ids())[: int(20 * self.fraction_train)]
        self.fraction_train = min(1.0, self.fraction_train * 2)
        return [
            Message(RecordDict({"arrays": arrays, "config": config}), n, "train") for n in nodes
        ]


def test_what_would_be_changed_wrongly_is_refused() -> None:
    with pytest.raises(StrategyError, match="InPlace changes its fraction_train in the function"):
        sizes(InPlace(fraction_train=0.25), cohort_size=None)
    assert sizes(Twice(fraction_train=0.1), cohort_size=7) == [7, 7, 7, 7]


class Registered(FedAvg):
    """Asks for its own type, counts at its class, and is known to a registry."""

    known: ClassVar[list[type]] = []
    calls = 0

    def __init_subclass__(cls, *, name: str) -> None:
        Registered.known.append(cls)

    def configure_train(self, *args: Any) -> Any:
        type(self).calls += 1
        assert type(self) is Registered
        pickle.dumps(self)
        copied = copy.copy(self)
        messages = super(type(self), self).configure_train(*args)
        assert type(copied) is Registered
        return messages


def test_its_type_stays_its_type() -> None:
    assert sizes(Registered(), cohort_size=7) == [7, 7, 7, 7]
    assert Registered.calls == 4
    assert Registered.known == []
    assert "__getattribute__" not in vars(Registered)
    assert "__setattr__" not in vars(Registered)
    assert "__getattribute__" not in vars(FedAvg)


def test_two_trainings_of_one_class_at_a_time_do_not_meet() -> None:
    found: dict[int, list[int]] = {}
    strategies = {5: FedAvg(fraction_train=0.25), 8: FedAvg(fraction_train=0.4)}

    def train(size: int) -> None:
        set_identity()
        found[size] = sizes(strategies[size], cohort_size=None, rounds=6)

    threads = [threading.Thread(target=train, args=(size,)) for size in strategies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {5: [5] * 6, 8: [8] * 6}
    assert "__getattribute__" not in vars(FedAvg)
