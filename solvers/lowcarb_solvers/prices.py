"""Round prices: a proof of optimality that does not ask who solved, and what seats and turns cost.

The rounds and one spare node form the exchange graph of an answer: the arc from r to s is the
cheapest move of one chosen client from round r to round s, an arc from the spare is the cheapest
turn that could be added, an arc to the spare the cheapest turn that could be dropped. An answer is
optimal iff no cycle of this graph is negative. Shortest distances then are round prices p, and

    L(p) = sum over j of cohort_size[j] p[j]
           + sum over i of the cheapest allowed set of turns of i at costs c[i, j] - p[j]

is a lower bound on the cost of every answer, whatever the prices (Lagrangian duality). That L(p)
reaches the answer's cost is the proof; it is computed from the problem alone.

Missing turns and seats of an elastic problem are charged a penalty that exceeds what any exchange
can save, so one graph orders shortfalls first and cost second.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import CHUNK, Classes, in_chunks
from lowcarb_solvers.deadline import OutOfTimeError, never
from lowcarb_solvers.sparse_counts import Counts, SparseCounts

# Distance between cost and bound that rounding explains: relative to the cost, and to the largest
# number that enters the sum for each seat.
_RELATIVE, _PER_SEAT = 1e-9, 1e-14
MOST_CERTIFIED_ROUNDS = 2_000
"""Beyond so many rounds the exchange graph, with an arc for each pair, would fill the memory."""


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
    seat_prices
        Shape (t,): optimum with one more seat in round j, less the optimum; NaN where that seat
        cannot be filled without a shortfall elsewhere, and everywhere unless optimal.
    turn_prices
        Shape (k,): optimum with one more turn owed to one member, less the optimum; NaN where its
        cap or the others' floors forbid it, and everywhere unless optimal.
    """

    optimal: bool
    bound: float
    prices: FloatArray
    seat_prices: FloatArray
    turn_prices: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Proof:
    """What `Certificate` says of an answer, without what seats and turns cost.

    Parameters
    ----------
    optimal, bound, prices
        As in `Certificate`.
    objective
        What the answer costs.
    arcs
        Shape (t + 1, t + 1): the exchange graph.
    """

    optimal: bool
    bound: float
    prices: FloatArray
    objective: float
    arcs: FloatArray


def prove(classes: Classes, counts: Counts, expired: Callable[[], bool] = never) -> Proof:
    """Do the part of `certify` that says whether an answer is optimal."""
    problem = classes.problem
    counts = SparseCounts.of(counts)
    penalty = classes.penalty if problem.elastic else 0.0
    objective, missing = classes.total_cost(counts), classes.missing(counts)
    arcs = exchange_graph(classes, counts, penalty, expired)
    seats = int(problem.cohort_size.sum()) + 1
    settled, prices = _round_prices(arcs, _RELATIVE * objective / seats, expired)
    reached = lagrangian_bound(classes, prices, penalty, expired)
    rounding = _PER_SEAT * seats * float(np.abs(prices).max())
    bound = min(objective, reached - penalty * missing - rounding)
    optimal = settled and objective - bound <= _RELATIVE * objective + 2 * rounding
    return Proof(
        optimal=optimal,
        bound=objective if optimal else bound,
        prices=prices,
        objective=objective,
        arcs=arcs,
    )


def certify(classes: Classes, counts: Counts, expired: Callable[[], bool] = never) -> Certificate:
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

    Raises
    ------
    OutOfTimeError
        If the time was over first.
    """
    counts = SparseCounts.of(counts)
    proof = prove(classes, counts, expired)
    if not proof.optimal:
        return Certificate(
            optimal=False,
            bound=proof.bound,
            prices=proof.prices,
            seat_prices=np.full(classes.problem.rounds, np.nan),
            turn_prices=np.full(len(classes), np.nan),
        )
    penalty = classes.penalty if classes.problem.elastic else 0.0
    from_spare = _shortest(proof.arcs, expired)[:-1]
    to_spare = _shortest(proof.arcs.T, expired)[:-1]
    return Certificate(
        optimal=True,
        bound=proof.bound,
        prices=proof.prices,
        seat_prices=_possible(from_spare, penalty),
        turn_prices=_turn_prices(classes, counts, to_spare, penalty),
    )


def exchange_graph(
    classes: Classes, counts: Counts, penalty: float, expired: Callable[[], bool] = never
) -> FloatArray:
    """Arc costs of the exchange graph, shape (t + 1, t + 1), the spare node last, inf for none."""
    problem = classes.problem
    t = problem.rounds
    arcs = np.full((t + 1, t + 1), np.inf)
    counts = SparseCounts.of(counts)
    total = np.zeros(len(classes), dtype=np.int64)
    total[counts.holders] = counts.turns
    # What it costs, beside the turn itself, to take a turn from a class or to give it one.
    dropping = np.where(total > classes.floor, 0.0, penalty if problem.elastic else np.inf)
    adding = np.where(total < classes.ceiling, 0.0, np.inf)
    if problem.elastic:
        adding -= np.where(total < classes.floor, penalty, 0.0)
    for j in range(t):
        chosen = counts.in_round(j)[0]
        for begin in range(0, len(chosen), 1 << 15):
            _check_time(expired)
            part = chosen[begin : begin + (1 << 15)]
            cost = classes.cost(part)
            own = cost[:, j].copy()
            cost[counts.rows(part) >= classes.capacity(part)] = np.inf
            arcs[j, :t] = np.minimum(arcs[j, :t], (cost - own[:, None]).min(axis=0))
            arcs[j, t] = min(arcs[j, t], float((dropping[part] - own).min()))
    for rows in _candidates(classes, total):
        _check_time(expired)
        cost = classes.cost(rows)
        cost[counts.rows(rows) >= classes.capacity(rows)] = np.inf
        arcs[t, :t] = np.minimum(arcs[t, :t], (cost + adding[rows, None]).min(axis=0))
    if problem.elastic:
        empty = classes.missing_seats(counts) > 0
        arcs[:t, t] = np.minimum(arcs[:t, t], np.where(empty, -penalty, np.inf))
        arcs[t, :t] = np.minimum(arcs[t, :t], penalty)
    np.fill_diagonal(arcs, np.inf)
    return arcs


def _candidates(classes: Classes, total: IntArray) -> Iterator[IntArray]:
    """Classes of which one has the cheapest turn to add in each round, in chunks.

    Of those that owe nothing, rest and can always work, only the lightest of each level matter.
    """
    idle = (total == 0) & (classes.floor == 0)
    if classes.available is not None:
        idle[:] = False
    able = np.flatnonzero(idle & (classes.at_most > 0))
    lightest = np.full(len(classes.problem.cost_level), np.inf)
    np.minimum.at(lightest, classes.level_of[able], classes.weight[able])
    idle[able] = classes.weight[able] > lightest[classes.level_of[able]]
    which = np.flatnonzero(~idle)
    for begin in range(0, len(which), CHUNK):
        yield which[begin : begin + CHUNK]


def lagrangian_bound(
    classes: Classes, prices: FloatArray, penalty: float, expired: Callable[[], bool] = never
) -> float:
    """L(p), a lower bound on cost plus penalties for any prices (t,)."""
    problem = classes.problem
    bound = float(problem.cohort_size @ prices)
    if problem.elastic:
        bound += float(problem.cohort_size @ np.minimum(0.0, penalty - prices))
    for part in in_chunks(classes.concerned(prices)):
        _check_time(expired)
        reduced = classes.cost(part) - prices
        if classes.available is not None:
            reduced[~classes.available[part]] = np.inf
        at_least, at_most = classes.at_least[part], classes.at_most[part]
        matters = (at_least > 0) | (reduced.min(axis=1) < 0)
        reduced = np.sort(reduced[matters], axis=1)
        at_least, at_most = at_least[matters], at_most[matters]
        worth = (reduced < 0).sum(axis=1)
        if problem.elastic:
            owed = np.minimum(at_least, (reduced < penalty).sum(axis=1))
            unpaid = penalty * (at_least - np.minimum(owed, at_most))
        else:
            owed, unpaid = at_least, np.zeros(len(at_least))
        taken = np.minimum(np.maximum(worth, owed), at_most)
        sums = np.concatenate([np.zeros((len(reduced), 1)), np.cumsum(reduced, axis=1)], axis=1)
        cheapest = sums[np.arange(len(sums)), taken] + unpaid
        bound += float(classes.size[part][matters] @ cheapest)
    return bound


def bound_with(
    classes: Classes, prices: FloatArray, missing: int, expired: Callable[[], bool] = never
) -> float:
    """What prices (t,) prove about every answer that lacks so many turns and seats."""
    penalty = classes.penalty if classes.problem.elastic else 0.0
    return lagrangian_bound(classes, prices, penalty, expired) - penalty * missing


def _check_time(expired: Callable[[], bool]) -> None:
    if expired():
        raise OutOfTimeError("the time was over before the answer could be certified")


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
    arcs: FloatArray, tolerance: float, expired: Callable[[], bool]
) -> tuple[bool, FloatArray]:
    """Prices by distances from a node that reaches all others for nothing, and if they settled."""
    distance = np.zeros(len(arcs))
    settled = False
    for _ in range(len(arcs) + 1):
        _check_time(expired)
        shorter = np.minimum(distance, (distance[:, None] + arcs).min(axis=0))
        settled = bool((shorter >= distance - tolerance).all())
        distance = shorter
        if settled:
            break
    return settled, distance[:-1] - distance[-1]


def _shortest(arcs: FloatArray, expired: Callable[[], bool]) -> FloatArray:
    """Distances from the last node; without negative cycles they settle."""
    distance = np.full(len(arcs), np.inf)
    distance[-1] = 0.0
    for _ in range(len(arcs)):
        _check_time(expired)
        shorter = np.minimum(distance, (distance[:, None] + arcs).min(axis=0))
        shorter[-1] = 0.0
        if (shorter == distance).all():
            break
        distance = shorter
    return distance
