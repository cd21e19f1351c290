"""The only door to the solvers: each answer is checked, the better one is returned."""

import logging
from dataclasses import replace
from math import inf
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np

from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.cbc import Cbc
from lowcarb_solvers.classes import Classes, merge
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.greedy import GREEDY_S, Greedy, is_safely_countable
from lowcarb_solvers.prices import MOST_CERTIFIED_ROUNDS, certify
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.warm import Warm

logger = logging.getLogger(__name__)

# Up to this many clients the cohorts themselves are drawn and checked, beyond it their counts.
_DRAWN = 100_000
# Costs that differ by less, relatively, are the same sum in another order.
_SAME = 1e-12
# Seconds beyond the longest limit of the solvers in which an answer may still be certified.
_GRACE_FOR_PROOF = 0.5

# Seconds of greedy that are worth waiting for, whether they are needed or not, and the share of the
# time limit that may be kept for more of them.
_WORTH_WAITING_S, _MOST_RESERVED = 0.1, 0.5
# Seconds that prices take for a class and a round, and the core, mostly.
_PRICES_S, _CORE_S = 5e-8, 1.0


class Solver(Protocol):
    """Anything that answers a problem, perhaps beginning from an answer that is known."""

    @property
    def name(self) -> str:
        """Short name of the solver."""

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        """Answer the problem of these classes, `classes.problem`."""


@runtime_checkable
class Warmable(Protocol):
    """A solver that can begin from the round prices of an earlier plan."""

    def warmed(self, prices: FloatArray) -> Solver:
        """Return the solver that begins from prices (t,)."""


def chain(time_limit: float = 10.0, *, gap: float = 0.0) -> tuple[Solver, ...]:
    """Greedy and then CBC, together within a time limit.

    Parameters
    ----------
    time_limit
        In seconds.
    gap
        Relative gap at which CBC may stop; above 0 it branches and cuts, since the relaxation knows
        no incumbents to stop at.
    """
    # Greedy mostly takes milliseconds; it may need more where clients come and go in great numbers.
    greedy = Greedy(time_limit=time_limit / 2)
    return (greedy, Cbc(time_limit=time_limit, gap=gap, relax=gap == 0))


def solve(problem: Problem | Classes, *solvers: Solver, warm: Warm | None = None) -> Solution:
    """Solve a problem, by greedy and then by CBC unless other solvers are named.

    Each solver gets the best answer so far as its start. Every answer is checked against every
    constraint before it counts; one that fails the check is thrown away and noted. The best answer
    is certified by its round prices, whoever gave it, if the solvers' time limits leave time for
    that.

    Parameters
    ----------
    problem
        What to solve; where its classes are known already, those, so that nothing is merged twice.
    solvers
        Who solves, in this order; those of `chain` if none is named.
    warm
        What an earlier plan of nearly the same rounds knows. It saves time and changes nothing
        else: the objective is the same, and so are the cohorts if there was time to prove them.

    Returns
    -------
    Solution
        The best answer. Its `notes` say what happened to the others.
    """
    began = perf_counter()
    classes = problem if isinstance(problem, Classes) else merge(problem)
    best: Solution | None = None
    notes: list[str] = []
    bounds: list[float] = []
    asked = solvers or chain()
    order = _in_order(classes, asked)
    prices = None if warm is None else warm.filled(classes.problem)
    deadline = began + _time_limit(asked) + _GRACE_FOR_PROOF
    proven = False
    answers: list[Solution] = []
    for solver in order:
        if prices is not None and isinstance(solver, Warmable):
            solver = solver.warmed(prices)
        # Whatever a solver says: these classes it was asked about, and the time since counts.
        answer = replace(solver(classes, best), classes=classes, seconds=perf_counter() - began)
        last = _checked(answer)
        answers.append(last)
        if last.bound is not None:
            bounds.append(last.bound)
        notes += [note for note in last.notes if note not in notes]
        if last.sparse is not None:
            if best is None or not _is_better(best, last):
                best = last
            elif not last.notes:
                notes.append(f"the answer of {last.solver} was worse")
        if last.status is Status.INFEASIBLE and best is None and order is asked:
            break
        if best is last and last.status is Status.OPTIMAL and solver is not order[-1]:
            best, proven = _certified(best, bounds, deadline, notes)
            if proven:
                break
    if best is None:
        return replace(last, seconds=perf_counter() - began, notes=tuple(notes))
    # The one from whom the best answer is expected.
    chief = answers[-1] if order is asked else answers[0]
    if best.solver != chief.solver:
        why = "; ".join(notes) or f"{chief.solver} found nothing better"
        notes = [f"{why}: the plan of {best.solver} stands"]
        logger.warning("%s", notes[0])
    if not proven:
        best, _ = _certified(best, bounds, deadline, notes)
    return replace(best, seconds=perf_counter() - began, notes=tuple(notes))


def _in_order(classes: Classes, solvers: tuple[Solver, ...]) -> tuple[Solver, ...]:
    """Put greedy behind CBC where it takes seconds and is rarely needed.

    Prices mostly lead CBC to a proven answer of a large fleet. Where they do not, as much time is
    left as greedy needs, which is known if it counts alone.
    """
    match solvers:
        case (Greedy() as greedy, Cbc() as cbc):
            size = len(classes) * classes.problem.rounds
            seconds, share = size * GREEDY_S, cbc.time_limit * _MOST_RESERVED
            timely = seconds <= share or size * _PRICES_S + _CORE_S <= cbc.time_limit - share
            slow = seconds >= _WORTH_WAITING_S and timely
            if slow and cbc.reduces(classes) and is_safely_countable(classes):
                return (replace(cbc, reserve=min(seconds, share)), greedy)
    return solvers


def _time_limit(solvers: tuple[Solver, ...]) -> float:
    """The longest limit of the solvers, from the field that solvers with a limit have."""
    limits = [getattr(solver, "time_limit", None) for solver in solvers]
    return max((limit for limit in limits if limit is not None), default=inf)


def _checked(solution: Solution) -> Solution:
    """Return the solution, without its answer if that breaks a constraint."""
    if solution.sparse is None:
        return solution
    wrong = solution.classes.violations(solution.sparse)
    if not wrong and solution.classes.problem.clients <= _DRAWN:
        wrong = solution.classes.problem.violations(solution.cohorts)
    if not wrong:
        return solution
    note = f"the answer of {solution.solver} was thrown away: {wrong[0]}"
    return Solution(
        status=Status.UNKNOWN,
        solver=solution.solver,
        classes=solution.classes,
        seconds=solution.seconds,
        notes=(*solution.notes, note),
    )


def _is_better(one: Solution, other: Solution) -> bool:
    """Whether `one` has fewer shortfalls than `other`, or as many and costs less."""
    missing = one.classes.missing(one.seated), other.classes.missing(other.seated)
    if missing[0] != missing[1]:
        return missing[0] < missing[1]
    assert one.objective is not None  # noqa: S101 - both have counts
    assert other.objective is not None  # noqa: S101
    return one.objective < other.objective * (1 - _SAME)


def _certified(
    solution: Solution, bounds: list[float], deadline: float, notes: list[str]
) -> tuple[Solution, bool]:
    """Add what round prices prove: optimality, or a bound, and the prices themselves.

    `bounds` are those that the solvers claim, all for answers with as few shortfalls. With more
    than `MOST_CERTIFIED_ROUNDS` rounds the solver's own proof has to do. Also return whether the
    answer is proven; without time for that, `notes` get another.
    """
    if solution.classes.problem.rounds > MOST_CERTIFIED_ROUNDS:
        return solution, False
    try:
        proof = certify(solution.classes, solution.seated, lambda: perf_counter() > deadline)
    except OutOfTimeError:
        notes.append(f"no time was left to prove how good the plan of {solution.solver} is")
        return replace(solution, bound=max(bounds, default=solution.bound)), False
    prices = proof.prices if solution.prices is None else solution.prices
    if proof.optimal:
        return replace(
            solution,
            status=Status.OPTIMAL,
            bound=proof.bound,
            prices=prices,
            seat_prices=proof.seat_prices,
            class_turn_prices=proof.turn_prices,
        ), True
    assert solution.objective is not None  # noqa: S101 - it has an answer
    # Costs are not negative, so zero is a bound as well.
    bound = max(0.0, *(b for b in (*bounds, proof.bound) if np.isfinite(b)))
    return replace(
        solution, status=Status.FEASIBLE, bound=min(bound, solution.objective), prices=prices
    ), False
