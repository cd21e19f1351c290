"""Messages and contexts as Flower hands them to a ClientApp."""

from typing import Any

from flwr.app import ConfigRecord, Context, Message, RecordDict

from lowcarb.flower.wire import QUESTION, QUESTION_TYPE, RECORD
from tests.helpers.flower_grid import set_identity


def message(kind: str, content: RecordDict | None = None) -> Message:
    set_identity()
    return Message(content or RecordDict(), 7, kind)


def question(kind: str = QUESTION_TYPE) -> Message:
    """Build the server's question; older servers ask by another type."""
    return message(kind, RecordDict({RECORD: ConfigRecord({QUESTION: "facts"})}))


def context(**node_config: Any) -> Context:
    return Context(run_id=1, node_id=7, node_config=node_config, state=RecordDict(), run_config={})
