"""The only door to problems with limits: each answer is checked client by client."""

import logging
from dataclasses import replace
from time import monotonic

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.limits.conflicts import Conflict, find_conflicts
from lowcarb_solvers.limits.count_rows import CountRows
from lowcarb_solvers.limits.engine import Engine
from lowcarb_solvers.limits.greedy_limits import GreedyLimits
from lowcarb_solvers.limits.limited_classes import LimitedClasses, merge_limited
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.limited_solution import LimitedSolution, LimitShortfall
from lowcarb_solvers.limits.reach import is_out_of_reach, within_reach
from lowcarb_solvers.limits.rules import Stage
from lowcarb_solvers.limits.search import PROVEN
from lowcarb_solvers.limits.shortfalls import find_shortfalls
from lowcarb_solvers.limits.stages import Staged, Stages
from lowcarb_solvers.limits.swaps import Swaps
from lowcarb_solvers.solution import Shortfall, Solution, Status
from lowcarb_solvers.solver import chain, solve
from lowcarb_solvers.sparse_counts import SparseCounts

logger = logging.getLogger(__name__)

# Share of the time limit that greedy may take.
_GREEDY_SHARE = 0.2
# How often greedy's rounds are swept for exchanges.
_SWEEPS = 2
# Counts whose relaxation can be built, written and solved in a second, about.
_COUNTS_PER_SECOND = 20_000


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
    conflicts = find_conflicts(limited)
    named = tuple(str(conflict) for conflict in conflicts)
    if conflicts and not limited.problem.elastic:
        answer = LimitedSolution(
            status=Status.INFEASIBLE,
            solver=solver,
            limited=limited,
            merged=merge_limited(limited),
            conflicts=named,
        )
    else:
        # What must not be missing may be so meanwhile: plans are mended on the way.
        elastic = replace(limited, problem=replace(limited.problem, elastic=True))
        merged = merge_limited(elastic)
        near = within_reach(merged)
        greedy = GreedyLimits(near, lambda: monotonic() > began + _GREEDY_SHARE * time_limit)
        start = greedy.fill()
        counts = len(merged) * limited.problem.rounds
        if solver == "greedy":
            staged = _by_greedy(near, start, began + time_limit)
        elif counts > time_limit * _COUNTS_PER_SECOND:
            late = f"{counts:,} counts are too many for the time limit of {time_limit:g} s"
            staged = _by_greedy(near, start, began + time_limit, late)
        else:
            engine = Engine(
                deadline=began + time_limit,
                gap=gap,
                solver=None if solver == "cbc" else solver,
                path=path,
            )
            staged = Stages(CountRows(near), engine).run(start)
        answer = _answer(merged, near, staged, solver, conflicts)
        if not limited.problem.elastic:
            impossible = staged.impossible or is_out_of_reach(limited, near.limited)
            answer = _strict(limited, answer, impossible=impossible)
    if answer.notes:
        logger.warning("%s", "; ".join(answer.notes))
    return replace(answer, conflicts=answer.conflicts or named, seconds=monotonic() - began)


def _by_greedy(near: LimitedClasses, counts: IntArray, deadline: float, *notes: str) -> Staged:
    """What greedy found, which promises nothing."""
    # It fills rounds evenly: seats that go over to cheaper rounds are what a range is for. What
    # excess energy saves exchanges do not see.
    if near.classes.problem.slack.breathes and not near.limited.limits.excess:
        swaps = Swaps(near, counts, near.classes.cost(), lambda: monotonic() > deadline)
        for _ in range(_SWEEPS):
            swaps.sweep()
        counts = swaps.counts
    return Staged(
        counts=counts,
        bound=-np.inf,
        impossible=False,
        proven=False,
        improved=False,
        notes=(*notes, "greedy promises nothing of limits: a better plan may exist"),
    )


def _answer(
    merged: LimitedClasses,
    near: LimitedClasses,
    staged: Staged,
    solver: str,
    conflicts: tuple[Conflict, ...],
) -> LimitedSolution:
    """Check an answer client by client, and say what it lacks and what is known of it.

    It lacks of what was asked; `near` has the bounds that it was solved with.
    """
    answer = LimitedSolution(
        status=Status.UNKNOWN,
        solver=solver,
        limited=merged.limited,
        merged=merged,
        sparse=SparseCounts.of(staged.counts),
        notes=staged.notes,
    )
    wrong = merged.limited.violations(answer.cohorts)
    if wrong:
        note = f"the answer of {answer.solver} was thrown away: {wrong[0]}"
        return replace(answer, sparse=None, notes=(*staged.notes, note))
    answer = _judged(answer, staged)
    if not staged.improved and answer.status is not Status.OPTIMAL:
        answer = replace(answer, solver="greedy")
    shortfalls = find_shortfalls(
        merged.limited, near.limited, answer.cohorts, conflicts, proven=staged.proven
    )
    return replace(answer, shortfalls=shortfalls, misses_least=staged.proven or not shortfalls)


def _strict(
    limited: LimitedProblem, answer: LimitedSolution, *, impossible: bool
) -> LimitedSolution:
    """Take an answer only if nothing is missing; else name what would be."""
    if answer.sparse is None or not answer.shortfalls:
        return replace(answer, limited=limited)
    note = f"{answer.solver} found no plan that keeps every limit"
    said = "cannot be kept" if impossible else "not kept"
    return LimitedSolution(
        status=Status.INFEASIBLE if impossible else Status.UNKNOWN,
        solver=answer.solver,
        limited=limited,
        merged=answer.merged,
        conflicts=tuple(f"{said}: {shortfall}" for shortfall in answer.shortfalls),
        notes=() if impossible else (*answer.notes, note),
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


def _bound_of(limited: LimitedProblem, shortfall: Shortfall) -> float:
    """What was asked where a problem without limits lacks something."""
    problem = limited.problem
    if shortfall.client is not None:
        return float(problem.at_least[shortfall.client])
    return float(problem.total if shortfall.round is None else problem.fewest[shortfall.round])


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
                stage=Stage.SEATS if one.client is None else Stage.FLOORS,
                short=float(one.short),
                short_of_reach=float(one.short),
                unit=one.unit,
                bound=_bound_of(limited, one),
                client=one.client,
                round=one.round,
                why=one.why,
            )
            for one in solution.shortfalls
        ),
        misses_least=True,
        notes=solution.notes,
    )
