"""The durable account of trainings: who took part, what it burnt, what it emitted.

A ledger is an SQLite file. Each round is booked in one transaction and is on the disk when
`Book.book` returns, so a process that is killed loses at most the round that it had not finished.
One process writes; others may read at any time.
"""

import json
import math
import os
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from lowcarb.account import Account, BookedRound, Member, Training, Work
from lowcarb.errors import InputError, LedgerError
from lowcarb.fleet import SHORTEST_S
from lowcarb.forecast import Forecast
from lowcarb.ledger_files import explained, opened_to_read, opened_to_write, transaction
from lowcarb.ledger_read import newest_training, read_account
from lowcarb.times import from_seconds, parse_instant, require_utc


class Ledger:
    """An account on disk.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)

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
        with opened_to_write(Path(os.path.realpath(self.path))) as connection:
            yield Book(self.path, connection)

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
        path = Path(os.path.realpath(self.path))
        with opened_to_read(path) as connection, explained(self.path):
            newest = newest_training(connection)
            if not newest:
                raise LedgerError(f"{self.path}: holds no training yet")
            if training is not None and not 1 <= training <= newest:
                raise LedgerError(f"{self.path}: has trainings 1 to {newest}, not {training}")
            return read_account(connection, newest if training is None else training)


class Book:
    """The pen of a ledger: what `Ledger.writing` gives; it concerns the newest training.

    Every method does all or nothing. After an error the book can still be used.
    """

    def __init__(self, path: Path, connection: sqlite3.Connection) -> None:
        self.path = path
        self._connection = connection

    def account(self) -> Account | None:
        """Read the newest training; None if there is none."""
        with explained(self.path):
            newest = newest_training(self._connection)
            return read_account(self._connection, newest) if newest else None

    def begin(self, training: Training) -> Account:
        """Start a new training.

        Raises
        ------
        LedgerError
            If it cannot be written.
        """
        with self._all_or_nothing():
            number = newest_training(self._connection) + 1
            self._insert(
                "training",
                number=number,
                started_at=_text(training.started_at, "started_at"),
                rounds=int(training.rounds),
                cohort_size=int(training.cohort_size),
                fairness=training.fairness,
                strategy=training.strategy,
                clock=training.clock,
                version=training.version,
            )
        with explained(self.path):
            return read_account(self._connection, number)

    def extend(self, rounds: int) -> None:
        """Say how many rounds the training now has.

        Raises
        ------
        LedgerError
            If more are booked already, or it cannot be written.
        """
        with self._all_or_nothing():
            number = self._training()
            (last,) = self._connection.execute(
                "SELECT coalesce(max(number), 0) FROM round WHERE training = ?", (number,)
            ).fetchone()
            if rounds < last:
                raise LedgerError(
                    f"{self.path}: expected at least {last} rounds, which are booked already, got "
                    f"{rounds}"
                )
            self._connection.execute(
                "UPDATE training SET rounds = ? WHERE number = ?", (int(rounds), number)
            )

    def book(self, booked: BookedRound, members: Sequence[Member] = ()) -> None:
        """Book a round and the members that are new or have changed.

        Parameters
        ----------
        booked
            The round; its clients must be members.
        members
            Floors, caps and `joined` of those known already do not change; region, energy and
            duration do.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If the round is booked already, a client is no member or stands in it twice, or it
            cannot be written.
        """
        with self._all_or_nothing():
            number = self._training()
            if self._is_booked("round", "number", booked.number):
                raise LedgerError(f"{self.path}: round {booked.number} is booked already")
            for member in members:
                self._keep_member(number, member)
            self._insert(
                "round",
                training=number,
                number=int(booked.number),
                start=_text(booked.start, "start"),
                solver=booked.solver,
                status=booked.status,
                seconds=_figure(booked.seconds, "seconds of planning"),
                random_g=_figure(booked.random_g, "random_g"),
                owed=int(booked.owed),
                aggregated=int(bool(booked.aggregated)),
                notes=json.dumps(list(booked.notes)),
            )
            for region, origin in booked.origins.items():
                self._insert(
                    "origin",
                    training=number,
                    round=int(booked.number),
                    region=region,
                    provider=origin.provider,
                    zone=origin.zone,
                    signal=origin.signal,
                    issued_at=_optional(origin.issued_at, "issued_at"),
                    fetched_at=_optional(origin.fetched_at, "fetched_at"),
                    quality=origin.quality.value,
                )
            for position, turn in enumerate(booked.turns):
                self._insert_work(
                    "turn",
                    number,
                    booked.number,
                    position,
                    turn,
                    outcome=turn.outcome.value,
                    planned_kwh=_figure(turn.planned_kwh, f"planned_kwh of {turn.client!r}"),
                    # The text of an error may hold anything, such as half a character.
                    reason=turn.reason.encode("utf-8", "backslashreplace").decode(),
                )

    def book_evaluation(self, number: int, works: Sequence[Work]) -> None:
        """Book what evaluation burnt in a round that is booked.

        Raises
        ------
        InputError
            If a figure is negative or not finite.
        LedgerError
            If the round is not booked or its evaluation is already, or it cannot be written.
        """
        with self._all_or_nothing():
            training = self._training()
            if not self._is_booked("round", "number", number):
                raise LedgerError(f"{self.path}: round {number} is not booked")
            if self._is_booked("evaluation", "round", number):
                raise LedgerError(f"{self.path}: evaluation of round {number} is booked already")
            for position, work in enumerate(works):
                self._insert_work("evaluation", training, number, position, work)

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
        LedgerError
            If it cannot be written.
        """
        if not actual.series:
            return 0
        with self._all_or_nothing():
            return sum(self._settle(table, actual) for table in ("turn", "evaluation"))

    def _settle(self, table: str, actual: Forecast) -> int:
        every = actual.series.values()
        first = from_seconds(min(float(series.times[0]) for series in every))
        last = from_seconds(max(float(series.ends[-1]) for series in every))
        # The table is one of two constants.
        rows = self._connection.execute(
            "SELECT work.training, work.round, work.position, round.start, work.region, "  # noqa: S608
            "coalesce(work.seconds, member.duration_s), work.actual "
            f"FROM {table} AS work "
            "JOIN round ON round.training = work.training AND round.number = work.round "
            "LEFT JOIN member ON member.training = work.training AND member.name = work.client "
            "WHERE round.start BETWEEN ? AND ?",
            (_text(first, "first"), _text(last, "last")),
        ).fetchall()
        changed = []
        for training, number, position, start, region, seconds, known in rows:
            if region not in actual.series or seconds is None:
                continue
            # Within a shorter window the rounding of times since 1970 would show.
            begin = np.array([parse_instant(start).timestamp()])
            mean = float(actual.series[region].means(begin, max(seconds, SHORTEST_S))[0])
            if not math.isnan(mean) and mean != known:
                changed.append((mean, training, number, position))
        self._connection.executemany(
            f"UPDATE {table} SET actual = ? "  # noqa: S608
            "WHERE training = ? AND round = ? AND position = ?",
            changed,
        )
        return len(changed)

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

    def _keep_member(self, training: int, member: Member) -> None:
        self._connection.execute(
            "INSERT INTO member (training, name, region, energy_kwh, duration_s, min_rounds, "
            "max_rounds, joined) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
            "ON CONFLICT (training, name) DO UPDATE SET region = excluded.region, "
            "energy_kwh = excluded.energy_kwh, duration_s = excluded.duration_s "
            "WHERE region IS NOT excluded.region OR energy_kwh IS NOT excluded.energy_kwh "
            "OR duration_s IS NOT excluded.duration_s",
            (
                training,
                member.name,
                member.region,
                _figure(member.energy_kwh, f"energy_kwh of {member.name!r}"),
                _figure(member.duration_s, f"duration_s of {member.name!r}"),
                int(member.min_rounds),
                int(member.max_rounds),
                int(member.joined),
            ),
        )

    def _insert_work(
        self, table: str, training: int, number: int, position: int, work: Work, **more: Any
    ) -> None:
        try:
            self._insert(
                table,
                training=training,
                round=int(number),
                position=position,
                client=work.client,
                region=work.region,
                energy_kwh=_figure(work.energy_kwh, f"energy_kwh of {work.client!r}"),
                measured=work.measured,
                seconds=_figure(work.seconds, f"seconds of {work.client!r}"),
                intensity=_figure(work.intensity, f"intensity of {work.client!r}"),
                actual=_figure(work.actual, f"actual of {work.client!r}"),
                **more,
            )
        except sqlite3.IntegrityError as error:
            why = {
                "SQLITE_CONSTRAINT_FOREIGNKEY": "is no member of the training",
                "SQLITE_CONSTRAINT_UNIQUE": "stands in it twice",
            }.get(error.sqlite_errorname, str(error))
            raise LedgerError(
                f"{self.path}: round {number}: client {work.client!r} {why}"
            ) from error

    def _insert(self, table: str, **values: Any) -> None:
        # Table and columns are constants.
        self._connection.execute(
            f"INSERT INTO {table} ({', '.join(values)}) "  # noqa: S608
            f"VALUES ({', '.join('?' * len(values))})",
            tuple(values.values()),
        )

    @contextmanager
    def _all_or_nothing(self) -> Iterator[None]:
        with explained(self.path), transaction(self._connection):
            yield


def _figure(value: float | None, what: str) -> float | None:
    """Return a figure as SQLite keeps it; it would turn NaN into unknown without a word."""
    if value is None:
        return None
    if not 0 <= value < math.inf:
        raise InputError(f"{what}: expected a finite number from zero on, got {value}")
    return float(value)


def _text(instant: datetime, what: str) -> str:
    """Write a time so that the order of texts is that of times; refuse what could not be read."""
    text = require_utc(instant, what).isoformat(timespec="microseconds")
    parse_instant(text)
    return text.replace("+00:00", "Z")


def _optional(instant: datetime | None, what: str) -> str | None:
    return None if instant is None else _text(instant, what)
