"""One writer at a time: a lock file beside the ledger, held until its writer ends."""

import os
import re
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from lowcarb.errors import LedgerError
from lowcarb.ledger.faults import explained

# More than the digits of any process's number.
_LONGEST = 100
# Lock files that this process holds, by device and inode.
_HELD: set[tuple[int, int]] = set()


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """Be the only writer of a file until the block ends, at the latest until the process ends.

    The lock file holds the process's number and stays: removing the lock file would let two
    writers lock two different files.

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
    lock = Path(f"{path}.lock")
    with ExitStack() as stack:
        with explained(lock):
            handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
            stack.callback(os.close, handle)
            found = os.fstat(handle)
            held = found.st_dev, found.st_ino
            holder = os.read(handle, _LONGEST).decode("ascii", "replace").strip()
            if not re.fullmatch(r"[0-9]*", holder):
                raise LedgerError(f"{lock}: expected the lock of a ledger, got another file")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if held in _HELD:
                    raise LedgerError(f"{path}: is being written by this process already") from None
                raise LedgerError(
                    f"{path}: is being written by another process"
                    + (f" ({holder})" if holder else "")
                    + "; a ledger has one writer at a time"
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
            _HELD.add(held)
            stack.callback(_HELD.discard, held)
        yield
