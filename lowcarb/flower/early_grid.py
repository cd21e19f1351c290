"""A grid that goes on once enough clients have answered."""

import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from flwr.app import Message, Metadata
from flwr.serverapp import Grid

from lowcarb.flower.passing_grid import PassingGrid

_PAUSE_S = 1.0


@dataclass(kw_only=True)
class Stragglers:
    """Messages that a round went on without; whoever got one is still at work.

    Parameters
    ----------
    now
        A clock in seconds that is never set; for tests.
    """

    now: Callable[[], float] = time.monotonic
    _patience: dict[str, tuple[int, float]] = field(default_factory=dict)

    def add(self, messages: Iterable[Message], until: float) -> None:
        """Take note of messages without a reply, and until when their nodes may be at work."""
        for message in messages:
            metadata = message.metadata
            self._patience[metadata.message_id] = (metadata.dst_node_id, until)

    def left_behind(self, sent: Iterable[Metadata]) -> set[int]:
        """Nodes whose message of these was not waited for."""
        return {one.dst_node_id for one in sent if one.message_id in self._patience}

    def still_at_work(self, grid: Grid) -> set[int]:
        """Nodes that have neither answered by now, nor had the time that a round may last."""
        if self._patience:
            for reply in grid.pull_messages(list(self._patience)):
                self._patience.pop(reply.metadata.reply_to_message_id, None)
        now = self.now()
        self._patience = {name: who for name, who in self._patience.items() if who[1] > now}
        return {node for node, _ in self._patience.values()}


class EarlyGrid(PassingGrid):
    """Passes everything on, but does not wait for the last replies to a round's messages.

    Parameters
    ----------
    grid
        Flower's message bus.
    enough
        Given messages, how many valid replies to them are enough; None to wait for all.
    stragglers
        Gets what was not waited for.
    sleep
        For tests.
    """

    def __init__(
        self,
        grid: Grid,
        enough: Callable[[list[Message]], int | None],
        stragglers: Stragglers,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        super().__init__(grid)
        self._enough = enough
        self._stragglers = stragglers
        self._sleep = sleep

    def send_and_receive(
        self, messages: Iterable[Message], *, timeout: float | None = None
    ) -> Iterable[Message]:
        """Send messages, and return the replies once enough of them are valid."""
        sent = list(messages)
        enough = self._enough(sent)
        if enough is None or enough >= len(sent):
            return self._grid.send_and_receive(sent, timeout=timeout)
        clock = self._stragglers.now
        end = clock() + (float("inf") if timeout is None else timeout)
        # What could not be sent has no id.
        waiting = {name for name in self._grid.push_messages(sent) if name}
        replies: list[Message] = []
        while waiting:
            came = list(self._grid.pull_messages(waiting))
            replies += came
            waiting -= {reply.metadata.reply_to_message_id for reply in came}
            if sum(not reply.has_error() for reply in replies) >= enough:
                self._stragglers.add((m for m in sent if m.metadata.message_id in waiting), end)
                break
            if not waiting or clock() >= end:
                break
            self._sleep(_PAUSE_S)
        return replies
