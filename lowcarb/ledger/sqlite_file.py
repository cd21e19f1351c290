"""Opening the file of a ledger: one writer, any number of readers.

While a writer is at work the file is in SQLite's WAL mode, with a ``-wal`` and a ``-shm`` file
beside it. At rest it is one ordinary file. A writer that was killed leaves the two files; the next
writer takes them up.

Readers create and change nothing beside the ledger, so that it can be read in a folder and on a
disk where nothing can be written. Where SQLite would have to repair what a killed writer left, or
to make files of its own, readers repair a copy.
"""

import logging
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
from lowcarb._util.text import printable
from lowcarb.errors import LedgerError, LowcarbError
from lowcarb.ledger import schema
from lowcarb.ledger.faults import explained
from lowcarb.ledger.lock import locked
from lowcarb.ledger.model_files import ModelFiles

_LOG = logging.getLogger(__name__)

# The first that knows strict tables.
_OLDEST_SQLITE = (3, 37)
# How long to wait for a reader or a writer that is opening or closing the file.
_PATIENCE_S = 10.0
_PAUSE_S = 0.005
_NEEDS_REPAIR = {sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN}
# Copying closes a handle of the file, and with any such handle a process loses all its locks on the
# file. So within one process nobody else reads, opens or closes a ledger meanwhile.
_ALONE = threading.Lock()


@contextmanager
def opened_to_write(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a ledger as its only writer; create it if there is none, bring it up to date.

    Raises
    ------
    LedgerError
        If it is no ledger, a newer one, written by another process, or cannot be written.
    """
    with ExitStack() as stack:
        with _ALONE, explained(path):
            _require_ledger(path, or_nothing=True)
            if not _is_empty(path):
                # Before anything is made beside a file that is no ledger.
                with ExitStack() as look:
                    _begin_to_read(path, look)
            files = ModelFiles(path)
            files.require_short_name()
            stack.enter_context(locked(path))
            files.clear()
            if _is_empty(path):
                _create(path)
            connection = _connect(path, "rw")
            stack.callback(_close, connection, path)
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
        with explained(path):
            stack.enter_context(_ALONE)
            _require_ledger(path)
            connection = _begin_to_read(path, stack)
            if schema.version_of(connection) < schema.VERSION:
                connection = stack.enter_context(closing(schema.migrated_copy(connection)))
        yield connection


def _require_ledger(path: Path, *, or_nothing: bool = False) -> None:
    """Refuse what cannot be a ledger and, unless allowed, what is not there."""
    if sqlite3.sqlite_version_info < _OLDEST_SQLITE:
        oldest = ".".join(map(str, _OLDEST_SQLITE))
        raise LedgerError(
            f"{path}: expected SQLite {oldest} or newer, got {sqlite3.sqlite_version}, which comes "
            "with this Python"
        )
    if path.exists():
        if not path.is_file():
            raise LedgerError(f"{path}: expected a file, got a folder or a device")
    elif not path.parent.is_dir():
        raise LedgerError(
            f"{path}: the folder {path.parent} does not exist: make it, or give the ledger another "
            "path"
        )
    elif not or_nothing:
        raise LedgerError(f"{path}: there is no such ledger")


def _is_empty(path: Path) -> bool:
    return not path.exists() or not path.stat().st_size


def _create(path: Path) -> None:
    """Write an empty ledger; a process that is killed here leaves a whole one or none."""
    try:
        with whole_file(path) as stream:
            stream.write(schema.new_ledger())
    except LowcarbError as error:
        raise LedgerError(str(error)) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    return sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=_PATIENCE_S,
        isolation_level=None,
        # A loop may run in another thread than the one that opened the ledger; `Book` takes turns.
        check_same_thread=False,
    )


def _check(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse another program's database and a newer ledger."""
    if connection.execute("PRAGMA application_id").fetchone() != (schema.APPLICATION_ID,):
        raise LedgerError(f"{path}: is not a Lowcarb ledger")
    found = schema.version_of(connection)
    if found > schema.VERSION:
        raise LedgerError(
            f"{path}: was written by a newer Lowcarb (schema {found}, this one knows "
            f"{schema.VERSION}); update Lowcarb"
        )


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    """Check the version before anything is changed, then see that the file can be written."""
    _check(connection, path)
    # Cheap at the size of a ledger; writing into a damaged one would damage more.
    (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    if found != "ok":
        raise LedgerError(f"{path}: is damaged: {printable(found)}; restore it from a backup")
    connection.execute("PRAGMA foreign_keys = ON")
    (mode,) = connection.execute("PRAGMA journal_mode = WAL").fetchone()
    if mode != "wal":
        raise LedgerError(f"{path}: SQLite cannot keep a write-ahead log on this file system")
    connection.execute("PRAGMA synchronous = FULL")
    schema.migrate(connection)


def _close(connection: sqlite3.Connection, path: Path) -> None:
    """Leave one ordinary file if nobody reads it now; else the log stays, and nothing is lost."""
    with _ALONE, closing(connection):
        try:
            connection.execute("PRAGMA journal_mode = DELETE")
        except (sqlite3.Error, UnicodeDecodeError) as error:
            # The second is SQLite's own text of an error, where it holds damage.
            _LOG.info("%s keeps its write-ahead log: %s", path, error)


def _begin_to_read(path: Path, stack: ExitStack) -> sqlite3.Connection:
    """Begin to read the file itself or, where SQLite would have to repair something, a copy.

    A writer that is just opening or closing the file can be in the way of both.
    """
    end = time.monotonic() + _PATIENCE_S
    while True:
        with ExitStack() as attempt:
            connection = _begin_with_file(path, attempt) or _begin_with_copy(path, attempt)
            if connection:
                _check(connection, path)
                stack.enter_context(attempt.pop_all())
                return connection
        if time.monotonic() > end:
            raise LedgerError(f"{path}: is opened and closed by other programs all the time")
        time.sleep(_PAUSE_S)


def _begin_with_file(path: Path, stack: ExitStack) -> sqlite3.Connection | None:
    try:
        if not (Path(f"{path}-wal").exists() and Path(f"{path}-shm").exists()):
            # Without locks SQLite opens no file in WAL mode, and so makes no files for its log.
            with closing(_connect(path, "ro&nolock=1")) as resting:
                schema.version_of(resting)
        return _begin(stack.enter_context(closing(_connect(path, "ro"))))
    except sqlite3.OperationalError as error:
        # A writer that was killed, or is just opening or closing the file, left a log or a journal.
        if error.sqlite_errorcode & 0xFF in _NEEDS_REPAIR:
            return None
        raise


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
    return _begin(stack.enter_context(closing(_connect(copy, "rw"))))


def _begin(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Begin a transaction, so that all that is read is of one instant and no writer interferes."""
    connection.execute("BEGIN")
    schema.version_of(connection)
    return connection


def _state(path: Path) -> dict[str, tuple[int, int, int]]:
    """Say, of the file and those that SQLite keeps beside it, which there are and how they are."""
    state = {}
    for ending in ("", "-wal", "-journal"):
        with suppress(FileNotFoundError):
            found = Path(f"{path}{ending}").stat()
            state[ending] = (found.st_ino, found.st_size, found.st_mtime_ns)
    return state
