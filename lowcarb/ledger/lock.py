"""One writer at a time: a lock file beside the ledger, held until its writer ends."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from functools import cache
from io import FileIO
from pathlib import Path

from lowcarb._util.ledger_names import LOCK
from lowcarb.errors import LedgerError
from lowcarb.ledger.faults import explained

# More than the digits of any process's number.
_LONGEST = 100
# Lock files that this process holds, by device and inode.
_HELD: dict[tuple[int, int], FileIO] = {}


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only writer of a file until the block ends, at the latest until the process ends.

    The lock file holds the process's number and stays: removing the lock file would let two
    writers lock two different files.

    A forked child has no part in the lock, so a child that outlives its parent keeps nobody out.

    Raises
    ------
    LedgerError
        If another writer is at work, the lock file is another program's or cannot be written, or
        the system has no such locks.
    """
    try:
        import fcntl
    except ImportError:
        raise LedgerError(
            f"{path}: a ledger is written under locks of POSIX, which this system does not have; "
            "train without a ledger, or under Linux or macOS"
        ) from None
    lock = Path(f"{path}{LOCK}")
    with ExitStack() as stack:
        with explained(lock):
            file = stack.enter_context(_opened(lock))
            found = os.fstat(file.fileno())
            held = found.st_dev, found.st_ino
            writer = file.read(_LONGEST).decode("ascii", "replace").strip()
            if not re.fullmatch(r"[0-9]*", writer):
                raise LedgerError(f"{lock}: expected the lock of a ledger, got another file")
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if held in _HELD:
                    raise LedgerError(f"{path}: is being written by this process already") from None
                raise LedgerError(f"{path}: {_refusal(writer, _holders(held))}") from None
            _close_in_children()
            _HELD[held] = file
            stack.callback(_HELD.pop, held, None)
            os.ftruncate(file.fileno(), 0)
            os.pwrite(file.fileno(), f"{os.getpid()}\n".encode(), 0)
        yield


def _opened(lock: Path) -> FileIO:
    handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
    return FileIO(handle, "r+")


@cache
def _close_in_children() -> None:
    """See to it, once, that forked children close what they inherit: else they hold the lock."""
    os.register_at_fork(after_in_child=_close_all)


def _close_all() -> None:
    for file in _HELD.values():
        file.close()
    _HELD.clear()


def _refusal(writer: str, holders: list[int]) -> str:
    """Say who is in the way: the writer, or a process that the writer left behind."""
    if holders and writer not in map(str, holders):
        others = ", ".join(map(str, holders))
        return (
            f"is held by process {others}, which the writer ({writer or 'unknown'}) left behind; "
            f"end process {others}, then begin again"
        )
    return (
        "is being written by another process"
        + (f" ({writer})" if writer else "")
        + "; a ledger has one writer at a time"
    )


def _holders(held: tuple[int, int]) -> list[int]:
    """Processes that hold a lock file's lock, as far as Linux tells this user.

    ``/proc/locks`` names the process that took the lock, even if only a child of it still lives.
    """
    found = set()
    for handle in Path("/proc").glob("[0-9]*/fd/*"):
        with suppress(OSError):
            file = handle.stat()
            if (file.st_dev, file.st_ino) == held:
                process = handle.parent.parent
                if "FLOCK" in (process / "fdinfo" / handle.name).read_text():
                    found.add(int(process.name))
    return sorted(found)
