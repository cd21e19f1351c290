"""Backups of a ledger that is being written: whole, with its model, or not at all."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.backup import back_up
from lowcarb.ledger.model_files import ModelFiles, SavedModel, checksum
from lowcarb.training.booking import Booking, Model
from tests.helpers.ledgers import MEMBERS, TRAINING, booked
from tests.helpers.processes import child, line_of, progress


class Files:
    """Saves of a model how many arrays it has, many times over."""

    def __init__(self, ledger: Path) -> None:
        self.files = ModelFiles(ledger)

    def save(self, training: int, number: int, model: Model) -> SavedModel:
        path = self.files.path(training, number)
        path.write_bytes(bytes([len(model)]) * 200_000)
        return SavedModel(path.name, checksum(path))

    def drop_old(self, training: int, number: int) -> None:
        self.files.drop_old(training, number)


def train(path: Path, *numbers: int) -> None:
    """Book rounds whose models are as long as their number."""
    with Ledger(path).writing() as book:
        before = book.account()
        files = Files(book.path)
        booking = (
            Booking.begin(book, TRAINING, files)
            if before is None
            else Booking.resume(book, before, files)
        )
        for number in numbers:
            booking.add(booked(number), MEMBERS, "x" * number)


def check(copy: Path) -> int:
    """Fail unless a backup is one whole file with the right model; return its rounds."""
    account = Ledger(copy).account()
    with closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert connection.execute("PRAGMA journal_mode").fetchone() == ("delete",)
    model = ModelFiles(copy).find(account)
    assert model == copy.with_name(f"{copy.name}.training1.round{account.rounds_over}.npz")
    assert set(model.read_bytes()) == {account.rounds_over}
    assert [p for p in copy.parent.iterdir() if p.name.startswith(copy.name)] != []
    return account.rounds_over


WRITE = """
import sys
from pathlib import Path
from tests.lowcarb.ledger.test_backup import *
path = Path(sys.argv[1])
with Ledger(path).writing() as book:
    booking = Booking.begin(book, TRAINING, Files(book.path))
    for number in range(1, 200):
        # A log that is emptied again and again is what spoils mere copies.
        book._connection.execute("PRAGMA wal_autocheckpoint = 5")
        booking.add(booked(number), MEMBERS, "x" * number)
        print(number, flush=True)
        if number % 20 == 0 and sys.stdin.readline().strip() == "stop":
            break
"""


def test_a_ledger_that_is_being_written_is_copied_with_its_model(tmp_path: Path) -> None:
    path, copy = tmp_path / "run.db", tmp_path / "kept" / "copy.db"
    copy.parent.mkdir()
    with child(WRITE, str(path)) as writer:
        assert line_of(writer) == "1"
        found = []
        for _ in range(8):
            progress(writer, "go on")
            back_up(Ledger(path), copy)
            found.append(check(copy))
    assert found == sorted(found)
    assert found[-1] > 1
    names = sorted(p.name for p in copy.parent.iterdir())
    assert names == ["copy.db", f"copy.db.training1.round{found[-1]}.npz"]


def test_a_backup_is_gone_on_with(tmp_path: Path) -> None:
    path, copy = tmp_path / "run.db", tmp_path / "copy.db"
    train(path, 1, 2)
    back_up(Ledger(path), copy)
    before = path.read_bytes(), sorted(p.name for p in tmp_path.glob("run.db*"))
    assert check(copy) == 2
    train(copy, 3)
    assert check(copy) == 3
    assert (path.read_bytes(), sorted(p.name for p in tmp_path.glob("run.db*"))) == before


def test_a_ledger_without_its_model_is_not_backed_up(tmp_path: Path) -> None:
    path, copy = tmp_path / "run.db", tmp_path / "copy.db"
    train(path, 1)
    back_up(Ledger(path), copy)
    train(path, 2)
    (tmp_path / "run.db.training1.round2.npz").unlink()
    with pytest.raises(LedgerError, match=r"expected the model of round 2 .* got no such file"):
        back_up(Ledger(path), copy)
    assert check(copy) == 1


def test_what_cannot_be_written_leaves_the_backup_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, copy = tmp_path / "run.db", tmp_path / "copy.db"
    train(path, 1)
    back_up(Ledger(path), copy)
    train(path, 2)
    replace = Path.replace

    def fail(self: Path, target: Path) -> Path:
        if target == copy:
            raise OSError(28, "No space left on device")
        return replace(self, target)

    before = sorted(p.name for p in tmp_path.iterdir())
    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(LedgerError, match=r"copy\.db: cannot be written: No space left"):
        back_up(Ledger(path), copy)
    assert sorted(p.name for p in tmp_path.iterdir()) == before
    assert check(copy) == 1


def test_what_is_no_backup_is_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    train(path, 1)
    (tmp_path / "link.db").symlink_to("run.db")
    before = {p: p.read_bytes() for p in tmp_path.iterdir()}
    for name in ("run.db", "link.db", "run.db.lock", "run.db.training1.round1.npz"):
        with pytest.raises(LedgerError, match="ledger"):
            back_up(Ledger(path), tmp_path / name)
    assert {p: p.read_bytes() for p in tmp_path.iterdir()} == before
    other = tmp_path / "other.db"
    with Ledger(other).writing() as book:
        book.begin(TRAINING)
        with pytest.raises(LedgerError, match=r"other\.db-wal: belongs to another ledger"):
            back_up(Ledger(path), other)
    (tmp_path / "new.db-journal").touch()
    with pytest.raises(LedgerError, match=r"new\.db-journal: belongs to another"):
        back_up(Ledger(path), tmp_path / "new.db")
    with pytest.raises(LedgerError, match="expected a name of at most"):
        back_up(Ledger(path), tmp_path / ("x" * 230))


def test_a_backup_takes_the_place_of_no_lock(tmp_path: Path) -> None:
    for name in ("run.db", "other.db"):
        with Ledger(tmp_path / name).writing() as book:
            book.begin(TRAINING)
    lock = tmp_path / "other.db.lock"
    before = lock.read_bytes()
    with pytest.raises(LedgerError, match=r"belongs to the ledger other\.db; give another name"):
        back_up(Ledger(tmp_path / "run.db"), lock)
    assert lock.read_bytes() == before


def test_the_command_says_what_it_wrote(tmp_path: Path) -> None:
    path, copy = tmp_path / "run.db", tmp_path / "copy.db"
    train(path, 1)
    result = CliRunner().invoke(app, ["report", str(path), "--backup", str(copy)])
    assert result.exit_code == 0
    assert result.stderr == f"Wrote {copy} and copy.db.training1.round1.npz beside it\n"
    assert check(copy) == 1
    result = CliRunner().invoke(app, ["report", str(path), "--backup", str(path)])
    assert (result.exit_code, "is also an input" in result.stderr) == (1, True)
