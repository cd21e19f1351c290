"""Where a ledger is kept, as far as reading and writing it goes; here: in a file."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from lowcarb.ledger.faults import explained
from lowcarb.ledger.sqlite_file import opened_to_read, opened_to_write


@dataclass(frozen=True, kw_only=True)
class Opened:
    """A ledger that is open for writing.

    Parameters
    ----------
    name
        What messages call the ledger.
    path
        The file that is written; models stand beside it.
    connection
        To the file.
    publish
        Called at the end of each transaction, before it takes effect. If it raises `LedgerError`
        the transaction does not take effect.
    """

    name: str
    path: Path
    connection: sqlite3.Connection
    publish: Callable[[], None]


class Home(Protocol):
    """Where a ledger is kept."""

    def writing(self, *, take_over: bool) -> AbstractContextManager[Opened]:
        """Open the ledger as its only writer; create it if there is none."""

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open the ledger, as it is at one instant, to read it."""

    def on_disk(self) -> AbstractContextManager[Path]:
        """Give the path of the ledger as a file, with its models beside it."""


class FileHome:
    """A ledger in a file.

    Parameters
    ----------
    path
        The file; it need not exist yet.
    """

    def __init__(self, path: Path) -> None:
        # Whatever the folder of the process is later, the ledger is this file.
        with explained(path):
            self._absolute = path.absolute()

    @contextmanager
    def writing(self, *, take_over: bool) -> Iterator[Opened]:  # noqa: ARG002
        """Open the file under its lock, which a writer that was killed does not hold."""
        path = self._real_path()
        with opened_to_write(path) as connection:
            yield Opened(name=str(path), path=path, connection=connection, publish=_nothing)

    def reading(self) -> AbstractContextManager[sqlite3.Connection]:
        """Open the file to read it."""
        return opened_to_read(self._real_path())

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """Give the real path of the file."""
        yield self._real_path()

    def _real_path(self) -> Path:
        return Path(os.path.realpath(self._absolute))


def _nothing() -> None:
    """The file is all there is."""
