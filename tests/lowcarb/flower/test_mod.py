"""The clients' side, with real Flower messages."""

from typing import Any

import numpy as np
import pytest
from flwr.app import ArrayRecord, ConfigRecord, Context, Error, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.clientapp.mod import (
    LocalDpMod,
    adaptiveclipping_mod,
    arrays_size_mod,
    fixedclipping_mod,
    message_size_mod,
)

from lowcarb import client_mod
from lowcarb.flower.replies import take_out
from lowcarb.flower.wire import RECORD
from tests.helpers.flower_messages import context, message, question


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


@pytest.mark.parametrize(
    "other",
    [
        fixedclipping_mod,
        adaptiveclipping_mod,
        LocalDpMod(1.0, 0.0, 1.0, 1e-5),
        message_size_mod,
        arrays_size_mod,
    ],
)
def test_a_training_is_measured_wherever_the_mod_stands(other: Any) -> None:
    answers = []
    for mods in ([other], [other, client_mod], [client_mod, other]):
        for app, own in ((ClientApp(mods=mods), []), (ClientApp(), mods)):
            app.train(mods=own)(_train)
            arrays = ArrayRecord([np.array([3.0, 4.0])])
            config = ConfigRecord({"clipping_norm": 1.0})
            sent = message("train", RecordDict({"arrays": arrays, "config": config}))
            reply = app(sent, context(**{"power-w": 100}))
            assert not reply.has_error(), reply.error
            taken = take_out(reply)
            assert taken.measured == ("power" if client_mod in mods else None)
            assert taken.samples == 10
            answers.append((_arrays(reply), sorted(reply.content)))
    # What comes back is what would have come without the mod.
    assert answers == answers[:1] * len(answers)


def _train(message: Message, _context: Context) -> Message:
    arrays = message.content.array_records["arrays"]
    moved = ArrayRecord({name: _plus_one(array) for name, array in arrays.items()})
    metrics = MetricRecord({"num-examples": 10})
    return Message(RecordDict({"arrays": moved, "metrics": metrics}), reply_to=message)


def _plus_one(array: Any) -> Any:
    return type(array)(array.numpy() + 1)


def _arrays(reply: Message) -> list[list[float]]:
    return [array.numpy().tolist() for array in reply.content.array_records["arrays"].values()]
