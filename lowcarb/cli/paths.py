"""Looking at the files of a command before any work is done."""

from collections.abc import Sequence
from pathlib import Path

from lowcarb.errors import InputError


def check_inputs(inputs: Sequence[str | None]) -> None:
    """Refuse to read standard input twice."""
    if inputs.count("-") > 1:
        raise InputError("standard input (-) can be read only once", field="forecast")


def check_output(
    option: str,
    path: str | None,
    *,
    inputs: Sequence[str | None] = (),
    endings: Sequence[str] = (),
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
    endings
        What its name may end with; anything if empty.
    """
    if path is None:
        return
    if path in ("", "-"):
        raise InputError(f"{option}: expected the name of a file, got {path!r}", field=option)
    target = Path(path)
    if endings and target.suffix.lower() not in endings:
        raise InputError(
            f"{option}: expected a name that ends in {' or '.join(endings)}, got {path!r}",
            field=option,
        )
    if not target.parent.is_dir():
        raise InputError(f"the folder {target.parent} does not exist", file=path, field=option)
    if target.is_dir():
        raise InputError("is a folder; expected a file to write", file=path, field=option)
    for given in inputs:
        if given and target.exists() and Path(given).exists() and target.samefile(given):
            raise InputError("is also an input; it would be overwritten", file=path, field=option)


def check_folder(option: str, path: str | None) -> None:
    """Refuse a folder for outputs that cannot be made; one that is there already is fine."""
    if path is None:
        return
    target = Path(path)
    if path in ("", "-"):
        raise InputError(f"{option}: expected the name of a folder, got {path!r}", field=option)
    if target.exists() and not target.is_dir():
        raise InputError("is a file; expected a folder", file=path, field=option)
    if not target.exists() and not target.parent.is_dir():
        raise InputError(f"the folder {target.parent} does not exist", file=path, field=option)
