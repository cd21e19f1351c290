"""The only door to the solvers: each answer is checked, the better one is returned."""

import logging
from dataclasses import is_dataclass, replace
from math import inf
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np

from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.cbc import Cbc
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.cycles import improve
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.errors import NoSolver
from lowcarb_solvers.flow import Flow, require_ortools
from lowcarb_solvers.greedy import Greedy, is_quick, seconds_of_greedy
from lowcarb_solvers.merging import merge
from lowcarb_solvers.prices import certify
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.shared_shortfalls import share_shortfalls
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.warm import Warm

logger = logging.getLogger(__name__)

SOLVERS = ("cbc", "flow", "greedy")
"""What `chain` knows by name; the first one is the default."""

# Up to so many clients and turns the cohorts themselves are drawn and checked, beyond it counts.
_DRAWN_CLIENTS, _DRAWN_TURNS = 100_000, 500_000
# Share of the time limit in which to find out who must lack turns, and seconds for that at least.
_FOR_SHARING, _LEAST_FOR_SHARING_S = 0.25, 0.2
# Costs that differ by less, relatively, are the same sum in another order.
_SAME = 1e-12
# Seconds beyond the longest limit of the solvers in which an answer may still be certified.
_GRACE_FOR_PROOF = 0.5

# Seconds of greedy that are worth waiting for, whether they are needed or not, and the share of the
# time limit that may be kept for more of them.
_WORTH_WAITING_S, _MOST_RESERVED = 0.02, 0.5
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


def chain(time_limit: float = 10.0, *, gap: float = 0.0, solver: str = "cbc") -> tuple[Solver, ...]:
    """Greedy and then an exact solver, together within a time limit.

    Parameters
    ----------
    time_limit
        In seconds.
    gap
        Relative gap at which CBC may stop; above 0 it branches and cuts, since the relaxation knows
        no incumbents to stop at. Other solvers have none.
    solver
        One of `SOLVERS`: "cbc"; "flow", which needs the extra `fast`; or "greedy" alone, which has
        no time limit then.

    Raises
    ------
    NoSolver
        If there is no such solver, it is not installed, or it cannot stop at a gap.
    """
    if solver not in SOLVERS:
        raise NoSolver(f"solver: expected {' or '.join(SOLVERS)}, got {solver!r}")
    if gap and solver != "cbc":
        raise NoSolver(f"gap: only the solver cbc can stop at one, got {gap:g} and {solver}")
    if solver == "greedy":
        return (Greedy(),)
    # Greedy mostly takes milliseconds; it may need more where clients come and go in great numbers.
    greedy = Greedy(time_limit=time_limit / 2)
    if solver == "cbc":
        return (greedy, Cbc(time_limit=time_limit, gap=gap, relax=gap == 0))
    require_ortools()
    return (greedy, Flow(time_limit=time_limit))


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
    asked = solvers or chain()
    deadline = began + limit_of(asked) + _GRACE_FOR_PROOF
    classes = problem if isinstance(problem, Classes) else merge(problem)
    best: Solution | None = None
    notes: list[str] = []
    bounds: list[float] = []
    for_sharing = max(_LEAST_FOR_SHARING_S, limit_of(asked) * _FOR_SHARING)
    try:
        classes = share_shortfalls(classes, lambda: perf_counter() > began + for_sharing)
    except OutOfTimeError as late:
        notes.append(str(late))
    order = _in_order(classes, asked)
    prices = None if warm is None else warm.filled(classes.problem)
    proven = False
    for solver in order:
        if prices is not None and isinstance(solver, Warmable):
            solver = solver.warmed(prices)
        # Whatever a solver says: these classes it was asked about, and the time since counts.
        answer = replace(solver(classes, best), classes=classes, seconds=perf_counter() - began)
        last = _checked(answer)
        if last.bound is not None:
            bounds.append(last.bound)
        notes += [note for note in last.notes if note not in notes]
        if last.sparse is not None:
            if best is None or not _is_better(best, last):
                best = last
            elif not last.notes and order is asked:
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
    chief = asked[-1].name
    if best.solver == chief:
        if not proven:
            best, _ = _certified(best, bounds, deadline, notes)
    else:
        why = "; ".join(notes) or f"{chief} found nothing better"
        better = improve(best, lambda: perf_counter() > began + limit_of(asked))
        if better is not best and _checked(better).sparse is not None:
            best = better
        notes = []
        best, _ = _certified(best, bounds, deadline, notes)
        notes.insert(0, f"{why}: the plan of {best.solver} stands{_how_far(best)}")
        logger.warning("%s", notes[0])
    return replace(best, seconds=perf_counter() - began, notes=tuple(notes))


def _in_order(classes: Classes, solvers: tuple[Solver, ...]) -> tuple[Solver, ...]:
    """Put greedy behind an exact solver where it takes longer and is rarely needed.

    Prices mostly lead CBC to a proven answer of a large fleet, and OR-tools mostly has one before
    greedy has any. Where they do not, as much time is left as greedy needs, which is known if it
    counts alone.
    """
    match solvers:
        case (Greedy() as greedy, Cbc() | Flow() as exact) if is_quick(classes):
            size = len(classes) * classes.problem.rounds
            seconds, share = seconds_of_greedy(classes), exact.time_limit * _MOST_RESERVED
            sooner = isinstance(exact, Flow) or (
                exact.reduces(classes) and seconds >= _WORTH_WAITING_S
            )
            timely = seconds <= share or size * _PRICES_S + _CORE_S <= exact.time_limit - share
            if sooner and timely:
                return (replace(exact, reserve=min(seconds, share)), greedy)
    return solvers


def limit_of(solvers: tuple[Solver, ...]) -> float:
    """Seconds that solvers may take, the longest of their limits; inf if none has one."""
    limits = [getattr(solver, "time_limit", None) for solver in solvers]
    return max((limit for limit in limits if limit is not None), default=inf)


def within(solvers: tuple[Solver, ...], seconds: float) -> tuple[Solver, ...]:
    """Let solvers answer in less time: their limits shrink in proportion.

    Solvers without a limit stay as they are.

    Parameters
    ----------
    solvers
        One after the other, as `solve` takes them.
    seconds
        For all of them.
    """
    limit = limit_of(solvers)
    share = min(1.0, max(0.0, seconds) / limit) if limit else 1.0
    return tuple(_hurried(solver, share) for solver in solvers)


def _hurried(solver: Solver, share: float) -> Solver:
    """Leave a solver a share of its time limit, if it is a dataclass that has one."""
    limit = getattr(solver, "time_limit", None)
    if limit is None or not is_dataclass(solver) or isinstance(solver, type):
        return solver
    return replace(solver, time_limit=share * limit)


def _checked(solution: Solution) -> Solution:
    """Return the solution, without its answer if that breaks a constraint."""
    if solution.sparse is None:
        return solution
    wrong = solution.classes.violations(solution.sparse)
    if not wrong and _is_drawn(solution):
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


def _is_drawn(solution: Solution) -> bool:
    """Whether it takes no time to speak of to check an answer client by client."""
    problem = solution.classes.problem
    return problem.clients <= _DRAWN_CLIENTS and problem.total <= _DRAWN_TURNS


def _is_better(one: Solution, other: Solution) -> bool:
    """Whether `one` has fewer shortfalls than `other`, shares them better, or else costs less."""
    charged = one.classes.penalties(one.seated), other.classes.penalties(other.seated)
    if charged[0] != charged[1]:
        return charged[0] < charged[1]
    assert one.objective is not None  # noqa: S101 - both have counts
    assert other.objective is not None  # noqa: S101
    return one.objective < other.objective * (1 - _SAME)


def _how_far(solution: Solution) -> str:
    """Say how good a plan is known to be that stands in for another."""
    if solution.status is Status.OPTIMAL:
        return ", and is optimal"
    if solution.gap is None or solution.gap > 1:
        return ""
    return f", within {solution.gap:.2%} of optimal"


def _certified(
    solution: Solution, bounds: list[float], deadline: float, notes: list[str]
) -> tuple[Solution, bool]:
    """Add what round prices prove: optimality, or a bound, and the prices themselves.

    `bounds` are those that the solvers claim, all for answers with as few shortfalls. Also return
    whether the answer is proven; without time for that, `notes` get another.
    """
    # A solver's certificate is only a good place to begin.
    claimed = solution.prices if solution.certificate is None else solution.certificate.prices
    solution = replace(solution, certificate=None)
    try:
        proof = certify(
            solution.classes, solution.seated, lambda: perf_counter() > deadline, start=claimed
        )
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
            certificate=proof,
        ), True
    assert solution.objective is not None  # noqa: S101 - it has an answer
    # Costs are not negative, so zero is a bound as well.
    bound = max(0.0, *(b for b in (*bounds, proof.bound) if np.isfinite(b)))
    return replace(
        solution, status=Status.FEASIBLE, bound=min(bound, solution.objective), prices=prices
    ), False
