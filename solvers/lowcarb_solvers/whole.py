"""All counts as one program, and what every exact solver does around its answers."""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np

from lowcarb_solvers.classes import Classes
from lowcarb_solvers.core import NoAnswerError
from lowcarb_solvers.count_program import CountProgram
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.equals import explains, nudges_for, preferences
from lowcarb_solvers.prices import certify
from lowcarb_solvers.solution import Solution, Status

PROVEN = 1e-9
"""An objective is proven by a solver itself if its bound is as close as this, relatively."""


def whole_program(classes: Classes, nudge: float) -> CountProgram:
    """Make the program of all counts, in which a nudge decides between equal answers."""
    problem = classes.problem
    which = np.arange(len(classes))
    return CountProgram(
        cost=classes.cost() + nudge * preferences(problem.seed, which, problem.rounds),
        capacity=np.ascontiguousarray(classes.capacity()),
        floor=classes.floor,
        assured=classes.assured_floor,
        ceiling=classes.ceiling,
        seats=problem.seats,
        slack=problem.slack,
        penalty=classes.penalty if problem.elastic else None,
    )


def by_nudges(
    classes: Classes,
    solve_all: Callable[[float], Solution],
    deadline: float,
    *,
    nudged: bool = True,
) -> Solution:
    """Solve the whole with smaller and smaller nudges until round prices prove the answer.

    Parameters
    ----------
    classes
        Whose problem is to be solved.
    solve_all
        Answers the whole with a nudge.
    deadline
        As `time.monotonic` counts it.
    nudged
        Whether to decide between equal answers at all.

    Returns
    -------
    Solution
        The last answer, with the prices that its proof tried.
    """
    best: Solution | None = None
    for nudge in nudges_for(classes) if nudged else [0.0]:
        try:
            best = solve_all(nudge)
            if best.status is Status.OPTIMAL or best.notes:
                return best
            proof = certify(classes, best.seated, lambda: monotonic() >= deadline)
        except (OutOfTimeError, NoAnswerError):
            if best is None:
                raise
            return best
        best = replace(best, prices=proof.prices)
        if proof.optimal:
            return replace(best, status=Status.OPTIMAL, bound=proof.bound)
        if not explains(nudge, classes, proof):
            return best
    assert best is not None  # noqa: S101 - there is a nudge at least
    return best


def outcome(name: str, classes: Classes, late: str, find: Callable[[], Solution]) -> Solution:
    """Return what a solver finds, or a solution that says why it found nothing, with its time.

    Parameters
    ----------
    name
        Of the solver.
    classes
        Whose problem it answers.
    late
        What to say when the time is over.
    find
        Asks the solver.
    """
    began = monotonic()
    try:
        found = find()
    except OutOfTimeError:
        found = Solution(status=Status.UNKNOWN, solver=name, classes=classes, notes=(late,))
    except NoAnswerError as nothing:
        found = Solution(
            status=Status.INFEASIBLE if nothing.infeasible else Status.UNKNOWN,
            solver=name,
            classes=classes,
            notes=(str(nothing),),
        )
    return replace(found, seconds=monotonic() - began)
