"""One writer at a time: by whatever name, and whoever reads meanwhile."""

import signal
import threading
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger import sqlite_file as opening
from tests.helpers.ledger_files import HOLD, write
from tests.helpers.ledgers import TRAINING, booked, written
from tests.helpers.processes import child, line_of, run_script


def test_a_second_writer_is_refused_until_the_first_is_gone(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with child(HOLD, str(path)) as writer:
        assert line_of(writer) == "ready"
        refusal = rf"run\.db: is being written by another process \({writer.pid}\)"
        for _ in range(2):
            with pytest.raises(LedgerError, match=refusal):
                write(path)
        assert len(Ledger(path).account().rounds) == 1
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    with Ledger(path).writing() as book:
        book.book(booked(2))
    assert len(Ledger(path).account().rounds) == 2


def test_a_second_writer_by_another_name_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    (tmp_path / "link.db").symlink_to("run.db")
    with Ledger(path).writing():
        for name in (path, tmp_path / "link.db"):
            with pytest.raises(LedgerError, match="is being written by this process already"):
                write(name)
    with child(HOLD, str(tmp_path / "link.db")) as writer:
        assert line_of(writer) == "ready"
        with pytest.raises(LedgerError, match="is being written by another process"):
            write(path)


STEAL = (
    "import sqlite3, sys\n"
    "c = sqlite3.connect(sys.argv[1], timeout=0)\n"
    "try: print(c.execute('PRAGMA journal_mode = DELETE').fetchone())\n"
    "except sqlite3.OperationalError as error: print(error)\n"
)


def test_reading_does_not_drop_the_writer_s_locks(tmp_path: Path) -> None:
    # POSIX locks of a process are gone as soon as it closes any handle of the file.
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        Ledger(path).account()
        with pytest.raises(LedgerError):
            write(path)
        assert run_script(STEAL, str(path)) == "database is locked\n"


def test_a_thread_that_begins_to_read_drops_no_locks_of_one_that_opens_to_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    looking, look, opened, stop = (threading.Event() for _ in range(4))
    require = opening._require_ledger

    def slowly(path: Path, *, or_nothing: bool = False) -> None:
        if threading.current_thread() is reader:
            looking.set()
            assert look.wait(30)
        require(path, or_nothing=or_nothing)

    def hold() -> None:
        with Ledger(path).writing():
            opened.set()
            assert stop.wait(30)

    monkeypatch.setattr(opening, "_require_ledger", slowly)
    reader = threading.Thread(target=Ledger(path).account)
    writer = threading.Thread(target=hold)
    reader.start()
    assert looking.wait(30)
    writer.start()
    # It must wait for the reader; if it does not, it is open by now.
    opened.wait(0.5)
    look.set()
    reader.join()
    try:
        assert opened.wait(30)
        assert run_script(STEAL, str(path)) == "database is locked\n"
    finally:
        stop.set()
        writer.join()


def test_a_lock_that_is_another_program_s_is_left_alone(tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text("version = 1")
    with pytest.raises(LedgerError, match=r"uv\.lock: expected the lock of a ledger"):
        write(tmp_path / "uv")
    assert lock.read_text() == "version = 1"


@pytest.mark.slow
def test_without_locks_of_posix_everything_but_writing_a_ledger_works(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    before = written(path, booked(1))
    done = run_script(
        "import sys\nsys.modules['fcntl'] = None\n"  # as on Windows
        "import lowcarb.flower.strategy\n"
        "from lowcarb.ledger import Ledger\n"
        "print(len(Ledger(sys.argv[1]).account().rounds))\n"
        "try:\n    with Ledger(sys.argv[1]).writing(): print('opened')\n"
        "except lowcarb.LedgerError as error: print(error)\n",
        str(path),
    )
    count, refusal = done.splitlines()
    assert (count, len(before.rounds)) == ("1", 1)
    assert refusal.startswith(f"{path}: a ledger is written under locks of POSIX")
