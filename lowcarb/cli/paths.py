"""Looking at the files of a command before any work is done."""

import os
import sys
from collections.abc import Sequence
from pathlib import Path

from lowcarb._util.csv_bytes import csv_bytes
from lowcarb._util.output_file import output_file, require_output
from lowcarb.errors import InputError

STANDARD = "-"
"""Standard input and output, in the place of a file's name."""


def write_output(path: str, content: bytes) -> None:
    """Write a file, which appears whole or not at all, or to the standard output."""
    if path == STANDARD:
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return
    with output_file(path) as stream:
        stream.write(content)


def write_csv_output(path: str, text: str) -> None:
    """Write a CSV file for spreadsheets too, or the bare text to the standard output."""
    write_output(path, text.encode() if path == STANDARD else csv_bytes(text))


def check_standard_output(out: str | None, *, as_json: bool) -> None:
    """Refuse to write both a file and JSON to the standard output."""
    if out == STANDARD and as_json:
        raise InputError(
            "out: the standard output (-) has room for --out or --json, not for both", field="out"
        )


def check_inputs(inputs: Sequence[str | None]) -> None:
    """Refuse to read standard input twice."""
    if inputs.count("-") > 1:
        raise InputError("standard input (-) can be read only once", field="forecast")


def check_output(
    option: str,
    path: str | None,
    *,
    inputs: Sequence[str | None] = (),
    outputs: Sequence[str | None] = (),
    endings: Sequence[str] = (),
    for_a_ledger: bool = False,
    standard: bool = False,
) -> None:
    """Refuse an output that would fail or destroy something.

    Parameters
    ----------
    option
        The option that names it.
    path
        The file to be written; None for none.
    inputs
        Files that are read, and so must not be written.
    outputs
        Files that are written as well, and so must be others.
    endings
        What its name may end with; anything if empty.
    for_a_ledger
        Whether it may take the place of a ledger.
    standard
        Whether ``-`` stands for the standard output.
    """
    if path is None or (standard and path == STANDARD):
        return
    if path in ("", "-"):
        raise InputError(f"{option}: expected the name of a file, got {path!r}", field=option)
    target = Path(path)
    if endings and target.suffix.lower() not in endings:
        raise InputError(
            f"{option}: expected a name that ends in {' or '.join(endings)}, got {path!r}",
            field=option,
        )
    for given in inputs:
        if given and given != "-" and _is_same(target, Path(given)):
            raise InputError("is also an input; it would be overwritten", file=path, field=option)
    for other in outputs:
        if other and _is_same(target, Path(other)):
            raise InputError("is also another output; give another name", file=path, field=option)
    require_output(path, for_a_ledger=for_a_ledger, field=option)


def _is_same(one: Path, other: Path) -> bool:
    """Whether two names, by links too, are of one file; devices may be read and written at once."""
    try:
        return one.samefile(other) and not one.is_char_device()
    except OSError:  # one of them is not there
        return os.path.realpath(one) == os.path.realpath(other)


def check_folder(option: str, path: str | None) -> None:
    """Refuse a folder for outputs that cannot be made; one that is there already is fine."""
    if path is None:
        return
    target = Path(path)
    if path in ("", "-"):
        raise InputError(f"{option}: expected the name of a folder, got {path!r}", field=option)
    try:
        there, linked = target.exists(), target.is_symlink()
    except OSError as error:
        raise InputError(
            f"cannot be made: {error.strerror}; expected the name of a folder",
            file=path,
            field=option,
        ) from None
    if there and not target.is_dir():
        raise InputError("is a file; expected a folder", file=path, field=option)
    if linked and not there:
        raise InputError("is a link that leads nowhere; expected a folder", file=path, field=option)
    if not there and not target.parent.is_dir():
        raise InputError(f"the folder {target.parent} does not exist", file=path, field=option)
