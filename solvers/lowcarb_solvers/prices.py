"""Round prices: a proof of optimality that does not ask who solved, and what seats and turns cost.

An answer is optimal iff no cycle of its exchange graph is negative; see `exchange`. Shortest
distances then are round prices p, and

    L(p) = sum over j of cohort_size[j] p[j]
           + the cheapest allowed set of empty seats at costs -p[j], where cohorts breathe
           + sum over i of the cheapest allowed set of turns of i at costs c[i, j] - p[j]

is a lower bound on the cost of every answer, whatever the prices (Lagrangian duality). That L(p)
reaches the answer's cost is the proof; it is computed from the problem alone.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.classes import Classes, in_chunks
from lowcarb_solvers.deadline import never
from lowcarb_solvers.exchange import ExchangeGraph, check_time, exchange_graph
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.neighbours import Neighbours
from lowcarb_solvers.sparse_counts import Counts, SparseCounts

# Distance between cost and bound that rounding explains: relative to the cost, and to the largest
# number that enters the sum for each seat.
_RELATIVE, _PER_SEAT = 1e-9, 1e-14
# Distances that differ by less, relative to the largest of them, are the same sum in another order.
_SAME = 1e-15


@dataclass(frozen=True, kw_only=True, eq=False)
class Certificate:
    """What prices prove about an answer.

    Parameters
    ----------
    optimal
        Whether the answer is proven optimal.
    bound
        No answer with as few shortfalls costs less.
    prices
        Shape (t,): round prices, of which those of an optimum are only some of many.
    objective
        What the answer costs.
    classes, counts
        The answer.
    """

    optimal: bool
    bound: float
    prices: FloatArray
    objective: float
    classes: Classes = field(repr=False)
    counts: SparseCounts = field(repr=False)

    @lazy
    def seat_prices(self) -> FloatArray:
        """Optimum with one more seat in round j, less the optimum (t,).

        Where cohorts breathe: with bounds of round j and a total that are one larger. NaN
        where that seat cannot be filled without a shortfall elsewhere, and everywhere unless
        optimal.
        """
        if not self.optimal:
            return np.full(self.classes.problem.rounds, np.nan)
        return _possible(self._distances[0], self._penalty)

    @lazy
    def turn_prices(self) -> FloatArray:
        """Optimum with one more turn owed to one member, less the optimum (k,).

        NaN where its cap or the others' floors forbid it, and everywhere unless optimal.
        """
        if not self.optimal:
            return np.full(len(self.classes), np.nan)
        return _turn_prices(self.classes, self.counts, self._distances[1], self._penalty)

    @lazy
    def _distances(self) -> tuple[FloatArray, FloatArray]:
        """How far the rounds are from the spare node and the spare node from them, (t,) each."""
        graph = exchange_graph(self.classes, self.counts, self._penalty, never)
        none = np.append(np.full(self.classes.problem.rounds, np.inf), 0.0)
        return (
            _shortest(graph.onward, none, graph.longest),
            _shortest(graph.back, none, graph.longest),
        )

    @property
    def _penalty(self) -> float:
        return _penalty(self.classes)


def _penalty(classes: Classes) -> float:
    return classes.penalty if classes.problem.elastic else 0.0


def certify(
    classes: Classes,
    counts: Counts,
    expired: Callable[[], bool] = never,
    *,
    start: FloatArray | None = None,
) -> Certificate:
    """Prove that an answer is optimal, or bound how far from it the answer is.

    Optimal means to within a billionth of the total cost: if one client costs as much as a billion
    others, differences among the others are not seen.

    Parameters
    ----------
    classes
        Whose problem was answered.
    counts
        Shape (k, t), also without the zeros: how many members of each class work in each round.
    expired
        Whether the time is over.
    start
        Shape (t,): round prices that may be near those that prove it. Good ones save time, and any
        do no harm.

    Raises
    ------
    OutOfTimeError
        If the time was over first.
    """
    counts = SparseCounts.of(counts)
    objective, charged = classes.total_cost(counts), classes.penalties(counts)
    seats = int(classes.problem.seats.sum()) + 1

    def weighed(prices: FloatArray) -> Certificate:
        reached = bound_with(classes, prices, charged, expired)
        rounding = _PER_SEAT * seats * float(np.abs(prices).max())
        bound = min(objective, reached - rounding)
        optimal = objective - bound <= _RELATIVE * objective + 2 * rounding
        return Certificate(
            optimal=optimal,
            bound=objective if optimal else bound,
            prices=prices,
            objective=objective,
            classes=classes,
            counts=counts,
        )

    first = None if start is None else weighed(start)
    if first is not None and first.optimal:
        return first
    graph = exchange_graph(classes, counts, _penalty(classes), expired)
    tolerance = _RELATIVE * objective / seats
    last = weighed(_round_prices(graph, classes.problem.rounds, start, tolerance, expired))
    return last if first is None or last.bound >= first.bound else first


def lagrangian_bound(
    classes: Classes, prices: FloatArray, penalty: float, expired: Callable[[], bool] = never
) -> float:
    """L(p), a lower bound on cost plus penalties for any prices (t,)."""
    problem = classes.problem
    bound = float(problem.seats @ prices)
    bound += problem.slack.least(prices, problem.seats, penalty if problem.elastic else None)
    which = classes.concerned(prices)
    if blocks := Neighbours.where_worth(classes, which):
        # What a member pays is concave in its weight, so it pays no less than linearly between two
        # others; and just that where both take the same rounds.
        found = [
            _cheapest(classes, part, prices, penalty)
            for part in in_chunks(blocks.first, len(prices))
        ]
        values = np.concatenate([part[0] for part in found])
        # Where rounds tie, more of them may seem to be taken than are.
        works, taken = (np.concatenate([part[i] for part in found]) for i in (1, 2))
        alike = blocks.agree(works, taken)
        known, _ = blocks.of_classes(alike)
        between = blocks.between(values, classes.weight[blocks.which])
        bound += float(classes.size[known] @ between[np.repeat(alike, blocks.length)])
        which, _ = blocks.of_classes(~alike)
    for part in in_chunks(which, len(prices)):
        check_time(expired)
        bound += float(classes.size[part] @ _cheapest(classes, part, prices, penalty)[0])
    return bound


def _cheapest(
    classes: Classes, which: IntArray, prices: FloatArray, penalty: float
) -> tuple[FloatArray, BoolArray, IntArray]:
    """What a member of each of some classes pays at least (m,), in which rounds, and for how many.

    Rounds (m, t) include those that tie with the dearest that is taken.
    """
    elastic = classes.problem.elastic
    reduced = classes.cost(which) - prices
    if classes.available is not None:
        reduced[~classes.available[which]] = np.inf
    pays, works = np.zeros(len(which)), np.zeros(reduced.shape, dtype=np.bool_)
    matters = (classes.at_least[which] > 0) | (reduced.min(axis=1) < 0)
    which, reduced = which[matters], reduced[matters]
    at_least, at_most = classes.at_least[which], classes.at_most[which]
    ordered = np.sort(reduced, axis=1)
    worth = (ordered < 0).sum(axis=1)
    if elastic:
        # Owed turns are taken while they cost less than missing them does.
        assured = classes.assured[which]
        owed = np.maximum(
            np.minimum(at_least, (ordered < penalty).sum(axis=1)),
            np.minimum(assured, (ordered < 2 * penalty).sum(axis=1)),
        )
        unpaid = penalty * (at_least - owed + np.maximum(0, assured - owed))
    else:
        owed, unpaid = at_least, np.zeros(len(at_least))
    taken = np.minimum(np.maximum(worth, owed), at_most)
    each = np.arange(len(which))
    sums = np.concatenate([np.zeros((len(which), 1)), np.cumsum(ordered, axis=1)], axis=1)
    pays[matters] = sums[each, taken] + unpaid
    dearest = np.where(taken > 0, ordered[each, taken - 1], -np.inf)
    works[matters] = reduced <= dearest[:, None]
    turns = np.zeros(len(pays), dtype=np.int64)
    turns[matters] = taken
    return pays, works, turns


def bound_with(
    classes: Classes, prices: FloatArray, charged: int, expired: Callable[[], bool] = never
) -> float:
    """What prices (t,) prove about every answer that is charged so many penalties."""
    penalty = classes.penalty if classes.problem.elastic else 0.0
    return lagrangian_bound(classes, prices, penalty, expired) - penalty * charged


def _turn_prices(
    classes: Classes, counts: SparseCounts, to_spare: FloatArray, penalty: float
) -> FloatArray:
    total = np.zeros(len(classes), dtype=np.int64)
    total[counts.holders] = counts.turns
    prices = np.zeros(len(classes))
    for part in classes.chunks():
        forced = classes.cost(part) + to_spare
        which = np.arange(len(classes))[part]
        forced[counts.rows(which) >= classes.capacity(part)] = np.inf
        prices[part] = np.maximum(0.0, _possible(forced.min(axis=1), penalty))
    prices[total > classes.floor] = 0.0
    prices[total < classes.floor] = np.nan
    prices[classes.at_least >= classes.at_most] = np.nan
    return prices


def _possible(distance: FloatArray, penalty: float) -> FloatArray:
    """Distances that change no shortfall, NaN for the others."""
    with np.errstate(invalid="ignore"):
        good = np.isfinite(distance)
        if penalty:
            good &= np.abs(distance) < penalty / 2
        return np.where(good, distance, np.nan)


def _round_prices(
    graph: ExchangeGraph,
    rounds: int,
    start: FloatArray | None,
    tolerance: float,
    expired: Callable[[], bool],
) -> FloatArray:
    """Prices by distances from a node that reaches all others, at zero unless there is a start."""
    distance = np.zeros(rounds + 1)
    if start is not None:
        distance[:-1] = start
    for _ in range(graph.longest + 1):
        check_time(expired)
        shorter = graph.onward(distance)
        settled = bool((shorter >= distance - tolerance).all())
        distance = shorter
        if settled:
            break
    prices: FloatArray = distance[:-1] - distance[-1]
    return prices


def _shortest(
    shorten: Callable[[FloatArray], FloatArray], distance: FloatArray, longest: int
) -> FloatArray:
    """Distances between the last node and the others; without negative cycles they settle."""
    for _ in range(longest + 1):
        shorter = shorten(distance)
        shorter[-1] = 0.0
        same = _SAME * float(np.abs(shorter[np.isfinite(shorter)]).max())
        settled = bool((shorter >= distance - same).all())
        distance = shorter
        if settled:
            break
    return distance[:-1]
