"""Who may open a ledger: newer, older and foreign files, second writers, readers at any time."""

import os
import re
import shutil
import signal
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger import sqlite_file as opening
from lowcarb.ledger.schema import APPLICATION_ID, new_ledger
from tests.helpers.data import ENVIRONMENT
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, written
from tests.helpers.mounts import run_on_tmpfs
from tests.helpers.processes import run_script


@contextmanager
def child(script: str, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run Python beside the test; kill it at the end."""
    process = subprocess.Popen(
        [sys.executable, "-c", script, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=ENVIRONMENT,
    )
    with process:
        try:
            yield process
        finally:
            process.kill()


def line_of(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def progress(process: subprocess.Popen[str], text: str) -> None:
    assert process.stdin is not None
    process.stdin.write(f"{text}\n")
    process.stdin.flush()


def files(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.endswith("-shm")}


HOLD = """
import sys
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import *
with Ledger(sys.argv[1]).writing() as book:
    if book.account() is None:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS)
    print("ready", flush=True)
    for line in sys.stdin:
        book.book(booked(int(line)))
        print("booked", flush=True)
"""


def killed_writer(path: Path, *more: int) -> None:
    """Write a ledger with a process that is killed while it has it open."""
    with child(HOLD, str(path)) as writer:
        assert line_of(writer) == "ready"
        for number in more:
            progress(writer, str(number))
            assert line_of(writer) == "booked"
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert Path(f"{path}-wal").exists()


# Files that are none, or that are too new


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


def write(path: Path) -> None:
    with Ledger(path).writing():
        pass


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
        connection.execute("PRAGMA user_version = 5")
    before = path.read_bytes()
    for attempt in (Ledger(path).account, lambda: write(path)):
        with pytest.raises(LedgerError, match=r"newer Lowcarb \(schema 5, this one knows 4\)"):
            attempt()
    assert path.read_bytes() == before


def test_what_is_not_there_is_not_created_by_reading(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"run\.db: there is no such ledger"):
        Ledger(tmp_path / "run.db").account()
    with pytest.raises(LedgerError, match=r"the folder .* does not exist"):
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


def test_a_lock_that_is_another_program_s_is_left_alone(tmp_path: Path) -> None:
    lock = tmp_path / "uv.lock"
    lock.write_text("version = 1")
    with pytest.raises(LedgerError, match=r"uv\.lock: expected the lock of a ledger"):
        write(tmp_path / "uv")
    assert lock.read_text() == "version = 1"


# One writer


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


# Readers


def test_what_is_booked_is_on_the_disk_and_not_only_on_its_way(tmp_path: Path) -> None:
    # What a power failure would show: with NORMAL the last rounds booked may be gone after one.
    with Ledger(tmp_path / "run.db").writing() as book:
        synchronous, journal = (
            book._connection.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("synchronous", "journal_mode")
        )
    full = 2
    assert (synchronous, journal) == (full, "wal")


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


# Folders that cannot be written

READ_ONLY = """
from pathlib import Path
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.lowcarb.ledger.test_sqlite_file import killed_writer
from tests.helpers.ledgers import *
folder = Path(sys.argv[1])
rest, killed, bare = folder / "rest.db", folder / "killed.db", folder / "bare.db"
before = written(rest, booked(1), booked(2))
killed_writer(killed, 2)
killed_writer(bare, 2)
Path(f"{bare}-shm").unlink()
remount("ro")
for path in (rest, killed, bare):
    assert Ledger(path).account() == before, path
for path in (rest, killed, bare, folder / "new.db"):
    try:
        with Ledger(path).writing():
            raise AssertionError("opened")
    except LedgerError as error:
        assert str(path) in str(error) and "Read-only file system" in str(error), error
remount("rw")
for path in (rest, killed, bare):
    with Ledger(path).writing() as book:
        book.book(booked(3))
    assert len(Ledger(path).account().rounds) == 3
"""


def test_a_read_only_file_system_is_read_and_refused_for_writing(tmp_path: Path) -> None:
    run_on_tmpfs(tmp_path, "8m", READ_ONLY)


@pytest.mark.skipif(os.geteuid() == 0, reason="permissions do not bind root")
def test_a_folder_without_permission_is_read_and_refused_for_writing(tmp_path: Path) -> None:
    folder = tmp_path / "folder"
    folder.mkdir()
    path = folder / "run.db"
    before = written(path, booked(1))
    (folder / "run.db.lock").unlink()
    folder.chmod(0o500)
    try:
        assert Ledger(path).account() == before
        for name in ("run.db", "new.db"):
            with pytest.raises(LedgerError, match=r"\.db\.lock: Permission denied"):
                write(folder / name)
    finally:
        folder.chmod(0o700)


READ_ONLY_FILE = """
import os
from pathlib import Path
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import *
path = Path(sys.argv[1]) / "run.db"
before = written(path, booked(1))
# Only the file is read-only, not its folder.
subprocess.run(["mount", "--bind", path, path], check=True)
subprocess.run(["mount", "-o", "remount,bind,ro", path], check=True)
try:
    with Ledger(path).writing():
        raise AssertionError("opened")
except LedgerError as error:
    assert "run.db: is read-only" in str(error), error
assert Ledger(path).account() == before
"""


def test_a_read_only_file_is_refused_at_the_start(tmp_path: Path) -> None:
    run_on_tmpfs(tmp_path, "8m", READ_ONLY_FILE)


def test_the_header_names_the_program() -> None:
    header = new_ledger()[:100]
    assert re.match(rb"SQLite format 3\0", header)
    assert header[68:72] == b"LCLG" == APPLICATION_ID.to_bytes(4, "big")


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
