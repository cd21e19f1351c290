"""Cohorts that breathe: each round's size within a range, the turns over all rounds fixed."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lowcarb._util.arguments import is_whole
from lowcarb._util.arrays import IntArray
from lowcarb._util.text import count
from lowcarb.errors import InputError
from lowcarb.planning.hours import Hours
from lowcarb_solvers import Problem

CohortRange = tuple[int, int]
"""The fewest and the most clients in a round."""

_TEXT = re.compile(r"\s*(\d+)\s*\.\.\s*(\d+)\s*", re.ASCII)


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


def refuse_beside_hours(cohort_range: CohortRange, hours: Hours | None) -> None:
    """Refuse a range where hours are chosen: that is done for cohorts of one size.

    Raises
    ------
    InputError
        Says so.
    """
    if hours is not None and cohort_range[0] < cohort_range[1]:
        raise _wrong(
            "none where hours are chosen, which is done for cohorts of one size: leave out the "
            "range, or the deadline",
            cohort_range,
        )


def parse_range(value: object, example: str = "5..20") -> CohortRange:
    """Read a range of cohort sizes, a pair of numbers or a text such as "5..20".

    Raises
    ------
    InputError
        If it is no range, is empty or begins below 1; `example` is the form that it shows.
    """
    found = _pair(value)
    if found is None:
        raise _wrong(f"the fewest and the most clients in a round, such as {example}", value)
    least, most = found
    if least < 1:
        raise _wrong(f"1 or more clients in each round, such as 1..{max(1, most)}", value)
    if least > most:
        raise _wrong(f"the fewest clients before the most, such as {most}..{least}", value)
    return found


def _wrong(expected: str, value: object) -> InputError:
    shown = repr(value)[:80] if (pair := _pair(value)) is None else show_range(pair)
    return InputError(f"cohort range: expected {expected}, got {shown}", field="cohort_range")


def _pair(value: object) -> CohortRange | None:
    """Take a range apart; None if it is none."""
    if isinstance(value, str):
        found = _TEXT.fullmatch(value)
        # Longer numbers than these are no cohorts, and Python may refuse to read them.
        if found is None or max(map(len, found.groups())) > 9:
            return None
        return int(found[1]), int(found[2])
    if isinstance(value, Sequence) and len(value) == 2 and all(is_whole(one) for one in value):
        return int(value[0]), int(value[1])
    return None


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
    """

    least: int
    most: int
    total: int

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
        if self.total > self.most * rounds:
            short = count(self.total - self.most * rounds, "turn")
            return f"{short} of the total cannot be asked for in {count(rounds, 'round')}"
        if self.total < self.least * rounds:
            over = count(self.least * rounds - self.total, "turn")
            return f"{over} more than the total: a round has {self.least} or more"
        return None

    def of_problem(self, cohort_size: int, rounds: int) -> dict[str, Any]:
        """Give a program of the rounds that are left its sizes, as arguments of `Problem`.

        Where so many were asked so far, or so few, that the total is out of reach, it is the
        nearest that is not. Whoever knows no ranges takes `cohort_size`, in the first round as
        near to that as the total allows.
        """
        least, most = self.least, self.most
        total = min(max(self.total, least * rounds), most * rounds)
        size: IntArray = np.full(rounds, min(max(cohort_size, least), most), dtype=np.int64)
        later = rounds - 1
        size[0] = min(max(size[0], total - most * later), total - least * later)
        return {
            "cohort_size": size,
            "cohort_least": np.full(rounds, least, dtype=np.int64),
            "cohort_most": np.full(rounds, most, dtype=np.int64),
            "cohort_total": total,
        }


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
