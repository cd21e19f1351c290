"""From the rows of a ledger to an account."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.account import Account
from lowcarb.ledger.columns import columns_of, from_row
from lowcarb.ledger.entries import (
    BookedRound,
    Member,
    Outcome,
    TrainingEntry,
    TrainingSpec,
    Turn,
    Work,
)
from lowcarb.ledger.faults import understood
from lowcarb.ledger.learnt import read_findings
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from lowcarb.ledger.tally import Tally
from lowcarb.ledger.waits import read_wait

W = TypeVar("W", bound=Work)

# More rounds than any training has.
_MOST = 10**6


def newest_training(connection: sqlite3.Connection) -> int:
    """Return the number of the newest training, 0 if there is none."""
    return int(connection.execute("SELECT coalesce(max(number), 0) FROM training").fetchone()[0])


def read_trainings(connection: sqlite3.Connection, path: Path | str) -> list[TrainingEntry]:
    """Read what was asked for in each training, in order; `path` is for messages.

    Raises
    ------
    LedgerError
        If its content makes no sense.
    """
    booked = "(SELECT count(*) FROM round WHERE training = training.number)"
    with understood(path):
        return [
            TrainingEntry(number=number, training=from_row(TrainingSpec, row), rounds_booked=rounds)
            for number, rounds, *row in _select(
                connection, TrainingSpec, ["number", booked], "training ORDER BY number"
            )
        ]


def read_account(connection: sqlite3.Connection, number: int, path: Path | str) -> Account:
    """Read all of one training; `path` is for messages.

    Raises
    ------
    LedgerError
        If its content makes no sense.
    """
    with understood(path):
        account = replace(_account(connection, number), wait=read_wait(connection, number, path))
        _check(account)
        return account


def read_tally(connection: sqlite3.Connection, number: int, path: Path | str) -> Tally:
    """Count turns where they are, so that no more is read than there are clients with turns.

    `path` is for messages.

    Raises
    ------
    LedgerError
        If its content makes no sense.
    """
    with understood(path):
        booked = connection.execute(
            "SELECT number FROM round WHERE training = ? ORDER BY number", (number,)
        )
        rounds = [r for (r,) in booked]
        _check_rounds(rounds)
        outcomes = connection.execute(
            "SELECT DISTINCT outcome FROM turn WHERE training = ?", (number,)
        )
        counting = [o.value for o in [Outcome(text) for (text,) in outcomes] if o.counts]
        credited = connection.execute(
            "SELECT client, count(*) FROM turn WHERE training = ? AND outcome IN "  # noqa: S608
            f"({', '.join('?' * len(counting))}) GROUP BY client",
            (number, *counting),
        )
        turns = dict(credited.fetchall())
        for client, taken in turns.items():
            if not isinstance(client, str) or taken > len(rounds):
                raise ValueError(f"{taken} turns of client {client!r} in {len(rounds)} rounds")
        (asked,) = connection.execute(
            "SELECT count(*) FROM turn WHERE training = ?", (number,)
        ).fetchone()
        return Tally(number=number, rounds=rounds, turns=turns, asked=asked)


def _account(connection: sqlite3.Connection, number: int) -> Account:
    def rows(cls: type, table: str, order: str, *keys: str) -> Iterator[tuple[Any, ...]]:
        where = f"{table} WHERE training = ? ORDER BY {order}"
        return _select(connection, cls, keys, where, number)

    def works(cls: type[W], table: str) -> dict[int, list[W]]:
        found: dict[int, list[W]] = defaultdict(list)
        for r, *row in rows(cls, table, "round, position", "round"):
            found[r].append(from_row(cls, row))
        return found

    provenances: dict[int, dict[str, Provenance]] = defaultdict(dict)
    for r, region, *row in rows(Provenance, "origin", "round, region", "round", "region"):
        provenances[r][region] = from_row(Provenance, row)
    turns = works(Turn, "turn")
    second_origins: dict[int, dict[str, Provenance]] = defaultdict(dict)
    for r, region, *row in rows(Provenance, "second_origin", "round, region", "round", "region"):
        second_origins[r][region] = from_row(Provenance, row)
    second_turns: dict[int, list[SecondTurn]] = defaultdict(list)
    for r, *row in rows(SecondTurn, "second_turn", "round, position", "round"):
        second_turns[r].append(from_row(SecondTurn, row))
    (asked,) = _select(connection, TrainingSpec, (), "training WHERE number = ?", number)
    return Account(
        number=number,
        training=from_row(TrainingSpec, asked),
        members=[from_row(Member, row) for row in rows(Member, "member", "id")],
        rounds=[
            from_row(BookedRound, row, turns=turns[r], provenances=provenances[r])
            for r, *row in rows(BookedRound, "round", "number", "number")
        ],
        evaluations=dict(works(Work, "evaluation")),
        second={
            r: from_row(SecondRound, row, turns=second_turns[r], provenances=second_origins[r])
            for r, *row in rows(SecondRound, "second_round", "round", "round")
        },
        findings=read_findings(connection, number),
    )


def _select(
    connection: sqlite3.Connection, cls: type, keys: Sequence[str], where: str, *values: int
) -> Iterator[tuple[Any, ...]]:
    """Select keys and then the columns of a dataclass."""
    columns = ", ".join([*keys, *columns_of(cls)])
    # Tables, columns and conditions are constants.
    return connection.execute(f"SELECT {columns} FROM {where}", values)  # noqa: S608


def _check(account: Account) -> None:
    """Refuse what no writer writes, but a damaged file can hold.

    Raises
    ------
    ValueError
        Says what makes no sense.
    """
    names = [member.name for member in account.members]
    known = set(names)
    numbers = [booked.number for booked in account.rounds]
    if len(known) < len(names):
        raise ValueError("a client is a member twice")
    _check_rounds(numbers)
    if not 1 <= account.training.rounds <= _MOST:
        raise ValueError(f"a training of {account.training.rounds} rounds")
    for booked in account.rounds:
        clients = [turn.client for turn in booked.turns]
        if not known.issuperset(clients):
            raise ValueError(f"round {booked.number} has a turn of a client that is no member")
        if len(set(clients)) < len(clients):
            raise ValueError(f"round {booked.number} has two turns of a client")


def _check_rounds(numbers: Sequence[int]) -> None:
    if list(numbers) != sorted(set(numbers)) or any(not 1 <= r <= _MOST for r in numbers):
        raise ValueError("its rounds are not numbered in order")
