"""Files that people ask for: written whole, and never in the place of a ledger by accident."""

import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lowcarb._util.atomic_file import is_stream, longest_name, whole_file
from lowcarb._util.ledger_names import (
    GENERATION_BEGINS,
    LOCK,
    holds_a_store,
    is_of_a_store,
    ledger_of,
)
from lowcarb.errors import InputError

_DATABASE = b"SQLite format 3\0"
# How a database's write-ahead log and its journal begin.
_LOGS = (b"\x37\x7f\x06\x82", b"\x37\x7f\x06\x83", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7")
# A lock holds the number of a process, or nothing.
_LOCK = re.compile(rb"[0-9]{0,20}\n?")
_KINDS = {
    stat.S_IFDIR: "is a folder",
    stat.S_IFBLK: "is a disk",
    stat.S_IFSOCK: "is a socket",
}


@contextmanager
def output_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file that appears when the block ends, whole, or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written or must not be; what stood there before still does.
    """
    require_output(path)
    with whole_file(path) as stream:
        yield stream


def require_output(
    path: str | Path, *, for_a_ledger: bool = False, field: str | None = None
) -> None:
    """Refuse to write where it would fail, or destroy what belongs to a ledger.

    Links are followed, and stay. Pipes and devices such as ``/dev/null`` may be written to.

    Parameters
    ----------
    path
        The file to be written.
    for_a_ledger
        Whether a ledger may be replaced, since another is to be written.
    field
        The option or argument that names it.

    Raises
    ------
    InputError
        Says what is in the way.
    """
    try:
        reason = _reason(str(path), for_a_ledger=for_a_ledger)
    except (OSError, ValueError) as error:
        reason = f"cannot be written: {getattr(error, 'strerror', None) or error}"
    if reason is not None:
        raise InputError(reason, file=str(path), field=field)


def _reason(path: str, *, for_a_ledger: bool) -> str | None:
    """What is in the way; None if nothing is."""
    if path.endswith(("/", os.sep)):
        return "ends like a folder; expected the name of a file"
    if is_stream(path):
        what = _KINDS.get(stat.S_IFMT(Path(path).stat().st_mode))
        return None if what is None else f"{what}; expected a file to write"
    target = Path(os.path.realpath(path))
    linked = os.path.islink(path)  # noqa: PTH114 - Path.is_symlink raises for a long name
    named = f" (the link leads to {target})" if linked else ""
    if not target.parent.is_dir():
        return f"the folder {(target if linked else Path(path)).parent} does not exist{named}"
    most, own = longest_name(target.parent), len(os.fsencode(target.name))
    if own > most:
        return f"expected a name of at most {most} bytes, got {own}; give a shorter name"
    if target.is_symlink():
        return "is a link in a circle of links; remove it, or give another name"
    mode = target.stat().st_mode if target.exists() else None
    kind = None if mode is None else stat.S_IFMT(mode)
    if kind in _KINDS:
        return f"{_KINDS[kind]}; expected a file to write{named}"
    if kind not in (None, stat.S_IFREG):
        return None  # a pipe or a device, which is not replaced
    belongs = _ledgers(target, is_there=kind is not None, for_a_ledger=for_a_ledger)
    return None if belongs is None else f"{belongs}; give another name{named}"


def _ledgers(target: Path, *, is_there: bool, for_a_ledger: bool) -> str | None:
    """Say what of a ledger is or belongs at a place for a file; None if nothing."""
    begin = _begin(target) if is_there else b""
    if begin.startswith(_DATABASE) and not for_a_ledger:
        return "is a database, such as a ledger, which would be destroyed"
    if begin.startswith(_LOGS):
        return "belongs to a database, such as a ledger, which would be damaged"
    if begin.startswith(GENERATION_BEGINS) or (
        is_there and is_of_a_store(target.name) and holds_a_store(target.parent)
    ):
        return "is a part of a ledger, which would be destroyed"
    owner = ledger_of(target.name)
    if owner is None:
        return None
    ledger = target.with_name(owner)
    if ledger.is_file() and _begin(ledger).startswith(_DATABASE):
        return f"is a name that belongs to the ledger {owner}"
    is_lock = target.name.endswith(LOCK) and _LOCK.fullmatch(begin) is not None
    if is_there and (is_lock or target.name.endswith(".npz")):
        return f"belongs to a ledger called {owner}"
    return None


def _begin(path: Path) -> bytes:
    with path.open("rb") as stream:
        return stream.read(32)
