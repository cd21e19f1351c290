"""What stands beside a ledger: room for its names, and nothing that killed writers left."""

import subprocess
from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import TRAINING
from tests.helpers.processes import run_script

KILLED = """
import os, signal, sys
from pathlib import Path
from lowcarb._util.atomic_file import whole_file
with whole_file(Path(sys.argv[1])) as stream:
    stream.write(b"half")
    stream.flush()
    os.kill(os.getpid(), signal.SIGKILL)
"""
OURS = [".run.db.training1.round3.npz.ab12_x9z", ".run.db.training12.round30.npz.01234567.lowcarb"]
FOREIGN = [
    ".run.db.settings",
    ".run.db.training1.round3.npz",
    ".run.db2.01234567.lowcarb",
    ".run.db.html.01234567.lowcarb",
    ".runxdb.01234567.lowcarb",
    "run.db.training1.round3.npz",
    "run.db.notes",
]


def test_what_killed_writers_left_is_cleared_by_the_next_writer(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    for name in ("run.db", "run.db.training1.round3.npz"):
        run_script(KILLED, str(tmp_path / name))
    assert len(list(tmp_path.iterdir())) == 2
    for name in (*OURS, *FOREIGN):
        (tmp_path / name).touch()
    (tmp_path / ".run.db.aaaaaaaa.lowcarb").mkdir()
    (tmp_path / ".run.db.bbbbbbbb.lowcarb").symlink_to("run.db.notes")
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        found = sorted(p.name for p in tmp_path.iterdir() if not p.name.startswith("run.db-"))
        kept = [*FOREIGN, ".run.db.aaaaaaaa.lowcarb", ".run.db.bbbbbbbb.lowcarb"]
        assert found == sorted([*kept, "run.db", "run.db.lock"])
        # Another writer is refused, and clears nothing of this one's.
        (tmp_path / OURS[0]).touch()
        with pytest.raises(LedgerError), Ledger(path).writing():
            pass
        Ledger(path).account()
        assert (tmp_path / OURS[0]).exists()


@pytest.mark.parametrize("letter", ["x", "\u00e4", "\u4e2d"])
def test_a_name_that_leaves_no_room_is_refused_at_the_start(tmp_path: Path, letter: str) -> None:
    size = len(letter.encode())
    most = 255 - len("..training10000000.round10000000.npz.01234567.lowcarb")
    long = tmp_path / (letter * (most // size + 1))
    refusal = f"expected a name of at most {most} bytes, got"
    with pytest.raises(LedgerError, match=refusal), Ledger(long).writing():
        pass
    assert list(tmp_path.iterdir()) == []
    fits = tmp_path / (letter * (most // size))
    with Ledger(fits).writing() as book:
        book.begin(TRAINING)
    # The longest that there can be is one that the system takes.
    longest = f".{fits.name}.training10000000.round10000000.npz.01234567.lowcarb"
    subprocess.run(["touch", longest], cwd=tmp_path, check=True)
