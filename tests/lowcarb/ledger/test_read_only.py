"""Ledgers that cannot be written: read as ever, and refused at the start of writing."""

import os
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledger_files import write
from tests.helpers.ledgers import booked, written
from tests.helpers.mounts import run_on_tmpfs

READ_ONLY = """
from pathlib import Path
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledger_files import killed_writer
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
