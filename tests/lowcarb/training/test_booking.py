"""An account that grows in memory and in its ledger, whatever is in the way."""

import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from lowcarb.errors import LowcarbError
from lowcarb.ledger import Book, Ledger
from lowcarb.ledger.entries import BookedRound
from lowcarb.ledger.model_files import SavedModel
from lowcarb.training.booking import Booking, Model
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, evaluation, turn

REFUSED: dict[str, BookedRound] = {
    "text that cannot be written": replace(booked(2), solver="\ud800"),
    "a number too large": replace(booked(2), owed=10**30),
    "a figure that is none": replace(booked(2), seconds=float("nan")),
    "a stranger": booked(2, turn("z")),
    "the same client twice": booked(2, turn("a"), turn("a")),
    "the same round twice": booked(1),
    "what is no text": replace(booked(2), status=None),  # type: ignore[arg-type]
    "what SQLite does not know": replace(booked(2), solver=object()),  # type: ignore[arg-type]
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_can_never_be_booked_does_not_keep_the_rest_from_being_so(
    tmp_path: Path, name: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        booking = Booking.begin(book, TRAINING)
        booking.add(booked(1), MEMBERS, None)
        booking.add(REFUSED[name], MEMBERS, None)
        booking.add_evaluation(2, [evaluation("a")])
        booking.add(booked(3), MEMBERS, None)
        booking.close()
    assert [one.number for one in Ledger(path).account().rounds] == [1, 3]
    assert caplog.text.count("left out of the ledger: ") == 2
    assert "the ledger is incomplete: 2 entries could not be written" in caplog.text


def test_what_is_in_the_way_for_a_while_is_waited_for(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        booking = Booking.begin(book, TRAINING)
        booking.add(booked(1), MEMBERS, None)
        pages = _pages(book)
        pages(1)
        booking.add(booked(2, notes=("x" * 50_000,)), MEMBERS, None)
        booking.add_evaluation(2, [evaluation("a")])
        assert [one.number for one in Ledger(path).account().rounds] == [1]
        assert "the ledger cannot be written, 2 entries wait" in caplog.text
        assert "disk full" in caplog.text
        pages(1_000_000)
        booking.add(booked(3), MEMBERS, None)
        booking.close()
    account = Ledger(path).account()
    assert account.rounds == list(booking.account.rounds)
    assert account.evaluations == {2: [evaluation("a")]}
    assert "incomplete" not in caplog.text


def _pages(book: Book) -> Callable[[int], sqlite3.Cursor]:
    """Let the file have so many pages at most."""
    return lambda most: book._connection.execute(f"PRAGMA max_page_count = {most}")


class Failing:
    """Saves no model while it is told so."""

    def __init__(self) -> None:
        self.fails = False
        self.dropped: list[tuple[int, int]] = []

    def save(self, training: int, number: int, model: Model) -> SavedModel:
        if self.fails:
            raise LowcarbError("disk full")
        return SavedModel(f"{training}.{number}.{len(model)}", "0" * 64)

    def drop_old(self, training: int, number: int) -> None:
        self.dropped.append((training, number))


def test_no_instant_shows_a_round_whose_model_was_never_saved_as_the_last(tmp_path: Path) -> None:
    path, models = tmp_path / "run.db", Failing()
    seen: list[list[str | None]] = []
    with Ledger(path).writing() as book:
        booking = Booking.begin(book, TRAINING, models)
        booking.add(booked(1), MEMBERS, "x")
        # What a killed server would leave after each statement that SQLite carries out.
        book._connection.set_trace_callback(
            lambda _: seen.append([one.model for one in Ledger(path).account().rounds])
        )
        models.fails = True
        booking.add(booked(2), MEMBERS, "xx")
        booking.add(booked(3), MEMBERS, "xxx")
        assert seen == []
        models.fails = False
        booking.add(booked(4), MEMBERS, "xxxx")
        book._connection.set_trace_callback(None)
    account = Ledger(path).account()
    assert [one.model for one in account.rounds] == ["1.1.1", None, None, "1.4.4"]
    assert account.rounds == list(booking.account.rounds)
    assert seen
    assert all(models in (["1.1.1"], ["1.1.1", None, None, "1.4.4"]) for models in seen)
    assert models.dropped == [(1, 1), (1, 4)]


def test_a_round_that_is_left_out_drops_no_model_that_the_ledger_names(tmp_path: Path) -> None:
    models = Failing()
    with Ledger(tmp_path / "run.db").writing() as book:
        booking = Booking.begin(book, TRAINING, models)
        booking.add(booked(1), MEMBERS, "x")
        booking.add(booked(2, turn("z")), MEMBERS, "x")
    assert set(models.dropped) == {(1, 1)}
