"""Chosen slots and their cohorts."""

from dataclasses import dataclass

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.errors import NoSolution
from lowcarb_solvers.solution import Solution, Status


@dataclass(frozen=True, kw_only=True, eq=False)
class SlotSolution:
    """Chosen slots and the cohorts of their rounds.

    Parameters
    ----------
    status
        What is known about the slots and the cohorts together.
    slots
        Shape (h,): in which slots rounds begin, in ascending order; None without an answer.
    held
        The solution of the rounds in these slots, in the same order; None without an answer.
    bound
        No slots and cohorts cost less; of an elastic problem, none with as few shortfalls do. None
        where unknown.
    seconds
        Wall time that the answer took.
    tried
        For how many sets of slots cohorts were found.
    turn_prices
        Shape (n,): what a turn of each client is worth at the highest bound, from which a later
        search may begin; None where unknown.
    per_turn
        What any turn is worth there, where cohorts breathe.
    notes
        What a person should know: why there is no answer, limits that were hit.
    """

    status: Status
    slots: IntArray | None = None
    held: Solution | None = None
    bound: float | None = None
    seconds: float = 0.0
    tried: int = 0
    turn_prices: FloatArray | None = None
    per_turn: float = 0.0
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        text = f"SlotSolution({self.status} in {self.seconds:,.2f} s"
        if self.held is None or self.slots is None:
            return f"{text}: no slots)"
        gap = "unknown" if self.gap is None else f"{self.gap:.2%}"
        return f"{text}: {len(self.slots):,} slots, gap {gap}, {self.held})"

    @property
    def answer(self) -> tuple[IntArray, Solution]:
        """The slots and their cohorts.

        Raises
        ------
        NoSolution
            If there are none.
        """
        if self.slots is None or self.held is None:
            raise NoSolution("; ".join((f"no slots ({self.status})", *self.notes)))
        return self.slots, self.held

    @property
    def objective(self) -> float | None:
        """Total cost of the cohorts, in the unit of the problem; None without an answer."""
        return None if self.held is None else self.held.objective

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective; None where one of them is unknown."""
        if self.objective is None or self.bound is None:
            return None
        distance = self.objective - self.bound
        return distance / self.objective if self.objective > 0 else max(0.0, distance)
