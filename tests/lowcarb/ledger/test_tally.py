"""Turns so far, counted in the ledger: those of the account, whatever was booked."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import Outcome
from tests.helpers.ledgers import TRAINING, booked, member, turn, written


def test_it_says_what_the_account_says(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    rng = np.random.default_rng(0)
    names = [f"client-{i}" for i in range(12)]
    with Ledger(path).writing() as book:
        for training in (1, 2):
            book.begin(replace(TRAINING, rounds=20))
            for number in (1, 2, 4, 7 + training):
                turns = [
                    turn(name, outcome=rng.choice(list(Outcome)))
                    for name in rng.permutation(names)[:5].tolist()
                ]
                book.book(booked(number, *turns), [member(name) for name in names])
    for which in (1, 2, None):
        tally, account = Ledger(path).tally(which), Ledger(path).account(which)
        assert tally.number == account.number
        assert tally.turns == {name: n for name, n in account.turns.items() if n}
        assert len(tally.turns) > 2
        assert tally.rounds_over == account.rounds_over == 7 + account.number
        assert tally.missing_rounds == account.missing_rounds == [3, *range(5, 7 + account.number)]


def test_nothing_is_counted_before_the_first_round(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        with pytest.raises(LedgerError, match=r"run\.db: holds no training yet"):
            Ledger(path).tally()
        book.begin(TRAINING)
    tally = Ledger(path).tally()
    assert (tally.rounds_over, tally.missing_rounds, dict(tally.turns)) == (0, [], {})
    with pytest.raises(LedgerError, match="has trainings 1 to 1, not 2"):
        Ledger(path).tally(2)


def test_where_no_turn_counts_nobody_has_any(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1, turn("a", outcome=Outcome.FAILED), turn("b", outcome=Outcome.LATE)))
    assert Ledger(path).tally().turns == {}


DAMAGE: dict[str, Any] = {
    "turn.outcome": "promoted",
    "turn.client": 4,
    "round.number": 0,
    # One turn more than there are rounds.
    "turn.training": 1,
}


@pytest.mark.parametrize("cell", DAMAGE)
def test_what_makes_no_sense_is_said(tmp_path: Path, cell: str) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1, turn("a")))
    table, column = cell.split(".")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        connection.execute(f"CREATE TABLE loose ({', '.join(names)})")
        for _ in range(2 if column == "training" else 1):
            connection.execute(f"INSERT INTO loose SELECT * FROM {table}")  # noqa: S608
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(f"DROP TABLE {table}")
        connection.execute(f"ALTER TABLE loose RENAME TO {table}")
        connection.execute(f"UPDATE {table} SET {column} = ?", (DAMAGE[cell],))  # noqa: S608
    with pytest.raises(LedgerError, match=r"run\.db: is damaged"):
        Ledger(path).tally()
