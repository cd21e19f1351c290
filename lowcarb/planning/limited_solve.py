"""Which solver answers a problem with limits, by those that were asked for."""

from collections.abc import Mapping, Sequence
from typing import Any

from lowcarb.errors import InputError
from lowcarb_solvers import (
    Cbc,
    Greedy,
    LimitedProblem,
    LimitedSolution,
    RulePrice,
    Solver,
    price_rules,
    solve_limited,
)

ROLLING_GAP = 1e-4
"""Where each round is planned anew, an answer so near to the optimum will do."""
_GREEDY_S = 10.0


def require_limited(solvers: Sequence[Solver]) -> None:
    """Refuse solvers that know nothing of limits.

    Raises
    ------
    InputError
        Names the solver.
    """
    _options(solvers, 0.0)


def solve_with_limits(
    limited: LimitedProblem, solvers: Sequence[Solver], *, least_gap: float = 0.0
) -> LimitedSolution:
    """Solve a problem with limits in the time and up to the gap of some solvers.

    Parameters
    ----------
    limited
        What to solve.
    solvers
        As of `Planner`; the last one decides.
    least_gap
        The smallest relative gap that is asked for.

    Raises
    ------
    InputError
        If the last solver knows nothing of limits.
    """
    return solve_limited(limited, **_options(solvers, least_gap))


def prices_of_limits(
    limited: LimitedProblem,
    solution: LimitedSolution,
    solvers: Sequence[Solver],
    steps: Mapping[str, float],
) -> tuple[RulePrice, ...]:
    """Solve again for each limit, looser by one unit, or by a step."""
    return price_rules(limited, solution, steps=steps, **_options(solvers, 0.0))


def _options(solvers: Sequence[Solver], least_gap: float) -> dict[str, Any]:
    last = solvers[-1]
    if isinstance(last, Greedy):
        limit = _GREEDY_S if last.time_limit is None else last.time_limit
        return {"solver": "greedy", "time_limit": limit}
    if isinstance(last, Cbc):
        gap = max(last.gap, least_gap)
        return {"time_limit": last.time_limit, "gap": gap, "path": last.path}
    raise InputError(
        f"solver: {last.name} knows nothing of limits; take cbc or greedy, or leave out the limits",
        field="solver",
    )
