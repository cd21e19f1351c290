"""Writing files so that nothing is ever half-written."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from lowcarb.errors import LowcarbError


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
    target = Path(os.path.realpath(path))
    try:
        if target.exists() and not target.is_file():
            with target.open("wb") as stream:
                yield stream
            return
        mode = target.stat().st_mode if target.exists() else 0o666 & ~_umask()
        with replaced_file(target, mode) as stream:
            yield stream
    except OSError as error:
        raise LowcarbError(f"{path}: cannot be written: {error.strerror or error}") from None


@contextmanager
def replaced_file(path: Path, mode: int) -> Iterator[BinaryIO]:
    """Open a file that takes a path's place when the block ends, on disk by then.

    Parameters
    ----------
    path
        A file, or nothing yet, in a folder that is there.
    mode
        Who may read and write the file.

    Raises
    ------
    OSError
        If the file cannot be written; what stood there before still does.
    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(handle, "wb") as stream:
            yield stream
            stream.flush()
            os.fsync(stream.fileno())
        temporary.chmod(mode)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
