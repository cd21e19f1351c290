"""The clients' side: one line in a ClientApp.

::

    app = ClientApp(mods=[lowcarb.client_mod])

It may stand anywhere among the mods. Loading this module teaches Flower's ClientApp to answer the
server's question, for apps that have the mod.

This module loads no more of Flower than any client does; strategies would take seconds.
"""

from typing import TYPE_CHECKING

from flwr.app import ConfigRecord, Context, Message, RecordDict
from flwr.clientapp import ClientApp

from lowcarb.flower.app_answers import let_apps_answer
from lowcarb.flower.meter import measure
from lowcarb.flower.wire import FACTS, QUESTION, RECORD

if TYPE_CHECKING:
    from collections.abc import Callable


def client_mod(
    message: Message, context: Context, call_next: "Callable[[Message, Context], Message]"
) -> Message:
    """Tell the server about this client, and measure what its training and evaluation burn.

    The server's question runs nothing of the app: neither its functions nor other mods. What stands
    in front of this mod is not measured.

    The client's node config says where it is and what it draws: ``client-id``, ``region``,
    ``power-w`` with ``pue``, ``upload-mb`` and ``download-mb``, or ``energy-kwh``, and
    ``duration-min``, and ``samples`` for limits on them; all are optional. Energy is measured by
    CodeCarbon where it is installed, else it is power x time x PUE; without either only the time is
    measured.

    Parameters
    ----------
    message, context, call_next
        As of every mod in Flower.
    """
    if _is_question(message):
        return _tell(message, context)
    if message.metadata.message_type.split(".")[0] not in ("train", "evaluate"):
        return call_next(message, context)
    with measure(context.node_config) as reading:
        reply = call_next(message, context)
    if not reply.has_error():
        reply.content[RECORD] = ConfigRecord({**reading.to_record()})
    return reply


def _is_question(message: Message) -> bool:
    return message.has_content() and QUESTION in message.content.config_records.get(RECORD, {})


def _tell(message: Message, context: Context) -> Message:
    facts = {key: context.node_config[key] for key in FACTS if key in context.node_config}
    return Message(RecordDict({RECORD: ConfigRecord({**facts})}), reply_to=message)


let_apps_answer(ClientApp, client_mod, _is_question, _tell)
