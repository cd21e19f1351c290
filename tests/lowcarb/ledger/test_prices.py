"""Prices of the last plan: kept with its round, and ignored where they make no sense."""

import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, turn, written

PRICES = np.array([1.25, np.nan, -3e-7, 0.1 + 0.2])


def test_they_are_kept_to_the_last_bit_and_only_those_of_the_last_plan(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        assert book.prices() is None
        book.begin(TRAINING)
        assert book.prices() is None
        book.book(booked(1), MEMBERS, np.array([9.0, np.inf]))
        book.book(booked(2), prices=PRICES)
        book.book(booked(3))
    with Ledger(path).writing() as book:
        found = book.prices()
        assert found is not None
        assert found[0] == 2
        assert found[1].tolist() == pytest.approx(PRICES.tolist(), abs=0, rel=0, nan_ok=True)
        # They are of one training.
        book.begin(TRAINING)
        assert book.prices() is None
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM prices").fetchone() == (1,)


def test_a_round_that_cannot_be_booked_leaves_the_prices_before_it(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS, PRICES)
        with pytest.raises(LedgerError):
            book.book(booked(2, turn("z")), prices=np.array([7.0]))
        found = book.prices()
        assert found is not None
        assert found[0] == 1


DAMAGED: list[Any] = [
    "[1.0, 2.0",
    "7",
    "{}",
    '["1.0"]',
    "[[1.0]]",
    "[true, 1e999, 2.0]",
    "[" * 100_000,
    f"[{'9' * 400}]",
    f"[{'9' * 5000}]",
    "",
    b"\xff\xfe",
    "\ud800",
    7,
    None,
]


@pytest.mark.parametrize("content", DAMAGED, ids=lambda content: repr(content)[:20])
def test_what_makes_no_sense_is_said_and_ignored(
    tmp_path: Path, content: Any, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    account = written(path, booked(1))
    _put(path, content)
    with Ledger(path).writing() as book:
        found = book.prices()
        assert book.account() == account
        if content == "[true, 1e999, 2.0]":
            assert found is not None
            assert np.isfinite(found[1]).tolist() == [True, False, True]
            return
        assert found is None
        assert f"{path}: the prices of the last plan cannot be read" in caplog.text
        book.book(booked(2), prices=PRICES)
        assert book.prices() is not None
    assert Ledger(path).account().rounds_over == 2


def _put(path: Path, content: Any, first: Any = 1) -> None:
    """Put anything where prices are, as damage does."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("DROP TABLE prices")
        connection.execute(
            "CREATE TABLE prices (training INTEGER PRIMARY KEY, first_round, prices)"
        )
        if isinstance(content, str):
            content = content.encode("utf-8", "surrogatepass")
            connection.execute(
                "INSERT INTO prices VALUES (1, ?, CAST(? AS TEXT))", (first, content)
            )
        else:
            connection.execute("INSERT INTO prices VALUES (1, ?, ?)", (first, content))
        connection.commit()


@pytest.mark.parametrize("first", [0, -3, "one", 1.5, None])
def test_prices_of_no_round_are_ignored(tmp_path: Path, first: Any) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    _put(path, "[1.0]", first)
    with Ledger(path).writing() as book:
        assert book.prices() is None


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.one_of(st.text(), st.binary(), st.floats(), st.integers(-(2**63), 2**63 - 1)))
def test_no_content_raises(tmp_path: Path, content: Any) -> None:
    path = tmp_path / "any.db"
    if not path.exists():
        written(path, booked(1))
    _put(path, content)
    with Ledger(path).writing() as book:
        found = book.prices()
    assert found is None or found[1].dtype == np.float64


def test_a_ledger_without_them_is_read_and_written(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    with Ledger(path).writing() as book:
        assert book.prices() is None
        book.book(booked(2))
    assert Ledger(path).account().rounds_over == 2
