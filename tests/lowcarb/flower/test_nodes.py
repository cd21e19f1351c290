"""Waiting for nodes, and asking them who they are, on a grid that runs real clients."""

import hashlib
import logging
from collections.abc import Iterable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from flwr.app import ConfigRecord, Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.proto.node_pb2 import NodeInfo

import lowcarb
from lowcarb.flower.nodes import Reception, ask_facts, wait_for_nodes
from lowcarb.flower.wire import RECORD
from lowcarb.training.client_state import Facts
from tests.helpers.flower_app import client_app
from tests.helpers.flower_grid import InProcessGrid

CONFIGS: dict[int, dict[str, Any]] = {
    1: {"client-id": "a", "region": "DE"},
    2: {"client-id": "b", "region": "FR"},
    3: {"partition-id": 3},
}


class Arriving(InProcessGrid):
    """Nodes that come one after the other, each time somebody looks."""

    def __init__(self, arrivals: Iterable[list[int]]) -> None:
        super().__init__(client_app(), CONFIGS)
        self.arrivals: Iterator[list[int]] = iter(arrivals)
        self.looks = 0

    def get_node_ids(self) -> list[int]:
        self.looks += 1
        return next(self.arrivals)


class Naps:
    def __init__(self) -> None:
        self.slept = 0.0

    def __call__(self, seconds: float) -> None:
        self.slept += seconds


def test_who_is_there_is_not_waited_for(caplog: pytest.LogCaptureFixture) -> None:
    naps = Naps()
    assert wait_for_nodes(Arriving([[3, 1, 2]]), 2, 60, naps) == [1, 2, 3]
    assert naps.slept == 0
    assert not caplog.records


def test_waiting_ends_when_enough_are_there(caplog: pytest.LogCaptureFixture) -> None:
    naps = Naps()
    with caplog.at_level(logging.INFO):
        assert wait_for_nodes(Arriving([[], [1], [2, 1]]), 2, 60, naps) == [1, 2]
    assert naps.slept == 2
    (said,) = caplog.messages
    assert said.startswith("lowcarb: waiting up to 60 s more for nodes: 0 online, 2 wanted.")
    for way_out in ("flower-supernode --superlink", "cohort_size", "min_available_nodes", "wait"):
        assert way_out in said


def test_who_waits_long_is_told_again(caplog: pytest.LogCaptureFixture) -> None:
    wait_for_nodes(Arriving(iter([1] for _ in range(999))), 2, 150, Naps())
    said = [text for text in caplog.messages if "waiting" in text]
    assert [text.split(" more")[0].split("to ")[1] for text in said] == ["150 s", "90 s", "30 s"]
    assert all("1 online, 2 wanted" in text for text in said)


@pytest.mark.parametrize("seconds", [0.0, 0.5, 10.0])
def test_waiting_has_an_end(seconds: float, caplog: pytest.LogCaptureFixture) -> None:
    naps = Naps()
    assert wait_for_nodes(Arriving(iter([1] for _ in range(99))), 2, seconds, naps) == [1]
    assert seconds <= naps.slept < seconds + 1
    assert f"1 of 2 nodes are online after {seconds:.0f} s; going on with them" in caplog.text


def test_nodes_say_who_they_are() -> None:
    grid = InProcessGrid(client_app(), CONFIGS)
    facts = ask_facts(grid, [1, 2, 3], 30)
    assert {node: (f.name, f.region) for node, f in facts.items()} == {
        1: ("a", "DE"),
        2: ("b", "FR"),
        3: ("partition-3", None),
    }
    assert grid.timeouts == [30]


def test_nobody_is_asked_for_nothing() -> None:
    grid = InProcessGrid(client_app(), CONFIGS)
    assert ask_facts(grid, [], 30) == {}
    assert grid.timeouts == []


def test_silent_nodes_are_left_out_so_that_they_are_asked_again(
    caplog: pytest.LogCaptureFixture,
) -> None:
    silent = {2}
    grid = InProcessGrid(
        client_app(), CONFIGS, fault=lambda node, _: "silent" if node in silent else None
    )
    assert set(ask_facts(grid, [1, 2], 30)) == {1}
    assert "1 of 2 nodes did not say who they are within 30 s; they are asked again" in caplog.text
    silent.clear()
    assert ask_facts(grid, [2], 30)[2].name == "b"


def test_a_node_that_went_away_while_it_was_asked_gets_no_name_of_its_own() -> None:
    grid = InProcessGrid(client_app(), CONFIGS, fault=lambda node, _: "dead" if node == 2 else None)
    assert set(ask_facts(grid, [1, 2], 30)) == {1}


@pytest.mark.parametrize("code", [3, 4])
def test_an_answer_that_got_lost_is_asked_for_again(code: int) -> None:
    class Losing(InProcessGrid):
        def _deliver(self, _node: int, message: Message) -> Message | None:
            return Message(Error(code=code, reason="lost"), reply_to=message)

    assert ask_facts(Losing(client_app(), CONFIGS), [1], 30) == {}


def without_mod() -> ClientApp:
    return client_app(mod=False)


def with_older_mod() -> ClientApp:
    """Has a mod that knows the question by another type only."""

    def older(message: Message, context: Context, call_next: Any) -> Message:
        if message.metadata.message_type == "train" and RECORD in message.content:
            return Message(RecordDict({RECORD: ConfigRecord({"region": "DE"})}), reply_to=message)
        reply: Message = call_next(message, context)
        return reply

    app = ClientApp(mods=[older])
    app.train()(lambda message, _context: message)
    return app


def answering_all() -> ClientApp:
    """Answers whatever it is asked, in its own way."""

    def answer(message: Message, _context: Context) -> Message:
        return Message(RecordDict({"mine": ConfigRecord({"x": 1})}), reply_to=message)

    app = ClientApp()
    app.query("lowcarb")(answer)
    return app


@pytest.mark.parametrize(
    ("app", "error"),
    [
        (without_mod(), "No query function registered with name 'lowcarb'"),
        (with_older_mod(), "No query function registered with name 'lowcarb'"),
        (answering_all(), "an answer to something else"),
    ],
)
def test_clients_that_cannot_answer_are_named_by_their_node_and_said(
    app: ClientApp, error: str, caplog: pytest.LogCaptureFixture
) -> None:
    facts = ask_facts(InProcessGrid(app, CONFIGS), [1, 2], 30)
    assert facts == {n: Facts(name=f"node-{n}", told=False) for n in (1, 2)}
    (line,) = caplog.messages
    assert line.startswith(
        "lowcarb: 2 of 2 clients cannot say who and where they are (node-1, node-2; the first one: "
    )
    assert error in line
    for cause in (
        "lowcarb.client_mod is not in the mods of their ClientApp",
        "their lowcarb is older than the server's: upgrade it",
        "lowcarb is not installed",
    ):
        assert cause in line


def test_a_client_with_nothing_to_say_has_answered(caplog: pytest.LogCaptureFixture) -> None:
    facts = ask_facts(InProcessGrid(client_app(), {4: {}}), [4], 30)
    assert facts == {4: Facts(name="node-4", told=True)}
    assert caplog.messages == []


def test_a_mod_that_refuses_what_has_no_arrays_hinders_no_answer() -> None:
    def refuse(message: Message, _context: Any, _call_next: Any) -> Message:
        return Message(Error(code=6, reason="expected arrays"), reply_to=message)

    app = ClientApp(mods=[refuse, lowcarb.client_mod])
    app.train()(lambda message, _context: message)
    facts = ask_facts(InProcessGrid(app, CONFIGS), [1, 2], 30)
    assert {node: f.name for node, f in facts.items()} == {1: "a", 2: "b"}


class Registered(InProcessGrid):
    """What the SuperLink knows of its nodes; none of it, one of it, or both."""

    def get_nodes(self) -> Iterable[NodeInfo]:
        return [
            NodeInfo(node_id=1, name="hospital-1", public_key=b"key-1"),
            NodeInfo(node_id=2, public_key=b"key-2"),
            NodeInfo(node_id=3),
            NodeInfo(node_id=99, name="somebody else"),
        ]


@pytest.mark.skipif(
    "name" not in NodeInfo.DESCRIPTOR.fields_by_name, reason="this Flower knows no names of nodes"
)
def test_registered_names_and_keys_are_used_where_clients_do_not_answer() -> None:
    facts = ask_facts(Registered(without_mod(), CONFIGS), [1, 2, 3], 30)
    assert facts[1].name == "hospital-1"
    assert facts[2].name.startswith("key-")
    assert facts[3].name == "node-3"
    facts = ask_facts(Registered(client_app(), CONFIGS), [1, 3], 30)
    assert {node: f.name for node, f in facts.items()} == {1: "a", 3: "partition-3"}


@pytest.mark.parametrize(
    ("registered", "activated", "lasts"),
    [
        # Simulated, and SuperNodes that nobody registered: another key after the next start.
        ("2026-03-01T10:00:00.000001+00:00", "2026-03-01T10:00:00.000009+00:00", False),
        ("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:01.900000+00:00", False),
        # Registered by an operator, and then started.
        ("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:02.500000+00:00", True),
        ("2025-03-01T10:00:00+00:00", "2026-03-01T10:00:00+00:00", True),
        # This Flower does not say when.
        ("", "2026-03-01T10:00:00+00:00", True),
        ("2026-03-01T10:00:00+00:00", "", True),
        ("once", "upon a time", True),
    ],
)
def test_a_key_counts_if_it_outlives_the_process(
    registered: str, activated: str, lasts: bool
) -> None:
    class Timed(InProcessGrid):
        def get_nodes(self) -> Iterable[NodeInfo]:
            node = NodeInfo(node_id=1, public_key=b"key-1")
            node.registered_at, node.last_activated_at = registered, activated
            return [node]

    facts = ask_facts(Timed(client_app(), CONFIGS), [1], 30)
    assert facts[1].lasting == lasts
    assert facts[1].key == hashlib.sha256(b"key-1").hexdigest()


def test_after_a_gap_times_do_not_tell_whether_a_key_lasts() -> None:
    class Away(InProcessGrid):
        def get_nodes(self) -> Iterable[Any]:
            return [
                SimpleNamespace(
                    node_id=1,
                    public_key=b"key-1",
                    registered_at="2026-03-01T10:00:00+00:00",
                    last_activated_at="2026-03-02T10:00:00+00:00",
                    last_deactivated_at="2026-03-02T09:00:00+00:00",
                )
            ]

    (facts,) = ask_facts(Away(client_app(), CONFIGS), [1], 30).values()
    assert not facts.lasting


@pytest.mark.parametrize(
    ("others", "lasts"),
    [
        # Another node was registered by an operator: this SuperLink authenticates.
        ([("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:30+00:00")], True),
        # Another one signed on by itself: it does not, whatever one that waits looks like.
        ([("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:00.1+00:00")], False),
        (
            [
                ("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:30+00:00"),
                ("2026-03-01T10:00:00+00:00", "2026-03-01T10:00:00.1+00:00"),
            ],
            False,
        ),
    ],
)
def test_the_other_nodes_tell_whether_keys_last(others: list[tuple[str, str]], lasts: bool) -> None:
    class Several(InProcessGrid):
        def get_nodes(self) -> Iterable[Any]:
            times = [("2026-03-01T10:00:00+00:00", "2026-03-02T10:00:00+00:00"), *others]
            return [
                SimpleNamespace(
                    node_id=i,
                    public_key=b"key-%d" % i,
                    registered_at=registered,
                    last_activated_at=activated,
                    last_deactivated_at="2026-03-02T09:00:00+00:00" if i == 1 else "",
                )
                for i, (registered, activated) in enumerate(times, start=1)
            ]

    facts = ask_facts(Several(client_app(), CONFIGS), [1], 30)[1]
    assert facts.lasting == lasts


@pytest.mark.skipif(
    "name" not in NodeInfo.DESCRIPTOR.fields_by_name, reason="this Flower knows no names of nodes"
)
def test_a_key_that_has_a_registered_name_counts() -> None:
    at = "2026-03-01T10:00:00+00:00"

    class Named(InProcessGrid):
        def get_nodes(self) -> Iterable[NodeInfo]:
            node = NodeInfo(node_id=1, public_key=b"key-1", name="hospital-1")
            node.registered_at = node.last_activated_at = at
            return [node]

    facts = ask_facts(Named(client_app(), CONFIGS), [1], 30)[1]
    assert facts.key == hashlib.sha256(b"key-1").hexdigest()
    assert facts.registered == "hospital-1"


class Ancient:
    """A grid of a Flower that cannot tell nodes yet."""

    def __init__(self, grid: InProcessGrid) -> None:
        self.send_and_receive = grid.send_and_receive


def test_a_grid_without_nodes_will_do() -> None:
    grid: Any = Ancient(InProcessGrid(client_app(), CONFIGS))
    assert ask_facts(grid, [1], 30)[1].name == "a"


def test_after_one_vain_wait_the_missing_are_not_waited_for_again() -> None:
    naps = Naps()
    reception = Reception(5, naps)
    grid = Arriving([[1]] * 7 + [[1, 2]] + [[]] * 2 + [[1]])
    assert reception.wait(grid, 3) == [1]
    assert naps.slept == 5
    assert reception.wait(grid, 3) == [1]
    assert reception.wait(grid, 3) == [1, 2]
    assert naps.slept == 5
    # At least one is always waited for.
    assert reception.wait(grid, 3) == [1]
    assert naps.slept == 7


def test_silent_nodes_are_asked_again_with_less_patience() -> None:
    silent = [1, 2]
    grid = InProcessGrid(
        client_app(), CONFIGS, fault=lambda node, _message: "silent" if node in silent else None
    )
    reception = Reception(5, Naps())
    assert reception.ask(grid, [1, 2]) == {}
    silent.remove(1)
    assert set(reception.ask(grid, [1, 2])) == {1}
    assert reception.ask(grid, []) == {}
    assert grid.timeouts == [300.0, 60.0]
