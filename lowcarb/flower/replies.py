"""What comes back from the clients, taken apart for the account."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from flwr.app import Message, Metadata

from lowcarb.flower.wire import ENERGY_KWH, MEASURED, RECORD, SECONDS, printable, sensible
from lowcarb.training.turns import Reply
from lowcarb.units import LONGEST_MIN, MOST_ENERGY_KWH, SECONDS_PER_MINUTE

# Words in the names of metrics, as in Flower's "num-examples" and "train_loss".
_SAMPLES, _LOSS = "examples", "loss"
_MOST_METRIC = 1e300
# Characters of an error's reason that are kept, of its begin and of its end: a simulation hands
# over a whole traceback, which says in its last line what went wrong.
_REASON_BEGINS, _REASON_ENDS = 60, 135
# Characters of the name of a way to measure that are kept.
_METHOD = 40


@dataclass(frozen=True)
class Sent:
    """Messages of one round, by which its replies are recognised.

    The source of a reply says nothing: the error of a killed node comes from the SuperLink.

    Parameters
    ----------
    metadata
        Of the messages, in cohort order. Flower fills in their ids when it sends them, so they are
        read only when replies are.
    """

    metadata: Sequence[Metadata]

    def _order(self) -> dict[str, int]:
        return {sent.message_id: i for i, sent in enumerate(self.metadata)}

    def sort(self, replies: Iterable[Message]) -> list[Message]:
        """Put replies into cohort order; what answers none of the messages comes last."""
        order = self._order()
        return sorted(replies, key=lambda m: order.get(m.metadata.reply_to_message_id, len(order)))

    def match(self, replies: Iterable[Message]) -> dict[int, Message]:
        """Find the first reply of each node, by node id."""
        order = self._order()
        found: dict[int, Message] = {}
        for message in replies:
            i = order.get(message.metadata.reply_to_message_id)
            if i is not None:
                found.setdefault(self.metadata[i].dst_node_id, message)
        return found

    def read(self, replies: Iterable[Message]) -> dict[int, Reply]:
        """Take apart what came back, by node id."""
        return {node: take_out(message) for node, message in self.match(replies).items()}


def take_out(message: Message) -> Reply:
    """Read a reply, and take what the mod measured out of it.

    What the strategy inside sees is then what it would have seen without Lowcarb.
    """
    if message.has_error():
        reason = _shortened(printable(message.error.reason or ""))
        return Reply(error=f"error {message.error.code}" + (f": {reason}" if reason else ""))
    samples, loss = _metric(message, _SAMPLES, 0), _metric(message, _LOSS, -_MOST_METRIC)
    record = message.content.config_records.get(RECORD)
    if record is None:
        return Reply(samples=samples, loss=loss)
    del message.content[RECORD]
    energy = sensible(record.get(ENERGY_KWH), 0, MOST_ENERGY_KWH)
    measured = printable(str(record.get(MEASURED, "")))[:_METHOD] or None
    return Reply(
        energy_kwh=energy,
        measured=None if energy is None else measured,
        seconds=sensible(record.get(SECONDS), 0, LONGEST_MIN * SECONDS_PER_MINUTE),
        samples=samples,
        loss=loss,
    )


def _shortened(reason: str) -> str:
    if len(reason) <= _REASON_BEGINS + _REASON_ENDS:
        return reason
    return f"{reason[:_REASON_BEGINS]} ... {reason[-_REASON_ENDS:]}"


def _metric(message: Message, word: str, least: float) -> float | None:
    """Read the first metric whose name has a word; None if there is none that makes sense."""
    for metrics in message.content.metric_records.values():
        for name, value in metrics.items():
            if word in re.split(r"[-_. ]", name.lower()):
                return sensible(value, least, _MOST_METRIC)
    return None
