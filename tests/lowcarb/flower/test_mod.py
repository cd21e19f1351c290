"""The clients' side, with real Flower messages."""

from typing import Any

import pytest
from flwr.app import ConfigRecord, Context, Error, Message, RecordDict

from lowcarb import client_mod
from lowcarb.flower.wire import QUESTION, RECORD
from tests.helpers.flower_grid import set_identity


@pytest.fixture(autouse=True)
def identity() -> None:
    set_identity()


def message(kind: str, content: RecordDict | None = None) -> Message:
    return Message(content or RecordDict(), 7, kind)


def question() -> Message:
    return message("train", RecordDict({RECORD: ConfigRecord({QUESTION: "facts"})}))


def context(**node_config: Any) -> Context:
    return Context(run_id=1, node_id=7, node_config=node_config, state=RecordDict(), run_config={})


def answer(message: Message, _context: Context) -> Message:
    return Message(RecordDict(), reply_to=message)


def never(_message: Message, _context: Context) -> Message:
    raise AssertionError("the question must not reach the app")


def test_it_tells_its_facts_and_nothing_else() -> None:
    config = context(**{"client-id": "a", "region": "DE", "power-w": 250, "pue": 1.2, "token": "s"})
    reply = client_mod(question(), config, never)
    assert dict(reply.content[RECORD]) == {
        "client-id": "a",
        "region": "DE",
        "power-w": 250,
        "pue": 1.2,
    }
    assert dict(client_mod(question(), context(), never).content[RECORD]) == {}


@pytest.mark.parametrize("kind", ["train", "evaluate", "train.special"])
def test_training_and_evaluation_are_measured(kind: str) -> None:
    reply = client_mod(message(kind), context(**{"power-w": 100}), answer)
    record = dict(reply.content.config_records[RECORD])
    assert set(record) == {"seconds", "energy-kwh", "measured"}
    assert record["measured"] == "power"


def test_other_messages_pass() -> None:
    assert RECORD not in client_mod(message("query"), context(), answer).content


def test_errors_pass_as_they_are() -> None:
    def fail(message: Message, _context: Context) -> Message:
        return Message(Error(code=6, reason="a precondition"), reply_to=message)

    reply = client_mod(message("train"), context(), fail)
    assert (reply.error.code, reply.error.reason) == (6, "a precondition")

    def raise_error(_message: Message, _context: Context) -> Message:
        raise ValueError("of the app")

    with pytest.raises(ValueError, match="of the app"):
        client_mod(message("train"), context(), raise_error)


def test_a_record_of_the_same_name_in_a_training_message_is_no_question() -> None:
    content = RecordDict({RECORD: ConfigRecord({"mine": 1})})
    reply = client_mod(message("train", content), context(), answer)
    assert set(reply.content[RECORD]) == {"seconds"}
