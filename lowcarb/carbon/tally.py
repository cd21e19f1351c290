"""What was read of each region of a file, and what has to be said of it."""

from collections.abc import Mapping

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.csv_table import Table
from lowcarb._util.text import count, listed
from lowcarb.carbon.forecast_table import Read


class Tally:
    """What was read of each region, over all issues."""

    def __init__(self) -> None:
        self._reads: dict[str, list[Read]] = {}

    def add(self, reads: Mapping[str, Read]) -> None:
        """Add what was read of one issue."""
        for region, read in reads.items():
            self._reads.setdefault(region, []).append(read)

    def values(self) -> dict[str, FloatArray]:
        """Return all values of each region of which any is known."""
        return {
            region: np.concatenate([read.known[1] for read in reads if read.known is not None])
            for region, reads in self._reads.items()
            if any(read.known is not None for read in reads)
        }

    def hints(self) -> dict[str, str]:
        """By region with blank cells: what that means, for errors about it."""
        found = {}
        for region, reads in self._reads.items():
            blanks, cells = (sum(getattr(r, name) for r in reads) for name in ("blanks", "cells"))
            if blanks:
                found[region] = (
                    f"{blanks} of its {cells} cells are blank, and nothing is known there; values "
                    "that hold longer than others' belong in the long form, "
                    "target_time,region,value"
                )
        return found

    def notes(self, table: Table) -> list[str]:
        """Say what is blank, and which rows were left out."""
        notes = []
        for region, hint in self.hints().items():
            notes.append(f"{table.file}: region {region!r}: {hint}")
        rows = sorted({row for reads in self._reads.values() for r in reads for row in r.skipped})
        if rows:
            notes.append(
                f"{table.file}: {count(len(rows), 'row')} left out, which hold no intensity, or "
                f"two for one time: {listed([table.place(row) for row in rows])}"
            )
        return notes
