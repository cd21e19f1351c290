"""Names of the files that stand beside a ledger and belong to it."""

import re
from pathlib import Path

LOCK = ".lock"
"""Ending of its lock."""
GO = ".go"
"""Ending of the file that tells a training that waits to go on."""
LOGS = ("-wal", "-shm", "-journal")
"""Endings of what SQLite keeps beside it."""


def models_of(ledger: str, training: int) -> str:
    """How the names of a training's models begin; the round's number and ``.npz`` follow."""
    return f"{ledger}.training{training}.round"


def ledger_of(name: str) -> str | None:
    """Name the ledger that a file of this name belongs to if there is one; None if to none."""
    endings = "|".join(re.escape(ending) for ending in (LOCK, GO, *LOGS))
    found = re.fullmatch(rf"(.+?)(?:{endings}|\.training\d+\.round\d+\.npz)", name, re.DOTALL)
    return None if found is None else found[1]


GENERATION_BEGINS = b"lowcarb-ledger "
"""How each generation of a ledger in a store begins."""
_OF_A_STORE = re.compile(r"generation-\d{10}|model-\d{10}-[0-9a-f]+")


def is_of_a_store(name: str) -> bool:
    """Whether an object of a ledger in a store may have this name."""
    return _OF_A_STORE.fullmatch(name) is not None


def holds_a_store(folder: Path) -> bool:
    """Whether a folder holds a ledger's generations."""
    return any(True for _ in folder.glob("generation-*"))
