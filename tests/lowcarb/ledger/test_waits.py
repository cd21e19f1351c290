"""Until when a training waits: kept in place of what was decided before, and read if it can be."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lowcarb import InputError, Ledger
from lowcarb.ledger.waits import Wait
from tests.helpers.ledgers import BEGIN, TRAINING

WAIT = Wait(
    number=1,
    since=BEGIN - timedelta(hours=1),
    decided_at=BEGIN,
    until=BEGIN + timedelta(hours=3),
    saved_g=12.5,
    at_once_g=40.0,
)


def test_the_last_decision_of_the_newest_training_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    later = replace(WAIT, until=BEGIN + timedelta(hours=5), saved_g=None)
    with Ledger(path).writing() as book:
        assert book.wait() is None
        book.begin(TRAINING)
        assert book.wait() is None
        book.keep_wait(WAIT)
        book.keep_wait(later)
    with Ledger(path).writing() as book:
        assert book.wait() == later
        book.begin(TRAINING)
        assert book.wait() is None


def test_a_figure_that_cannot_be_is_refused(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        with pytest.raises(InputError, match="saved_g: expected a finite number from zero on"):
            book.keep_wait(replace(WAIT, saved_g=float("nan")))
        assert book.wait() is None


@pytest.mark.parametrize(("column", "value"), [("until", "soon"), ("number", -1), ("saved_g", -2)])
def test_what_makes_no_sense_is_said_and_not_used(
    tmp_path: Path, column: str, value: object, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.keep_wait(WAIT)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE wait SET {column} = ?", (value,))  # noqa: S608
    with Ledger(path).writing() as book:
        assert book.wait() is None
    assert "until when the training waited cannot be read" in caplog.text
