"""Making a plan cheaper by exchanges: negative cycles of the exchange graph, cancelled.

An arc of the graph is the cheapest move of a chosen client from one round to another, see `prices`.
A cycle of moves leaves every round as full as it was, or moves an empty seat, and through the spare
node one client may give a turn that another takes. A cycle whose costs sum to less than zero makes
the plan cheaper; without any, the plan is optimal. From a plan by good round prices a few dozen
cycles lead there.
"""

from collections.abc import Callable

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.empty_moves import EmptyMoves
from lowcarb_solvers.exchange import ByPairs, Moves, charges
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.sparse_counts import SparseCounts

# A cycle has to save this part of the dearest arc on it, more than rounding errors.
_SAVES = 1e-11
# How often nodes are relaxed before the cycles of the graph of predecessors are collected.
_RELAXATIONS = 8
# Beyond so many rounds an arc for each pair would fill the memory, beyond so many counts these.
_MOST_ROUNDS, _MOST_COUNTS = 2_000, 30_000_000
# In place of a class: a seat that stays empty, or no longer is.
_NOBODY = -1

Move = tuple[float, int, int]
"""What a move costs, which class makes it, and how many turns that holds for."""

_IMPOSSIBLE: Move = (np.inf, _NOBODY, 0)


def improve(solution: Solution, expired: Callable[[], bool]) -> Solution:
    """Cancel cycles of an answer until there are none or the time is over.

    Answers that would take too much memory stay as they are.
    """
    classes, rounds = solution.classes, solution.classes.problem.rounds
    if expired() or rounds > _MOST_ROUNDS or len(classes) * rounds > _MOST_COUNTS:
        return solution
    before = solution.seated.dense
    counts = cancel_cycles(classes, before, expired)
    if (counts == before).all():
        return solution
    return Solution(
        status=Status.FEASIBLE,
        solver=solution.solver,
        classes=classes,
        sparse=SparseCounts.of(counts),
        bound=solution.bound,
        prices=solution.prices,
        notes=solution.notes,
    )


def cancel_cycles(classes: Classes, counts: IntArray, expired: Callable[[], bool]) -> IntArray:
    """Return counts (k, t) with no more shortfalls that cost no more: optimal if time suffices."""
    better = counts.copy()
    penalty = classes.penalty if classes.problem.elastic else 0.0
    try:
        while True:
            arcs = ByPairs(Moves(classes, better, penalty), expired).arcs
            cycles = _negative_cycles(arcs, expired)
            if not cycles:
                return better
            for cycle in cycles:
                _exchange(classes, better, cycle)
    except OutOfTimeError:
        return better


def _negative_cycles(arcs: FloatArray, expired: Callable[[], bool]) -> list[list[int]]:
    """Find negative cycles without a node in common; none only if there are none."""
    nodes = np.arange(len(arcs))
    distance, before = np.zeros(len(arcs)), np.full(len(arcs), -1)
    for step in range(1, len(arcs) + 2):
        through = distance[:, None] + arcs
        best = through.argmin(axis=0)
        shorter = through[best, nodes]
        less = shorter < distance - _SAVES * np.abs(distance)
        if not less.any():
            return []
        distance = np.where(less, shorter, distance)
        before = np.where(less, best, before)
        if step % _RELAXATIONS == 0 or step > len(arcs):
            if expired():
                raise OutOfTimeError("the time was over before all cycles were cancelled")
            cycles = [c for c in _cycles(before) if _length(arcs, c) < 0]
            if cycles:
                return cycles
    return []


def _cycles(before: IntArray) -> list[list[int]]:
    """Cycles of the graph in which each node has one predecessor or none (-1), in walking order."""
    seen = np.zeros(len(before), dtype=np.int64)
    found = []
    for start in range(len(before)):
        walk, node = [], start
        while node >= 0 and not seen[node]:
            seen[node] = start + 1
            walk.append(node)
            node = int(before[node])
        if node >= 0 and seen[node] == start + 1:
            found.append(walk[walk.index(node) :][::-1])
    return found


def _length(arcs: FloatArray, cycle: list[int]) -> float:
    lengths = arcs[cycle, [*cycle[1:], cycle[0]]]
    total = float(lengths.sum())
    return total if total < -_SAVES * float(np.abs(lengths).max()) else 0.0


def _exchange(classes: Classes, counts: IntArray, cycle: list[int]) -> None:
    """Make the moves of a cycle, for as many members as can make them."""
    spare = classes.problem.rounds
    empty = EmptyMoves.of(classes, counts, classes.penalty)
    moves = []
    for r, s in zip(cycle, [*cycle[1:], cycle[0]], strict=True):
        if r == spare:
            best = _to_add(classes, counts, s)
        elif s == spare:
            best = _to_drop(classes, counts, r)
        else:
            best = _to_move(classes, counts, r, s)
        cost, most = empty.cheapest(r, s)
        moves.append((r, s, *min(best, (cost, _NOBODY, most))))
    if sum(cost for _, _, cost, _, _ in moves) >= 0:
        return  # what came before has made it worthless
    amount = min(most for *_, most in moves)
    for r, s, _, k, _ in moves:
        if k != _NOBODY and r != spare:
            counts[k, r] -= amount
        if k != _NOBODY and s != spare:
            counts[k, s] += amount


def _room(classes: Classes, counts: IntArray, j: int) -> IntArray:
    """How many more members of each class could work in a round (k,)."""
    there = 1 if classes.available is None else classes.available[:, j]
    return np.asarray(classes.size * there - counts[:, j])


def _to_move(classes: Classes, counts: IntArray, r: int, s: int) -> Move:
    """Who moves a turn from one round to another most cheaply."""
    room = _room(classes, counts, s)
    chosen = np.flatnonzero(room * counts[:, r])
    if not chosen.size:
        return _IMPOSSIBLE
    costs = classes.costs(chosen, s) - classes.costs(chosen, r)
    k = int(chosen[costs.argmin()])
    return float(costs.min()), k, int(min(counts[k, r], room[k]))


def _to_add(classes: Classes, counts: IntArray, j: int) -> Move:
    """Who takes a turn more in a round most cheaply."""
    total = counts.sum(axis=1)
    able = np.flatnonzero((_room(classes, counts, j) > 0) & (total < classes.ceiling))
    if not able.size:
        return _IMPOSSIBLE
    cost = classes.costs(able, j) + charges(classes, total)[1][able]
    k = int(able[cost.argmin()])
    ends = [classes.assured_floor[k], classes.floor[k], classes.ceiling[k]]
    until = next(int(end) for end in ends if total[k] < end)
    most = min(until - int(total[k]), int(_room(classes, counts, j)[k]))
    return float(cost.min()), k, most


def _to_drop(classes: Classes, counts: IntArray, j: int) -> Move:
    """Who gives up a turn in a round most cheaply."""
    total = counts.sum(axis=1)
    chosen = np.flatnonzero(counts[:, j])
    if not chosen.size:
        return _IMPOSSIBLE
    saved = classes.costs(chosen, j) - charges(classes, total)[0][chosen]
    k = int(chosen[saved.argmax()])
    ends = [classes.floor[k], classes.assured_floor[k], 0]
    until = next(int(end) for end in ends if total[k] > end)
    return -float(saved.max()), k, min(int(total[k]) - until, int(counts[k, j]))
