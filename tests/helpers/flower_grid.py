"""Flower without processes: a grid that runs a real ClientApp for each of its nodes."""

import itertools
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from flwr.app import Context, Error, Message, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp import Grid

Fault = Callable[[int, Message], str | None]
"""What happens to a message: None, "silent", "error" or "dead"."""


def set_identity() -> None:
    """Give this process the identity that newer versions of Flower want for making messages."""
    try:
        from flwr.supercore.task_identity import TaskIdentity
    except ImportError:
        return
    TaskIdentity.run_id, TaskIdentity.node_id, TaskIdentity.task_id = 1, 1, 1


class InProcessGrid(Grid):
    """Delivers messages at once, in this process.

    Parameters
    ----------
    client_app
        Runs on every node.
    nodes
        Node config by node id; may change between rounds.
    fault
        Asked for each message; "dead" answers as the SuperLink does for a node that was killed.
    run_config
        Of every client.
    """

    def __init__(
        self,
        client_app: ClientApp,
        nodes: Mapping[int, Mapping[str, Any]],
        fault: Fault | None = None,
        run_config: Mapping[str, Any] | None = None,
    ) -> None:
        set_identity()
        self.client_app = client_app
        self.nodes = {node: dict(config) for node, config in nodes.items()}
        self.fault = fault or (lambda _node, _message: None)
        self.run_config = dict(run_config or {})
        self.sent: list[tuple[str, int]] = []
        self.timeouts: list[float | None] = []
        self._contexts: dict[int, Context] = {}
        self._inbox: dict[str, Message] = {}
        self._ids = itertools.count(1)

    def set_run(self, *args: Any, **kwargs: Any) -> None:
        """Nothing to do."""

    @property
    def run(self) -> Any:
        """There is none."""
        return None

    def create_message(self, *args: Any, **kwargs: Any) -> Any:
        raise NotImplementedError

    def get_node_ids(self) -> Iterable[int]:
        return list(self.nodes)

    def restart(self, node: int) -> None:
        """Let a node begin anew, with the config that it now has."""
        del self._contexts[node]

    def push_messages(self, messages: Iterable[Message]) -> Iterable[str]:
        ids = []
        for message in messages:
            name = f"message-{next(self._ids)}"
            vars(message.metadata)["_message_id"] = name
            ids.append(name)
            node = message.metadata.dst_node_id
            self.sent.append((message.metadata.message_type, node))
            reply = self._deliver(node, message)
            if reply is not None:
                self._inbox[name] = reply
        return ids

    def _deliver(self, node: int, message: Message) -> Message | None:
        what = self.fault(node, message)
        if what == "silent":
            return None
        if what == "dead":
            reply = Message(Error(code=5, reason="node unavailable"), reply_to=message)
            vars(reply.metadata)["_src_node_id"] = 1
            return reply
        if what == "error":
            return Message(Error(code=2, reason="the client app\nraised"), reply_to=message)
        if node not in self._contexts:
            self._contexts[node] = Context(
                run_id=1,
                node_id=node,
                node_config=self.nodes[node],
                state=RecordDict(),
                run_config=self.run_config,
            )
        # A client gets a copy of its own, as over a wire.
        own = Message(_copy(message.content), node, message.metadata.message_type)
        try:
            reply = self.client_app(own, self._contexts[node])
        except Exception as error:
            return Message(Error(code=2, reason=repr(error)), reply_to=message)
        if reply.has_error():
            return Message(reply.error, reply_to=message)
        return Message(reply.content, reply_to=message)

    def pull_messages(self, message_ids: Iterable[str]) -> Iterable[Message]:
        return [self._inbox.pop(name) for name in list(message_ids) if name in self._inbox]

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        self.timeouts.append(timeout)
        # Replies come in any order: the last one first is one.
        return list(self.pull_messages(self.push_messages(messages)))[::-1]


def _copy(content: RecordDict) -> RecordDict:
    return RecordDict({name: record.copy() for name, record in content.items()})
