"""What a node that claims another client's name takes from it: nothing, where Flower knows keys."""

import logging
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import pytest
from flwr.app import Message
from flwr.proto.node_pb2 import NodeInfo
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness, Ledger
from lowcarb.training.clock import WallClock
from tests.helpers.data import START
from tests.helpers.flower_app import carbon_aware, client_app, is_training, node_configs, run
from tests.helpers.flower_grid import InProcessGrid

CLIENTS, ROUNDS = 6, 8
VICTIM, NAME = 1003, "client-03"
FIRST, LAST = 7, 9_000
"""Nodes of an impostor, before and behind its victim in the order of nodes."""

NAMES_OF_NODES = "name" in NodeInfo.DESCRIPTOR.fields_by_name
names_of_nodes = pytest.mark.skipif(not NAMES_OF_NODES, reason="this Flower has no names of nodes")


class Known(InProcessGrid):
    """A SuperLink that knows keys of its nodes, or names too, or neither; nodes come and go."""

    def __init__(
        self, impostor: int, online: Callable[[int], bool], *, keys: bool, names: Sequence[int] = ()
    ) -> None:
        configs = node_configs(CLIENTS)
        configs[impostor] = dict(configs[VICTIM])
        super().__init__(client_app(), configs, fault=self.note)
        self.impostor, self.online, self.keys, self.names = impostor, online, keys, names
        self.number = 1
        self.trained: list[int] = []
        self.key_of = {node: b"key of %d" % node for node in configs}

    def note(self, node: int, message: Message) -> None:
        if is_training(message) and message.metadata.message_type == "train":
            self.trained.append(node)

    def turn(self, number: int, _arrays: Any) -> None:
        self.number = number + 1

    def get_node_ids(self) -> list[int]:
        return [n for n in self.nodes if n != self.impostor or self.online(self.number)]

    def get_nodes(self) -> Iterable[NodeInfo]:
        for node in self.get_node_ids():
            more: dict[str, Any] = {"public_key": self.key_of[node]} if self.keys else {}
            if node in self.names:
                more["name"] = self.nodes[node]["client-id"]
            yield NodeInfo(node_id=node, **more)


def strategy(ledger: Path | None = None, **options: Any) -> CarbonAware:
    fairness = Fairness(min_rounds=3)
    return carbon_aware(FedAvg(), cohort_size=3, fairness=fairness, ledger=ledger, **options)


def trained(on: Known, one: CarbonAware) -> tuple[int, int]:
    """Turns of the victim's node, and of the impostor's, with what is booked checked against."""
    run(one, on, rounds=ROUNDS, evaluate_fn=on.turn)
    victim, impostor = (on.trained.count(node) for node in (VICTIM, on.impostor))
    own = [m.name for m in one.account.members if not m.name.startswith("client-")]
    booked = {turn: often for turn, often in one.account.turns.items() if turn in (NAME, *own)}
    if own:
        assert booked == {NAME: victim, own[0]: impostor}
    else:
        assert booked == {NAME: victim + impostor}
    return victim, impostor


PRESENT: dict[str, Callable[[int], bool]] = {
    "from the start": lambda _number: True,
    "from round 4 on": lambda number: number >= 4,
    "now and then": lambda number: number > 1 and number % 2 == 0,
}


@pytest.mark.parametrize("when", PRESENT)
@pytest.mark.parametrize("keys", [True, False])
def test_the_first_node_of_a_name_loses_no_turn(when: str, keys: bool) -> None:
    on = Known(LAST, PRESENT[when], keys=keys)
    one = strategy()
    victim, impostor = trained(on, one)
    assert victim >= 3
    # With a key the impostor trains and is booked as itself, else it is not asked at all.
    assert (impostor > 0) == keys


@names_of_nodes
@pytest.mark.parametrize("when", PRESENT)
@pytest.mark.parametrize("impostor", [FIRST, LAST])
def test_a_registered_client_loses_no_turn_whoever_came_first(when: str, impostor: int) -> None:
    one = strategy()
    victim, _ = trained(Known(impostor, PRESENT[when], keys=True, names=[VICTIM]), one)
    assert one.account.turns[NAME] == victim >= 3


def test_a_key_is_remembered_over_a_restart(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    on = Known(FIRST, lambda _number: False, keys=True)
    run(strategy(path), on, rounds=4)
    before = Ledger(path).account()
    assert len({member.key for member in before.members} - {None}) == CLIENTS
    assert before.unproven == []
    # The impostor is the first to be back, and its victim comes later.
    on = Known(FIRST, lambda _number: True, keys=True)
    mine = on.nodes.pop(VICTIM)
    one = strategy(path)

    def turn(number: int, arrays: Any) -> None:
        on.turn(number, arrays)
        if number == 5:
            on.nodes[VICTIM] = mine

    run(one, on, rounds=ROUNDS, evaluate_fn=turn)
    assert one.account.turns[NAME] == before.turns[NAME] + on.trained.count(VICTIM) >= 3
    assert f"node {FIRST} calls itself {NAME!r}, a name that belongs to another key" in caplog.text


@pytest.mark.parametrize(("keys", "often"), [(True, 0), (False, 1)])
@pytest.mark.parametrize("simulated", [True, False])
def test_it_is_said_once_that_names_are_unproven(
    keys: bool, often: int, simulated: bool, caplog: pytest.LogCaptureFixture
) -> None:
    on = Known(FIRST, lambda _number: False, keys=keys)
    options: dict[str, Any] = (
        {} if simulated else {"clock": WallClock(now=lambda: START, sleep=lambda _s: None)}
    )
    with caplog.at_level(logging.INFO):
        run(strategy(**options), on, rounds=3)
    said = [r for r in caplog.records if "not bound to a key" in r.message]
    assert len(said) == often
    for record in said:
        assert record.message.startswith("lowcarb: names of 6 of 6 clients are not bound to a key")
        assert record.levelno == (logging.INFO if simulated else logging.WARNING)
