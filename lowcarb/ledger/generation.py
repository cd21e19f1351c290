"""One generation of a ledger that is kept in a store: what an object of the store holds.

An object begins with a line that tells how long the rest is and its checksum, so that one that was
cut off or altered is never taken for a ledger. A line of JSON follows, then the SQLite file.
"""

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

_MAGIC = b"lowcarb-ledger 1"
# Digits of a number in names; ten are more generations than a ledger ever has.
_DIGITS = 10
_GENERATION = re.compile(rf"generation-(\d{{{_DIGITS}}})")
_MODEL = re.compile(rf"model-(\d{{{_DIGITS}}})-[0-9a-f]+")
_MODEL_FILE = re.compile(r"[A-Za-z0-9_.-]+\.training\d+\.round\d+\.npz")


@dataclass(frozen=True, kw_only=True)
class StoredModel:
    """A model in the store.

    Parameters
    ----------
    file
        Its name beside the ledger, where the ledger is a file.
    object
        Its name in the store.
    sha256
        Checksum of the object.
    """

    file: str
    object: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class Generation:
    """A whole ledger as it was booked at one time.

    Parameters
    ----------
    number
        Of the generation; each is one more than the one that it follows.
    writer
        Who wrote it: differs in each opening for writing, however often the same process opens it.
    by
        The writer in words: its process and machine.
    closed
        Whether its writer ended with it.
    models
        Models beside the ledger.
    content
        The ledger as a file.
    """

    number: int
    writer: str
    by: str
    closed: bool
    models: Sequence[StoredModel]
    content: bytes | bytearray


def generation_name(number: int) -> str:
    """Name the object of a generation."""
    return f"generation-{number:0{_DIGITS}d}"


def generation_number(name: str) -> int | None:
    """Return the number of a generation by the name of its object; None if it is of none."""
    found = _GENERATION.fullmatch(name)
    return int(found[1]) if found else None


def model_name(number: int, token: str) -> str:
    """Name the object of a model that is made for a generation."""
    return f"model-{number:0{_DIGITS}d}-{token}"


def model_number(name: str) -> int | None:
    """Return the number of the generation that a model was made for; None if it is no model."""
    found = _MODEL.fullmatch(name)
    return int(found[1]) if found else None


def encoded(generation: Generation) -> bytes:
    """Write a generation as an object."""
    header: dict[str, Any] = {
        "number": generation.number,
        "writer": generation.writer,
        "by": generation.by,
        "closed": generation.closed,
        "models": [asdict(model) for model in generation.models],
    }
    rest = b"".join((json.dumps(header).encode(), b"\n", generation.content))
    return b"%s %d %s\n%s" % (_MAGIC, len(rest), hashlib.sha256(rest).hexdigest().encode(), rest)


def decoded(content: bytes) -> Generation:
    """Read a generation.

    Raises
    ------
    ValueError
        If it is not whole, or none, or one of a newer Lowcarb.
    """
    first, _, rest = content.partition(b"\n")
    words = first.split(b" ")
    if b" ".join(words[:2]) != _MAGIC or len(words) != 4:
        raise ValueError("it does not begin as a ledger of this Lowcarb does")
    length, sha256 = (word.decode("ascii", "replace") for word in words[2:])
    if length != str(len(rest)):
        raise ValueError(f"expected {length} bytes after its first line, got {len(rest)}")
    if hashlib.sha256(rest).hexdigest() != sha256:
        raise ValueError("its checksum is another one")
    line, _, ledger = rest.partition(b"\n")
    try:
        header = json.loads(line)
        models = [StoredModel(**model) for model in header.pop("models")]
        for model in models:
            if not _MODEL_FILE.fullmatch(model.file) or model_number(model.object) is None:
                raise ValueError(f"it names a model {model.file!r} in {model.object!r}")
        return Generation(**header, models=models, content=ledger)
    except (TypeError, AttributeError, KeyError) as error:
        raise ValueError(f"its header makes no sense: {error!r}") from error
