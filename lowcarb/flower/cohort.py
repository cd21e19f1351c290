"""A round's cohort, for those who send messages of their own."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from types import TracebackType
from typing import Any, Self

from flwr.app import Message
from flwr.serverapp import Grid

from lowcarb.errors import StrategyError
from lowcarb.flower.cohort_grid import CohortGrid
from lowcarb.flower.replies import take_out
from lowcarb.flower.training_run import NobodyAsked, TrainingRun
from lowcarb.training.decision import Decision
from lowcarb.training.turns import Reply, together


class Cohort:
    """Whom a round asks; what becomes of it is booked when the block that it opens ends.

    `nodes` are Flower's numbers of the nodes, in the order of `clients`, their names; none where
    nobody can be asked. `grid` shows these nodes alone, for what samples nodes itself.

    Parameters
    ----------
    run
        The training.
    decision
        Whom the round asks; None where nobody can be asked.
    grid
        Flower's message bus.
    owner
        Kept for as long as the cohort is.
    """

    def __init__(
        self, run: TrainingRun, decision: Decision | None, grid: Grid, owner: object
    ) -> None:
        self.nodes: list[int] = [] if decision is None else decision.nodes
        self.clients: list[str] = [] if decision is None else decision.clients
        self.grid: Grid = CohortGrid(grid, self.nodes, patient=True)
        self._run = run
        self._decision = decision
        self._owner = owner
        self._replies: Sequence[Message] | None = None

    @classmethod
    def choose(cls, run: TrainingRun, grid: Grid, owner: object) -> Self:
        """Choose the next round's cohort."""
        run.asked = True
        decision: Decision | None = None
        with suppress(NobodyAsked):
            chosen = run.choose(grid, alone=True)
            decision = run.ask(chosen, chosen.nodes)
        return cls(run, decision, grid, owner)

    def __repr__(self) -> str:
        return f"Cohort({', '.join(self.clients) or 'nobody'})"

    @property
    def replies(self) -> Sequence[Message] | None:
        """What came back, in all stages of the round; to be set.

        Whoever has a valid reply took part, the others failed or were silent; what several replies
        of a client measured is added up. None: all took part, as far as is known.
        """
        return self._replies

    @replies.setter
    def replies(self, replies: Iterable[Message]) -> None:
        found: list[Any] = list(replies) if isinstance(replies, Iterable) else [replies]
        wrong = [reply for reply in found if not isinstance(reply, Message)]
        if wrong:
            raise StrategyError(f"replies: expected messages of Flower, got {wrong[0]!r:.80}")
        self._replies = found

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
        found = {node: Reply() for node in decision.nodes}
        if self._replies is not None:
            stages: dict[int, list[Reply]] = {}
            # An error that the SuperLink itself sends names no node: that client was silent.
            for message in self._replies:
                stages.setdefault(message.metadata.src_node_id, []).append(take_out(message))
            found = {node: together(replies) for node, replies in stages.items()}
        self._run.close_cohort(decision, found, counts=counts)
