"""Ledgers as files: opened here, held open by other processes, and left behind by killed ones."""

import signal
from pathlib import Path

from lowcarb.ledger import Ledger
from tests.helpers.processes import child, line_of, progress


def files(folder: Path) -> dict[str, bytes]:
    """Contents of a folder, without what SQLite only maps into memory."""
    return {p.name: p.read_bytes() for p in folder.iterdir() if not p.name.endswith("-shm")}


def write(path: Path) -> None:
    """Open a ledger for writing, and close it."""
    with Ledger(path).writing():
        pass


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
