"""Replies, recognised by what they answer, and taken apart."""

import math
from typing import Any

import pytest
from flwr.app import ConfigRecord, Error, Message, MetricRecord, RecordDict
from hypothesis import given
from hypothesis import strategies as st

from lowcarb.flower.replies import Sent, take_out
from lowcarb.flower.wire import RECORD
from lowcarb.training.turns import Reply
from tests.helpers.flower_grid import set_identity


@pytest.fixture(autouse=True)
def identity() -> None:
    set_identity()


def sent(*nodes: int) -> list[Message]:
    """Messages as the grid leaves them once they are on their way."""
    set_identity()
    messages = [Message(RecordDict(), node, "train") for node in nodes]
    for message in messages:
        vars(message.metadata)["_message_id"] = f"message to {message.metadata.dst_node_id}"
    return messages


def reply(to: Message, **record: Any) -> Message:
    content = RecordDict({RECORD: ConfigRecord(record)} if record else {})
    return Message(content, reply_to=to)


@given(st.permutations(range(6)), st.integers(0, 6))
def test_replies_come_into_the_order_of_the_cohort(order: list[int], arrived: int) -> None:
    messages = sent(50, 10, 40, 30, 20, 60)
    one = Sent([message.metadata for message in messages])
    replies = [reply(messages[i]) for i in order[:arrived]]
    found = [m.metadata.reply_to_message_id for m in one.sort(replies)]
    assert found == [
        f"message to {messages[i].metadata.dst_node_id}" for i in sorted(order[:arrived])
    ]
    assert set(one.match(replies)) == {messages[i].metadata.dst_node_id for i in order[:arrived]}


def test_a_reply_counts_for_the_node_it_was_sent_to_whoever_sends_it() -> None:
    messages = sent(50, 10)
    error = Message(Error(code=5, reason="node unavailable"), reply_to=messages[0])
    vars(error.metadata)["_src_node_id"] = 1
    one = Sent([message.metadata for message in messages])
    assert one.match([error]) == {50: error}


def test_strange_and_double_replies() -> None:
    first, stranger = sent(50, 99)
    one = Sent([first.metadata])
    answer, again, strange = reply(first), reply(first), reply(stranger)
    assert one.match([strange, answer, again]) == {50: answer}
    assert one.sort([strange, answer, again]) == [answer, again, strange]
    assert Sent([]).match([answer]) == {}


def test_ids_are_read_when_replies_are() -> None:
    set_identity()
    message = Message(RecordDict(), 50, "train")
    one = Sent([message.metadata])
    vars(message.metadata)["_message_id"] = "filled in later"
    assert list(one.match([reply(message)])) == [50]


def test_what_the_mod_measured_is_taken_out_and_the_rest_stays() -> None:
    (message,) = sent(50)
    answer = reply(message, **{"energy-kwh": 0.5, "seconds": 60.0, "measured": "power"})
    answer.content["metrics"] = MetricRecord({"accuracy": 0.5})
    assert take_out(answer) == Reply(energy_kwh=0.5, seconds=60.0, measured="power")
    assert list(answer.content) == ["metrics"]
    assert take_out(answer) == Reply()


@pytest.mark.parametrize(
    ("metrics", "samples", "loss"),
    [
        ({"num-examples": 10, "train_loss": 1.5}, 10.0, 1.5),
        ({"num_examples": 3, "loss": 0.0}, 3.0, 0.0),
        ({"train-loss": 2}, None, 2.0),
        ({"glossy": 1.0, "accuracy": 0.9}, None, None),
        ({"loss": math.nan, "num-examples": -1.0}, None, None),
        ({"loss": [1.0, 2.0]}, None, None),
    ],
)
def test_samples_and_loss_are_read_from_the_metrics_and_stay_there(
    metrics: dict[str, Any], samples: float | None, loss: float | None
) -> None:
    (message,) = sent(50)
    answer = Message(RecordDict({"metrics": MetricRecord(metrics)}), reply_to=message)
    assert take_out(answer) == Reply(samples=samples, loss=loss)
    assert set(answer.content["metrics"]) == set(metrics)


def test_a_record_of_another_kind_is_left_alone() -> None:
    (message,) = sent(50)
    answer = Message(RecordDict({RECORD: MetricRecord({"seconds": 1.0})}), reply_to=message)
    assert take_out(answer) == Reply()
    assert list(answer.content) == [RECORD]


@pytest.mark.parametrize("value", [-1.0, math.nan, math.inf, 1e300, "1", True, b"1", [1.0], 10**12])
def test_nonsense_is_not_measured(value: Any) -> None:
    (message,) = sent(50)
    answer = reply(message, **{"energy-kwh": value, "seconds": value, "measured": "power"})
    assert take_out(answer) == Reply()


def test_a_time_that_no_fleet_would_take_is_none() -> None:
    (message,) = sent(50)
    assert take_out(reply(message, seconds=1e8)).seconds is None
    assert take_out(reply(message, seconds=31_536_000)).seconds == 31_536_000


@pytest.mark.parametrize(
    ("error", "text"),
    [
        (Error(code=2, reason="it\nraised \x1b[31m"), "error 2: it raised [31m"),
        (Error(code=5), "error 5"),
        (Error(code=5, reason=" \n"), "error 5"),
        (Error(code=2, reason="x" * 195), "error 2: " + "x" * 195),
        (Error(code=2, reason="x" * 500 + "y" * 500), f"error 2: {'x' * 60} ... {'y' * 135}"),
    ],
)
def test_errors_are_one_short_line(error: Error, text: str) -> None:
    (message,) = sent(50)
    assert take_out(Message(error, reply_to=message)) == Reply(error=text)
