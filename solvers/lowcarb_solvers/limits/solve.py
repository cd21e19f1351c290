"""The only door to problems with limits: each answer is checked client by client."""

import logging
from dataclasses import replace
from time import monotonic

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.limits.conflicts import find_conflicts
from lowcarb_solvers.limits.count_rows import CountRows
from lowcarb_solvers.limits.greedy_limits import GreedyLimits
from lowcarb_solvers.limits.limited_classes import LimitedClasses, merge_limited
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.limited_solution import LimitedSolution, LimitShortfall
from lowcarb_solvers.limits.rules import Stage
from lowcarb_solvers.limits.search import PROVEN, Engine
from lowcarb_solvers.limits.shortfalls import find_shortfalls
from lowcarb_solvers.limits.stages import Staged, Stages
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.solver import chain, solve
from lowcarb_solvers.sparse_counts import SparseCounts

logger = logging.getLogger(__name__)

# Share of the time limit that greedy may take.
_GREEDY_SHARE = 0.2


def solve_limited(
    limited: LimitedProblem,
    *,
    time_limit: float = 10.0,
    gap: float = 1e-4,
    solver: str = "cbc",
    path: str | None = None,
) -> LimitedSolution:
    """Solve a problem with limits, by greedy and then by branch and cut on class counts.

    Without limits `solve` answers, with the same cohorts as ever.

    Parameters
    ----------
    limited
        What to solve.
    time_limit
        Seconds for all of it; the solver's process is killed when they are over.
    gap
        Relative gap at which branch and cut may stop.
    solver
        "cbc"; "greedy" alone; or another name that PuLP knows, for example "HiGHS" or "GUROBI".
    path
        The CBC program; None for the one that comes with PuLP, or else the one on PATH.

    Returns
    -------
    LimitedSolution
        The best answer that keeps every constraint, checked on single clients.
    """
    began = monotonic()
    if not limited.limits:
        return _unlimited(limited, solve(limited.problem, *chain(time_limit)))
    merged = merge_limited(limited)
    conflicts = find_conflicts(limited)
    if conflicts and not limited.problem.elastic:
        return LimitedSolution(
            status=Status.INFEASIBLE,
            solver=solver,
            limited=limited,
            merged=merged,
            seconds=monotonic() - began,
            conflicts=tuple(str(conflict) for conflict in conflicts),
        )
    greedy = GreedyLimits(merged, lambda: monotonic() > began + _GREEDY_SHARE * time_limit)
    start = greedy.fill()
    if solver == "greedy":
        staged = _by_greedy(merged, start)
    else:
        engine = Engine(
            deadline=began + time_limit,
            gap=gap,
            solver=None if solver == "cbc" else solver,
            path=path,
        )
        staged = Stages(CountRows(merged), engine).run(start)
        if staged.counts is None and not staged.infeasible:
            fallback = _by_greedy(merged, start)
            staged = replace(fallback, notes=(*staged.notes, *fallback.notes))
    answer = LimitedSolution(
        status=Status.INFEASIBLE if staged.infeasible else Status.UNKNOWN,
        solver=solver if staged.improved or staged.counts is None else "greedy",
        limited=limited,
        merged=merged,
        conflicts=tuple(str(conflict) for conflict in conflicts),
        notes=staged.notes,
    )
    if staged.counts is not None:
        answer = replace(answer, sparse=SparseCounts.of(staged.counts))
        wrong = limited.violations(answer.cohorts)
        if wrong:
            note = f"the answer of {answer.solver} was thrown away: {wrong[0]}"
            answer = replace(answer, sparse=None, notes=(*staged.notes, note))
        else:
            answer = _judged(answer, staged)
            answer = replace(answer, shortfalls=find_shortfalls(limited, answer.cohorts, conflicts))
    if answer.notes:
        logger.warning("%s", "; ".join(answer.notes))
    return replace(answer, seconds=monotonic() - began)


def _by_greedy(merged: LimitedClasses, counts: IntArray) -> Staged:
    """What greedy found, if it keeps what must be kept."""
    problem = merged.limited.problem
    kept = problem.elastic or not merged.limited.violations(merged.classes.cohorts(counts))
    note = "greedy promises nothing of limits: a better plan may exist"
    return Staged(
        counts=counts if kept else None,
        bound=-np.inf,
        infeasible=False,
        proven=False,
        improved=False,
        notes=(note if kept else "greedy found no plan that keeps every limit",),
    )


def _judged(answer: LimitedSolution, staged: Staged) -> LimitedSolution:
    """Say what is known of an answer: the bound is one for as few shortfalls."""
    objective = answer.objective
    assert objective is not None  # noqa: S101 - it has an answer
    # No cost is negative, and no excess saves more than a turn costs.
    bound = min(max(0.0, staged.bound), objective)
    near = objective - bound <= PROVEN * objective
    return replace(
        answer,
        status=Status.OPTIMAL if near and staged.proven else Status.FEASIBLE,
        bound=bound,
    )


def _unlimited(limited: LimitedProblem, solution: Solution) -> LimitedSolution:
    """The answer of `solve`, as it is."""
    merged = replace(merge_limited(limited), classes=solution.classes)
    return LimitedSolution(
        status=solution.status,
        solver=solution.solver,
        limited=limited,
        merged=merged,
        sparse=solution.sparse,
        seconds=solution.seconds,
        bound=solution.bound,
        shortfalls=tuple(
            LimitShortfall(
                stage=Stage.FLOORS if one.unit == "turns" else Stage.SEATS,
                short=float(one.short),
                unit=one.unit,
                bound=float(
                    limited.problem.at_least[one.client]
                    if one.client is not None
                    else limited.problem.cohort_size[one.round]
                ),
                client=one.client,
                round=one.round,
                why=one.why,
            )
            for one in solution.shortfalls
        ),
        notes=solution.notes,
    )
