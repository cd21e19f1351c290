"""A ledger is opened by its path, lists what it holds, and passes on errors of its caller."""

from dataclasses import replace
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import MEMBERS, TRAINING, booked


def test_a_ledger_lists_its_trainings(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "run.db")
    with pytest.raises(LedgerError, match="there is no such ledger"):
        ledger.trainings()
    with ledger.writing() as book:
        assert ledger.trainings() == []
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS)
        book.book(booked(3))
        book.begin(replace(TRAINING, rounds=9))
    assert [(t.number, t.training.rounds, t.rounds_booked) for t in ledger.trainings()] == [
        (1, 4, 2),
        (2, 9, 0),
    ]
    assert ledger.trainings()[0].training == TRAINING


def test_an_error_of_the_caller_passes_through(tmp_path: Path) -> None:
    path = tmp_path / "run.db"

    def fail_while_writing() -> None:
        with Ledger(path).writing() as book:
            book.begin(TRAINING)
            raise OSError("the caller's own")

    with pytest.raises(OSError, match="the caller's own"):
        fail_while_writing()
    assert Ledger(path).account().training == TRAINING
