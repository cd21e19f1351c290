"""Opening the file of a ledger: one writer, any number of readers.

While a writer is at work the file is in SQLite's WAL mode, with a ``-wal`` and a ``-shm`` file
beside it. At rest it is one ordinary file, which can be read without creating anything. A writer
that was killed leaves the two files; the next one takes them up.

A process loses all its locks on a file as soon as it closes any handle of that file. So within one
process a file is looked at only while neither SQLite nor another thread has it open.
"""

import fcntl
import logging
import os
import re
import shutil
import sqlite3
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

from lowcarb._util.atomic_file import whole_file
from lowcarb.errors import LedgerError, LowcarbError
from lowcarb.ledger.schema import APPLICATION_ID, VERSION, migrate, new_ledger, version_of

_LOG = logging.getLogger(__name__)

# The first that knows strict tables.
_OLDEST_SQLITE = (3, 37)
# How long to wait for a reader or a writer that is opening or closing the file.
_PATIENCE_S = 10.0
_PAUSE_S = 0.005
_HEADER = 100
_MAGIC = b"SQLite format 3\0"
_TEXTS = {
    sqlite3.SQLITE_FULL: "disk full: nothing of this was written, what was booked before is kept",
    sqlite3.SQLITE_IOERR: "disk full or failing: what was booked before is kept",
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_NOTADB: "is not a Lowcarb ledger",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_BUSY: "is locked by another program",
}
_NEEDS_REPAIR = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
# Files that this process writes, and the right to open, read or close one in this process.
_OWN: set[tuple[int, int]] = set()
_ALONE = threading.Lock()


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn what SQLite and the operating system raise into a `LedgerError` that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        # Errors of the binding itself have no code. The low byte is the kind, the rest details it.
        code = getattr(error, "sqlite_errorcode", 0)
        text = _TEXTS.get(code & 0xFF)
        detail = f"{error.sqlite_errorname}: {error}" if code else str(error)
        raise LedgerError(f"{path}: {text} ({detail})" if text else f"{path}: {detail}") from error
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror or error}") from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise LedgerError(f"{path}: cannot hold this value: {error}") from error


def may_pass(error: LedgerError) -> bool:
    """Whether the same may be written later: a disk or another program is in the way of it."""
    return isinstance(error.__cause__, OSError | sqlite3.OperationalError)


@contextmanager
def opened_to_write(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger as its only writer; create it if there is none, bring it up to date.

    Raises
    ------
    LedgerError
        If it is no ledger, a newer one, written by another process, or cannot be written.
    """
    with ExitStack() as stack:
        with _ALONE:
            if _is_own(path):
                raise LedgerError(f"{path}: is being written by this process already")
            stack.callback(os.close, _lock(path))
            if not path.exists() or not path.stat().st_size:
                _create(path)
            own = _identity(path)
            with explained(path):
                connection = _connect(path, "rw")
            stack.callback(_close, connection, path, own)
            _OWN.add(own)
            with explained(path):
                _prepare(connection, path)
        yield connection


@contextmanager
def opened_to_read(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger to read it; nothing is created or changed beside it.

    Raises
    ------
    LedgerError
        If there is none, or it is none, or a newer one.
    """
    with ExitStack() as stack:
        stack.enter_context(_ALONE)
        if not _is_own(path):
            _require_ledger(path)
        with explained(path):
            connection = _begin_to_read(path, stack)
            _refuse_newer(connection, path)
            if version_of(connection) < VERSION:
                connection = stack.enter_context(closing(_brought_up_to_date(connection)))
        yield connection


def _identity(path: Path) -> tuple[int, int]:
    found = path.stat()
    return found.st_dev, found.st_ino


def _is_own(path: Path) -> bool:
    with explained(path):
        return path.exists() and _identity(path) in _OWN


def _require_ledger(path: Path, *, or_nothing: bool = False) -> None:
    """Look at the first bytes; refuse what is no ledger and, unless allowed, what is not there."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        raise LedgerError(
            f"{path}: expected SQLite {oldest} or newer, got {sqlite3.sqlite_version}, which comes "
            "with this Python"
        )
    with explained(path):
        if not path.exists():
            if not path.parent.is_dir():
                raise LedgerError(f"{path}: the folder {path.parent} does not exist")
            if or_nothing:
                return
            raise LedgerError(f"{path}: there is no such ledger")
        if not path.is_file():
            raise LedgerError(f"{path}: expected a file, got a folder or a device")
        with path.open("rb") as stream:
            head = stream.read(_HEADER)
    if not head and or_nothing:
        return
    if head[:16] != _MAGIC or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise LedgerError(f"{path}: is not a Lowcarb ledger")


def _lock(path: Path) -> int:
    """Lock a file beside the ledger until its handle is closed, at the latest by the process's end.

    The lock file stays: removing it would let two writers lock two different files.
    """
    _require_ledger(path, or_nothing=True)
    lock = Path(f"{path}.lock")
    with explained(lock):
        handle = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o666)
        try:
            holder = os.read(handle, _HEADER).decode("ascii", "replace").strip()
            if not re.fullmatch(r"[0-9]*", holder):
                raise LedgerError(f"{lock}: expected the lock of a ledger, got another file")
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise LedgerError(
                    f"{path}: is being written by another process"
                    + (f" ({holder})" if holder else "")
                    + "; a ledger has one writer at a time"
                ) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, f"{os.getpid()}\n".encode(), 0)
        except BaseException:
            os.close(handle)
            raise
    return handle


def _create(path: Path) -> None:
    """Write an empty ledger; a process that is killed here leaves a whole one or none."""
    try:
        with whole_file(str(path)) as stream:
            stream.write(new_ledger())
    except LowcarbError as error:
        raise LedgerError(str(error)) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}", uri=True, timeout=_PATIENCE_S, isolation_level=None
    )


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Check the version before anything is changed, then see that the file can be written."""
    _refuse_newer(connection, path)
    connection.execute("PRAGMA foreign_keys = ON")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise LedgerError(f"{path}: SQLite cannot keep a write-ahead log on this file system")
    connection.execute("PRAGMA synchronous = FULL")
    with transaction(connection):
        migrate(connection)


def _refuse_newer(connection: sqlite3.Connection, path: Path) -> None:
    found = version_of(connection)
    if found > VERSION:
        raise LedgerError(
            f"{path}: was written by a newer Lowcarb (schema {found}, this one knows {VERSION}); "
            "update Lowcarb"
        )


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all or nothing of what the block does."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        yield
        connection.execute("COMMIT")
    except BaseException:
        # SQLite itself has rolled back after some errors.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _close(connection: sqlite3.Connection, path: Path, own: tuple[int, int]) -> None:
    """Leave one ordinary file if nobody reads it now; else the log stays, and nothing is lost."""
    with _ALONE:
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except sqlite3.Error as error:
            _LOG.info("%s keeps its write-ahead log: %s", path, error)
        finally:
            connection.close()
            _OWN.discard(own)


def _begin_to_read(path: Path, stack: ExitStack) -> sqlite3.Connection:
    """Begin to read the file itself or, where SQLite would have to repair something, a copy.

    A writer that is just opening or closing the file can be in the way of both.
    """
    end = time.monotonic() + _PATIENCE_S
    while True:
        with ExitStack() as attempt:
            connection = _begin_with_file(path, attempt) or _begin_with_copy(path, attempt)
            if connection:
                stack.enter_context(attempt.pop_all())
                return connection
        if time.monotonic() > end:
            raise LedgerError(f"{path}: is opened and closed by other programs all the time")
        time.sleep(_PAUSE_S)


def _begin_with_file(path: Path, stack: ExitStack) -> sqlite3.Connection | None:
    if not _is_own(path) and not _readable_as_it_is(path):
        return None
    connection = stack.enter_context(closing(_connect(path, "ro")))
    try:
        _begin(connection)
    except sqlite3.OperationalError as error:
        # A writer that was killed while it opened or closed the file left a journal.
        if error.sqlite_errorcode & 0xFF in _NEEDS_REPAIR:
            return None
        raise
    return connection


def _begin_with_copy(path: Path, stack: ExitStack) -> sqlite3.Connection | None:
    """Copy what a killed writer left and repair the copy; None if the files change meanwhile."""
    copy = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="lowcarb-"))) / "ledger"
    before = _state(path)
    try:
        for ending in before:
            shutil.copyfile(f"{path}{ending}", f"{copy}{ending}")
    except FileNotFoundError:
        return None
    if _state(path) != before:
        return None
    connection = stack.enter_context(closing(_connect(copy, "rw")))
    _begin(connection)
    return connection


def _begin(connection: sqlite3.Connection) -> None:
    """Begin a transaction, so that all that is read is of one instant and no writer interferes."""
    connection.execute("BEGIN")
    version_of(connection)


def _state(path: Path) -> dict[str, tuple[int, int, int]]:
    """Say, of the file and those that SQLite keeps beside it, which there are and how they are."""
    state = {}
    for ending in ("", "-wal", "-journal"):
        with suppress(FileNotFoundError):
            found = Path(f"{path}{ending}").stat()
            state[ending] = (found.st_ino, found.st_size, found.st_mtime_ns)
    return state


def _readable_as_it_is(path: Path) -> bool:
    """Whether the file is at rest, or has both of the files that a log needs."""
    with path.open("rb") as stream:
        logged = stream.read(_HEADER)[18] == 2
    return not logged or (Path(f"{path}-wal").exists() and Path(f"{path}-shm").exists())


def _brought_up_to_date(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Copy an older ledger into memory and migrate the copy."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(memory)
    with transaction(memory):
        migrate(memory)
    return memory
