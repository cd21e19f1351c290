"""Plans that pay grams for the value of turns, and are told in true grams all the same."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.value import Value
from lowcarb.planning.value_price import SAME, Paid, Priced, hurry, is_near, most_paid
from lowcarb_solvers import Classes, Problem, Solution, Solver, Status, Warm, solve


@dataclass(frozen=True, kw_only=True, eq=False)
class ValuedSolution:
    """A plan that pays for value.

    Parameters
    ----------
    solution
        In true grams: its bound is that of plans that know no value.
    asked
        The program that was solved for it, costs less value.
    paid
        For value.
    """

    solution: Solution
    asked: Problem
    paid: Paid


def in_true_grams(found: Solution, problem: Problem, free: Solution) -> Solution:
    """Tell a plan for costs less value in true grams.

    Parameters
    ----------
    found
        Of the program that `less_value` made of the problem.
    problem
        The problem.
    free
        Its solution by carbon alone, whose bound holds for all its plans.
    """
    told = replace(
        found,
        classes=with_costs_of(problem, found.classes),
        bound=free.bound,
        prices=free.prices,
        certificate=None,
    )
    assert told.objective is not None  # noqa: S101 - both have an answer
    assert free.objective is not None  # noqa: S101
    return replace(told, status=status_of(told.objective, free.objective, free.status))


def status_of(grams: float, free_g: float, free: Status) -> Status:
    """What is known of a plan that pays for value: that by carbon alone if it emits no more."""
    return free if grams <= free_g * (1 + SAME) else Status.FEASIBLE


def with_costs_of(problem: Problem, classes: Classes) -> Classes:
    """Give classes of a program that `less_value` made the costs of the problem."""
    _, member = np.unique(classes.member_of, return_index=True)
    return replace(
        classes,
        problem=problem,
        level_of=problem.level_of[member],
        weight=problem.weight[member],
    )


def solve_valued(
    problem: Problem,
    value: Value,
    worth: FloatArray,
    solvers: tuple[Solver, ...],
    warm: Warm | None = None,
    clock: Callable[[], float] = monotonic,
) -> ValuedSolution:
    """Plan by carbon alone, and then the best that may be paid for value.

    All plans together take no longer than one may; where time ends, the best one so far stands. A
    plan that misses more owed turns or seats than that by carbon alone does not count.

    Parameters
    ----------
    problem
        In grams, n clients.
    value
        What may be paid.
    worth
        Shape (n,): what a turn of each client is worth, zero or more.
    solvers, warm
        As of `Planned`.
    clock
        Tells seconds, from any beginning.

    Raises
    ------
    NoSolution
        If there is no plan.
    """
    late, hurried = hurry(solvers, clock)
    free = solve(problem, *hurried, warm=warm).raise_for_status()
    assert free.objective is not None  # noqa: S101 - it has an answer
    owed = free.classes.penalties(free.seated)

    def at_price(asked: Problem) -> Priced[tuple[Problem, Solution]] | None:
        found = solve(asked, *hurried, warm=warm)
        if found.sparse is None or found.classes.penalties(found.sparse) > owed:
            return None
        told = in_true_grams(found, problem, free)
        assert told.objective is not None  # noqa: S101 - it has an answer
        near = is_near(found.status, found.gap)
        return Priced(plan=(asked, told), grams=told.objective, near=near)

    near = is_near(free.status, free.gap)
    alone = Priced(plan=(problem, free), grams=free.objective, near=near)
    (asked, solution), paid = most_paid(problem, value, worth, alone, at_price, late)
    return ValuedSolution(solution=solution, asked=asked, paid=paid)
