"""What is written into a ledger that is open: its newest training, round after round.

Each round is booked in one transaction and is on the disk when `Book.book` returns, so a process
that is killed loses at most the round that it had not finished. Of a ledger in a store elsewhere
booked is what the store holds.
"""

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import LedgerError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound, Member, TrainingSpec, Work
from lowcarb.ledger.faults import explained, understood
from lowcarb.ledger.home import Opened
from lowcarb.ledger.learnt import Learnt, keep_learnt, read_learnt
from lowcarb.ledger.prices import keep_prices, read_prices
from lowcarb.ledger.read import newest_training, read_account
from lowcarb.ledger.second_signal import SecondRound
from lowcarb.ledger.transaction import transaction
from lowcarb.ledger.waits import Wait, keep_wait, read_wait
from lowcarb.ledger.write import (
    insert_round,
    insert_training,
    insert_work,
    keep_member,
    keep_second,
    settle,
    update_bounds,
    update_training,
)

# Tables of what clients burnt.
_WORK = ("turn", "evaluation")


class Book:
    """The pen of a ledger: what `Ledger.writing` gives; it concerns the newest training.

    Every method does all or nothing. After an error the book can still be used. `path` is the real
    path of the file that is written, found when it was opened; `name` is what messages call it.
    """

    def __init__(self, opened: Opened) -> None:
        self.path = opened.path
        self.name = opened.name
        self._connection = opened.connection
        self._publish = opened.publish
        # A loop of one's own may end in another thread than the one that it began in.
        self._alone = threading.RLock()

    def account(self) -> Account | None:
        """Read the newest training; None if there is none."""
        with self._alone, explained(self.name):
            newest = newest_training(self._connection)
            return read_account(self._connection, newest, self.name) if newest else None

    def prices(self) -> tuple[int, FloatArray] | None:
        """Read the round prices of the newest training's last plan: the first round, and (t,).

        NaN where unknown; None if there are none that can be read.
        """
        with self._alone, explained(self.name):
            newest = newest_training(self._connection)
            return read_prices(self._connection, newest, self.name) if newest else None

    def wait(self) -> Wait | None:
        """Read until when the newest training last waited; None if it never did."""
        with self._alone, explained(self.name):
            newest = newest_training(self._connection)
            return read_wait(self._connection, newest, self.name) if newest else None

    def learnt(self) -> Learnt:
        """Read what the newest training knows of its forecasts; nothing if it never learnt."""
        with self._alone, explained(self.name):
            return read_learnt(self._connection, newest_training(self._connection), self.name)

    def keep_learnt(self, new: Learnt) -> None:
        """Write what the training has newly learnt of its forecasts.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If it cannot be written.
        """
        with self.together():
            keep_learnt(self._connection, self._training(), new)

    def keep_wait(self, wait: Wait) -> None:
        """Write until when the training waits, in place of an earlier such decision.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If it cannot be written.
        """
        with self.together():
            keep_wait(self._connection, self._training(), wait)

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
        with explained(self.name):
            return read_account(self._connection, number, self.name)

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
                    f"{self.name}: expected at least {last} rounds, which are booked already, got "
                    f"{training.rounds}"
                )
            update_training(self._connection, number, training)
            for member in members:
                update_bounds(self._connection, number, member)

    def book(
        self,
        booked: BookedRound,
        members: Sequence[Member] = (),
        prices: FloatArray | None = None,
        second: SecondRound | None = None,
    ) -> None:
        """Book a round and the members that are new or have changed.

        Parameters
        ----------
        booked
            The round; its clients must be members.
        members
            Floors, caps and `joined` of those known already do not change here; region, energy and
            duration do.
        prices
            Shape (t,): round prices of its plan, from this round on, for `prices`; None without.
        second
            What a second signal says of the round; None without.

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
                raise LedgerError(f"{self.name}: round {booked.number} is booked already")
            for member in members:
                keep_member(self._connection, number, member)
            insert_round(self._connection, number, booked)
            if prices is not None:
                keep_prices(self._connection, number, booked.number, prices)
            if second is not None:
                keep_second(self._connection, number, booked.number, second)

    def book_second(self, found: Mapping[int, SecondRound], training: int | None = None) -> None:
        """Book what a second signal says of rounds that are booked, in place of what it said.

        Parameters
        ----------
        found
            By the number of the round.
        training
            Its number; the newest one if None.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If a round is not booked, a client has no turn in it, or it cannot be written.
        """
        with self.together():
            number = self._training() if training is None else training
            for r, second in found.items():
                if not self._is_booked("round", "number", r, number):
                    raise LedgerError(f"{self.name}: round {r} is not booked")
                keep_second(self._connection, number, r, second)

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
                raise LedgerError(f"{self.name}: round {number} is not booked")
            if self._is_booked("evaluation", "round", number):
                raise LedgerError(f"{self.name}: evaluation of round {number} is booked already")
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
        with self.together(), understood(self.name):
            return sum(settle(self._connection, name, actual) for name in _WORK)

    def _training(self) -> int:
        number = newest_training(self._connection)
        if not number:
            raise LedgerError(f"{self.name}: no training has begun")
        return number

    def _is_booked(self, table: str, column: str, number: int, training: int | None = None) -> bool:
        # Table and column are constants.
        found = self._connection.execute(
            f"SELECT 1 FROM {table} WHERE training = ? AND {column} = ? LIMIT 1",  # noqa: S608
            (self._training() if training is None else training, int(number)),
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
        with self._alone, explained(self.name):
            is_part = self._connection.in_transaction
            with transaction(self._connection):
                yield
                if not is_part:
                    self._publish()
