"""Plans within limits that pay grams for the value of turns.

What is minimised is grams less value; what limits on grams count are true grams all the same.
"""

from collections.abc import Callable
from dataclasses import replace
from time import monotonic

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.limited_solve import solve_with_limits
from lowcarb.planning.value import Value
from lowcarb.planning.value_price import Paid, Priced, hurry, is_near, most_paid
from lowcarb.planning.valued import status_of, with_costs_of
from lowcarb_solvers import LimitedProblem, LimitedSolution, Problem, Solver, Stage

_SAME = 1e-6
"""Amounts that are missing are the same up to this, in their units."""


def solve_valued_within(
    limited: LimitedProblem,
    value: Value,
    worth: FloatArray,
    solvers: tuple[Solver, ...],
    *,
    least_gap: float = 0.0,
    clock: Callable[[], float] = monotonic,
) -> tuple[LimitedSolution, Paid]:
    """Plan within limits by carbon alone, and then the best that may be paid for value.

    Parameters
    ----------
    limited
        In grams, n clients.
    value, worth, solvers, clock
        As of `solve_valued`.
    least_gap
        As of `solve_with_limits`.

    Raises
    ------
    InputError
        If the last solver knows nothing of limits.
    NoSolution
        If there is no plan.
    """
    late, hurried = hurry(solvers, clock)
    free = solve_with_limits(limited, hurried, least_gap=least_gap).raise_for_status()
    assert free.objective is not None  # noqa: S101 - it has an answer

    def at_price(asked: Problem) -> Priced[LimitedSolution] | None:
        found = solve_with_limits(_minimising(asked, limited), hurried, least_gap=least_gap)
        if found.sparse is None or _misses_more(found, free):
            return None
        told = _in_true_grams(found, free)
        assert told.objective is not None  # noqa: S101 - it has an answer
        near = is_near(found.status, found.gap)
        return Priced(plan=told, grams=told.objective, near=near)

    near = is_near(free.status, free.gap)
    alone = Priced(plan=free, grams=free.objective, near=near)
    return most_paid(limited.problem, value, worth, alone, at_price, late)


def _minimising(asked: Problem, limited: LimitedProblem) -> LimitedProblem:
    """The same limits on true grams for costs less value.

    Where excess energy saves more than a turn then costs, all turns are made dearer by the same,
    so that no cost is negative.
    """
    below = 0.0
    for site in limited.limits.excess:
        who = np.flatnonzero(site.clients)
        for j in np.flatnonzero(site.saves * site.supply > 0) if who.size else ():
            lacks = site.amount[who] * site.saves[j] - asked.costs(who, int(j))
            below = max(below, float(lacks.max()))
    # All weights of costs less value are one.
    raised = replace(asked, cost_level=asked.cost_level + below)
    return replace(limited, problem=raised, counted=limited.counting)


def _misses_more(found: LimitedSolution, free: LimitedSolution) -> bool:
    """Whether a plan lacks more than another of the first stage in which they differ."""
    for stage in free.limited.limits.stages:
        for mine, other in zip(_missed(found, stage), _missed(free, stage), strict=True):
            if abs(mine - other) > _SAME:
                return mine > other
    return False


def _missed(found: LimitedSolution, stage: Stage) -> tuple[float, float]:
    """What is missing of a stage in all, and the most that is missing in one place."""
    # Of a bound far out of reach plans differ by less than its figures hold.
    short = [one.short_of_reach for one in found.shortfalls if one.stage is stage]
    return sum(short), max(short, default=0.0)


def _in_true_grams(found: LimitedSolution, free: LimitedSolution) -> LimitedSolution:
    """Tell a plan for costs less value in grams, with the bound of that by carbon alone."""
    classes = with_costs_of(free.limited.open_problem, found.merged.classes)
    merged = replace(found.merged, limited=free.limited, classes=classes)
    told = replace(found, limited=free.limited, merged=merged, bound=free.bound)
    assert told.objective is not None  # noqa: S101 - both have an answer
    assert free.objective is not None  # noqa: S101
    return replace(told, status=status_of(told.objective, free.objective, free.status))
