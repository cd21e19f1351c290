"""What a slot costs once floors and caps have prices, and the search for these prices.

A price on each client's floor, what an owed turn is worth, takes the place of the floor itself
(Lagrangian duality): each slot then costs the sum of its cheapest seats, whatever the other slots
are, and the cheapest chain of slots is a bound on every choice of slots and cohorts.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import inf

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Classes, Solution

# Entries of a matrix of classes by slots that are handled at once.
_AT_ONCE = 4_000_000
# Costs that differ by less, relatively, are the same.
_SAME = 1e-9
# Steps in vain after which steps are half as long, and the shortest ones worth a step.
_PATIENCE, _LEAST_PACE = 5, 0.02


@dataclass(frozen=True, kw_only=True, eq=False)
class Seats:
    """The cheapest seats of each slot, if turns are worth something.

    Parameters
    ----------
    prices
        Shape (s,): what they cost together.
    classes, members
        Shape (m, s): of which classes their clients are, and how many of each.
    """

    prices: FloatArray
    classes: IntArray
    members: IntArray

    def turns(self, chosen: IntArray, classes: int) -> FloatArray:
        """Count the turns of each class in some slots (k,)."""
        seats = self.members[:, chosen].ravel().astype(np.float64)
        turns: FloatArray = np.bincount(  # type: ignore[assignment]
            self.classes[:, chosen].ravel(), weights=seats, minlength=classes
        )
        return turns


@dataclass(frozen=True, kw_only=True, eq=False)
class Bound:
    """A bound on every choice of slots and cohorts, and the choice of slots that gave it.

    Parameters
    ----------
    cost
        No choice costs less.
    worth
        Shape (k,): what a turn of a client of each class is worth there.
    chosen
        Slots, ascending.
    """

    cost: float
    worth: FloatArray
    chosen: IntArray


def cheapest_seats(classes: Classes, worth: FloatArray) -> Seats:
    """Find the cheapest seats of each slot.

    Parameters
    ----------
    classes
        Of a program with a round for each slot.
    worth
        Shape (k,): what a turn of a client of each class is worth.
    """
    problem, many = classes.problem, len(classes)
    most = min(many, max(1, int(problem.cohort_size.max())))
    # More than any turn costs: what an empty seat counts.
    empty = 10.0 * (1.0 + float(problem.weight.max() * problem.cost_level.max()))
    able = classes.at_most > 0
    found: list[tuple[FloatArray, IntArray, IntArray]] = []
    width = max(1, _AT_ONCE // many)
    for begin in range(0, problem.rounds, width):
        part = slice(begin, begin + width)
        cost = classes.weight[:, None] * problem.cost_level[classes.level_of, part]
        cost -= worth[:, None]
        cost[~able] = inf
        if classes.available is not None:
            cost[~classes.available[:, part]] = inf
        near = (
            np.argpartition(cost, most - 1, axis=0)[:most]
            if most < many
            else np.broadcast_to(np.arange(many)[:, None], cost.shape)
        )
        order = np.take_along_axis(
            near, np.argsort(np.take_along_axis(cost, near, 0), axis=0, kind="stable"), 0
        )
        by_cost = np.take_along_axis(cost, order, 0)
        there = by_cost < inf
        size = classes.size[order] * there
        before = np.cumsum(size, axis=0) - size
        seats = problem.cohort_size[part]
        members = np.clip(seats - before, 0, size)
        prices = (np.where(there, by_cost, 0.0) * members).sum(axis=0)
        found.append((prices + empty * (seats - members.sum(axis=0)), order, members))
    prices, order, members = (np.concatenate(parts, axis=-1) for parts in zip(*found, strict=True))
    return Seats(prices=prices, classes=order, members=members)


def bound_of(classes: Classes, slots: Slots, rounds: int, worth: FloatArray) -> tuple[Bound, Seats]:
    """Choose the cheapest chain of slots if turns are worth something; it bounds all others."""
    seats = cheapest_seats(classes, worth)
    chosen = slots.cheapest(seats.prices, rounds)
    assert chosen is not None  # noqa: S101 - there is a chain of that length
    paid = classes.size * np.where(worth > 0, classes.at_least, _caps(classes, rounds))
    cost = float(seats.prices[chosen].sum() + worth @ paid)
    return Bound(cost=cost, worth=worth, chosen=chosen), seats


def _caps(classes: Classes, rounds: int) -> IntArray:
    """Turns that a client of each class may take (k,)."""
    return np.minimum(classes.at_most, rounds)


def ascend(
    classes: Classes,
    slots: Slots,
    rounds: int,
    worth: FloatArray,
    reached: float,
    *,
    steps: int,
    near: float,
    late: Callable[[], bool],
) -> list[Bound]:
    """Raise the bound, step by step, along what the floors and caps lack (a subgradient).

    Parameters
    ----------
    worth
        Shape (k,): where to begin.
    reached
        What some choice costs: the bound can be no higher, and steps are as long as it is away.
    steps
        How many, at most.
    near
        Share of `reached` at which the bound is near enough.
    late
        Whether time is over.

    Returns
    -------
    list
        All bounds on the way, the highest first.
    """
    found: list[Bound] = []
    best, pace, vain = -inf, 1.0, 0
    for _ in range(steps):
        bound, seats = bound_of(classes, slots, rounds, worth)
        found.append(bound)
        if bound.cost > best + _SAME * abs(bound.cost):
            best, vain = bound.cost, 0
        else:
            vain += 1
            if vain >= _PATIENCE:
                pace, vain = pace / 2, 0
        turns = seats.turns(bound.chosen, len(classes)) / classes.size
        lack = np.maximum(classes.at_least - turns, 0)
        over = np.minimum(_caps(classes, rounds) - turns, 0)
        # A price on what is kept with room to spare may fall.
        loose = np.where(worth > 0, np.minimum(0, classes.at_least - turns), 0)
        loose += np.where(worth < 0, np.maximum(0, _caps(classes, rounds) - turns), 0)
        slope = np.where(lack > 0, lack, np.where(over < 0, over, loose))
        length = float((classes.size * slope) @ slope)
        away = max(reached - bound.cost, _SAME * abs(reached))
        if not length or late() or pace < _LEAST_PACE or away <= near * abs(reached):
            break
        worth = worth + pace * away / length * slope
    return sorted(found, key=lambda one: -one.cost)


def worth_of_turns(solution: Solution, classes: Classes) -> FloatArray:
    """What a turn of a client of each class is worth (k,) by the round prices of an answer.

    It is what the last owed turn costs beyond its seat's price, and less than nothing where a cap
    leaves cheap seats to others; 0 where no prices are known.

    Parameters
    ----------
    solution
        Of the program of some slots.
    classes
        Of the program with a round for each slot.
    """
    problem, prices = solution.classes.problem, solution.prices
    worth = np.zeros(len(classes))
    if prices is None:
        return worth
    # One member stands for its class.
    _, one = np.unique(classes.member_of, return_index=True)
    many = problem.rounds
    width = max(1, _AT_ONCE // many)
    for begin in range(0, len(one), width):
        which = one[begin : begin + width]
        beyond = problem.weight[which, None] * problem.cost_level[problem.level_of[which]] - prices
        if problem.available is not None:
            beyond = np.where(problem.available[which], beyond, inf)
        beyond.sort(axis=1)
        rows = np.arange(len(beyond))
        owed, most = problem.at_least[which], problem.at_most[which]
        last_owed = beyond[rows, np.clip(owed, 1, many) - 1]
        beyond_cap = beyond[rows, np.minimum(most, many - 1)]
        up = np.where((owed > 0) & (last_owed < inf), np.maximum(last_owed, 0), 0)
        down = np.where((most < many) & (beyond_cap < inf), np.minimum(beyond_cap, 0), 0)
        worth[begin : begin + width] = up + down
    return worth
