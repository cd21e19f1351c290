"""Cohorts that breathe: each round's size within a range, the turns over all rounds fixed."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lowcarb._util.arguments import as_pair
from lowcarb._util.arrays import IntArray
from lowcarb._util.text import count
from lowcarb.errors import InputError
from lowcarb.planning.slots import Rounds
from lowcarb_solvers import Problem

CohortRange = tuple[int, int]
"""The fewest and the most clients in a round."""


def as_range(value: object, *, cohort_size: int, clients: int | None = None) -> CohortRange:
    """Read a range of cohort sizes, and check that it suits a training.

    Parameters
    ----------
    value
        A pair of numbers or a text such as "5..20".
    cohort_size
        Clients in a round on average, which the range holds.
    clients
        Size of the fleet; None where it is not known.

    Raises
    ------
    InputError
        If it is no range, is empty, begins below 1, does not hold the cohort size or is above the
        fleet.
    """
    least, most = found = parse_range(value, f"{max(1, cohort_size // 2)}..{2 * cohort_size}")
    if not least <= cohort_size <= most:
        holds = f"{min(least, cohort_size)}..{max(most, cohort_size)}"
        raise _wrong(f"a range that holds the cohort size {cohort_size}, such as {holds}", value)
    if clients is not None and most > clients:
        raise _wrong(
            f"up to {clients} clients, the size of the fleet, such as {least}..{clients}", value
        )
    return found


def parse_range(value: object, example: str = "5..20") -> CohortRange:
    """Read a range of cohort sizes, a pair of numbers or a text such as "5..20".

    Raises
    ------
    InputError
        If it is no range, is empty or begins below 1; `example` is the form that it shows.
    """
    found = as_pair(value)
    if found is None:
        raise _wrong(f"the fewest and the most clients in a round, such as {example}", value)
    least, most = found
    if least < 1:
        raise _wrong(f"1 or more clients in each round, such as 1..{max(1, most)}", value)
    if least > most:
        raise _wrong(f"the fewest clients before the most, such as {most}..{least}", value)
    return found


def _wrong(expected: str, value: object) -> InputError:
    shown = repr(value)[:80] if (pair := as_pair(value)) is None else show_range(pair)
    return InputError(f"cohort range: expected {expected}, got {shown}", field="cohort_range")


def show_range(cohort_range: CohortRange) -> str:
    """Write a range as it is typed, such as 5..20."""
    return f"{cohort_range[0]}..{cohort_range[1]}"


def size_text(cohort_size: float, cohort_range: CohortRange | None) -> str:
    """Say how many clients are in a round: "10", or "5 to 20 (10 on average)"."""
    if cohort_range is None or cohort_range[0] == cohort_range[1]:
        return average_text(cohort_size)
    least, most = cohort_range
    return f"{least} to {most} ({average_text(cohort_size)} on average)"


def average_text(size: float) -> str:
    """Write clients in a round on average: whole, or with one decimal."""
    return f"{size:.1f}".removesuffix(".0")


@dataclass(frozen=True, kw_only=True)
class Breathing:
    """Cohorts of changing size in the rounds that are left.

    Parameters
    ----------
    least, most
        Bounds of each round's cohort.
    total
        Turns that are still to be asked for, all together.
    held
        How many rounds are held, at least and at most, where these are chosen among slots; None
        where each round is held.
    """

    least: int
    most: int
    total: int
    held: Rounds | None = None

    @classmethod
    def after(
        cls,
        cohort_range: CohortRange | None,
        *,
        cohort_size: int,
        rounds: int,
        asked: int,
        clients: int,
    ) -> "Breathing | None":
        """Say what is left of a training; None where cohorts are of one size.

        The total counts turns that were asked for, whatever became of them: a turn that was lost is
        owed again, and takes its place among those that are left.

        Parameters
        ----------
        cohort_range
            Of each round; None for the cohort size alone.
        cohort_size, rounds
            Of the whole training: their product is the total.
        asked
            Turns asked for in the rounds that are over.
        clients
            That there are now: no cohort is larger.
        """
        if cohort_range is None:
            return None
        least, most = (min(bound, clients) for bound in cohort_range)
        if least == most:
            return None
        return cls(least=least, most=most, total=cohort_size * rounds - asked)

    def out_of_reach(self, rounds: int) -> str | None:
        """Say that the total is out of reach of so many rounds; None if it is not."""
        fewest = rounds if self.held is None else self.held[0]
        if self.total > self.most * rounds:
            short = count(self.total - self.most * rounds, "turn")
            return f"{short} of the total cannot be asked for in {count(rounds, 'round')}"
        if self.total < self.least * fewest:
            over = count(self.least * fewest - self.total, "turn")
            return f"{over} more than the total: a round has {self.least} or more"
        return None

    def of_problem(self, cohort_size: int, rounds: int) -> dict[str, Any]:
        """Give a program of the rounds that are left its sizes, as arguments of `Problem`.

        Where so many were asked so far, or so few, that the total is out of reach, it is the
        nearest that is not. Whoever knows no ranges takes `cohort_size`, in the first round as
        near to that as the total allows.
        """
        least, most = self.least, self.most
        size: IntArray = np.full(rounds, min(max(cohort_size, least), most), dtype=np.int64)
        sizes = {
            "cohort_size": size,
            "cohort_least": np.full(rounds, least, dtype=np.int64),
            "cohort_most": np.full(rounds, most, dtype=np.int64),
        }
        if self.held is not None:
            # The total is not that of all slots: see `in_slots`.
            return sizes
        total = self._within_reach(rounds, rounds)
        later = rounds - 1
        size[0] = min(max(size[0], total - most * later), total - least * later)
        return {**sizes, "cohort_total": total}

    @property
    def in_slots(self) -> int:
        """Turns of all rounds that are held in slots: the total, or the nearest within reach."""
        assert self.held is not None  # noqa: S101 - asked for only then
        return self._within_reach(*self.held)

    def needed(self, rounds: Rounds) -> int:
        """How many rounds are needed at least, of so many, for the total."""
        least, most = rounds
        return max(least, min(most, -(-self.total // self.most)))

    def _within_reach(self, fewest: int, rounds: int) -> int:
        return min(max(self.total, self.least * fewest), self.most * rounds)


def evenly(problem: Problem) -> Problem | None:
    """Give the same program cohorts that are as even as its total allows.

    None where its cohorts are of one size anyway.
    """
    if not problem.slack.breathes:
        return None
    least, more = divmod(problem.total, problem.rounds)
    size = np.full(problem.rounds, least, dtype=np.int64)
    size[:more] += 1
    return replace(
        problem, cohort_size=size, cohort_least=None, cohort_most=None, cohort_total=None
    )
