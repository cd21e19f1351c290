"""Writing files so that nothing is ever half-written."""

import errno
import os
import secrets
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from lowcarb.errors import LowcarbError

# How the names of files that are not whole yet end, so that what a killed process left is known.
_ENDING = ".lowcarb"
UNFINISHED = rf"\.[0-9a-f]{{8}}\{_ENDING}"
"""Pattern of what follows ``.NAME`` in the name of a file that is to become NAME."""
LONGER = len(f"..{'0' * 8}{_ENDING}")
"""By how much such a name is longer than NAME."""
# What most file systems take, in bytes, where the system does not tell.
_LONGEST_NAME = 255
# What file systems answer that cannot sync a folder.
_CANNOT_SYNC = {errno.EINVAL, errno.ENOTSUP, errno.EBADF, errno.EACCES}


# Names of what a process has open.
_OPEN = ("/dev/fd/", "/dev/std", "/proc/self/fd/")


@contextmanager
def whole_file(path: str | Path) -> Iterator[BinaryIO]:
    """Open a file that appears when the block ends, whole, or not at all.

    Something else than a file, such as a device or a pipe, is written to as it is: replacing it
    would destroy it.

    Raises
    ------
    LowcarbError
        If it cannot be written; what stood there before still does.
    """
    try:
        if is_stream(path):
            with Path(path).open("wb") as stream:
                yield stream
            return
        target = Path(os.path.realpath(path))
        if target.is_symlink():
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        mode = stat.S_IMODE(target.stat().st_mode) if target.exists() else None
        with replaced_file(target, mode) as stream:
            yield stream
    except OSError as error:
        raise LowcarbError(f"{path}: cannot be written: {error.strerror or error}") from None


def is_stream(path: str | Path) -> bool:
    """Whether something takes what is written as it comes: a pipe, a device, an open file."""
    given = os.fspath(path)
    if given.startswith(_OPEN):
        # Such a link leads to what a process has open, whatever its name says.
        return True
    try:
        mode = Path(given).stat().st_mode
    except (OSError, ValueError):
        return False
    return not stat.S_ISREG(mode) and not stat.S_ISDIR(mode)


@contextmanager
def replaced_file(path: Path, mode: int | None) -> Iterator[BinaryIO]:
    """Open a file that takes a path's place when the block ends, on disk by then.

    Parameters
    ----------
    path
        A file, or nothing yet, in a folder that is there.
    mode
        Who may read and write the file; None for what new files get.

    Raises
    ------
    OSError
        If the file cannot be written; what stood there before still does.
    """
    temporary, handle = _new_file(path, 0o666 if mode is None else 0o600)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        if mode is not None:
            temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)


def create_file(path: Path, content: bytes) -> None:
    """Make a file that appears whole, on disk by then, or not at all, and replaces no other.

    Raises
    ------
    FileExistsError
        If there is one of that name; of all who try at the same time one alone makes it.
    OSError
        If it cannot be written.
    """
    temporary, handle = _new_file(path, 0o666)
    try:
        with os.fdopen(handle, "wb") as stream:
            stream.write(content)
            stream.flush()
            os.fsync(stream.fileno())
        # A second name is never given to a file where another has it.
        os.link(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    sync_folder(path.parent)


def longest_name(folder: Path) -> int:
    """Return how many bytes the name of a file in a folder may have."""
    if hasattr(os, "pathconf"):
        with suppress(OSError, ValueError):
            return os.pathconf(folder, "PC_NAME_MAX")
    return _LONGEST_NAME


def sync_folder(folder: Path) -> None:
    """Bring the names of a folder's files onto the disk, where the system knows how."""
    if not hasattr(os, "O_DIRECTORY"):
        return
    try:
        handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise


def _new_file(path: Path, mode: int) -> tuple[Path, int]:
    """Make a file beside a path; the system itself takes the umask from the mode.

    To ask for the umask one has to set it, for all threads.
    """
    # A name that leaves no room for the rest is cut.
    name, room = path.name, longest_name(path.parent) - LONGER
    if len(os.fsencode(name)) > room:
        name = os.fsencode(name)[:room].decode("utf-8", "ignore")
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    while True:
        temporary = path.with_name(f".{name}.{secrets.token_hex(4)}{_ENDING}")
        with suppress(FileExistsError):
            return temporary, os.open(temporary, flags, mode)
