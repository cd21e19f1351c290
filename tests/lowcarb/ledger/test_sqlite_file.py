"""What is a ledger: newer, damaged and foreign files are refused and not changed."""

import re
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.schema import APPLICATION_ID, VERSION, new_ledger
from tests.helpers.ledger_files import files, write
from tests.helpers.ledgers import booked, written


def foreign_database(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE training (number INTEGER)")
        connection.commit()


def text_file(path: Path) -> None:
    path.write_text("client,region\n" * 99)


def short_file(path: Path) -> None:
    path.write_bytes(b"SQLite")


def damaged_ledger(path: Path) -> None:
    content = bytearray(new_ledger())
    content[4096:] = b"\xff" * (len(content) - 4096)
    path.write_bytes(content)


@pytest.mark.parametrize("make", [foreign_database, text_file, short_file])
def test_a_file_that_is_no_ledger_is_refused_and_not_changed(tmp_path: Path, make: object) -> None:
    path = tmp_path / "run.db"
    make(path)  # type: ignore[operator]
    before = files(tmp_path)
    with pytest.raises(LedgerError, match=r"run\.db: is not a Lowcarb ledger"):
        Ledger(path).account()
    with pytest.raises(LedgerError, match=r"run\.db: is not a Lowcarb ledger"):
        write(path)
    assert files(tmp_path) == before


def test_a_damaged_ledger_is_an_error_that_names_it(tmp_path: Path) -> None:
    damaged_ledger(tmp_path / "run.db")
    with pytest.raises(LedgerError, match=r"run\.db: is damaged"):
        Ledger(tmp_path / "run.db").account()
    path = tmp_path / "nonsense.db"
    written(path, booked(1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE turn SET outcome = 'promoted'")
        connection.commit()
    with pytest.raises(LedgerError, match=r"nonsense\.db: is damaged: 'promoted' is not a valid"):
        Ledger(path).account()


def test_a_newer_ledger_is_refused_and_not_changed(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"PRAGMA user_version = {VERSION + 1}")
    before = path.read_bytes()
    newer = rf"newer Lowcarb \(schema {VERSION + 1}, this one knows {VERSION}\)"
    for attempt in (Ledger(path).account, lambda: write(path)):
        with pytest.raises(LedgerError, match=newer):
            attempt()
    assert path.read_bytes() == before


def test_what_is_not_there_is_not_created_by_reading(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"run\.db: there is no such ledger"):
        Ledger(tmp_path / "run.db").account()
    with pytest.raises(LedgerError, match=r"the folder .* does not exist: make it"):
        write(tmp_path / "none" / "run.db")
    with pytest.raises(LedgerError, match="expected a file, got a folder"):
        write(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_an_sqlite_that_is_too_old_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    monkeypatch.setattr("sqlite3.sqlite_version_info", (3, 34, 1))
    monkeypatch.setattr("sqlite3.sqlite_version", "3.34.1")
    for attempt in (Ledger(path).account, lambda: write(path), lambda: write(tmp_path / "new.db")):
        with pytest.raises(LedgerError, match=r"expected SQLite 3\.37 or newer, got 3\.34\.1"):
            attempt()
    assert not (tmp_path / "new.db").exists()


def test_an_empty_file_becomes_a_ledger(tmp_path: Path) -> None:
    (tmp_path / "run.db").touch()
    write(tmp_path / "run.db")
    with pytest.raises(LedgerError, match="holds no training yet"):
        Ledger(tmp_path / "run.db").account()


def test_the_header_names_the_program() -> None:
    header = new_ledger()[:100]
    assert re.match(rb"SQLite format 3\0", header)
    assert header[68:72] == b"LCLG" == APPLICATION_ID.to_bytes(4, "big")


def test_what_is_booked_is_on_the_disk_and_not_only_on_its_way(tmp_path: Path) -> None:
    # What a power failure would show: with NORMAL the last rounds booked may be gone after one.
    with Ledger(tmp_path / "run.db").writing() as book:
        synchronous, journal = (
            book._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode")
        )
    full = 2
    assert (synchronous, journal) == (full, "wal")
