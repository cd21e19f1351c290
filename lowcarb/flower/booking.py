"""Keeps the account of a training, in memory and in its ledger.

A ledger that cannot be written does not stop a training: what could not be booked waits, and is
booked before the next round. What still waits at the end is missing in the ledger, and said so.
"""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from flwr.app import ArrayRecord

from lowcarb.account import Account, BookedRound, Member, Training, Work
from lowcarb.errors import InputError, LedgerError, LowcarbError
from lowcarb.flower.model import load_model, save_model
from lowcarb.forecast import Forecast
from lowcarb.ledger import Book, may_pass
from lowcarb.settling import settled_round, settled_work

logger = logging.getLogger("flwr.lowcarb")


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
    """

    number: int
    training: Training
    book: Book | None = None
    _members: dict[str, Member] = field(default_factory=dict)
    _rounds: list[BookedRound] = field(default_factory=list)
    _evaluations: dict[int, Sequence[Work]] = field(default_factory=dict)
    _waiting: list[Callable[[], object]] = field(default_factory=list)
    _unsaved: tuple[int, ArrayRecord] | None = None
    _left_out: int = 0

    @classmethod
    def begin(cls, book: Book | None, training: Training) -> "Booking":
        """Start a new training."""
        number = 1 if book is None else book.begin(training).number
        return cls(number=number, training=training, book=book)

    @classmethod
    def resume(cls, book: Book, account: Account) -> "Booking":
        """Go on with a training."""
        return cls(
            number=account.number,
            training=account.training,
            book=book,
            _members={member.name: member for member in account.members},
            _rounds=list(account.rounds),
            _evaluations=dict(account.evaluations),
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
        )

    @property
    def last(self) -> BookedRound | None:
        """The last round."""
        return self._rounds[-1] if self._rounds else None

    @property
    def done(self) -> int:
        """Rounds that are over."""
        return self._rounds[-1].number if self._rounds else 0

    def revise(self, training: Training, members: Sequence[Member]) -> None:
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

    def add(
        self, booked: BookedRound, members: Sequence[Member], arrays: ArrayRecord | None
    ) -> None:
        """Book a round, and save the model that came out of it, if one did."""
        changed = [m for m in members if self._members.get(m.name) != m]
        self._members |= {member.name: member for member in changed}
        self._rounds.append(booked)
        book = self.book
        if book is None:
            return
        if arrays is not None:
            self._unsaved = (booked.number, arrays)
        self._write(lambda: book.book(booked, changed))

    def add_evaluation(self, number: int, works: Sequence[Work]) -> None:
        """Book what evaluation burnt after a round."""
        self._evaluations[number] = tuple(works)
        book = self.book
        if book is not None:
            self._write(lambda: book.book_evaluation(number, works))

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

    def _write(self, *entries: Callable[[], object]) -> None:
        """Write all that waits, oldest first, and then these entries."""
        self._waiting.extend(entries)
        try:
            # The model comes first: a ledger never speaks of a round whose model is lost.
            if self._unsaved is not None:
                number, arrays = self._unsaved
                save_model(arrays, str(self._model_file(number)))
                self._unsaved = None
            while self._waiting:
                self._write_first()
                del self._waiting[0]
            self._drop_old_models()
        except (LowcarbError, OSError) as error:
            logger.error(
                "lowcarb: the ledger cannot be written, %d entries wait: %s",
                len(self._waiting),
                error,
            )

    def _write_first(self) -> None:
        """Write what has waited longest, if that can be done at all."""
        try:
            self._waiting[0]()
        except (InputError, LedgerError) as error:
            if isinstance(error, LedgerError) and may_pass(error):
                raise
            # It can never be booked, and must not keep the others from being so.
            self._left_out += 1
            logger.error("lowcarb: left out of the ledger: %s", error)

    def model(self) -> ArrayRecord | None:
        """Load the newest model up to the last round; None if none was saved."""
        saved = {} if self.book is None else self._models()
        fitting = [number for number in saved if number <= self.done] or list(saved)
        return load_model(str(saved[max(fitting)])) if fitting else None

    def _model_file(self, number: int) -> Path:
        assert self.book is not None  # noqa: S101 - models are saved beside a ledger
        path = self.book.path
        return path.with_name(f"{path.name}.training{self.number}.round{number}.npz")

    def _models(self) -> dict[int, Path]:
        """Saved models of this training by the number of their round."""
        assert self.book is not None  # noqa: S101 - models are saved beside a ledger
        path = self.book.path
        prefix = f"{path.name}.training{self.number}.round"
        found = [p for p in path.parent.iterdir() if p.name.startswith(prefix)]
        numbers = {p: p.name.removeprefix(prefix).removesuffix(".npz") for p in found}
        return {int(number): p for p, number in numbers.items() if number.isdigit()}

    def _drop_old_models(self) -> None:
        if self.book is None:
            return
        saved = self._models()
        for number, path in saved.items():
            if number < max(saved):
                path.unlink(missing_ok=True)
