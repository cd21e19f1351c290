"""A training while it runs in Flower: whom its rounds ask, and what comes back."""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid

from lowcarb._util.text import listed
from lowcarb.errors import StrategyError
from lowcarb.flower.cohort_grid import WaitsInVain
from lowcarb.flower.debias import reweigh
from lowcarb.flower.early_grid import EarlyGrid, Stragglers
from lowcarb.flower.inner import Inner
from lowcarb.flower.nodes import Reception
from lowcarb.flower.replies import Sent
from lowcarb.training.decision import Decision
from lowcarb.training.session import Session
from lowcarb.training.turns import LATE

logger = logging.getLogger("flwr.lowcarb")


class NobodyAsked(StrategyError):
    """A round has no cohort."""


@dataclass(kw_only=True)
class TrainingRun:
    """One training from its start in this process to its end.

    Parameters
    ----------
    session
        Decides and books.
    inner
        The strategy.
    reception
        Waits for nodes.
    cohort_size
        Clients in a round; None for as many as the strategy takes.
    over_selection
        So many clients more.
    enough
        How many valid replies a round waits for; None for all.
    weight_key
        Metric by which replies are weighed against frequent calls; None to leave their weights.
    shown
        Rounds that are added to a round's number before the strategy sees it.
    stragglers
        Nodes that an earlier run did not wait for.
    """

    session: Session
    inner: Inner
    reception: Reception
    cohort_size: int | None
    over_selection: int
    enough: int | None
    weight_key: str | None
    shown: int = 0
    stragglers: Stragglers = field(default_factory=Stragglers)
    complete: bool = field(default=False, init=False)
    _done: int = field(init=False)
    _first: int | None = field(default=None, init=False)
    _takes_all: bool = field(default=False, init=False)
    _decision: Decision | None = field(default=None, init=False)
    _sent: Sent = field(default_factory=lambda: Sent([]), init=False)

    def __post_init__(self) -> None:
        """Note where it begins."""
        self._done = self.session.done

    def number(self, server_round: int) -> int:
        """Which round of the training a loop's round is: whatever its first one is, the next."""
        if self._first is None:
            self._first = server_round
        return self._done + 1 + server_round - self._first

    @property
    def cohort(self) -> list[int]:
        """Nodes that the round asks; none if it asks nobody."""
        return [] if self._decision is None else self._decision.nodes

    def early(self, grid: Grid) -> Grid:
        """Return the grid by which a loop is to send, so that rounds go on once enough answered."""
        if self.enough is None:
            return grid
        return EarlyGrid(grid, self._enough_of, self.stragglers)

    def _enough_of(self, messages: list[Message]) -> int | None:
        """How many valid replies to messages are enough: of evaluation, for example, all."""
        ours = {id(metadata) for metadata in self._sent.metadata}
        return self.enough if ours == {id(message.metadata) for message in messages} else None

    # --- one round

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> list[Message]:
        """Let the strategy write to the cohort, which is chosen once it looks for nodes."""
        self._decision, self._sent = None, Sent([])
        chosen: list[Decision] = []

        def choose() -> Sequence[int]:
            chosen.append(self.choose(server_round, grid))
            return chosen[0].nodes

        try:
            messages = self.inner.messages_to(
                choose, server_round + self.shown, arrays, config, grid
            )
        except NobodyAsked:
            return []
        except WaitsInVain as error:
            if self.number(server_round) == self._done + 1 or not chosen:
                raise
            self.session.leave_out(chosen[0].number, chosen[0].start, str(error))
            return []
        if chosen:
            self._ask(chosen[0], [message.metadata.dst_node_id for message in messages])
            self._sent = Sent([message.metadata for message in messages])
        return messages

    def choose(self, server_round: int, grid: Grid) -> Decision:
        """Wait until a round is due, see who is there, and choose its cohort.

        Raises
        ------
        NobodyAsked
            If it has no cohort; that is booked.
        """
        number = self.number(server_round)
        session = self.session
        if number > session.rounds:
            why = f"all {session.rounds} rounds of the training are over"
            logger.warning("lowcarb: nobody is asked: %s", why)
            raise NobodyAsked(why)
        start = session.wait()
        online = self._meet(grid, number)
        decision = session.decide(number, start)
        nodes = [] if decision is None else decision.nodes
        private = self.inner.private_cohort
        why = ""
        if self.inner.accounts_privacy and len(nodes) != private:
            why = f"privacy accounting needs exactly {private} clients, {len(nodes)} can be had"
        elif not nodes:
            why = _why_nobody(online, decision)
        if decision is None or why:
            session.leave_out(number, start, why)
            raise NobodyAsked(why)
        return decision

    def _meet(self, grid: Grid, number: int) -> list[int]:
        """Wait for nodes, ask those that are new who they are, and return those online."""
        exact = self.inner.accounts_privacy
        wanted = max(1, self.inner.min_available)
        own_size = self.cohort_size or self.inner.private_cohort
        if own_size is not None and (exact or number == self._done + 1):
            wanted = max(wanted, self.session.cohort_size)
        online = self.reception.wait(grid, wanted, needed=exact)
        if own_size is None and online:
            self._resize(len(online))
        facts = self.reception.ask(grid, self.session.strangers(online))
        self.session.meet(online, facts, number, busy=self.stragglers.still_at_work(grid))
        return online

    def _resize(self, online: int) -> None:
        """Take as many as the strategy would take now of those online."""
        size = self.inner.cohort_size(online)
        self.session.resize(size + self.over_selection)
        takes_all = size >= online
        if takes_all and not self._takes_all:
            logger.warning(
                "lowcarb: the strategy takes all %d clients that are online, so there is nothing "
                "to choose: set cohort_size, or a fraction_train below 1",
                online,
            )
        self._takes_all = takes_all

    def _ask(self, decision: Decision, addressed: Sequence[int]) -> None:
        left = decision.without(addressed)
        if left:
            logger.warning(
                "lowcarb: %s writes to %d of the %d nodes that were chosen; the others count as "
                "away: %s",
                self.inner.name,
                len(addressed),
                len(decision.asked),
                listed(left),
            )
        if addressed:
            self._decision = self.session.ask(decision, addressed)
        else:
            self.session.leave_out(decision.number, decision.start, "the strategy asks nobody")

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Let the strategy aggregate, and book the round."""
        decision = self._decision
        if decision is None:
            return None, None
        replies = self._sent.sort(replies)
        found = self._sent.read(replies)
        found |= dict.fromkeys(self.stragglers.left_behind(self._sent.metadata) - set(found), LATE)
        if self.weight_key is not None:
            ratios = self.session.turn_ratios(decision)
            reweigh(self._sent.match(replies), ratios, self.weight_key)
        arrays = None
        try:
            arrays, metrics = self.inner.aggregate_train(server_round + self.shown, replies)
        finally:
            # Also if it raises: what was burnt was burnt.
            self.session.close_round(decision, found, arrays)
        return arrays, metrics


def _why_nobody(online: Sequence[int], decision: Decision | None) -> str:
    """Say why a round has no cohort."""
    if not online:
        return "nobody is online"
    if decision is None or not decision.online:
        return "none of the nodes that are online said who it is"
    return "none of those online was chosen; the caps may leave no turn for it"
