"""The slots that were chosen for rounds, beside those that they would have taken at once."""

from dataclasses import dataclass, replace
from math import inf

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.planning.policies import Planned
from lowcarb.planning.slot_solver import SlotSearch, SlotSolver, soonest, with_cohorts
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, SlotProblem, SlotSolution, Solution, Solver, Status

# How long slots are looked for where no solver has a limit.
_TIME_LIMIT_S = 10.0
# A gap below this one is none.
_PROVEN = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class ChosenHours:
    """Chosen slots and their cohorts.

    Parameters
    ----------
    question
        What there was to choose.
    slots
        All that could be chosen.
    chosen
        Shape (h,): those that were, ascending.
    solution
        Of the program whose rounds are the chosen slots; its bound holds for all choices.
    at_once
        Who would take part, as cheaply, if each round began as soon as it may.
    first
        Shape (h,): the slots of rounds at once.
    answer
        What the solver said, from which its next answer may begin.
    """

    question: SlotProblem
    slots: Slots
    chosen: IntArray
    solution: Solution
    at_once: Solution
    first: IntArray
    answer: SlotSolution

    @property
    def problem(self) -> Problem:
        """The program with a round for each slot."""
        return self.question.problem

    @property
    def starts(self) -> FloatArray:
        """When the chosen slots begin (h,), seconds since 1970."""
        return self.slots.starts[self.chosen]

    @property
    def at_once_starts(self) -> FloatArray:
        """When rounds at once begin (h,), seconds since 1970."""
        return self.slots.starts[self.first]

    @property
    def at_once_g(self) -> float:
        """What rounds at once would emit, gCO2eq."""
        assert self.at_once.objective is not None  # noqa: S101 - it has an answer
        return self.at_once.objective

    @property
    def saved_g(self) -> float | None:
        """What the chosen hours save against rounds at once, gCO2eq.

        None where turns or seats cannot be had at one of the two: the difference would pass for a
        saving.
        """
        objective = self.solution.objective
        short = [one.classes.missing(one.seated) for one in (self.solution, self.at_once)]
        return None if objective is None or any(short) else self.at_once_g - objective

    @property
    def saved(self) -> float | None:
        """Share saved; None where it cannot be said."""
        saved = self.saved_g
        return saved / self.at_once_g if saved is not None and self.at_once_g else None


def slot_search(solvers: tuple[Solver, ...]) -> SlotSearch:
    """Return who chooses slots within the time limit of those who say who takes part."""
    limit = Planned(solvers).time_limit
    return SlotSearch(solvers=solvers, time_limit=_TIME_LIMIT_S if limit == inf else limit)


def choose_hours(
    question: SlotProblem,
    slots: Slots,
    solvers: tuple[Solver, ...],
    slot_solver: SlotSolver | None = None,
) -> ChosenHours:
    """Choose slots and cohorts, and find out what rounds at once would emit.

    Parameters
    ----------
    question
        A round for each slot, and how many are held; there is a chain of so many.
    slots
        When each of them is.
    solvers
        Who says who takes part.
    slot_solver
        Who chooses slots; None for `slot_search`.
    """
    first = soonest(question, slots)
    _, at_once = with_cohorts(question, first, solvers).answer
    answer = (slot_solver or slot_search(solvers))(question, slots)
    chosen, solution = answer.answer
    if slot_solver is None and _costs_less(at_once, solution):
        chosen, solution = first, at_once
    gap = replace(answer, held=solution).gap
    proven = gap is not None and gap <= _PROVEN
    solution = replace(
        solution,
        status=Status.OPTIMAL if proven else Status.FEASIBLE,
        bound=answer.bound,
    )
    return ChosenHours(
        question=question,
        slots=slots,
        chosen=chosen,
        solution=solution,
        at_once=at_once,
        first=first,
        answer=answer,
    )


def _costs_less(one: Solution, than: Solution) -> bool:
    """Whether an answer lacks no more than another one and costs less."""
    lacks, before = (answer.classes.missing(answer.seated) for answer in (one, than))
    assert one.objective is not None  # noqa: S101 - both have an answer
    assert than.objective is not None  # noqa: S101 - both have an answer
    return lacks < before or (lacks == before and one.objective < than.objective)
