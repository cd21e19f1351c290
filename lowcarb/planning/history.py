"""What has happened before a plan."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.text import grams, rounded
from lowcarb.errors import InputError
from lowcarb.fleet.fleet import Fleet


@dataclass(frozen=True, kw_only=True, eq=False)
class Spent:
    """What turns that were asked for have used, lost ones too.

    Parameters
    ----------
    last
        Shape (n,): number of the last round in which each client was asked, 0 for none.
    kwh, grams
        Shape (n,): energy at the meter, and gCO2eq by what came true, as far as that is known.
    """

    last: IntArray
    kwh: FloatArray
    grams: FloatArray

    def __repr__(self) -> str:
        return f"Spent({rounded(self.kwh.sum())} kWh and {grams(float(self.grams.sum()))} so far)"


@dataclass(frozen=True, kw_only=True, eq=False)
class History:
    """Rounds that are over, and who took part in them.

    Parameters
    ----------
    turns
        Shape (n,): turns that each client of the fleet has taken.
    rounds
        How many rounds are over.
    asked
        Turns that were asked for in them, lost ones too; None for those that were taken.
    spent
        What those used; None where nobody knows, and then no budget and no rest can go on.
    """

    turns: IntArray
    rounds: int
    asked: int | None = None
    spent: Spent | None = None

    def __post_init__(self) -> None:
        """Refuse turns that cannot have been taken."""
        if self.rounds < 0 or (self.turns < 0).any() or (self.turns > self.rounds).any():
            raise InputError(
                f"history: expected 0 to {self.rounds} turns a client in {self.rounds} rounds"
            )
        if self.asked is not None and self.asked < int(self.turns.sum()):
            raise InputError(
                f"history: expected {self.turns.sum()} turns asked for or more, as many as were "
                f"taken, got {self.asked}"
            )

    @property
    def turns_asked(self) -> int:
        """Turns that were asked for, as far as is known."""
        return int(self.turns.sum()) if self.asked is None else self.asked

    @classmethod
    def empty(cls, clients: int) -> "History":
        """Nothing has happened."""
        return cls(turns=np.zeros(clients, dtype=np.int64), rounds=0)

    @classmethod
    def by_name(
        cls,
        fleet: Fleet,
        turns: Mapping[str, int],
        rounds: int,
        asked: int | None = None,
        spent: Spent | None = None,
    ) -> "History":
        """Say who has taken how many turns; who is not named has taken none.

        Raises
        ------
        InputError
            If a client that has taken turns is not in the fleet: its turns would vanish.
        """
        taken = np.zeros(len(fleet), dtype=np.int64)
        for name, number in turns.items():
            if name in fleet.position:
                taken[fleet.position[name]] = number
            elif number:
                raise InputError(
                    f"client {name!r} has taken turns ({number}), but is not in the fleet",
                    file=fleet.file,
                    field="client",
                )
        return cls(turns=taken, rounds=rounds, asked=asked, spent=spent)
