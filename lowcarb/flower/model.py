"""The global model, saved so that a restart goes on with it."""

import zipfile
from pathlib import Path

import numpy as np
from flwr.app import Array, ArrayRecord

from lowcarb.errors import LedgerError
from lowcarb.files import whole_file


def save_model(arrays: ArrayRecord, path: str) -> None:
    """Write arrays under their names; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    # Numbers in place of names: a name may hold what a file in an archive may not be called.
    content = {f"{i:06d}": array.numpy() for i, array in enumerate(arrays.values())}
    names = np.array(list(arrays.keys()), dtype=np.str_)
    with whole_file(path) as stream:
        np.savez(stream, names=names, **content)  # type: ignore[arg-type]


def load_model(path: str) -> ArrayRecord:
    """Read arrays that `save_model` wrote.

    Raises
    ------
    LedgerError
        If the file is missing or damaged.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as content:
            names = content["names"].tolist()
            return ArrayRecord({name: Array(content[f"{i:06d}"]) for i, name in enumerate(names)})
    except (OSError, ValueError, KeyError, zipfile.BadZipFile) as error:
        raise LedgerError(f"{path}: the saved model cannot be read: {error}") from None
