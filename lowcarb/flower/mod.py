"""The clients' side: one line in a ClientApp.

::

    app = ClientApp(mods=[lowcarb.client_mod])

This module loads no more of Flower than any client does; strategies would take seconds.
"""

from typing import TYPE_CHECKING

from flwr.app import ConfigRecord, Context, Message, RecordDict

from lowcarb.flower.meter import measure
from lowcarb.flower.wire import FACTS, QUESTION, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable


def client_mod(
    message: Message, context: Context, call_next: "Callable[[Message, Context], Message]"
) -> Message:
    """Tell the server about this client, and measure what its training and evaluation burn.

    It belongs in front of other mods: they would not know what to do with its question.

    The client's node config says where it is and what it draws: ``client-id``, ``region``,
    ``power-w`` with ``pue``, ``upload-mb`` and ``download-mb``, or ``energy-kwh``, and
    ``duration-min``; all are optional. Energy is measured by CodeCarbon where it is installed, else
    it is power x time x PUE; without either only the time is measured.

    Parameters
    ----------
    message, context, call_next
        As of every mod in Flower.
    """
    if QUESTION in message.content.config_records.get(RECORD, {}):
        facts = {key: context.node_config[key] for key in FACTS if key in context.node_config}
        return Message(RecordDict({RECORD: ConfigRecord({**facts})}), reply_to=message)
    if message.metadata.message_type.split(".")[0] not in ("train", "evaluate"):
        return call_next(message, context)
    with measure(context.node_config) as reading:
        reply = call_next(message, context)
    if not reply.has_error():
        reply.content[RECORD] = ConfigRecord({**reading.to_record()})
    return reply
