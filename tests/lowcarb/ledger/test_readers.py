"""Readers at any time: while writers come and go, and after they were killed."""

import shutil
import sqlite3
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from lowcarb.ledger import Ledger
from tests.helpers.ledger_files import files, killed_writer, write
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, written
from tests.helpers.processes import child, line_of, progress, run_script


def test_readers_see_each_round_as_soon_as_it_is_booked(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    reader = (
        "import sys\nfrom lowcarb.ledger import Ledger\n"
        "for line in sys.stdin:\n"
        "    print([r.number for r in Ledger(sys.argv[1]).account().rounds], flush=True)\n"
    )
    with Ledger(path).writing() as book, child(reader, str(path)) as process:
        book.begin(TRAINING)
        for number in range(1, 9):
            book.book(booked(number), MEMBERS)
            progress(process, "read")
            assert line_of(process) == str(list(range(1, number + 1)))


def test_readers_never_fail_while_writers_come_and_go(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    reader = (
        "import sys, threading\nfrom lowcarb.ledger import Ledger\n"
        "from tests.helpers.ledgers import *\n"
        "stop = threading.Event()\n"
        "threading.Thread(target=lambda: (sys.stdin.readline(), stop.set())).start()\n"
        "print('ready', flush=True)\nreads = seen = 0\n"
        "while not stop.is_set():\n"
        "    rounds = Ledger(sys.argv[1]).account().rounds\n"
        "    assert rounds == [booked(r + 1) for r in range(len(rounds))]\n"
        "    assert len(rounds) >= seen\n"
        "    reads, seen = reads + 1, len(rounds)\n"
        "print(reads, flush=True)\n"
    )
    with child(reader, str(path)) as process:
        assert line_of(process) == "ready"
        for number in range(2, 62):
            with Ledger(path).writing() as book:
                book.book(booked(number))
        progress(process, "stop")
        assert int(line_of(process)) > 10
    assert len(Ledger(path).account().rounds) == 61


def test_what_a_killed_writer_left_is_read_without_a_trace(tmp_path: Path) -> None:
    for name in ("as it is", "without -shm", "without both"):
        (tmp_path / name).mkdir()
        path = tmp_path / name / "run.db"
        killed_writer(path, 2, 3)
        if name != "as it is":
            Path(f"{path}-shm").unlink()
        if name == "without both":
            with closing(sqlite3.connect(path)) as connection:
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
                copy = path.read_bytes()
            path.write_bytes(copy)
        before = sorted(path.parent.iterdir()), path.read_bytes()
        assert [r.number for r in Ledger(path).account().rounds] == [1, 2, 3], name
        assert (sorted(path.parent.iterdir()), path.read_bytes()) == before, name
        with Ledger(path).writing() as book:
            book.book(booked(4))
        assert len(Ledger(path).account().rounds) == 4, name
        assert sorted(p.name for p in path.parent.iterdir()) == ["run.db", "run.db.lock"], name


@pytest.mark.parametrize("which", [0, 1], ids=["before the file", "before its log"])
def test_a_writer_that_takes_up_the_files_while_they_are_copied(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, which: int
) -> None:
    path = tmp_path / "run.db"
    killed_writer(path, 2, 3)
    Path(f"{path}-shm").unlink()
    copied: list[str] = []
    copy = shutil.copyfile

    def copy_late(source: str, target: str) -> None:
        if len(copied) == which:
            run_script(
                "import sys\nfrom lowcarb.ledger import Ledger\n"
                "from tests.helpers.ledgers import *\n"
                "with Ledger(sys.argv[1]).writing() as book: book.book(booked(4))\n",
                str(path),
            )
        copied.append(source)
        copy(source, target)

    monkeypatch.setattr(shutil, "copyfile", copy_late)
    assert [r.number for r in Ledger(path).account().rounds] == [1, 2, 3, 4]
    assert copied == [str(path), f"{path}-wal"]


def test_a_log_that_begins_anew_while_the_files_are_copied_is_not_read_with_the_old_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "run.db"
    killed_writer(path, 2, 3)
    Path(f"{path}-shm").unlink()
    script = (
        "import sys\nfrom lowcarb.ledger import Ledger\nfrom tests.helpers.ledgers import *\n"
        "with Ledger(sys.argv[1]).writing() as book:\n"
        "    book._connection.execute('PRAGMA wal_checkpoint(TRUNCATE)')\n"
        "    book.book(booked(4))\n"
        "    print('ready', flush=True)\n"
        "    sys.stdin.readline()\n"
    )
    copied: list[str] = []
    copy = shutil.copyfile
    with ExitStack() as stack:

        def copy_late(source: str, target: str) -> None:
            if len(copied) == 1:
                assert line_of(stack.enter_context(child(script, str(path)))) == "ready"
            copied.append(source)
            copy(source, target)

        monkeypatch.setattr(shutil, "copyfile", copy_late)
        assert [r.number for r in Ledger(path).account().rounds] == [1, 2, 3, 4]
    assert copied == [str(path), f"{path}-wal"]


def test_a_journal_that_a_killed_writer_left_is_rolled_back(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    before = written(path, *(booked(r, notes=("x" * 3000,)) for r in range(1, 40)))
    half_written = (
        "import os, signal, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1')\nc.execute('BEGIN')\n"
        "c.execute(\"UPDATE round SET notes = '[]', solver = 'broken'\")\n"
        "c.execute(\"UPDATE turn SET client = 'a', energy_kwh = 0 WHERE client = 'a'\")\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    run_script(half_written, str(path))
    journal = Path(f"{path}-journal")
    assert journal.stat().st_size > 4096
    with closing(sqlite3.connect(f"file:{path}?immutable=1", uri=True)) as connection:
        damage = connection.execute("SELECT count(*) FROM round WHERE solver = 'broken'")
        assert damage.fetchone()[0] > 0
    content = files(tmp_path)
    assert Ledger(path).account() == before
    assert files(tmp_path) == content
    write(path)
    assert not journal.exists()
    assert Ledger(path).account() == before
