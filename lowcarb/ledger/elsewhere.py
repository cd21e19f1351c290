"""A ledger in a store of objects: worked on in a private folder, kept in the store.

The folder holds the file and the models as they are beside a ledger in a file. Before a transaction
takes effect there, the models it speaks of and then the whole file go to the store. So what counts
is what the store holds, and a transaction of which the store knows nothing is undone.
"""

import logging
import os
import re
import shutil
import socket
import sqlite3
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path

from lowcarb._util.text import printable
from lowcarb.errors import LedgerError, LedgerTakenOverError
from lowcarb.ledger.chain import Chain, Writer
from lowcarb.ledger.faults import explained
from lowcarb.ledger.generation import Generation, StoredModel
from lowcarb.ledger.home import Opened
from lowcarb.ledger.image import image
from lowcarb.ledger.sqlite_file import opened_to_read, opened_to_write
from lowcarb.ledger.stores.object_store import ObjectStore
from lowcarb.ledger.stores.probe import require_exclusive

_LOG = logging.getLogger(__name__)

_FILE = "ledger.db"
# How long to try to copy where rounds are booked faster than a model is read.
_PATIENCE_S = 30.0
# What tells a file from the one that takes its place: name, inode, size and time of change.
_State = tuple[str, int, int, int]


class StoreHome:
    """A ledger in a store.

    Parameters
    ----------
    store
        Holds the objects of this ledger and nothing else.
    address
        Of the ledger, for messages.
    """

    def __init__(self, store: ObjectStore, address: str) -> None:
        self._store = store
        self._address = address

    @contextmanager
    def writing(self, *, take_over: bool) -> Iterator[Opened]:
        """Take the ledger over from whoever wrote it; refuse that, unless allowed, if it is open.

        Raises
        ------
        LedgerError
            If the store cannot be reached or cannot keep a ledger, another writer is at work and
            it may not be taken over, or what the store holds is no ledger.
        """
        writer = Writer(self._store, self._address)
        with writer.reached("written"):
            require_exclusive(self._store, self._address)
        before = writer.newest()
        if before is not None and not before.closed:
            self._meet_open(before, take_over=take_over)
        with _folder(self._address) as folder:
            path = folder / _FILE
            known = {} if before is None else _fetched(writer, before, path)
            with self._opened(opened_to_write(path), path) as connection:
                upload = _Upload(
                    writer=writer,
                    connection=connection,
                    path=path,
                    known=known,
                    named=() if before is None else before.models,
                )
                upload.begin(before)
                try:
                    yield Opened(
                        name=self._address, path=path, connection=connection, publish=upload
                    )
                finally:
                    upload.close()

    def _meet_open(self, before: Generation, *, take_over: bool) -> None:
        by = printable(str(before.by))
        if not take_over:
            raise LedgerError(
                f"{self._address}: is being written by {by}, or was when that was killed; try "
                "again when its training is over"
            )
        _LOG.warning(
            "lowcarb: %s is taken over from %s, which did not close it; if that is still at work, "
            "it can book nothing more",
            self._address,
            by,
        )

    @contextmanager
    def reading(self) -> Iterator[sqlite3.Connection]:
        """Open a copy of the newest generation."""
        with _folder(self._address) as folder:
            path = folder / _FILE
            _write(path, self._newest(Chain(self._store, self._address)).content)
            with self._opened(opened_to_read(path), path) as connection:
                yield connection

    @contextmanager
    def on_disk(self) -> Iterator[Path]:
        """Copy the newest generation and its models into a folder of their own."""
        chain = Chain(self._store, self._address)
        end = time.monotonic() + _PATIENCE_S
        while True:
            with _folder(self._address) as folder:
                path = folder / _FILE
                newest = self._newest(chain)
                whole = len(_fetched(chain, newest, path)) == len(newest.models)
                # Its writer may have removed a model that the next generation does not name.
                if whole or time.monotonic() > end or self._newest(chain).number == newest.number:
                    yield path
                    return

    @contextmanager
    def _opened(
        self, opening: AbstractContextManager[sqlite3.Connection], path: Path
    ) -> Iterator[sqlite3.Connection]:
        """Open the file in the private folder; errors in that name the ledger, not the file."""
        with ExitStack() as stack:
            try:
                connection = stack.enter_context(opening)
            except LedgerError as error:
                text = str(error).replace(str(path), self._address)
                raise LedgerError(text) from error.__cause__
            yield connection

    def _newest(self, chain: Chain) -> Generation:
        newest = chain.newest()
        if newest is None:
            raise LedgerError(f"{self._address}: there is no such ledger")
        return newest


class _Upload:
    """Brings what is written in the private folder into the store."""

    def __init__(
        self,
        *,
        writer: Writer,
        connection: sqlite3.Connection,
        path: Path,
        known: dict[_State, StoredModel],
        named: Sequence[StoredModel],
    ) -> None:
        self._writer = writer
        self._connection = connection
        self._path = path
        self._known = known
        # What could not be read is kept until there is a newer model: it may be restored.
        self._missing = tuple(model for model in named if model not in known.values())
        self._is_lost = False

    def begin(self, before: Generation | None) -> None:
        """Become the writer."""
        self._writer.begin(image(self._connection), before, models=self._models)

    @property
    def _models(self) -> tuple[StoredModel, ...]:
        return (*self._known.values(), *self._missing)

    def __call__(self) -> None:
        """Bring the models that are new, and then the ledger, into the store."""
        try:
            self._append(closed=False)
        except LedgerTakenOverError:
            self._is_lost = True
            raise

    def close(self) -> None:
        """Say in the store that nobody writes the ledger now; nothing is lost if that fails."""
        if self._is_lost:
            return
        try:
            self._append(closed=True)
        except LedgerError as error:
            _LOG.warning("lowcarb: %s; what was booked before is kept", error)

    def _append(self, *, closed: bool) -> None:
        with explained(self._writer.address):
            for state in (found := _states(self._path)):
                if state not in self._known:
                    content = self._path.with_name(state[0]).read_bytes()
                    self._known[state] = self._writer.put_model(state[0], content)
                    self._missing = ()
            self._known = {state: self._known[state] for state in found}
            self._writer.append(image(self._connection), models=self._models, closed=closed)


def _private_name() -> str:
    """How the names of this machine's private folders begin; the number of a process follows."""
    return f"lowcarb-ledger-{re.sub('[^A-Za-z0-9]', '', socket.gethostname())}-"


def _remove_left_folders() -> None:
    """Remove the private folders of processes of this user that were killed."""
    if not hasattr(os, "getuid"):
        # Elsewhere asking whether a process lives would end it.
        return
    begin = _private_name()
    for folder in Path(tempfile.gettempdir()).glob(f"{begin}*"):
        process = folder.name.removeprefix(begin).split("-")[0]
        if not process.isdigit() or folder.stat().st_uid != os.getuid():
            continue
        try:
            os.kill(int(process), 0)
        except ProcessLookupError:
            shutil.rmtree(folder, ignore_errors=True)
        except OSError:
            # It lives, and is somebody else's now.
            continue


@contextmanager
def _folder(address: str) -> Iterator[Path]:
    """Make a private folder to work on a ledger in, and remove it in the end."""
    try:
        _remove_left_folders()
        folder = tempfile.TemporaryDirectory(
            prefix=f"{_private_name()}{os.getpid()}-", ignore_cleanup_errors=True
        )
    except OSError as error:
        raise LedgerError(
            f"{address}: is worked on in a temporary folder, and none can be made: {error}; set "
            "TMPDIR to a folder that can be written"
        ) from error
    with folder:
        yield Path(folder.name)


def _write(path: Path, content: bytes | bytearray) -> None:
    with explained(path):
        path.write_bytes(content)


def _fetched(chain: Chain, generation: Generation, path: Path) -> dict[_State, StoredModel]:
    """Write a generation as a file with its models beside it; return the models that are there."""
    _write(path, generation.content)
    models = {model.file: model for model in generation.models}
    for model in models.values():
        content = chain.model(model)
        if content is None:
            _LOG.warning(
                "lowcarb: %s: the model %s, in the object %s, is missing or another one",
                chain.address,
                model.file,
                model.object,
            )
        else:
            _write(path.with_name(model.file), content)
    return {state: models[state[0]] for state in _states(path)}


def _states(path: Path) -> list[_State]:
    """Return the state of each model that stands beside a ledger."""
    with explained(path):
        found = [(file.name, file.stat()) for file in sorted(path.parent.glob("*.npz"))]
    return [(name, now.st_ino, now.st_size, now.st_mtime_ns) for name, now in found]
