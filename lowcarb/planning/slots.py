"""Candidate starts of rounds as times, and what that means in slots."""

from dataclasses import dataclass
from math import inf

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb.errors import InputError
from lowcarb_solvers import Problem, ProblemError, SlotProblem, Spacing

Rounds = tuple[int, int]
"""The fewest and the most rounds."""

# Seconds by which rounds may overlap because of rounding.
_ROUNDING_S = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Slots:
    """Candidate starts of rounds that are equally long.

    Parameters
    ----------
    starts
        Shape (s,), ascending: seconds since 1970. A round may begin at each of them, alone.
    length_s
        How long a round takes, in seconds: the next one begins no sooner.
    pause_s
        Seconds between the end of a round and the start of the next, at most.
    first_by_s
        When the first round begins at the latest, seconds since 1970.
    """

    starts: FloatArray
    length_s: float
    pause_s: float = inf
    first_by_s: float = inf

    def __len__(self) -> int:
        return len(self.starts)

    @lazy
    def spacing(self) -> Spacing:
        """Which slots may follow which, counted in slots."""
        over = self.starts + self.length_s
        until = None
        if self.pause_s < inf:
            latest = over + (self.pause_s + _ROUNDING_S)
            until = np.searchsorted(self.starts, latest, side="right").astype(np.int64) - 1
        firsts = np.searchsorted(self.starts, self.first_by_s + _ROUNDING_S, side="right")
        return Spacing(
            after=np.searchsorted(self.starts, over - _ROUNDING_S, side="left").astype(np.int64),
            until=until,
            firsts=int(firsts),
        )

    def cheapest(self, prices: FloatArray, rounds: int) -> IntArray | None:
        """Choose the slots of so many rounds whose prices add up to the least.

        Parameters
        ----------
        prices
            Shape (s,): of each slot. Of equally cheap choices one with early slots is taken.
        rounds
            How many slots are chosen, 1 or more.

        Returns
        -------
        IntArray or None
            Slots (rounds,), ascending; None if no chain is as long as that.

        Raises
        ------
        InputError
            If there are so many slots and rounds that it would take too long.
        """
        if rounds > len(self):
            return None
        try:
            found = self.spacing.cheapest(prices, (rounds, rounds))
        except ProblemError as error:
            raise InputError(
                f"{error}; longer slots or a sooner deadline make them fewer", field="slot"
            ) from error
        return None if found is None else found[0]

    def soonest(self, rounds: int) -> IntArray | None:
        """Choose slots that are as early as can be; None if no chain is as long as that."""
        return self.cheapest(self.starts - self.starts[:1], rounds)

    def longest_chain(self) -> IntArray:
        """Choose as many slots as can follow each other; none if there are none."""
        return self.spacing.longest()

    def problem(self, problem: Problem, rounds: Rounds, total: int | None = None) -> SlotProblem:
        """Pose the question which of these slots rounds take, and who takes part.

        Parameters
        ----------
        problem
            A round for each slot; floors and caps are those of the rounds that are held.
        rounds
            How many are held, at least and at most.
        total
            Turns of all of them, where cohorts breathe; None for the size of cohorts in each.
        """
        return SlotProblem(problem=problem, rounds=rounds, spacing=self.spacing, cohort_total=total)
