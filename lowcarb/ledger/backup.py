"""Copying a ledger with the model that it goes on with, while a writer may be at work."""

import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from lowcarb._util.atomic_file import whole_file
from lowcarb._util.ledger_names import LOCK
from lowcarb._util.output_file import require_output
from lowcarb._util.text import printable
from lowcarb.errors import LedgerError, LowcarbError
from lowcarb.ledger.account import Account
from lowcarb.ledger.faults import explained
from lowcarb.ledger.image import image
from lowcarb.ledger.ledger import Ledger
from lowcarb.ledger.lock import locked
from lowcarb.ledger.model_files import ModelFiles
from lowcarb.ledger.read import newest_training, read_account
from lowcarb.ledger.schema import migrated_copy
from lowcarb.ledger.sqlite_file import opened_to_read

# How long to try where rounds are booked, and older models removed, faster than one is copied.
_PATIENCE_S = 30.0


def back_up(ledger: Ledger, target: str | Path) -> Path | None:
    """Copy a ledger, as it is at one instant, and the model of its newest training.

    A training that goes on with the copy goes on after the last round that the copy holds. The
    model stands beside the copy and is called after the copy. A backup that stood there before is
    replaced once all of the new backup is on the disk.

    Returns
    -------
    Path | None
        The copy of the model; None if the training has made none yet.

    Raises
    ------
    LedgerError
        If the ledger cannot be read, its model is not there, or nothing can be written there.
    """
    with ledger.on_disk() as source:
        return _backed_up(source, target)


def _backed_up(source: Path, target: str | Path) -> Path | None:
    """Copy a ledger that is a file, here and now."""
    copy = Path(os.path.realpath(target))
    _require_room(source, copy)
    end = time.monotonic() + _PATIENCE_S
    while True:
        with opened_to_read(source) as reading, explained(source):
            memory = migrated_copy(reading)
        with closing(memory):
            account = _account(source, memory)
            try:
                return _written(source, memory, account, copy)
            except LedgerError:
                # Its writer may have booked another round since, and dropped the model.
                if time.monotonic() > end or not _went_on(source, account):
                    raise


def _went_on(source: Path, account: Account | None) -> bool:
    now = Ledger(source).account() if account is not None else None
    return account is not None and now is not None and now.rounds_over != account.rounds_over


def _require_room(source: Path, copy: Path) -> None:
    """Refuse to replace what is no ledger, or what another ledger's writer left half-written."""
    if source == copy:
        raise LedgerError(f"{copy}: is the ledger itself; expected another file for its backup")
    try:
        require_output(copy, for_a_ledger=True)
    except LowcarbError as error:
        raise LedgerError(str(error)) from error
    if copy.exists():
        try:
            with opened_to_read(copy):
                pass
        except LedgerError as error:
            raise LedgerError(f"{error}; a backup replaces nothing but a ledger") from error
    for ending in ("-wal", "-journal"):
        if Path(f"{copy}{ending}").exists():
            raise LedgerError(
                f"{copy}{ending}: belongs to another ledger of that name, which is being written "
                "or was cut off; expected another name for the backup"
            )
    ModelFiles(copy).require_short_name()


def _account(source: Path, memory: sqlite3.Connection) -> Account | None:
    """Read the newest training of a copy; None if there is none."""
    with explained(source):
        (state,) = memory.execute("PRAGMA quick_check(1)").fetchone()
        if state != "ok":
            raise LedgerError(f"{source}: is damaged: {printable(state)}")
        newest = newest_training(memory)
        return read_account(memory, newest, source) if newest else None


def _written(
    source: Path, memory: sqlite3.Connection, account: Account | None, copy: Path
) -> Path | None:
    content = image(memory)
    original = None if account is None else ModelFiles(source).find(account)
    files = ModelFiles(copy)
    with explained(copy), _unused(copy):
        try:
            if account is None or original is None:
                with whole_file(copy) as stream:
                    stream.write(content)
                return None
            number = [booked.number for booked in account.rounds if booked.aggregated][-1]
            model = files.path(account.number, number)
            with _taken_back(model), whole_file(copy) as stream:
                stream.write(content)
                stream.flush()
                with original.open("rb") as saved, whole_file(model) as beside:
                    shutil.copyfileobj(saved, beside)
        except LowcarbError as error:
            raise LedgerError(str(error)) from error
        files.drop_old(account.number, number)
    return model


@contextmanager
def _taken_back(model: Path) -> Iterator[None]:
    """Remove a model that is new if the ledger cannot follow it."""
    is_new = not model.exists()
    try:
        yield
    except BaseException:
        if is_new:
            model.unlink(missing_ok=True)
        raise


@contextmanager
def _unused(copy: Path) -> Iterator[None]:
    """See that no training writes what is to be replaced."""
    if Path(f"{copy}{LOCK}").exists():
        with locked(copy):
            yield
    else:
        yield
