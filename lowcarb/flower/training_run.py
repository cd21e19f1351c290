"""A training while it runs in Flower: whom its rounds ask, and what comes back."""

import logging
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from flwr.app import ArrayRecord, ConfigRecord, Message, MetricRecord
from flwr.serverapp import Grid

from lowcarb._util.text import listed
from lowcarb.errors import StrategyError
from lowcarb.flower.cohort_grid import WaitsInVain
from lowcarb.flower.debias import reweigh
from lowcarb.flower.early_grid import Stragglers
from lowcarb.flower.evaluation import Evaluation, evaluation_line
from lowcarb.flower.federation_size import how_to_have
from lowcarb.flower.inner import Inner
from lowcarb.flower.metrics import RunningFigures, joined
from lowcarb.flower.nodes import Reception
from lowcarb.flower.replies import Sent
from lowcarb.training.decision import Decision
from lowcarb.training.session import Session
from lowcarb.training.turns import LATE, Reply

logger = logging.getLogger("flwr.lowcarb")


class NobodyAsked(StrategyError):
    """A round has no cohort."""


class TrainingOver(NobodyAsked):
    """All rounds of the training are over."""


@dataclass(frozen=True, kw_only=True)
class RoundRules:
    """How rounds are asked and closed.

    Parameters
    ----------
    cohort_size
        Clients in a round; None for as many as the strategy takes.
    over_selection
        So many clients more.
    enough
        How many valid replies a round waits for; None for all.
    evaluate
        Who evaluates: "all" or "cohort".
    weight_key
        Metric by which replies are weighed against frequent calls; None to leave their weights.
    """

    cohort_size: int | None
    over_selection: int
    enough: int | None
    evaluate: str
    weight_key: str | None


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
    rules
        How its rounds are asked and closed.
    shown
        Rounds that are added to a round's number before the strategy sees it.
    saved
        The model to go on with, whatever the loop begins with; None for the loop's own.
    stragglers
        Nodes that an earlier run did not wait for.
    """

    session: Session
    inner: Inner
    reception: Reception
    rules: RoundRules
    shown: int = 0
    saved: ArrayRecord | None = None
    stragglers: Stragglers = field(default_factory=Stragglers)
    complete: bool = field(default=False, init=False)
    newest: ArrayRecord | None = field(default=None, init=False)
    cohort: list[int] = field(default_factory=list, init=False)
    asked: bool = field(default=False, init=False)
    _first: bool = field(default=True, init=False)
    _takes_all: bool = field(default=False, init=False)
    _open: Decision | None = field(default=None, init=False)
    _sent: Sent = field(default_factory=lambda: Sent([]), init=False)
    _running: RunningFigures = field(default_factory=RunningFigures, init=False)
    _counted: int = field(default=0, init=False)

    # --- one round

    def configure_train(
        self, server_round: int, arrays: ArrayRecord, config: ConfigRecord, grid: Grid
    ) -> list[Message]:
        """Let the strategy write to the cohort, which is chosen once it looks for nodes."""
        self.asked = True
        self._close_unanswered()
        chosen: list[Decision] = []

        def choose() -> Sequence[int]:
            chosen.append(self.choose(grid))
            return chosen[0].nodes

        first = self._first
        try:
            messages = self.inner.messages_to(
                choose, server_round + self.shown, self.model(arrays), config, grid
            )
        except NobodyAsked:
            return []
        except WaitsInVain as error:
            if first:
                raise
            self.session.leave_out(chosen[0].number, chosen[0].start, str(error))
            return []
        if not chosen:
            self._leave_out_unasked()
        else:
            self._ask(chosen[0], [message.metadata.dst_node_id for message in messages])
            self._sent = Sent([message.metadata for message in messages])
        return messages

    def model(self, arrays: ArrayRecord) -> ArrayRecord:
        """Return the model to send: until there is a new one, that of the ledger comes first."""
        return arrays if self.saved is None else self.saved

    def choose(self, grid: Grid, *, alone: bool = False) -> Decision:
        """Wait until the next round is due, see who is there, and choose its cohort.

        Parameters
        ----------
        grid
            Flower's message bus.
        alone
            Whether the strategy has no part in it, and what it waits for does not count.

        Raises
        ------
        NobodyAsked
            If it has no cohort; that is booked.
        """
        if self._open is not None:
            raise StrategyError(
                f"round {self._open.number} is still open: close its cohort, or aggregate its "
                "replies, before the next round"
            )
        self.cohort = []
        session = self.session
        number = session.done + 1
        if number > session.rounds:
            why = f"all {session.rounds} rounds of the training are over"
            logger.warning("lowcarb: nobody is asked: %s", why)
            raise TrainingOver(why)
        wanted = 1 if alone else max(1, self.inner.min_available)
        if session.next_round.must_meet:
            # When it begins depends on who is there; while it waits nobody is asked for anything.
            first = self._first
            self._meet(grid, number, wanted)
            self._first = first
        start = session.next_round.wait()
        online = self._meet(grid, number, wanted)
        decision = session.next_round.decide(number, start)
        if decision is not None:
            session.first_words.say_start(
                decision, self._say_federation(grid, len(online), alone=alone)
            )
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

    def _say_federation(self, grid: Grid, online: int, *, alone: bool) -> str:
        wanted = max(self.session.cohort_size, 0 if alone else self.inner.min_available)
        return (
            f"nodes: {online} online, {wanted} wanted; to have another number:\n"
            f"  {how_to_have(grid, max(online, wanted))}\n"
            + evaluation_line(
                self.inner, self.rules.evaluate, online=online, cohort=self.session.cohort_size
            )
        )

    def _meet(self, grid: Grid, number: int, wanted: int) -> list[int]:
        """Wait for nodes, ask those that are new who they are, and return those online."""
        exact = self.inner.accounts_privacy
        own_size = self.rules.cohort_size or self.inner.private_cohort
        if own_size is not None and (exact or self._first):
            wanted = max(wanted, self.session.cohort_size)
        self._first = False
        online = self.reception.wait(grid, wanted, needed=exact)
        if own_size is None and online:
            self._resize(len(online))
        facts = self.reception.ask(grid, self.session.strangers(online))
        self.session.meet(online, facts, number, busy=self.stragglers.still_at_work(grid))
        return online

    def _resize(self, online: int) -> None:
        """Take as many as the strategy would take now of those online."""
        size = self.inner.cohort_size(online)
        self.session.resize(size + self.rules.over_selection)
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
            self.ask(decision, addressed)
        else:
            self.session.leave_out(decision.number, decision.start, "the strategy asks nobody")

    def ask(self, decision: Decision, nodes: Sequence[int]) -> Decision:
        """Open a round: those on these nodes are asked."""
        self._open = self.session.ask(decision, nodes)
        self.cohort = self._open.nodes
        return self._open

    def close_cohort(
        self, decision: Decision, replies: Mapping[int, Reply], *, counts: bool
    ) -> None:
        """Book a round whose messages are not the strategy's."""
        if self._open is decision:
            self._open = None
            self.session.close_round(decision, replies, None, counts=counts)

    def close(self) -> None:
        """Book what is still open, without turns."""
        if self._open is not None:
            self.session.close_round(self._open, {}, None)
        self._open = None

    def _leave_out_unasked(self) -> None:
        """Book a round in which the strategy did not even look for nodes."""
        self.cohort = []
        session = self.session
        if session.done < session.rounds:
            session.leave_out(
                session.done + 1, session.next_round.wait(), "the strategy asks nobody"
            )

    def _close_unanswered(self) -> None:
        """Book an earlier round whose messages were sent and never aggregated."""
        if self._open is not None and any(one.message_id for one in self._sent.metadata):
            self.session.close_round(self._open, {}, None)
        self._open, self._sent = None, Sent([])

    def aggregate_train(
        self, server_round: int, replies: Iterable[Message]
    ) -> tuple[ArrayRecord | None, MetricRecord | None]:
        """Let the strategy aggregate, and book the round."""
        decision, self._open = self._open, None
        number = server_round + self.shown
        if decision is None:
            # As without Lowcarb it hears of rounds that asked nobody; accounting would count them.
            if self.inner.accounts_privacy:
                return None, None
            return self.inner.aggregate_train(number, list(replies))
        replies = self._sent.sort(replies)
        found = self._sent.read(replies)
        late = self.stragglers.left_behind(self._sent.metadata) - set(found)
        if self.rules.weight_key is not None:
            ratios = self.session.turn_ratios(decision)
            reweigh(self._sent.match(replies), ratios, self.rules.weight_key)
        arrays = None
        try:
            arrays, metrics = self.inner.aggregate_train(number, replies)
        finally:
            # Also if it raises: what was burnt was burnt.
            self.session.close_round(decision, found | dict.fromkeys(late, LATE), arrays)
        if arrays is not None:
            self.newest, self.saved = arrays, None
        return arrays, joined(metrics, self._figures())

    def evaluation(self, server_round: int, grid: Grid) -> Evaluation:
        """Let the round that was booked last be evaluated."""
        return Evaluation(
            inner=self.inner,
            session=self.session,
            number=self.session.done,
            shown=server_round + self.shown,
            busy=self.stragglers.still_at_work(grid),
            cohort=self.cohort if self.rules.evaluate == "cohort" else None,
        )

    def _figures(self) -> dict[str, float]:
        """Of the round that was booked last."""
        account = self.session.account
        found: dict[str, float] = {}
        for booked in account.rounds[self._counted :]:
            found = self._running.add(booked, account.members, account.training.rounds)
        self._counted = len(account.rounds)
        return found

    # --- messages

    def enough_of(self, messages: Sequence[Message]) -> int | None:
        """How many valid replies to messages are enough: of evaluation, for example, all."""
        whole = len(messages) == len(self._sent.metadata) and all(map(self.is_ours, messages))
        return self.rules.enough if whole else None

    def is_ours(self, message: Message) -> bool:
        """Whether a message is of the round that was configured last."""
        return any(message.metadata is metadata for metadata in self._sent.metadata)


def _why_nobody(online: Sequence[int], decision: Decision | None) -> str:
    """Say why a round has no cohort."""
    if not online:
        return "nobody is online"
    if decision is None or not decision.online:
        return "none of the nodes that are online said who it is"
    return "none of those online was chosen; the caps may leave no turn for it"
