"""How far a training is: what the next plan must know of it, without all that was booked."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Tally:
    """Rounds of a training that are booked, and turns that count.

    Parameters
    ----------
    number
        Of the training in its ledger, from 1.
    rounds
        Numbers of the rounds that are booked, ascending.
    turns
        Credited turns of each client that has any.
    asked
        Turns that were asked for, whatever became of them.
    """

    number: int
    rounds: Sequence[int]
    turns: Mapping[str, int]
    asked: int

    @property
    def rounds_over(self) -> int:
        """Number of the last round that was booked, 0 if none was."""
        return last_of(self.rounds)

    @property
    def missing_rounds(self) -> list[int]:
        """Rounds before the last one that was booked of which nothing is known."""
        return missing_of(self.rounds)


def last_of(rounds: Collection[int]) -> int:
    """Return the number of the last of some rounds, 0 if there are none."""
    return max(rounds, default=0)


def missing_of(rounds: Collection[int]) -> list[int]:
    """List the rounds that are missing before the last of some rounds."""
    booked = set(rounds)
    return [r for r in range(1, last_of(rounds)) if r not in booked]
