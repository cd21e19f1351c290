"""The price of value: the highest at which a plan emits no more than it may.

A turn of value v may cost price x v more. Taking that off its cost and adding the same constant to
all costs leaves costs that are not negative, and moves the cost of every plan alike: plans have the
same number of turns, also where some must be missing, as the fewest are. So the solvers, their
penalties and their proofs stay what they are, and what is told of a plan is counted again.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import isfinite, log2
from typing import Any, Generic, TypeVar

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import grams
from lowcarb.planning.value import Value
from lowcarb_solvers import Problem, Solver, Status, limit_of, within

_Plan = TypeVar("_Plan")
_Found = TypeVar("_Found")

# Of the time that a plan may take: the longest that one of several may take, and when no other is
# begun.
_EACH, _LAST_BEGINS = 0.25, 0.5
# Prices are powers of two, four of them to a doubling, so that which is found does not depend on
# where the search begins: the highest that keeps the bound, up to a fifth. They are at most a
# thousand times as high as one at which the values that are furthest apart make up for a usual
# turn: there value decides alone, and figures are still near enough to each other for solvers.
_TO_A_DOUBLING = 4
_MOST_BELOW, _MOST_ABOVE = 20 * _TO_A_DOUBLING, 10 * _TO_A_DOUBLING
# A turn is worth at most so many times the dearest one: beyond that value decides alone, and grams
# would be lost in rounding. Values that are nearer to each other are the same.
_MOST_WORTH, _LEAST_WORTH = 1e6, 1e-100
SAME = 1e-9
"""Relative difference of sums that are the same."""
NEAR = 1e-3
"""Relative gap up to which a plan counts as optimal where plans are compared."""


@dataclass(frozen=True, kw_only=True)
class Paid:
    """What a plan pays for value.

    Parameters
    ----------
    price_g
        Of a unit of value, gCO2eq.
    grams
        How much more the plan emits than one that knows no value, gCO2eq.
    free_g
        What that one emits, gCO2eq.
    allowed_g
        Grams that it might have been; None where the price was given.
    asked_g
        The price that was asked for, gCO2eq; None where none was. A higher one than `price_g`
        would change nothing but the rounding of grams; where `price_g` is 0, no plan at it gives
        as many of the owed turns and seats.
    proven
        Whether no plan is better at the price; None where none is paid for.
    free_known
        Whether no plan by carbon alone emits clearly less than `free_g`: else less may be paid than
        it seems, or more.
    """

    price_g: float
    grams: float
    free_g: float
    allowed_g: float | None
    asked_g: float | None = None
    proven: bool | None = None
    free_known: bool = True

    @property
    def sentence(self) -> str:
        """Say it for people."""
        share = f" ({self.grams / self.free_g:.1%})" if self.free_g > 0 else ""
        bound = "" if self.allowed_g is None else f"; {grams(self.allowed_g)} were allowed"
        # A bound says how far the price may go, and no plan needs all of that.
        at = f"at {'' if self.allowed_g is None else 'up to '}{grams(self.price_g)} a unit"
        if not self.free_known:
            return (
                f"how many grams are paid for the value of turns is not known, {at}: the best plan "
                f"by carbon alone that was found in time emits {grams(self.free_g)}, and a better "
                f"one may exist{bound}{self._otherwise}"
            )
        return (
            f"{grams(self.grams)}{share} more than by carbon alone is paid for the value of "
            f"turns, {at}{bound}{self._otherwise}"
        )

    @property
    def _otherwise(self) -> str:
        """Say why the price is not the one that was asked for; blank where it is."""
        if self.asked_g is None or self.asked_g == self.price_g:
            return ""
        asked = f"; {grams(self.asked_g)} were asked for"
        if not self.price_g:
            return f"{asked}, at which no plan was found that gives as many owed turns and seats"
        return (
            f"{asked}, but from {grams(self.price_g)} on value alone decides, and a higher price "
            "would only make grams inexact"
        )

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return {
            "price_g": self.price_g,
            "paid_g": self.grams,
            "carbon_alone_g": self.free_g,
            "allowed_g": self.allowed_g,
            "asked_price_g": self.asked_g,
            "proven_at_price": self.proven,
            "carbon_alone_known": self.free_known,
        }


def less_value(problem: Problem, worth_g: FloatArray, by_round: FloatArray) -> Problem:
    """Take off each turn's cost what it is worth.

    Parameters
    ----------
    problem
        In grams, n clients in t rounds.
    worth_g
        Shape (n,): worth of a turn in the next round, gCO2eq.
    by_round
        Shape (t,): share of that in each round.

    Returns
    -------
    Problem
        The same but for a constant in each turn's cost, by which no cost is negative.
    """
    # Sorted by level and then by weight: so are the classes of both programs.
    kinds, kind_of = np.unique(
        np.column_stack([problem.level_of, problem.weight, worth_g]), axis=0, return_inverse=True
    )
    level = problem.cost_level[kinds[:, 0].astype(np.int64)]
    costs = kinds[:, 1:2] * level - kinds[:, 2:3] * by_round
    return replace(
        problem,
        cost_level=costs - min(0.0, float(costs.min())),
        level_of=kind_of.reshape(-1).astype(np.int64),
        weight=np.ones(problem.clients),
    )


@dataclass(frozen=True, kw_only=True)
class Priced(Generic[_Plan]):
    """A plan for costs less value.

    Parameters
    ----------
    plan
        The plan.
    grams
        What it emits in truth, gCO2eq.
    near
        Whether it is known to be optimal for those costs, or next to it.
    """

    plan: _Plan
    grams: float
    near: bool


def is_near(status: Status, gap: float | None) -> bool:
    """Whether an answer is known to be optimal, or next to it."""
    return status is Status.OPTIMAL or (gap is not None and gap <= NEAR)


def hurry(
    solvers: tuple[Solver, ...], clock: Callable[[], float]
) -> tuple[Callable[[], bool], tuple[Solver, ...]]:
    """Let several plans take no longer than one may: when it is late for another, and who plans."""
    began, limit = clock(), limit_of(solvers)
    hurried = within(solvers, _EACH * limit) if isfinite(limit) else solvers
    return lambda: clock() - began > _LAST_BEGINS * limit, hurried


def most_paid(
    problem: Problem,
    value: Value,
    worth: FloatArray,
    free: Priced[_Plan],
    at_price: Callable[[Problem], Priced[_Plan] | None],
    late: Callable[[], bool],
) -> tuple[_Plan, Paid]:
    """Find the plan that pays as much for value as may be paid.

    Parameters
    ----------
    problem, value, worth
        As of `solve_valued`.
    free
        The plan by carbon alone, which stands where nothing is paid.
    at_price
        Plans for a program of costs less value; None if that misses more than carbon alone does.
    late
        Whether no other plan may be begun.
    """
    free_g, shares = free.grams, value.by_round(problem.rounds)
    allowed = None if value.price_g is not None else value.allowed_g(free_g, problem.rounds)
    most_g = np.inf if allowed is None else free_g + allowed + SAME * free_g
    dearest = float(problem.weight.max()) * float(problem.cost_level.max())
    highest = _MOST_WORTH * (dearest or 1.0) / max(float(worth.max()), _LEAST_WORTH)

    def attempt(price: float) -> tuple[_Plan, Paid] | None:
        """Plan at a price; None if that breaks the bound."""
        price = min(price, highest)
        found = at_price(less_value(problem, price * worth, shares))
        if found is None or found.grams > most_g:
            return None
        # What emits less than a stand-in for the plan by carbon alone is the better stand-in.
        alone_g = min(free_g, found.grams)
        extra = found.grams - alone_g
        paid = replace(none, price_g=price, grams=extra, free_g=alone_g, proven=found.near)
        return found.plan, paid

    none = Paid(
        price_g=0.0,
        grams=0.0,
        free_g=free_g,
        allowed_g=allowed,
        asked_g=value.price_g,
        free_known=free.near,
    )
    nothing = free.plan, none
    if value.price_g is not None:
        return attempt(value.price_g) or nothing
    apart = float(np.ptp(worth)) if value.later == 1 else float(worth.max())
    if apart < _LEAST_WORTH or not allowed or not free_g:
        return nothing
    usual = _power(free_g / problem.total / apart)
    begin = usual if value.near_g is None else _power(value.near_g)
    return _highest(attempt, usual - _MOST_BELOW, usual + _MOST_ABOVE, begin, late) or nothing


def _power(price_g: float) -> int:
    return round(_TO_A_DOUBLING * log2(price_g))


def _highest(
    attempt: Callable[[float], _Found | None],
    low: int,
    high: int,
    begin: int,
    late: Callable[[], bool],
) -> _Found | None:
    """Find the highest power that keeps the bound; None if none does. Grams grow with the price."""
    best: _Found | None = None
    rejected, step = False, 1
    at = begin = min(high, max(low, begin))
    while low <= high and not late():
        found = attempt(2 ** (at / _TO_A_DOUBLING))
        if found is None:
            high, rejected = at - 1, True
        else:
            best, low = found, at + 1
        if best is not None and rejected:
            at = (low + high + 1) // 2
        else:
            at = min(high, begin + step) if best is not None else max(low, begin - step)
            step *= 2
    return best
