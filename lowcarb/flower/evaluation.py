"""Evaluation after a round: who evaluates, and what that burns."""

import logging
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid

from lowcarb._util.text import count
from lowcarb.flower.cohort_grid import CohortGrid, WaitsInVain
from lowcarb.flower.inner import Inner
from lowcarb.flower.metrics import joined, of_evaluation
from lowcarb.flower.replies import Sent
from lowcarb.training.session import Session

logger = logging.getLogger("flwr.lowcarb")


def evaluation_line(inner: Inner, where: str, *, online: int, cohort: int) -> str:
    """Say before the first round where evaluation will burn energy, which no plan counts.

    Parameters
    ----------
    inner
        The strategy that evaluates.
    where
        "all" or "cohort", as in `CarbonAware`.
    online, cohort
        How many nodes there are, and how many train in a round.
    """
    fraction = inner.fraction_evaluate
    if fraction == 0:
        return "evaluation: none on the clients"
    of = cohort if where == "cohort" else online
    about = "as many clients as the strategy takes"
    if fraction is not None:
        about = count(min(of, max(int(of * fraction), inner.min_evaluate)), "client")
    way_out = "" if where == "cohort" else '; evaluate="cohort" keeps it to the cohort'
    return (
        f"evaluation: on {about} after each round, where {cohort} train;\n"
        f"  it is in no plan and in no saving{way_out}"
    )


@dataclass(kw_only=True)
class Evaluation:
    """One evaluation.

    Parameters
    ----------
    inner
        The strategy that evaluates.
    session
        Books what it burns.
    number
        Of the round before it, in the training.
    shown
        The round's number that the strategy sees.
    busy
        Nodes that still work for an earlier round: they are not evaluated on.
    cohort
        Nodes among whom it is; None for all.
    """

    inner: Inner
    session: Session
    number: int
    shown: int
    busy: Collection[int] = ()
    cohort: Sequence[int] | None = None
    _sent: Sent = field(default_factory=lambda: Sent([]))
    _start: datetime | None = None

    def messages(self, arrays: ArrayRecord, config: ConfigRecord, grid: Grid) -> list[Message]:
        """Let the strategy write to those online, or to the part of the cohort that is."""
        online = [node for node in grid.get_node_ids() if node not in self.busy]
        shown = online
        if self.cohort is not None:
            shown = [node for node in self.cohort if node in set(online)]
        if not shown:
            return []
        self._start = self.session.now()
        # Those that leave from here on are shown all the same: they would be waited for.
        frozen = CohortGrid(grid, shown)
        try:
            with self.inner.not_waiting(len(shown)):
                messages = list(self.inner.configure_evaluate(self.shown, arrays, config, frozen))
        except WaitsInVain as error:
            logger.warning("lowcarb: round %d is not evaluated: %s", self.number, error)
            return []
        self._sent = Sent([message.metadata for message in messages])
        return messages

    def close(self, replies: Iterable[Message]) -> MetricRecord | None:
        """Book what was burnt, and let the strategy aggregate."""
        listed = self._sent.sort(replies)
        found = self._sent.read(listed)
        if found and self._start is not None:
            self.session.close_evaluation(self.number, found, self._start)
        metrics = self.inner.aggregate_evaluate(self.shown, listed)
        return joined(metrics, of_evaluation(self.session.account, self.number))
