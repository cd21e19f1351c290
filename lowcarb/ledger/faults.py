"""What SQLite and the operating system raise, in words that name the file."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from lowcarb._util.text import printable
from lowcarb.errors import LedgerError

_TEXTS = {
    sqlite3.SQLITE_FULL: "disk full: nothing of this was written, what was booked before is kept",
    sqlite3.SQLITE_IOERR: "disk full or failing: what was booked before is kept",
    sqlite3.SQLITE_READONLY: "is read-only",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened",
    sqlite3.SQLITE_CORRUPT: "is damaged",
    sqlite3.SQLITE_BUSY: "is locked by another program",
}

SENSELESS = (ValueError, TypeError, AttributeError, KeyError, OverflowError, RecursionError)
"""What a text where a figure should be, or the other way round, raises."""

# Of the message that says what makes no sense.
_LONGEST = 200


@contextmanager
def explained(path: Path | str) -> Iterator[None]:
    """Turn what SQLite and the operating system raise into a `LedgerError` that names the file."""
    try:
        yield
    except sqlite3.Error as error:
        # Errors of the binding itself have no code. The low byte is the kind, the rest details it.
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF == sqlite3.SQLITE_NOTADB:
            raise LedgerError(f"{path}: is not a Lowcarb ledger") from error
        text = _TEXTS.get(code & 0xFF)
        detail = f"{error.sqlite_errorname}: {error}" if code else str(error)
        raise LedgerError(f"{path}: {text} ({detail})" if text else f"{path}: {detail}") from error
    except OSError as error:
        raise LedgerError(f"{path}: {error.strerror or error}") from error
    except UnicodeDecodeError as error:
        # SQLite's own text of an error can hold the damage.
        raise LedgerError(f"{path}: is damaged: {error}") from error
    except (OverflowError, UnicodeEncodeError) as error:
        raise LedgerError(f"{path}: cannot hold this value: {error}") from error


@contextmanager
def understood(path: Path | str) -> Iterator[None]:
    """Turn what reading senseless content raises into a `LedgerError` that names the file."""
    try:
        yield
    except SENSELESS as error:
        raise LedgerError(f"{path}: is damaged: {printable(str(error))[:_LONGEST]}") from error


def may_pass(error: LedgerError) -> bool:
    """Whether the same may be written later: a disk or another program is in the way of it."""
    return isinstance(error.__cause__, OSError | sqlite3.OperationalError)
