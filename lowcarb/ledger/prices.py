"""The round prices of a training's last plan, so that a server that starts again begins from them.

They only save time. So of each training no more than the last ones are kept, and what cannot be
read is no reason to stop.
"""

import json
import logging
import math
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import printable
from lowcarb.ledger.faults import SENSELESS

logger = logging.getLogger(__name__)


def keep_prices(
    connection: sqlite3.Connection, training: int, first: int, prices: FloatArray
) -> None:
    """Write prices (t,) of the rounds from `first` on in place of earlier ones."""
    known = [price if math.isfinite(price) else None for price in prices.tolist()]
    connection.execute(
        "INSERT OR REPLACE INTO prices (training, first_round, prices) VALUES (?, ?, ?)",
        (training, int(first), json.dumps(known)),
    )


def read_prices(
    connection: sqlite3.Connection, training: int, path: Path | str
) -> tuple[int, FloatArray] | None:
    """Read the first round and the prices from then on (t,), NaN where unknown.

    None if there are none, or if they make no sense, which is said; `path` is for messages.
    """
    try:
        row = connection.execute(
            "SELECT first_round, prices FROM prices WHERE training = ?", (training,)
        ).fetchone()
        return None if row is None else _understood(*row)
    except (*SENSELESS, sqlite3.DatabaseError) as error:
        logger.warning(
            "lowcarb: %s: the prices of the last plan cannot be read, the next plan begins from "
            "nothing: %s",
            path,
            printable(str(error))[:200],
        )
        return None


def _understood(first: Any, text: Any) -> tuple[int, FloatArray]:
    if not isinstance(first, int) or first < 1:
        raise ValueError(f"expected the number of a round, got {first!r:.80}")
    values = json.loads(text)
    if not isinstance(values, list):
        raise TypeError(f"expected a list of prices, got {values!r:.80}")
    for value in values:
        if value is not None and not isinstance(value, int | float):
            raise TypeError(f"expected a price, got {value!r:.80}")
    prices = np.array([math.nan if value is None else float(value) for value in values])
    return first, np.where(np.isfinite(prices), prices, math.nan)
