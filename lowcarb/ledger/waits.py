"""Until when a training waits for its next round, so that a server that starts again waits on.

Of each training no more than the last such decision is kept, and what cannot be read is no reason
to stop: hours are then chosen anew.
"""

import logging
import sqlite3
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from lowcarb._util.text import printable
from lowcarb.ledger.columns import columns_of, from_row, to_row
from lowcarb.ledger.faults import SENSELESS

logger = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Wait:
    """A decision to wait.

    Parameters
    ----------
    number
        Of the round that is waited for.
    since
        When the round could begin at the soonest, in UTC.
    decided_at
        When that was decided, in UTC.
    until
        When the round begins, unless newer forecasts say otherwise, in UTC.
    saved_g
        What the rounds left are expected to emit less than at once, gCO2eq; None where unknown.
    at_once_g
        What was expected of them at the soonest, if each had begun as soon as it might, gCO2eq;
        None where unknown.
    """

    number: int
    since: datetime
    decided_at: datetime
    until: datetime
    saved_g: float | None = None
    at_once_g: float | None = None


_COLUMNS = ", ".join(columns_of(Wait))
_PLACES = ", ".join(f":{name}" for name in columns_of(Wait))


def keep_wait(connection: sqlite3.Connection, training: int, wait: Wait) -> None:
    """Write a decision in place of an earlier one.

    Raises
    ------
    InputError
        If a figure is negative or not finite, or a time has no zone.
    """
    connection.execute(
        f"INSERT OR REPLACE INTO wait (training, {_COLUMNS}) VALUES (:training, {_PLACES})",  # noqa: S608
        {"training": training, **to_row(wait)},
    )


def read_wait(connection: sqlite3.Connection, training: int, path: Path | str) -> Wait | None:
    """Read the last decision; None if there is none, or it makes no sense, which is said."""
    try:
        row = connection.execute(
            f"SELECT {_COLUMNS} FROM wait WHERE training = ?",  # noqa: S608
            (training,),
        ).fetchone()
        return None if row is None else from_row(Wait, row)
    except (*SENSELESS, sqlite3.DatabaseError) as error:
        logger.warning(
            "lowcarb: %s: until when the training waited cannot be read, the hours are chosen "
            "anew: %s",
            path,
            printable(str(error))[:200],
        )
        return None
