"""Names of the files that stand beside a ledger and belong to it."""

import re

LOCK = ".lock"
"""Ending of its lock."""
LOGS = ("-wal", "-shm", "-journal")
"""Endings of what SQLite keeps beside it."""


def models_of(ledger: str, training: int) -> str:
    """How the names of a training's models begin; the round's number and ``.npz`` follow."""
    return f"{ledger}.training{training}.round"


def ledger_of(name: str) -> str | None:
    """Name the ledger that a file of this name belongs to if there is one; None if to none."""
    endings = "|".join(re.escape(ending) for ending in (LOCK, *LOGS))
    found = re.fullmatch(rf"(.+?)(?:{endings}|\.training\d+\.round\d+\.npz)", name, re.DOTALL)
    return None if found is None else found[1]
