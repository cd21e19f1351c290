"""How long solvers may take, and solvers that may take less."""

from dataclasses import is_dataclass, replace
from math import inf

from lowcarb_solvers import Solver


def time_limit(solvers: tuple[Solver, ...]) -> float:
    """Seconds that a plan may take, the longest limit of its solvers; inf if none has one."""
    return max((limit for s in solvers if (limit := _limit(s)) is not None), default=inf)


def within(solvers: tuple[Solver, ...], seconds: float) -> tuple[Solver, ...]:
    """Plan in less time: limits shrink in proportion, solvers without one stay as they are."""
    limit = time_limit(solvers)
    share = min(1.0, max(0.0, seconds) / limit) if limit else 1.0
    return tuple(_hurried(solver, share) for solver in solvers)


def _limit(solver: Solver) -> float | None:
    """Seconds that a solver may take, from the field that solvers with a limit have."""
    limit: float | None = getattr(solver, "time_limit", None)
    return limit


def _hurried(solver: Solver, share: float) -> Solver:
    """Leave a solver a share of its time limit, if it is a dataclass that has one."""
    limit = _limit(solver)
    if limit is None or not is_dataclass(solver) or isinstance(solver, type):
        return solver
    return replace(solver, time_limit=share * limit)
