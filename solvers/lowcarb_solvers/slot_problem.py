"""Choosing the hours of rounds: the program, and the independent check of every answer."""

from dataclasses import dataclass, replace

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.slot_spacing import Rounds, Spacing


@dataclass(frozen=True, kw_only=True, eq=False)
class SlotProblem:
    """Choose in which slots rounds are held, and their cohorts, as cheaply as the floors allow.

    With ``z[j] = 1`` where a round begins in slot j, the cohort of slot j is empty unless it does;
    see `Problem` for everything else ::

        least rounds <= sum over j of z[j] <= most rounds
        rounds follow each other as their spacing allows

    A slot without a round is waited through.

    Parameters
    ----------
    problem
        Costs, clients, availability and sizes of cohorts of every slot (t,), as if a round were
        held in each; its `cohort_total` is left out.
    rounds
        How many rounds are held: a number, or the fewest and the most of them, where cohorts
        breathe.
    spacing
        Which slots may follow each other; None for any.
    cohort_total
        Turns of all rounds that are held, where cohorts breathe; None for `cohort_size`, which is
        the same in all slots then, in each of the most rounds.

    Raises
    ------
    ProblemError
        If shapes or values contradict each other.
    """

    problem: Problem
    rounds: int | Rounds
    spacing: Spacing | None = None
    cohort_total: int | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and values that contradict each other."""
        t, (least, most) = self.problem.rounds, self.bounds
        if not 1 <= least <= most:
            raise ProblemError(
                f"rounds: expected 1 or more, or the fewest and the most, got {self.rounds}"
            )
        if least < most and not self.breathes:
            raise ProblemError(
                f"rounds: expected one number where cohorts are fixed, got {least} to {most}; "
                "cohort_least and cohort_most let them breathe"
            )
        if self.spacing is not None and len(self.spacing) != t:
            raise ProblemError(f"spacing: expected one of {t} slots, got {len(self.spacing)}")
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
        least, most = self.bounds
        number = f"{most:,}" if least == most else f"{least:,} to {most:,}"
        rounds = f"{number} round{'s' * (most != 1)}"
        return f"SlotProblem({rounds} in {self.problem.rounds:,} slots: {self.problem})"

    @property
    def bounds(self) -> Rounds:
        """The fewest and the most rounds."""
        return self.rounds if isinstance(self.rounds, tuple) else (self.rounds, self.rounds)

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
        return self.bounds[1] * int(self.problem.cohort_size[0])

    @property
    def fitting(self) -> Rounds:
        """The fewest and the most rounds that can hold the total.

        The fewest are above the most where none can.
        """
        least, most = self.bounds
        if self.total is None:
            return least, most
        largest, smallest = int(self.problem.most.max()), int(self.problem.fewest.min())
        if largest:
            least = max(least, -(-self.total // largest))
        if smallest:
            most = min(most, self.total // smallest)
        return least, most

    @lazy
    def spaced(self) -> Spacing:
        """Which slots may follow each other."""
        return Spacing.free(self.problem.rounds) if self.spacing is None else self.spacing

    def held_in(self, slots: IntArray) -> Problem | None:
        """What is left to decide once the slots (h,) are chosen; None if no sizes fit."""
        problem, total = self.problem, self.total
        least, most = problem.fewest[slots], problem.most[slots]
        if total is not None and not int(least.sum()) <= total <= int(most.sum()):
            return None
        return replace(
            problem,
            cost_level=problem.cost_level[:, slots],
            available=None if problem.available is None else problem.available[:, slots],
            cohort_size=problem.cohort_size[slots],
            cohort_least=least if self.breathes else None,
            cohort_most=most if self.breathes else None,
            cohort_total=total,
        )

    def violations(self, slots: IntArray) -> list[str]:
        """Check chosen slots, in ascending order, against every constraint on them."""
        least, most = self.bounds
        if not least <= len(slots) <= most:
            number = f"{most}" if least == most else f"{least} to {most}"
            return [f"expected {number} slots, got {len(slots)}"]
        return self.spaced.violations(slots)
