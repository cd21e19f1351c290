"""The files of models beside a ledger: their names, whether they are whole, what is left over.

A round's row names the model that came out of the round, relative to the ledger, with its checksum.
So a training never goes on with another model than its own, and both can be moved together.
"""

import hashlib
import logging
import os
import re
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from lowcarb._util.atomic_file import LONGER, UNFINISHED
from lowcarb._util.text import printable
from lowcarb.errors import LedgerError
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound
from lowcarb.ledger.faults import explained

logger = logging.getLogger(__name__)

# More trainings and rounds than there ever are in a ledger.
_MANY = 10**7
# What most file systems take, in bytes, where the system does not tell.
_LONGEST_NAME = 255
# Temporary names of models that earlier releases left.
_EARLIER = r"\.[a-z0-9_]{8}"


@dataclass(frozen=True)
class SavedModel:
    """A model on disk.

    Parameters
    ----------
    file
        Its name, relative to the ledger.
    sha256
        Checksum of the file.
    """

    file: str
    sha256: str


@dataclass(frozen=True)
class ModelFiles:
    """Models of each training, in files beside its ledger.

    Parameters
    ----------
    ledger
        Real path of the file that they stand beside.
    name
        What messages call the ledger, if not by that path: where it is kept elsewhere.
    """

    ledger: Path
    name: str | None = None

    def path(self, training: int, number: int) -> Path:
        """Where the model of a round belongs."""
        return self.ledger.with_name(f"{self._prefix(training)}{number}.npz")

    def find(self, account: Account) -> Path | None:
        """Return the model that a training goes on with; None if it has none yet.

        Raises
        ------
        LedgerError
            If the model of the last aggregated round is missing, or another one.
        """
        made = [booked for booked in account.rounds if booked.aggregated]
        if not made:
            return None
        last = made[-1]
        if last.model is None:
            # The ledgers of earlier releases do not name their models.
            return self._newest(account.number, account.rounds_over)
        return self._checked(account.number, last, last.model)

    def drop_old(self, training: int, number: int) -> None:
        """Remove a training's models of the rounds before a round."""
        for other, path in self._saved(training).items():
            if other < number:
                path.unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove what killed writers of the ledger left half-written; for its writer alone."""
        name = re.escape(self.ledger.name)
        left = re.compile(
            rf"\.{name}(?:{UNFINISHED}|\.training\d+\.round\d+\.npz(?:{UNFINISHED}|{_EARLIER}))"
        )
        for path in self.ledger.parent.iterdir():
            if left.fullmatch(path.name) and path.is_file() and not path.is_symlink():
                with suppress(OSError):
                    path.unlink()
                    logger.info("lowcarb: removed %s, which a killed process left", path)

    def require_short_name(self) -> None:
        """Refuse a ledger whose name leaves no room for the names of what stands beside it.

        Raises
        ------
        LedgerError
            Says how long the name may be.
        """
        longest = _LONGEST_NAME
        if hasattr(os, "pathconf"):
            with suppress(OSError, ValueError):
                longest = os.pathconf(self.ledger.parent, "PC_NAME_MAX")
        own = len(os.fsencode(self.ledger.name))
        most = longest - LONGER - (len(os.fsencode(self.path(_MANY, _MANY).name)) - own)
        if own > most:
            raise LedgerError(
                f"{self.ledger}: expected a name of at most {most} bytes, got {own}: names of "
                "models beside the ledger begin with it; give the ledger a shorter name"
            )

    def _checked(self, training: int, made: BookedRound, name: str) -> Path:
        if Path(name).name != name or name in ("", ".."):
            raise LedgerError(
                f"{self.called}: is damaged: round {made.number} names the model "
                f"{printable(name)!r}, which is not beside the ledger"
            )
        # By the first name, models are found that were copied or renamed with their ledger.
        named = self.ledger.with_name(name)
        candidates = (self.path(training, made.number), named)
        found = [path for path in dict.fromkeys(candidates) if path.is_file()]
        for path in found:
            if checksum(path) == made.model_sha256:
                return path
        # The path in a private folder says nothing to those who are to restore the file.
        where = str(named) if self.name is None else name
        expected = f"{self.called}: expected the model of round {made.number} in {where}"
        if not found:
            raise LedgerError(f"{expected}, got no such file{_WAYS_OUT}")
        raise LedgerError(
            f"{expected} with the checksum {made.model_sha256}, got another model with "
            f"{checksum(found[0])}{_WAYS_OUT}"
        )

    @property
    def called(self) -> str:
        """What messages call the ledger."""
        return str(self.ledger) if self.name is None else self.name

    def _newest(self, training: int, last: int) -> Path | None:
        saved = self._saved(training)
        fitting = [number for number in saved if number <= last] or list(saved)
        return saved[max(fitting)] if fitting else None

    def _prefix(self, training: int) -> str:
        return f"{self.ledger.name}.training{training}.round"

    def _saved(self, training: int) -> dict[int, Path]:
        """Saved models of a training by the number of their round."""
        name = re.compile(rf"{re.escape(self._prefix(training))}([0-9]+)\.npz")
        found = [(name.fullmatch(path.name), path) for path in self.ledger.parent.iterdir()]
        return {int(match[1]): path for match, path in found if match}


_WAYS_OUT = (
    "; restore the file, or go on with the turns but the app's initial model "
    "(resume='turns'), or begin a new training (resume=False)"
)


def checksum(path: Path) -> str:
    """Return the SHA-256 of a file.

    Raises
    ------
    LedgerError
        If it cannot be read.
    """
    with explained(path), path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
