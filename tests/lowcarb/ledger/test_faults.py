"""Killed writers and full disks: what was booked stays, and the next writer goes on."""

import sqlite3
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import MEMBERS, TRAINING, booked
from tests.helpers.mounts import run_on_tmpfs
from tests.helpers.params import first_fast
from tests.helpers.processes import run_script

KILLS = """
import os, random, shutil, signal, sqlite3, sys, time
from contextlib import closing
from pathlib import Path
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import *

def write(path, told):
    # A few rounds, close, open again: so that it is killed while it opens and closes, too.
    done = 0
    while True:
        with Ledger(path).writing() as book:
            if book.account() is None:
                book.begin(TRAINING)
            done = done or book.account().rounds_over
            for _ in range(6):
                book.book(expected(done + 1), MEMBERS)
                done += 1
                os.write(told, b"%d " % done)

def expected(number):
    return booked(number, *(turn(name, energy_kwh=number / 7) for name in "abc"))

rng = random.Random(int(sys.argv[2]))
kills = rounds = 0
for number in range(int(sys.argv[3]) // 10):
    path, last = Path(sys.argv[1]) / f"{number}.db", 0
    for _ in range(10):
        heard, told = os.pipe()
        writer = os.fork()
        if not writer:
            os.close(heard)
            try:
                write(path, told)
            finally:
                os._exit(1)
        os.close(told)
        acknowledged = os.read(heard, 1 << 16)
        assert acknowledged, "the writer ended by itself"
        time.sleep(rng.uniform(0.005, 0.08))
        os.kill(writer, signal.SIGKILL)
        assert os.waitpid(writer, 0)[1] == signal.SIGKILL, "the writer ended by itself"
        kills += 1
        with os.fdopen(heard, "rb") as pipe:
            acknowledged += pipe.read()
        before, last = last, int(acknowledged.split()[-1])
        assert int(acknowledged.split()[0]) == before + 1
        found = Ledger(path).account().rounds
        # The last round may be on the disk before it is acknowledged.
        assert len(found) in (last, last + 1), (len(found), last)
        assert found == [expected(r + 1) for r in range(len(found))]
        last = len(found)
        # In a copy: SQLite would repair the file itself before the next writer does.
        for ending in ("", "-wal", "-journal"):
            Path(f"{path}.copy{ending}").unlink(missing_ok=True)
            if Path(f"{path}{ending}").exists():
                shutil.copyfile(f"{path}{ending}", f"{path}.copy{ending}")
        with closing(sqlite3.connect(f"{path}.copy")) as connection:
            assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            assert connection.execute("PRAGMA foreign_key_check").fetchall() == []
    rounds += last
print(kills, rounds)
"""


def killed(folder: Path, seed: int, kills: int) -> int:
    """Kill writers; return how many rounds they had booked."""
    done, rounds = run_script(KILLS, str(folder), str(seed), str(kills)).split()
    assert int(done) == kills
    return int(rounds)


@pytest.mark.parametrize("seed", first_fast(range(5), 1))
def test_a_hundred_killed_writers_lose_nothing_that_was_booked(tmp_path: Path, seed: int) -> None:
    assert killed(tmp_path, seed, 20) > 40


LIMITED = """
import resource
import sys
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import *
path, limit = sys.argv[1], int(sys.argv[2])
_, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
done, refused = 0, []
with Ledger(path).writing() as book:
    book.begin(TRAINING)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, hard))
    while not refused:
        try:
            book.book(booked(done + 1, notes=("x" * 700,)), MEMBERS)
            done += 1
        except LedgerError as error:
            refused.append(str(error))
    for _ in range(3):
        try:
            book.book(booked(done + 1, notes=("x" * 90000,)))
        except LedgerError as error:
            refused.append(str(error))
    assert len(book.account().rounds) == len(Ledger(path).account().rounds) == done
    resource.setrlimit(resource.RLIMIT_FSIZE, (hard, hard))
    book.book(booked(done + 1))
assert all(path in text and "disk full" in text for text in refused), refused
assert len(refused) == 4
assert Ledger(path).account().rounds_over == done + 1
assert not Ledger(path).account().missing_rounds
print(done)
"""


@pytest.mark.parametrize("kilobytes", [100, 300, 2000])
def test_a_file_that_may_not_grow(tmp_path: Path, kilobytes: int) -> None:
    done = int(run_script(LIMITED, str(tmp_path / "run.db"), str(kilobytes * 1024)))
    assert done > 3


FULL = """
from pathlib import Path
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import *
folder = Path(sys.argv[1])
path, ballast = folder / "run.db", folder / "ballast"

def fill():
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(1024))
        except OSError:
            pass

def booked_until_full(book, number):
    for r in range(number, number + 10000):
        try:
            book.book(booked(r), MEMBERS)
        except LedgerError as error:
            assert "disk full" in str(error) and str(path) in str(error), error
            return r
    raise AssertionError("the disk never was full")

with Ledger(path).writing() as book:
    book.begin(TRAINING)
    number = 1
    for _ in range(5):
        fill()
        number = booked_until_full(book, number)
        assert booked_until_full(book, number) == number
        assert len(Ledger(path).account().rounds) == number - 1
        ballast.unlink()
        book.book(booked(number), MEMBERS)
        number += 1
    # Closing on a full disk loses nothing either.
    fill()
    number = booked_until_full(book, number)
assert len(Ledger(path).account().rounds) == number - 1
# A full disk is found out when the ledger is opened.
ballast.unlink()
fill()
try:
    with Ledger(folder / "new.db").writing():
        raise AssertionError("opened on a full disk")
except LedgerError as error:
    assert "new.db" in str(error) and "No space left" in str(error), error
ballast.unlink()
with Ledger(path).writing() as book:
    book.book(booked(number), MEMBERS)
assert [r.number for r in Ledger(path).account().rounds] == list(range(1, number + 1))
"""


def test_a_full_disk(tmp_path: Path) -> None:
    run_on_tmpfs(tmp_path, "1m", FULL)


def test_a_ledger_that_sqlite_finds_full(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS)
        before = book.account()
        book._connection.execute("PRAGMA max_page_count = 1")
        with pytest.raises(LedgerError, match=r"run\.db: disk full.*SQLITE_FULL") as raised:
            book.book(booked(2, notes=("x" * 50_000,)))
        assert isinstance(raised.value.__cause__, sqlite3.OperationalError)
        assert book.account() == Ledger(path).account() == before
        book._connection.execute("PRAGMA max_page_count = 1000000")
        book.book(booked(2))
    assert len(Ledger(path).account().rounds) == 2
