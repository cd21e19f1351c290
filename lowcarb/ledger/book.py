"""The durable account of trainings: who took part, what it burnt, what it emitted.

A ledger is an SQLite file. Each round is booked in one transaction and is on the disk when
`Book.book` returns, so a process that is killed loses at most the round that it had not finished.
One process writes; others may read at any time.
"""

import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import LedgerError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, Member, TrainingEntry, TrainingSpec, Work
from lowcarb.ledger.faults import explained, understood
from lowcarb.ledger.read import newest_training, read_account, read_trainings
from lowcarb.ledger.sqlite_file import opened_to_read, opened_to_write
from lowcarb.ledger.transaction import transaction
from lowcarb.ledger.write import (
    insert_round,
    insert_training,
    insert_work,
    keep_member,
    settle,
    update_bounds,
    update_training,
)

# Tables of what clients burnt.
_WORK = ("turn", "evaluation")


class Ledger:
    """An account on disk.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        # Whatever the folder of the process is later, the ledger is this file.
        with explained(self.path):
            self._absolute = self.path.absolute()

    def __repr__(self) -> str:
        return f"Ledger({str(self.path)!r})"

    @contextmanager
    def writing(self) -> Iterator["Book"]:
        """Open the ledger as its only writer, until the block ends; create it if there is none.

        Raises
        ------
        LedgerError
            If the file is no ledger or a newer one, if another process writes it, or if it cannot
            be written.
        """
        path = self._real_path()
        with opened_to_write(path) as connection:
            yield Book(path, connection)

    def account(self, training: int | None = None) -> Account:
        """Read a training; nothing is changed, and a writer may be at work.

        Parameters
        ----------
        training
            Its number, from 1; the newest one if None.

        Raises
        ------
        LedgerError
            If there is no such ledger or training.
        """
        path = self._real_path()
        with opened_to_read(path) as connection, explained(self.path):
            newest = newest_training(connection)
            if not newest:
                raise LedgerError(f"{self.path}: holds no training yet")
            if training is not None and not 1 <= training <= newest:
                raise LedgerError(f"{self.path}: has trainings 1 to {newest}, not {training}")
            return read_account(connection, newest if training is None else training, self.path)

    def trainings(self) -> list[TrainingEntry]:
        """List the trainings, oldest first; nothing is changed, and a writer may be at work.

        Raises
        ------
        LedgerError
            If there is no such ledger.
        """
        path = self._real_path()
        with opened_to_read(path) as connection, explained(self.path):
            return read_trainings(connection, self.path)

    def _real_path(self) -> Path:
        return Path(os.path.realpath(self._absolute))


class Book:
    """The pen of a ledger: what `Ledger.writing` gives; it concerns the newest training.

    Every method does all or nothing. After an error the book can still be used. `path` is the real
    path of the file, found when it was opened.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def account(self) -> Account | None:
        """Read the newest training; None if there is none."""
        with explained(self.path):
            newest = newest_training(self._connection)
            return read_account(self._connection, newest, self.path) if newest else None

    def begin(self, training: TrainingSpec) -> Account:
        """Start a new training.

        Raises
        ------
        LedgerError
            If it cannot be written.
        """
        with self.together():
            number = newest_training(self._connection) + 1
            insert_training(self._connection, number, training)
        with explained(self.path):
            return read_account(self._connection, number, self.path)

    def revise(self, training: TrainingSpec, members: Sequence[Member] = ()) -> None:
        """Say what the training is asked for now.

        Parameters
        ----------
        training
            Replaces what was asked for, all but when it began.
        members
            Those whose floors and caps change.

        Raises
        ------
        LedgerError
            If more rounds are booked already, a client is no member, or it cannot be written.
        """
        with self.together():
            number = self._training()
            (last,) = self._connection.execute(
                "SELECT coalesce(max(number), 0) FROM round WHERE training = ?", (number,)
            ).fetchone()
            if training.rounds < last:
                raise LedgerError(
                    f"{self.path}: expected at least {last} rounds, which are booked already, got "
                    f"{training.rounds}"
                )
            update_training(self._connection, number, training)
            for member in members:
                update_bounds(self._connection, number, member)

    def book(self, booked: BookedRound, members: Sequence[Member] = ()) -> None:
        """Book a round and the members that are new or have changed.

        Parameters
        ----------
        booked
            The round; its clients must be members.
        members
            Floors, caps and `joined` of those known already do not change here; region, energy and
            duration do.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If the round is booked already, a client is no member or stands in it twice, or it
            cannot be written.
        """
        with self.together():
            number = self._training()
            if self._is_booked("round", "number", booked.number):
                raise LedgerError(f"{self.path}: round {booked.number} is booked already")
            for member in members:
                keep_member(self._connection, number, member)
            insert_round(self._connection, number, booked)

    def book_evaluation(self, number: int, works: Sequence[Work]) -> None:
        """Book what evaluation burnt in a round that is booked.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If the round is not booked or its evaluation is already, or it cannot be written.
        """
        with self.together():
            training = self._training()
            if not self._is_booked("round", "number", number):
                raise LedgerError(f"{self.path}: round {number} is not booked")
            if self._is_booked("evaluation", "round", number):
                raise LedgerError(f"{self.path}: evaluation of round {number} is booked already")
            for position, work in enumerate(works):
                place = {"training": training, "round": int(number), "position": position}
                insert_work(self._connection, "evaluation", work, **place)

    def settle(self, actual: Forecast) -> int:
        """Fill in the intensity that came true, in every training of the ledger.

        Work is taken to begin with its round and to last as long as it was measured, else as long
        as is given for the client. What `actual` covers only in part, or of which region or length
        is unknown, stays as it is.

        Parameters
        ----------
        actual
            What came true; it overwrites what an earlier call filled in.

        Returns
        -------
        int
            How many figures are new or have changed.

        Raises
        ------
        InputError
            If it is a forecast as it was issued.
        LedgerError
            If it cannot be written.
        """
        actual.require_actual()
        if not actual.series:
            return 0
        with self.together(), understood(self.path):
            return sum(settle(self._connection, name, actual) for name in _WORK)

    def _training(self) -> int:
        number = newest_training(self._connection)
        if not number:
            raise LedgerError(f"{self.path}: no training has begun")
        return number

    def _is_booked(self, table: str, column: str, number: int) -> bool:
        # Table and column are constants.
        found = self._connection.execute(
            f"SELECT 1 FROM {table} WHERE training = ? AND {column} = ? LIMIT 1",  # noqa: S608
            (self._training(), int(number)),
        ).fetchone()
        return found is not None

    @contextmanager
    def together(self) -> Iterator[None]:
        """Book all or nothing of what the block books.

        Raises
        ------
        LedgerError
            If it cannot be written.
        """
        with explained(self.path), transaction(self._connection):
            yield
