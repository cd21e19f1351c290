"""One training: who is here, who trains next, what became of it. Knows nothing of messages."""

import logging
from collections.abc import Collection, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timedelta

from lowcarb.errors import StrategyError
from lowcarb.ledger import Book
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, ClockKind, TrainingSpec
from lowcarb.planning.cohort_range import Breathing
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.actuals import ActualsFetcher
from lowcarb.training.announcements import closing_line, opening_line, roster_line
from lowcarb.training.booking import Booking, Model, ModelStore
from lowcarb.training.candidates import Candidates
from lowcarb.training.client_state import Facts
from lowcarb.training.closing_block import closing_block
from lowcarb.training.corrections import Corrections, corrections_of
from lowcarb.training.decider import Decider
from lowcarb.training.decision import Decision
from lowcarb.training.declared import Differences
from lowcarb.training.identity import Identity
from lowcarb.training.limits import TrainingLimits
from lowcarb.training.names import say_whose_names_are_unproven
from lowcarb.training.one_question import source_of_actuals
from lowcarb.training.roster import Roster
from lowcarb.training.round_interval import RoundInterval, round_interval
from lowcarb.training.round_times import RoundTimes
from lowcarb.training.second_signal import SecondSignal
from lowcarb.training.settings import Settings
from lowcarb.training.start_table import stand_ins, start_table
from lowcarb.training.terms import Terms
from lowcarb.training.turns import Reply, evaluation_of, log_outcome, turn_of, turn_ratio
from lowcarb.training.value import with_savings

logger = logging.getLogger(__name__)

# How long the end of a training waits for what came true.
_LAST_WAIT_S = 5.0
# What is longer was no round: the clock was set. Believing it would make plans of centuries.
_LONGEST_LENGTH = timedelta(days=7)


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
        self._every = settings.every or settings.clock.every
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
        came_true = source_of_actuals(settings)
        self._actuals = ActualsFetcher(came_true)
        self._second = SecondSignal(settings.also, self.account)
        self._decided: Decision | None = None
        # Of the grams of the round that was asked last.
        self._interval = RoundInterval()
        # The round that was decided last, if somebody was chosen for it.
        self._chose_for: int | None = None
        self._met = before is None or not self._roster.known
        self._said_start = known is not None
        self._differences: Differences = Differences() if known is None else known._differences
        learnt = self._booking.learnt
        if book is None and known is not None and known._corrections is not None:
            learnt = known._corrections.learnt
        corrections = corrections_of(settings, came_true, learnt)
        if corrections is not None:
            self._booking.news = corrections.news
        self._corrections: Corrections | None = corrections
        forecasts = FallbackForecasts(
            provider=settings.provider,
            typical=settings.typical,
            correct=corrections,
            learnt=None if corrections is None else corrections.last_days,
        )
        self._times = RoundTimes.of(settings, forecasts, self._booking, rounds)
        self._limits = None if settings.limits is None else TrainingLimits(asked=settings.limits)
        self._decider = Decider(
            forecasts=forecasts,
            policy=settings.policy,
            rounds=rounds,
            seed=settings.seed,
            exact=exact,
        )

    def listening(self) -> AbstractContextManager[None]:
        """Hear in this block whether a round that waits for its hour may begin at once."""
        return nullcontext() if self._times is None else self._times.listening()

    @property
    def must_meet(self) -> bool:
        """Whether clients must be met before it is known when the next round begins."""
        return self._times is not None and not self._roster.known

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
        self._settle(_LAST_WAIT_S)
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
        if self._measures or last is None:
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

    def wait(self) -> datetime:
        """Wait until the next round is due and return its start."""
        if self._times is not None:
            number = self.done + 1
            candidates = self._roster.candidates(number)
            return self._times.next(
                candidates, number, self.cohort_size, self._breathing(number, candidates)
            )
        last = self._booking.last
        return self.settings.clock(None if last is None else last.start, self._every)

    def _breathing(self, number: int, candidates: Candidates | None) -> Breathing | None:
        """What cohorts may be from a round on; None if all are of one size or nobody is known."""
        if candidates is None:
            return None
        return self.terms.breathing(self.account.rounds, number, len(candidates.clients))

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
        new = [name for name in self._roster.known if name not in before]
        if before and new and not self._met:
            here = sum(self._roster.known[name].node is not None for name in before)
            logger.warning("lowcarb: %s", roster_line(len(before), here, new))
        self._met = True
        if new and not before:
            line = opening_line(self._roster.members, self.terms, self.settings.fleet)
            logger.info("lowcarb: %s", line)
            if self.settings.limits is not None:
                logger.info("lowcarb: limits: %s", "; ".join(self.settings.limits.texts))
            # Nobody impersonates a client that is only imagined.
            level = logging.WARNING if self._measures else logging.INFO
            say_whose_names_are_unproven(self._roster.members, level)

    def decide(self, number: int, start: datetime) -> Decision | None:
        """Choose a round's cohort; None if no client is known."""
        candidates = self._roster.candidates(number)
        if candidates is None:
            return None
        self._decider.policy = with_savings(
            self.settings.policy, self.account.rounds, self._decider.price_g
        )
        lengths = [one for one in self.account.lengths if timedelta() < one <= _LONGEST_LENGTH]
        decision = self._decider.decide(
            candidates,
            number,
            start,
            self._every if self._times is None else self._times.length,
            lengths,
            cohort_size=self.cohort_size,
            breathing=self._breathing(number, candidates),
            prices=self._booking.prices,
            ahead=None
            if self._times is None
            else self._times.ahead(start, self.rounds - number + 1),
            limits=None
            if self._limits is None
            else self._limits.ahead(
                self._roster.everyone(number), self.account.rounds, number, first=not self.done
            ),
        )
        self._chose_for = number if decision.nodes else None
        return decision

    def say_start(self, decision: Decision, federation: str) -> None:
        """Say once, before anybody is asked to train, who takes part and on what figures.

        Parameters
        ----------
        decision
            Of the first round in this process.
        federation
            What is to be said of nodes and of evaluation, in lines.

        Raises
        ------
        StrategyError
            If something stands in for what nobody said, and the user wants none of that.
        """
        candidates = self._roster.candidates(decision.number)
        if self._said_start or candidates is None:
            return
        self._said_start = True
        logger.info("lowcarb: %s", start_table(candidates, decision.view, federation))
        if self.settings.strict and (found := stand_ins(candidates, decision.view)):
            raise StrategyError(
                f"strict=True, and so the training does not start: {'; '.join(found)}"
            )

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
        if self._measures:
            replies = self._roster.doubts.judge_training(decision.asked, replies)
            self._differences.say(decision.asked, replies)
        turns = [
            turn_of(
                asked,
                replies.get(asked.client.node or 0),
                aggregated=aggregated,
                measures=self._measures,
            )
            for asked in decision.asked
        ]
        least_g, most_g = self._interval.bounds or (None, None)
        booked = BookedRound(
            number=decision.number,
            start=decision.start,
            turns=turns,
            solver=decision.choice.by,
            status=decision.status,
            seconds=decision.seconds,
            random_g=decision.random_g,
            owed=decision.owed,
            provenances=decision.view.provenances,
            aggregated=aggregated,
            notes=decision.notes,
            least_g=least_g,
            most_g=most_g,
            paid_g=None if decision.choice.paid is None else decision.choice.paid.grams,
        )
        if self._times is not None:
            booked = self._times.waited(booked)
        second = self._second.of(decision, booked)
        self._booking.add(booked, self._roster.members, model, decision.prices, second)
        if self._times is not None:
            self._times.over(decision.start)
        self._roster.record(booked)
        log_outcome(booked, self.rounds)
        self._settle()
        self._actuals.ask(self.account.rounds, self.now())
        self._second.ask_what_came_true(self.account, self.now())

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

    def _settle(self, wait_s: float = 0.0) -> None:
        """Book what came true, if it is known."""
        actual = self._actuals.take(wait_s)
        if actual is not None:
            self._booking.settle(actual)
        self._second.settle(self._booking, wait_s)

    def leave_out(self, number: int, start: datetime, why: str) -> None:
        """Book a round in which nobody is asked."""
        logger.warning("lowcarb: round %d/%d is left out: %s", number, self.rounds, why)
        if self._chose_for == number:
            # Whom it could ask was not enough: those passed over are needed.
            self._roster.forgive()
        booked = BookedRound(
            number=number,
            start=start,
            turns=(),
            solver="none",
            status="",
            seconds=0.0,
            random_g=None,
            owed=sum(client.owed for client in self._roster.known.values()),
            aggregated=False,
            notes=(f"left out: {why}",),
        )
        if self._times is not None:
            booked = self._times.waited(booked)
        self._booking.add(booked, self._roster.members, None)

    @property
    def _measures(self) -> bool:
        """In simulated time a measurement would be of this machine, not of the client imagined."""
        return self.settings.clock.name != ClockKind.SIMULATED

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
        if decision is None or not self._measures:
            return
        judged = self._roster.doubts.judge_evaluation(self._roster.at_nodes(replies))
        works = [
            evaluation_of(client.member, reply, decision.view, start)
            for client, reply in judged
            if reply.energy_kwh is not None
        ]
        if works:
            self._booking.add_evaluation(number, works)
