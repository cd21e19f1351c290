"""Keeps the account of a training, in memory and in its ledger.

A ledger that cannot be written does not stop a training: what could not be booked waits, and is
booked before the next round. What still waits at the end is missing in the ledger, and said so.
A ledger that another server has taken over does stop the training.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Protocol

from lowcarb.carbon.findings import Finding
from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import InputError, LedgerError, LedgerTakenOverError, LowcarbError
from lowcarb.ledger import Book, may_pass
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, Member, TrainingSpec, Work
from lowcarb.ledger.learnt import Learnt
from lowcarb.ledger.model_files import SavedModel
from lowcarb.ledger.second_signal import SecondRound, settled_second
from lowcarb.ledger.settlement import settled_round, settled_work
from lowcarb.ledger.waits import Wait
from lowcarb.planning.round_prices import RoundPrices

logger = logging.getLogger(__name__)


class Model(Protocol):
    """A global model as the framework that trains it holds it: some number of arrays."""

    def __len__(self) -> int:
        """Count its arrays."""


class ModelStore(Protocol):
    """Keeps the newest model of each training, where a restart finds it."""

    def save(self, training: int, number: int, model: Model) -> SavedModel:
        """Save the model that came out of a round; raise `LowcarbError` if that cannot be done."""

    def drop_old(self, training: int, number: int) -> None:
        """Remove a training's models of the rounds before a round."""


@dataclass(kw_only=True)
class Booking:
    """The account of one training as it grows.

    Parameters
    ----------
    number
        Of the training in its ledger.
    training
        What was asked for.
    book
        Where it is written; None to keep it in memory only.
    models
        Where models are saved; None where there is no ledger either.
    prices
        What the last plan that had any knows of the rounds after it.
    wait
        The last decision to wait for a round; None if there was none.
    learnt
        What the training knew of its forecasts when it was gone on with.
    news
        Gives what it has learnt since it was last asked; None if nothing. It is written with
        whatever is written next.
    """

    number: int
    training: TrainingSpec
    book: Book | None = None
    models: ModelStore | None = None
    prices: RoundPrices | None = None
    wait: Wait | None = None
    learnt: Learnt = field(default_factory=Learnt)
    news: Callable[[], Learnt | None] | None = None
    _findings: dict[tuple[str, datetime], Finding] = field(default_factory=dict)
    _members: dict[str, Member] = field(default_factory=dict)
    _rounds: list[BookedRound] = field(default_factory=list)
    _evaluations: dict[int, Sequence[Work]] = field(default_factory=dict)
    _second: dict[int, SecondRound] = field(default_factory=dict)
    _waiting: list[Callable[[], object]] = field(default_factory=list)
    _unsaved: tuple[int, Model] | None = None
    _last_with_model: int | None = None
    _left_out: int = 0
    _becomes: TrainingSpec | None = None

    @classmethod
    def begin(
        cls, book: Book | None, training: TrainingSpec, models: ModelStore | None = None
    ) -> "Booking":
        """Start a new training."""
        number = 1 if book is None else book.begin(training).number
        return cls(number=number, training=training, book=book, models=models)

    @classmethod
    def resume(
        cls, book: Book | None, account: Account, models: ModelStore | None = None
    ) -> "Booking":
        """Go on with a training."""
        known = None if book is None else book.prices()
        return cls(
            number=account.number,
            training=account.training,
            book=book,
            models=models,
            prices=None if known is None else RoundPrices(first=known[0], prices=known[1]),
            wait=None if book is None else book.wait(),
            learnt=Learnt() if book is None else book.learnt(),
            _findings={(one.region, one.since): one for one in account.findings},
            _members={member.name: member for member in account.members},
            _rounds=list(account.rounds),
            _evaluations=dict(account.evaluations),
            _second=dict(account.second),
        )

    @property
    def account(self) -> Account:
        """The account so far."""
        return Account(
            number=self.number,
            training=self.training,
            members=tuple(self._members.values()),
            rounds=tuple(self._rounds),
            evaluations=dict(self._evaluations),
            second=dict(self._second),
            findings=tuple(
                sorted(self._findings.values(), key=lambda one: (one.since, one.region))
            ),
            wait=self.wait,
        )

    @property
    def last(self) -> BookedRound | None:
        """The last round."""
        return self._rounds[-1] if self._rounds else None

    @property
    def done(self) -> int:
        """Rounds that are over."""
        return self._rounds[-1].number if self._rounds else 0

    def revise(self, training: TrainingSpec, members: Sequence[Member]) -> None:
        """Say what the training is asked for now, with everyone's new floors and caps.

        Raises
        ------
        LedgerError
            If more rounds are booked already, or it cannot be written.
        """
        if self.book is not None:
            self.book.revise(training, members)
        self.training = training
        self._members = {member.name: member for member in members}

    def becomes(self, training: TrainingSpec) -> None:
        """Say what the training is, once a round comes of it; until then the ledger stays."""
        self._becomes = None if training == self.training else training

    def change(self, training: TrainingSpec, members: Sequence[Member]) -> None:
        """Say between two rounds what the training is asked for now, as soon as it can be written.

        Members that are in no round yet are booked with their first.
        """
        changed = [m for m in members if self._members.get(m.name, m) != m]
        self.training = training
        self._members |= {member.name: member for member in changed}
        book = self.book
        if book is not None:
            self._write(lambda: book.revise(training, changed))

    def add(
        self,
        booked: BookedRound,
        members: Sequence[Member],
        model: Model | None,
        prices: RoundPrices | None = None,
        second: SecondRound | None = None,
    ) -> None:
        """Book a round with the prices of its plan, and save the model that came out of it.

        What a second signal says of it is booked with it, if that is known by then.
        """
        self._take_news()
        known = self._members
        # Most are the very same: comparing them would take most of the time of large fleets.
        changed = [m for m in members if (k := known.get(m.name)) is not m and k != m]
        self._members |= {member.name: member for member in changed}
        self._rounds.append(booked)
        self.prices = prices or self.prices
        if second is not None:
            self._second[booked.number] = second
        becomes, self._becomes = self._becomes, None
        self.training = becomes or self.training
        book = self.book
        if book is None:
            return
        if becomes is not None:
            self._waiting.append(lambda: book.revise(becomes))
        place = len(self._rounds) - 1
        if model is not None and self.models is not None:
            self._unsaved = (place, model)
        self._write(lambda: self._book_round(book, place, changed, prices, second))

    def keep_wait(self, wait: Wait) -> None:
        """Say until when the training waits for a round."""
        self.wait = wait
        book = self.book
        if book is not None:
            self._write(lambda: book.keep_wait(wait))

    def add_evaluation(self, number: int, works: Sequence[Work]) -> None:
        """Book what evaluation burnt after a round."""
        self._evaluations[number] = tuple(works)
        book = self.book
        if book is not None:
            self._write(lambda: book.book_evaluation(number, works))

    def add_second(self, found: Mapping[int, SecondRound]) -> None:
        """Book what a second signal says of rounds that are booked, in place of what it said."""
        self._second.update(found)
        book = self.book
        if book is not None and found:
            self._write(lambda: book.book_second(found))

    def settle_second(self, actual: Forecast) -> None:
        """Book what came true by the second signal."""
        members, known = self._members, self._second
        found = {
            booked.number: second
            for booked in self._rounds
            if booked.number in known
            and (second := settled_second(booked, known[booked.number], members, actual))
        }
        self.add_second(found)

    def settle(self, actual: Forecast) -> None:
        """Book what came true, in the ledger and in memory."""
        starts = {booked.number: booked.start for booked in self._rounds}
        self._rounds = [settled_round(booked, self._members, actual) for booked in self._rounds]
        self._evaluations = {
            number: [settled_work(work, starts[number], self._members, actual) for work in works]
            for number, works in self._evaluations.items()
            if number in starts
        }
        book = self.book
        if book is not None:
            self._write(lambda: book.settle(actual))

    def close(self) -> None:
        """Try once more to write what waits, and say what could not be written."""
        self._write()
        if self._waiting or self._unsaved or self._left_out:
            logger.error(
                "lowcarb: the ledger is incomplete: %d entries could not be written",
                len(self._waiting) + self._left_out,
            )

    def keep_learnt(self) -> None:
        """Write what was newly learnt of forecasts, if anything was."""
        self._take_news()
        if self._waiting:
            self._write()

    def _take_news(self) -> None:
        """Let what was newly learnt of forecasts wait to be written."""
        new = None if self.news is None else self.news()
        if new is None:
            return
        self._findings |= {(one.region, one.since): one for one in new.findings}
        book = self.book
        if book is not None:
            self._waiting.append(lambda: book.keep_learnt(new))

    def _write(self, *entries: Callable[[], object]) -> None:
        """Write all that waits, oldest first, and then these entries."""
        self._take_news()
        self._waiting.extend(entries)
        try:
            # The model comes first: a ledger never speaks of a round whose model is lost.
            self._save_model()
            self._write_waiting()
            if self.models is not None and self._last_with_model is not None:
                self.models.drop_old(self.number, self._last_with_model)
        except LedgerTakenOverError:
            # Another server goes on with this training: what waits here is no longer part of it.
            self._waiting.clear()
            self.book, self._unsaved = None, None
            raise
        except (LowcarbError, OSError) as error:
            logger.error(
                "lowcarb: the ledger cannot be written, %d entries wait: %s",
                len(self._waiting),
                error,
            )

    def _save_model(self) -> None:
        """Save the newest model; the round that it came out of will name its file."""
        if self._unsaved is None or self.models is None:
            return
        place, model = self._unsaved
        booked = self._rounds[place]
        saved = self.models.save(self.number, booked.number, model)
        self._rounds[place] = replace(booked, model=saved.file, model_sha256=saved.sha256)
        self._unsaved = None

    def _book_round(
        self,
        book: Book,
        place: int,
        members: Sequence[Member],
        prices: RoundPrices | None,
        second: SecondRound | None,
    ) -> None:
        booked = self._rounds[place]
        book.book(booked, members, None if prices is None else prices.prices, second)
        if booked.model is not None:
            self._last_with_model = booked.number

    def _write_waiting(self) -> None:
        """Write all that waits, in one go: of these rounds only the last one's model is there."""
        if self.book is None or not self._waiting:
            return
        left_out = []
        with self.book.together():
            for entry in self._waiting:
                try:
                    entry()
                except (InputError, LedgerError) as error:
                    if isinstance(error, LedgerError) and may_pass(error):
                        raise
                    # It can never be booked, and must not keep the others from being so.
                    left_out.append(error)
        self._waiting.clear()
        self._left_out += len(left_out)
        for reason in left_out:
            logger.error("lowcarb: left out of the ledger: %s", reason)
