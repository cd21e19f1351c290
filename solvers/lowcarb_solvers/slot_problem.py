"""Choosing the hours of rounds: the program, and the independent check of every answer."""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import BoolArray, IntArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.problem import Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class SlotProblem:
    """Choose in which slots rounds are held, and their cohorts, as cheaply as the floors allow.

    With ``z[j] = 1`` where a round begins in slot j, the cohort of slot j is empty unless it does;
    see `Problem` for everything else ::

        sum over j of z[j] = rounds
        the next round begins separation[j] slots after slot j at the earliest
        and longest_pause slots after it at the latest

    Parameters
    ----------
    problem
        Costs, clients, availability and sizes of cohorts of every slot (t,), as if a round were
        held in each; its `cohort_total` is left out.
    rounds
        How many rounds are held.
    is_open
        Shape (t,): in which slots a round may begin; None for all.
    separation
        Shape (t,), 1 or more: how many slots a round that begins in a slot takes, since rounds do
        not overlap; None for one.
    longest_pause
        The most slots from the beginning of a round to that of the next. The first begins in one of
        so many slots, the last no more than that before the end. None for any.
    cohort_total
        Turns of all rounds that are held, where cohorts breathe; None for `cohort_size` in each of
        them, which is the same in all slots then.

    Raises
    ------
    ProblemError
        If shapes or values contradict each other.
    """

    problem: Problem
    rounds: int
    is_open: BoolArray | None = None
    separation: IntArray | None = None
    longest_pause: int | None = None
    cohort_total: int | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and values that contradict each other."""
        t = self.problem.rounds
        if self.rounds < 1:
            raise ProblemError(f"rounds: expected 1 or more, got {self.rounds}")
        if self.is_open is not None and (
            self.is_open.shape != (t,) or self.is_open.dtype != np.bool_
        ):
            got = f"{self.is_open.dtype} {self.is_open.shape}"
            raise ProblemError(f"is_open: expected booleans of shape {(t,)}, got {got}")
        if self.separation is not None and (
            self.separation.shape != (t,)
            or self.separation.dtype != np.int64
            or self.separation.min() < 1
        ):
            raise ProblemError(
                f"separation: expected whole numbers of 1 or more, int64 of shape {(t,)}, got "
                f"{self.separation.dtype} {self.separation.shape}"
            )
        if self.longest_pause is not None and self.longest_pause < 1:
            raise ProblemError(f"longest_pause: expected 1 or more, got {self.longest_pause}")
        if self.problem.cohort_total is not None:
            raise ProblemError(
                "problem: expected no cohort_total, which would be that of all slots, got "
                f"{self.problem.cohort_total}; give it to SlotProblem"
            )
        size = self.problem.cohort_size
        if self.cohort_total is None and self.breathes and (size != size[0]).any():
            raise ProblemError(
                "cohort_total: expected turns of all rounds that are held, since cohort_size is "
                "not the same in all slots, got None"
            )
        if self.cohort_total is not None and not self.breathes:
            raise ProblemError(
                f"cohort_total: expected None where cohorts are fixed, got {self.cohort_total}; "
                "cohort_least and cohort_most let them breathe"
            )

    def __repr__(self) -> str:
        rounds = f"{self.rounds:,} round{'s' * (self.rounds != 1)}"
        return f"SlotProblem({rounds} in {self.problem.rounds:,} slots: {self.problem})"

    @property
    def breathes(self) -> bool:
        """Whether cohorts may be of another size."""
        return bool((self.problem.fewest < self.problem.most).any())

    @property
    def total(self) -> int | None:
        """Turns of all rounds together where cohorts breathe, else None."""
        if not self.breathes:
            return None
        if self.cohort_total is not None:
            return self.cohort_total
        return self.rounds * int(self.problem.cohort_size[0])

    @property
    def open_slots(self) -> BoolArray:
        """In which slots a round may begin (t,)."""
        t = self.problem.rounds
        return np.ones(t, dtype=np.bool_) if self.is_open is None else self.is_open

    @property
    def takes(self) -> IntArray:
        """How many slots a round takes that begins in a slot (t,)."""
        t = self.problem.rounds
        return np.ones(t, dtype=np.int64) if self.separation is None else self.separation

    def held_in(self, slots: IntArray) -> Problem | None:
        """What is left to decide once the slots (rounds,) are chosen; None if no sizes fit."""
        problem, total = self.problem, self.total
        least, most = problem.fewest[slots], problem.most[slots]
        size = problem.cohort_size[slots]
        if total is not None and not int(least.sum()) <= total <= int(most.sum()):
            return None
        return replace(
            problem,
            cost_level=problem.cost_level[:, slots],
            available=None if problem.available is None else problem.available[:, slots],
            cohort_size=size,
            cohort_least=least if self.breathes else None,
            cohort_most=most if self.breathes else None,
            cohort_total=total,
        )

    def violations(self, slots: IntArray) -> list[str]:
        """Check chosen slots, in ascending order, against every constraint on them."""
        t, found = self.problem.rounds, []
        if len(slots) != self.rounds:
            return [f"expected {self.rounds} slots, got {len(slots)}"]
        if slots.min() < 0 or slots.max() >= t:
            return [f"a slot outside 0 to {t - 1}"]
        found += [f"slot {j}: not open" for j in slots[~self.open_slots[slots]]]
        pauses = np.diff(slots)
        for j in np.flatnonzero(pauses < self.takes[slots[:-1]]):
            found.append(f"slot {slots[j]}: the next round begins before this one is over")
        if self.longest_pause is not None:
            for before, after in zip([-1, *slots], [*slots, t], strict=True):
                if after - before > self.longest_pause:
                    found.append(
                        f"slot {before}: the next round begins {after - before} slots later, at "
                        f"most {self.longest_pause} allowed"
                    )
        return found
