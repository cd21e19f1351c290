"""A round's cohort, for those who send messages of their own."""

from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from flwr.app import Message
from flwr.serverapp import Grid

from lowcarb.flower.cohort_grid import CohortGrid
from lowcarb.flower.replies import take_out
from lowcarb.flower.training_run import NobodyAsked, TrainingRun
from lowcarb.training.decision import Decision
from lowcarb.training.turns import Reply


@dataclass(kw_only=True)
class Cohort:
    """Whom a round asks; what becomes of it is booked when the block that it opens ends.

    Parameters
    ----------
    nodes
        Flower's numbers of the nodes, in the order of `clients`; none where nobody can be asked.
    clients
        Names of the clients on them.
    grid
        The grid that shows these nodes alone, for what samples nodes itself.
    replies
        To be set to what came back. Whoever has a valid reply took part, the others failed or were
        silent. None: all took part, as far as is known.
    """

    nodes: list[int]
    clients: list[str]
    grid: Grid
    replies: Iterable[Message] | None = None
    _run: TrainingRun = field(repr=False)
    _decision: Decision | None = field(repr=False)

    @classmethod
    def choose(cls, run: TrainingRun, server_round: int, grid: Grid) -> Self:
        """Choose a round's cohort."""
        decision: Decision | None = None
        with suppress(NobodyAsked):
            chosen = run.choose(server_round, grid)
            decision = run.session.ask(chosen, chosen.nodes)
        nodes = [] if decision is None else decision.nodes
        return cls(
            nodes=nodes,
            clients=[] if decision is None else decision.clients,
            grid=CohortGrid(grid, nodes),
            _run=run,
            _decision=decision,
        )

    def __enter__(self) -> Self:
        """Begin the round."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Book the round; where the block raised, no turn counts."""
        self.close(counts=error is None)

    def close(self, *, counts: bool = True) -> None:
        """Book the round, once.

        Parameters
        ----------
        counts
            Whether those who took part have had their turn.
        """
        decision, self._decision = self._decision, None
        if decision is None:
            return
        if self.replies is None:
            found = {node: Reply() for node in decision.nodes}
        else:
            # An error that the SuperLink itself sends names no node: that client was silent.
            found = {message.metadata.src_node_id: take_out(message) for message in self.replies}
        self._run.session.close_round(decision, found, None, counts=counts)
