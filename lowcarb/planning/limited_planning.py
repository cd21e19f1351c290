"""A plan within limits: what is refused beside them, who solves, what is found out."""

from collections.abc import Sequence
from dataclasses import replace

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import conjoined
from lowcarb.errors import InputError
from lowcarb.planning.asked_limits import AskedLimits, BoundLimits
from lowcarb.planning.cohort_range import CohortRange, evenly
from lowcarb.planning.limited_solve import prices_of_limits, require_limited, solve_with_limits
from lowcarb.planning.limits_kept import LimitsKept
from lowcarb.planning.value import Value, not_beside
from lowcarb.planning.value_price import Paid
from lowcarb.planning.valued_limits import solve_valued_within
from lowcarb_solvers import Solver, solve


def refuse_beside(
    limits: AskedLimits,
    solvers: Sequence[Solver],
    cohort_range: CohortRange | None,
    **others: object,
) -> None:
    """Refuse what no plan within limits can be made with.

    Parameters
    ----------
    limits
        That are asked for.
    solvers
        Who solve.
    cohort_range
        Of each round; None where all are of one size.
    **others
        What chooses the hours of rounds, by the names of arguments; None where one is not given.

    Raises
    ------
    InputError
        Names both.
    """
    for name, given in others.items():
        if given is not None:
            raise InputError(
                f"{limits.arguments[0]}: expected rounds that follow each other, got "
                f"{name} beside {limits.texts[0]!r}; leave out {name}, or "
                f"{conjoined(limits.arguments)}",
                field=limits.arguments[0],
            )
    if cohort_range is not None and cohort_range[0] < cohort_range[1]:
        for limit in limits.limits:
            limit.refuse_sizes(cohort_range)
    require_limited(solvers)


def plan_within(
    limits: AskedLimits,
    bound: BoundLimits,
    solvers: Sequence[Solver],
    *,
    first_round: int,
    prices: bool,
    worth: tuple[Value, FloatArray] | None = None,
) -> tuple[LimitsKept, Paid | None]:
    """Plan the rounds left within limits.

    Parameters
    ----------
    limits
        As they were asked for.
    bound
        The same for the rounds left.
    solvers
        As of `Planner`.
    first_round
        Number of the first of these rounds in the training.
    prices
        Whether to find out what a unit of each limit costs.
    worth
        What may be paid for value, and what a turn of each client is worth (n,); None for nothing.

    Raises
    ------
    InputError
        If prices of limits are asked for beside the value of turns.
    """
    paid, priced = None, None
    if worth is None:
        found = solve_with_limits(bound.limited, solvers).raise_for_status()
    else:
        value, of_clients = worth
        not_beside(value, prices=prices or None)
        found, paid = solve_valued_within(bound.limited, value, of_clients, tuple(solvers))
    if prices:
        steps = limits.price_steps(bound.asked)
        priced = prices_of_limits(bound.limited, found, solvers, steps)
    even = evenly(bound.limited.problem)
    kept = LimitsKept(
        solution=found,
        bound=bound,
        first_round=first_round,
        free=solve(bound.limited.problem, *solvers),
        even=None
        if even is None
        else solve_with_limits(replace(bound.limited, problem=even), solvers),
        prices=priced,
    )
    return kept, paid
