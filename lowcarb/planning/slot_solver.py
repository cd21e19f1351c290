"""Who chooses the slots of rounds, jointly with who takes part in them."""

from dataclasses import dataclass, field, replace
from typing import Protocol, runtime_checkable

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.planning.slots import Slots
from lowcarb_solvers import (
    Problem,
    SlotProblem,
    SlotSolution,
    Solver,
    Status,
    solve,
    solve_slots,
)

# Nearer to the bound nothing is looked for, nor after so many choices in vain.
_NEAR, _MOST_VAIN = 1e-3, 8


class SlotSolver(Protocol):
    """Chooses slots and cohorts; a function will do."""

    def __call__(self, problem: SlotProblem, slots: Slots, /) -> SlotSolution:
        """Choose slots, and who takes part in each.

        Parameters
        ----------
        problem
            A round for each slot, and how many of them are held; floors and caps are those of the
            rounds that are held.
        slots
            When each of them is; there is a chain as long as rounds are needed.
        """


@runtime_checkable
class WarmableSlots(Protocol):
    """A solver that may begin from an earlier answer, which saves time."""

    def warmed(self, answer: SlotSolution) -> SlotSolver:
        """Return the solver that begins from an answer for the same clients."""


def warmed(solver: SlotSolver, answer: SlotSolution) -> SlotSolver:
    """Let a solver begin from an answer for the same clients, if it can."""
    return solver.warmed(answer) if isinstance(solver, WarmableSlots) else solver


@runtime_checkable
class ToldSlots(Protocol):
    """A solver that takes into account what is usual."""

    def told(self, usual: FloatArray | None) -> SlotSolver:
        """Return the solver that knows the cost levels of typical days in each slot (g, t).

        They are NaN where they are unknown, and None where all are.
        """


@dataclass(frozen=True, kw_only=True)
class SlotSearch:
    """Searches for the best slots and cohorts: `solve_slots`, as long as that is worth it.

    Parameters
    ----------
    solvers
        Who says who takes part; none for those of `chain`.
    time_limit
        Seconds after which no better choice is looked for.
    before
        An earlier answer for these clients. It saves time.
    """

    solvers: tuple[Solver, ...] = ()
    time_limit: float = 10.0
    before: SlotSolution | None = field(default=None, compare=False, repr=False)

    def warmed(self, answer: SlotSolution) -> "SlotSearch":
        """Begin from what turns were worth in an earlier answer."""
        return replace(self, before=answer)

    def __call__(self, problem: SlotProblem, _: Slots) -> SlotSolution:
        """Choose slots and cohorts."""
        return solve_slots(
            problem,
            *self.solvers,
            time_limit=self.time_limit,
            gap=_NEAR,
            most_vain=_MOST_VAIN,
            before=self.before,
        )


def soonest(problem: SlotProblem, slots: Slots) -> IntArray:
    """Choose slots as early as can be: as many as may be held and can follow each other."""
    rounds = min(problem.fitting[1], len(slots.longest_chain()))
    chosen = slots.soonest(rounds)
    assert chosen is not None  # noqa: S101 - there is a chain as long as that
    return chosen


def with_cohorts(
    problem: SlotProblem, chosen: IntArray, solvers: tuple[Solver, ...]
) -> SlotSolution:
    """Find out who takes part in some slots."""
    rounds = problem.held_in(chosen)
    assert rounds is not None  # noqa: S101 - their sizes add up to the total
    solution = solve(rounds, *solvers).raise_for_status()
    return SlotSolution(status=Status.FEASIBLE, slots=chosen, held=solution)


def some_columns(problem: Problem, chosen: IntArray) -> Problem:
    """Return the program of some of a program's slots."""
    least, most, there = problem.cohort_least, problem.cohort_most, problem.available
    return replace(
        problem,
        cost_level=problem.cost_level[:, chosen],
        available=None if there is None else there[:, chosen],
        cohort_size=problem.cohort_size[chosen],
        cohort_least=None if least is None else least[chosen],
        cohort_most=None if most is None else most[chosen],
    )
