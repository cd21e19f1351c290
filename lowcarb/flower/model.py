"""The global model, saved so that a restart goes on with it."""

import hashlib
import json
from dataclasses import dataclass
from itertools import zip_longest
from math import prod
from pathlib import Path
from typing import cast

import numpy as np
from flwr.app import Array, ArrayRecord
from numpy.typing import NDArray

from lowcarb._util.atomic_file import whole_file
from lowcarb._util.text import count
from lowcarb.errors import LedgerError
from lowcarb.ledger.model_files import ModelFiles, SavedModel, checksum
from lowcarb.training.booking import Model


@dataclass(frozen=True)
class ArrayFiles:
    """The newest model of each training as Flower's arrays, in files beside its ledger.

    Parameters
    ----------
    files
        Where they are.
    """

    files: ModelFiles

    def save(self, training: int, number: int, model: Model) -> SavedModel:
        """Save the model that came out of a round."""
        path = self.files.path(training, number)
        save_model(cast("ArrayRecord", model), str(path))
        return SavedModel(path.name, checksum(path))

    def drop_old(self, training: int, number: int) -> None:
        """Remove a training's models of the rounds before a round."""
        self.files.drop_old(training, number)


def save_model(arrays: ArrayRecord, path: str) -> None:
    """Write arrays as Flower holds them; the file appears whole or not at all.

    Raises
    ------
    LowcarbError
        If it cannot be written.
    """
    # Flower's own bytes, so that what is loaded is the same to the last bit. Names stand apart: a
    # name may hold what a file in an archive may not be called.
    header = [[name, a.dtype, list(a.shape), a.stype] for name, a in arrays.items()]
    content = {f"{i:06d}": _bytes(array.data) for i, array in enumerate(arrays.values())}
    with whole_file(path) as stream:
        np.savez(stream, header=_bytes(json.dumps(header).encode()), **content)  # type: ignore[arg-type]


def _bytes(data: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(data, dtype=np.uint8)


def load_model(path: str) -> ArrayRecord:
    """Read arrays that `save_model` wrote.

    Raises
    ------
    LedgerError
        If the file is missing or damaged.
    """
    try:
        with Path(path).open("rb") as stream, np.load(stream, allow_pickle=False) as content:
            header = json.loads(content["header"].tobytes())
            return ArrayRecord(
                {
                    name: Array(dtype, tuple(shape), stype, content[f"{i:06d}"].tobytes())
                    for i, (name, dtype, shape, stype) in enumerate(header)
                }
            )
    except Exception as error:
        # A damaged file can fail in any step of reading it.
        raise LedgerError(f"{path}: the saved model cannot be read: {error!r}") from None


def shape_of(arrays: ArrayRecord) -> str | None:
    """Say in short which arrays a model has.

    None where an array is empty: strategies that grow trees start with one, and it may become
    anything.
    """
    shapes = [[name, list(array.shape)] for name, array in arrays.items()]
    sizes = [prod(array.shape) for array in arrays.values()]
    if not shapes or 0 in sizes:
        return None
    names = hashlib.sha256(json.dumps(shapes).encode()).hexdigest()[:8]
    return f"{count(len(sizes), 'array')} of {sum(sizes):,} numbers ({names})"


def difference(saved: ArrayRecord, initial: ArrayRecord) -> str | None:
    """Say how a saved model differs in its arrays from the one that an app starts with.

    None if it does not. An empty array may have become anything, and no array at all: strategies
    that grow trees start with one, and clients may make the arrays.
    """
    if all(0 in array.shape for array in initial.values()):
        return None
    for new, old in zip_longest(initial.items(), saved.items()):
        if new is None or old is None or new[0] != old[0]:
            return f"expected {_named(new)}, got {_named(old)}"
        if tuple(new[1].shape) != tuple(old[1].shape) and 0 not in new[1].shape:
            return f"expected {_named(new)}, got {_named(old)}"
    return None


def _named(array: tuple[str, Array] | None) -> str:
    return "no more arrays" if array is None else f"{array[0]} {tuple(array[1].shape)}"
