"""A ledger by its path or its address: opened to be read, or by its only writer.

A ledger is an SQLite file. One process writes; others may read at any time. Where the disk does not
last the file is kept in a store elsewhere.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from lowcarb._util.arguments import wrong
from lowcarb.errors import LedgerError
from lowcarb.ledger.account import Account
from lowcarb.ledger.book import Book
from lowcarb.ledger.elsewhere import StoreHome
from lowcarb.ledger.entries import TrainingEntry
from lowcarb.ledger.faults import explained
from lowcarb.ledger.home import FileHome, Home
from lowcarb.ledger.read import newest_training, read_account, read_tally, read_trainings
from lowcarb.ledger.stores.address import is_address, store_at
from lowcarb.ledger.stores.object_store import CALLS, ObjectStore
from lowcarb.ledger.tally import Tally


class Ledger:
    """An account on disk, or in a store elsewhere.

    Parameters
    ----------
    path
        The file; it need not exist yet. A text with ``://`` is the address of a store: one that
        fsspec reaches, such as ``s3://bucket/run.db``, or a folder, ``file:///mnt/disk/run.db``.
    store
        Where the ledger is kept, if neither of these fits: an object with the calls of
        `lowcarb.ledger.stores.object_store.ObjectStore`. Then `path` is only what it is called.

    The attribute `path` is the file, None where there is a store; `name` is what messages call it.

    Raises
    ------
    InputError
        If the store lacks calls.
    LedgerError
        If nothing at the address can keep a ledger.
    """

    def __init__(self, path: str | Path, *, store: ObjectStore | None = None) -> None:
        self.name = str(path)
        self.path: Path | None = None
        self._home: Home
        if store is not None:
            if isinstance(store, type) or not all(hasattr(store, call) for call in CALLS):
                raise wrong("store", f"an object with the calls {', '.join(CALLS)}", store)
            self._home = StoreHome(store, self.name)
        elif isinstance(path, str) and is_address(path):
            self._home = StoreHome(store_at(path), path)
        else:
            self.path = Path(path)
            self.name = str(self.path)
            self._home = FileHome(self.path)

    def __repr__(self) -> str:
        return f"Ledger({self.name!r})"

    @contextmanager
    def writing(self, *, take_over: bool = True) -> Iterator[Book]:
        """Open the ledger as its only writer, until the block ends; create it if there is none.

        A file that another process writes is refused. A store does not tell whether its writer is
        still alive: whoever opens the ledger takes it over, and the other can book nothing more.

        Parameters
        ----------
        take_over
            False: refuse a ledger in a store that its last writer did not close, alive or not.

        Raises
        ------
        LedgerError
            If the ledger is none or a newer one, if another process writes it, or if it cannot be
            written.
        """
        with self._home.writing(take_over=take_over) as opened:
            yield Book(opened)

    def account(self, training: int | None = None) -> Account:
        """Read a training; nothing is changed, and a writer may be at work.

        Parameters
        ----------
        training
            Its number, from 1; the newest one if None.

        Raises
        ------
        LedgerError
            If there is no such ledger or training.
        """
        with self._home.reading() as connection, explained(self.name):
            return read_account(connection, self._number(connection, training), self.name)

    def tally(self, training: int | None = None) -> Tally:
        """Read how far a training is and who took part; for large fleets sooner than `account`.

        Parameters
        ----------
        training
            Its number, from 1; the newest one if None.

        Raises
        ------
        LedgerError
            If there is no such ledger or training.
        """
        with self._home.reading() as connection, explained(self.name):
            return read_tally(connection, self._number(connection, training), self.name)

    def _number(self, connection: sqlite3.Connection, training: int | None) -> int:
        """Return the number of the training that is asked for."""
        newest = newest_training(connection)
        if not newest:
            raise LedgerError(f"{self.name}: holds no training yet")
        if training is not None and not 1 <= training <= newest:
            raise LedgerError(f"{self.name}: has trainings 1 to {newest}, not {training}")
        return newest if training is None else training

    def trainings(self) -> list[TrainingEntry]:
        """List the trainings, oldest first; nothing is changed, and a writer may be at work.

        Raises
        ------
        LedgerError
            If there is no such ledger.
        """
        with self._home.reading() as connection, explained(self.name):
            return read_trainings(connection, self.name)

    def on_disk(self) -> AbstractContextManager[Path]:
        """Give the path of the ledger as a file, with its models beside it.

        Of a ledger in a store it is a copy, which is removed when the block ends.
        """
        return self._home.on_disk()
