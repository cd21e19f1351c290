"""Checksums of files, by which others can tell that they have the same."""

import hashlib
from pathlib import Path

from lowcarb.errors import InputError


def sha256_of_file(path: str) -> str | None:
    """Compute the SHA-256 of a file as it stands on disk, in hexadecimal digits.

    None of standard input (``-``) and of what can be read only once.

    Raises
    ------
    InputError
        If it cannot be read.
    """
    if path == "-":
        return None
    try:
        if not Path(path).is_file():
            return None
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise InputError(f"cannot be read: {error.strerror or error}", file=path) from None
