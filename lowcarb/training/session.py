"""One training, put together and led through its rounds. Knows nothing of messages."""

import logging
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime

from lowcarb.ledger import Book
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, TrainingSpec
from lowcarb.training.announcements import closing_line
from lowcarb.training.booking import Booking, Model, ModelStore
from lowcarb.training.came_true import CameTrue
from lowcarb.training.client_state import Facts
from lowcarb.training.closing_block import closing_block
from lowcarb.training.corrections import Corrections, corrections_of
from lowcarb.training.decision import Decision
from lowcarb.training.declared import Differences
from lowcarb.training.first_words import FirstWords
from lowcarb.training.identity import Identity
from lowcarb.training.next_round import NextRound
from lowcarb.training.one_question import source_of_actuals
from lowcarb.training.roster import Roster
from lowcarb.training.round_entry import asked_round, left_out_round
from lowcarb.training.round_interval import RoundInterval, round_interval
from lowcarb.training.second_signal import SecondSignal
from lowcarb.training.settings import Settings
from lowcarb.training.terms import Terms
from lowcarb.training.turns import Reply, evaluation_of, log_outcome, turn_of, turn_ratio

logger = logging.getLogger(__name__)


class Session:
    """One training from its first round to its last, over restarts.

    Parameters
    ----------
    settings
        What the user asked for.
    book
        The ledger, open for writing; None to keep the account in memory.
    models
        Where models are saved; None where there is no ledger either.
    rounds
        Of the whole training.
    cohort_size
        Of the first round; `resize` changes it.
    identity
        Which training this is.
    exact
        Whether a round with fewer clients than the cohort is none.
    before
        The training that is gone on with; None to begin one.
    known
        An earlier session of it in this process, whose clients need not say again who they are.

    Raises
    ------
    InputError
        If there are no rounds or too many.

    The attribute `next_round` says when the next round begins and whom it asks, `first_words` who
    takes part before the first one.
    """

    def __init__(
        self,
        settings: Settings,
        *,
        book: Book | None,
        models: ModelStore | None = None,
        rounds: int,
        cohort_size: int,
        identity: Identity,
        exact: bool = False,
        before: Account | None = None,
        known: "Session | None" = None,
    ) -> None:
        self.settings = settings
        self.terms = Terms(
            rounds=rounds,
            cohort_size=cohort_size,
            fairness=settings.fairness,
            cohort_range=settings.cohort_range,
        )
        asked = settings.asked_for(rounds, cohort_size, identity)
        self._booking = self._open(book, models, asked, before)
        self._roster = Roster(
            bounds=self.terms.bounds,
            rounds=rounds,
            fleet=settings.fleet,
            members=self.account.members,
        )
        self.terms.agree(asked, self._booking, self._roster)
        for booked in self.account.rounds:
            self._roster.record(booked)
        if known is not None:
            self._roster.remember(known._roster)
            self._booking.prices = self._booking.prices or known._booking.prices
        learnt = self._booking.learnt
        if book is None and known is not None and known._corrections is not None:
            learnt = known._corrections.learnt
        source = source_of_actuals(settings)
        corrections = corrections_of(settings, source, learnt)
        if corrections is not None:
            self._booking.news = corrections.news
        self._corrections: Corrections | None = corrections
        self._second = SecondSignal(settings.also, self.account)
        self._came_true = CameTrue(source, self._second, self._booking)
        self._differences: Differences = Differences() if known is None else known._differences
        self.first_words = FirstWords(
            settings=settings,
            terms=self.terms,
            roster=self._roster,
            met=before is None or not self._roster.known,
            started=known is not None,
        )
        self.next_round = NextRound.of(
            settings,
            terms=self.terms,
            roster=self._roster,
            booking=self._booking,
            corrections=corrections,
            exact=exact,
        )
        # The round that was asked last, and of its grams.
        self._decided: Decision | None = None
        self._interval = RoundInterval()

    def _open(
        self,
        book: Book | None,
        models: ModelStore | None,
        asked: TrainingSpec,
        before: Account | None,
    ) -> Booking:
        """Go on with a training, or begin one."""
        if before is None:
            return Booking.begin(book, asked, models)
        booking = Booking.resume(book, before, models)
        if booking.done < self.rounds:
            logger.info(
                "lowcarb: going on with training %d%s: %d of %d rounds are done",
                before.number,
                "" if book is None else f" of {book.name}",
                booking.done,
                self.rounds,
            )
        return booking

    def resize(self, cohort_size: int) -> None:
        """Take so many clients from the next round on."""
        self.terms.resize(cohort_size, self._booking, self._roster)

    def close(self) -> None:
        """Write what could not be written before, and what has come true by now."""
        self._came_true.close()
        self._second.close()
        self._booking.close()
        if self.account.rounds:
            book = self._booking.book
            ledger = None if book is None else book.name
            account = self.account
            say = closing_line if account.rounds_left else closing_block
            logger.info("lowcarb: %s", say(account, ledger))

    def now(self) -> datetime:
        """Return the time; in simulated time that of the last round's start."""
        last = self._decided
        if self.settings.measures or last is None:
            return self.settings.clock.now()
        return last.start

    @property
    def rounds(self) -> int:
        """Rounds of the whole training."""
        return self.terms.rounds

    @property
    def cohort_size(self) -> int:
        """Clients in each round from the next one on."""
        return self.terms.cohort_size

    @property
    def account(self) -> Account:
        """What happened so far."""
        return self._booking.account

    @property
    def done(self) -> int:
        """Rounds that are over."""
        return self._booking.done

    def strangers(self, online: Sequence[int]) -> list[int]:
        """Nodes that have not said who they are, or were away since."""
        return self._roster.strangers(online)

    def meet(
        self,
        online: Sequence[int],
        facts: Mapping[int, Facts],
        number: int,
        *,
        busy: Collection[int] = (),
    ) -> None:
        """Take note of who is online before a round; nodes that are `busy` are not asked."""
        before = set(self._roster.known)
        self._roster.meet(online, facts, number)
        self._roster.busy = frozenset(busy)
        self.first_words.say_who_is_met(before)

    def ask(self, decision: Decision, nodes: Collection[int]) -> Decision:
        """Take note of whom a round asks, and say so; return the decision for those alone.

        Parameters
        ----------
        decision
            Whom it would have asked.
        nodes
            Those that the strategy wrote to; who was chosen all the same counts as away.
        """
        self._roster.pass_over(decision.without(nodes), decision.number)
        decision = decision.only(nodes)
        before, self._interval = self._interval, round_interval(decision, self._corrections)
        # A reason that stays the same is said once.
        why = self._interval.why if self._interval.why != before.why else ""
        within = self._interval.within
        logger.info("lowcarb: %s", decision.describe(self.rounds, within, why))
        self._decided = decision
        self._second.ask(decision)
        return decision

    def close_round(
        self,
        decision: Decision,
        replies: Mapping[int, Reply],
        model: Model | None,
        *,
        counts: bool | None = None,
    ) -> None:
        """Book what became of a round.

        Parameters
        ----------
        decision
            Whom the round asked.
        replies
            What came back, by node.
        model
            The new global model; None if there is none.
        counts
            Whether valid replies are turns; by default if there is a new model.
        """
        aggregated = model is not None if counts is None else counts
        if self.settings.measures:
            replies = self._roster.doubts.judge_training(decision.asked, replies)
            self._differences.say(decision.asked, replies)
        turns = [
            turn_of(
                asked,
                replies.get(asked.client.node or 0),
                aggregated=aggregated,
                measures=self.settings.measures,
            )
            for asked in decision.asked
        ]
        booked = self._with_times(
            asked_round(decision, turns, self._interval, aggregated=aggregated)
        )
        second = self._second.of(decision, booked)
        self._booking.add(booked, self._roster.members, model, decision.prices, second)
        if (times := self.next_round.times) is not None:
            times.over(decision.start)
        self._roster.record(booked)
        log_outcome(booked, self.rounds)
        self._came_true.settle()
        self._came_true.ask(self.now())

    def turn_ratios(self, decision: Decision) -> dict[int, float]:
        """Expected over realised turns by node, for those that a round asked."""
        clients = len(self._roster.known)
        ratios = {}
        for client in (asked.client for asked in decision.asked):
            rounds = decision.number - client.member.joined + 1
            seats = rounds * self.cohort_size
            if self.terms.cohort_range is not None:
                # Rounds differ in size: what was asked so far counts, not what is usual.
                seats = self.account.asked_since(client.member.joined) + len(decision.asked)
            equal_share = min(rounds, seats / clients)
            ratios[client.node or 0] = turn_ratio(client.turns + 1, equal_share)
        return ratios

    def leave_out(self, number: int, start: datetime, why: str) -> None:
        """Book a round in which nobody is asked."""
        logger.warning("lowcarb: round %d/%d is left out: %s", number, self.rounds, why)
        if self.next_round.chosen_for == number:
            # Whom it could ask was not enough: those passed over are needed.
            self._roster.forgive()
        owed = sum(client.owed for client in self._roster.known.values())
        booked = self._with_times(left_out_round(number, start, owed, why))
        self._booking.add(booked, self._roster.members, None)

    def _with_times(self, booked: BookedRound) -> BookedRound:
        """Add to a round how it came to begin when it did, where hours are chosen."""
        times = self.next_round.times
        return booked if times is None else times.waited(booked)

    def close_evaluation(self, number: int, replies: Mapping[int, Reply], start: datetime) -> None:
        """Book what evaluation after a round burnt, where clients measured it.

        Parameters
        ----------
        number
            Of the round.
        replies
            What came back, by node.
        start
            When evaluation began.
        """
        decision = self._decided
        if decision is None or not self.settings.measures:
            return
        judged = self._roster.doubts.judge_evaluation(self._roster.at_nodes(replies))
        works = [
            evaluation_of(client.member, reply, decision.view, start)
            for client, reply in judged
            if reply.energy_kwh is not None
        ]
        if works:
            self._booking.add_evaluation(number, works)
