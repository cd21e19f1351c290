"""The exchange graph of an answer: which turns can be moved, added and dropped, and at what cost.

Its nodes are the rounds and one spare node. The arc from r to s is the cheapest move of one chosen
client from round r to round s, an arc from the spare is the cheapest turn that could be added, an
arc to the spare the cheapest turn that could be dropped. Missing turns and seats of an elastic
problem are charged a penalty that exceeds what any exchange can save, so one graph orders
shortfalls first and cost second.

Nobody needs the arcs, only how distances become shorter by them. With few rounds an arc for each
pair is the fastest way; with many, each arc is left as what it is: two half arcs that meet in the
class that moves.
"""

from collections.abc import Callable, Iterator
from typing import Protocol

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import CHUNK, Classes
from lowcarb_solvers.deadline import OutOfTimeError

# A sweep over pairs takes t x t steps and one over half arcs k x t, but pairs have to be found
# first, by as many steps as k sweeps need.
_CLASSES_A_ROUND = 4


class ExchangeGraph(Protocol):
    """What shortens distances between the rounds and the spare node, (t + 1,), the spare last."""

    @property
    def longest(self) -> int:
        """How many arcs a path has at most that meets no node twice."""

    def onward(self, distance: FloatArray) -> FloatArray:
        """Distances to all nodes by one more arc at the end, or by none."""

    def back(self, distance: FloatArray) -> FloatArray:
        """Distances from all nodes by one more arc at the beginning, or by none."""


def exchange_graph(
    classes: Classes, counts: IntArray, penalty: float, expired: Callable[[], bool]
) -> ExchangeGraph:
    """Make the exchange graph of an answer, in the form that is faster.

    Raises
    ------
    OutOfTimeError
        If the time was over first.
    """
    moves = Moves(classes, counts, penalty)
    if len(moves.takers) < _CLASSES_A_ROUND * classes.problem.rounds:
        return ByClasses(moves, expired)
    return ByPairs(moves, expired)


def check_time(expired: Callable[[], bool]) -> None:
    """Raise `OutOfTimeError` once the time is over."""
    if expired():
        raise OutOfTimeError("the time was over before the answer could be certified")


class Moves:
    """Who holds seats, who could take others, and what it costs beside the turns themselves."""

    def __init__(self, classes: Classes, counts: IntArray, penalty: float) -> None:
        problem = classes.problem
        self.classes, self.counts, self.penalty = classes, counts, penalty
        self.elastic = problem.elastic
        # All at once, since columns of a large matrix are slow to read.
        self.holder, self.held = np.nonzero(counts)
        total = np.zeros(len(classes), dtype=np.int64)
        np.add.at(total, self.holder, counts[self.holder, self.held])
        self.dropping, self.adding = charges(classes, total)
        self.empty = classes.missing_seats(counts) > 0
        self.takers = _takers(classes, total)

    def room(self, which: IntArray) -> FloatArray:
        """Cost of one more turn of the given classes, shape (len(which), t), inf where full."""
        cost = self.classes.cost(which)
        cost[self.counts[which] >= self.classes.capacity(which)] = np.inf
        return cost


def charges(classes: Classes, total: IntArray) -> tuple[FloatArray, FloatArray]:
    """What it costs each class (k,), beside the turn itself, to lose a turn, and to get one more.

    `total` are the turns that it has, shape (k,).
    """
    missing = classes.penalty if classes.problem.elastic else np.inf
    losing = np.where(total > classes.floor, 0.0, missing)
    getting = np.where(total < classes.ceiling, 0.0, np.inf)
    if classes.problem.elastic:
        losing += np.where(total <= classes.assured_floor, missing, 0.0)
        getting -= np.where(total < classes.floor, missing, 0.0)
        getting -= np.where(total < classes.assured_floor, missing, 0.0)
    return losing, getting


def _takers(classes: Classes, total: IntArray) -> IntArray:
    """Classes that hold a seat or have the cheapest turn to add in some round.

    Of those that owe nothing, rest and can always work, only the lightest of each level matter.
    """
    idle = (total == 0) & (classes.floor == 0)
    if classes.available is not None:
        idle[:] = False
    able = np.flatnonzero(idle & (classes.at_most > 0))
    lightest = np.full(len(classes.problem.cost_level), np.inf)
    np.minimum.at(lightest, classes.level_of[able], classes.weight[able])
    idle[able] = classes.weight[able] > lightest[classes.level_of[able]]
    return np.flatnonzero(~idle)


def _parts(which: IntArray) -> Iterator[IntArray]:
    for begin in range(0, len(which), CHUNK):
        yield which[begin : begin + CHUNK]


class ByPairs:
    """An arc for each pair of nodes."""

    def __init__(self, moves: Moves, expired: Callable[[], bool]) -> None:
        """Find the cheapest of all moves for each pair."""
        t = len(moves.empty)
        arcs = np.full((t + 1, t + 1), np.inf)
        by_round = np.argsort(moves.held, kind="stable")
        ends = np.cumsum(np.bincount(moves.held, minlength=t))
        for j in range(t):
            chosen = moves.holder[by_round[ends[j - 1] if j else 0 : ends[j]]]
            for part in _parts(chosen):
                check_time(expired)
                level = moves.classes.problem.cost_level[moves.classes.level_of[part], j]
                own = moves.classes.weight[part] * level
                arcs[j, :t] = np.minimum(arcs[j, :t], (moves.room(part) - own[:, None]).min(axis=0))
                arcs[j, t] = min(arcs[j, t], float((moves.dropping[part] - own).min()))
        for part in _parts(moves.takers):
            check_time(expired)
            added = moves.room(part) + moves.adding[part, None]
            arcs[t, :t] = np.minimum(arcs[t, :t], added.min(axis=0))
        if moves.elastic:
            given_up = np.where(moves.empty, -moves.penalty, np.inf)
            arcs[:t, t] = np.minimum(arcs[:t, t], given_up)
            arcs[t, :t] = np.minimum(arcs[t, :t], moves.penalty)
        np.fill_diagonal(arcs, np.inf)
        self.arcs = arcs

    @property
    def longest(self) -> int:
        """How many arcs a path has at most that meets no node twice."""
        return len(self.arcs) - 1

    def onward(self, distance: FloatArray) -> FloatArray:
        """Distances to all nodes by one more arc at the end, or by none."""
        shorter: FloatArray = np.minimum(distance, (distance[:, None] + self.arcs).min(axis=0))
        return shorter

    def back(self, distance: FloatArray) -> FloatArray:
        """Distances from all nodes by one more arc at the beginning, or by none."""
        shorter: FloatArray = np.minimum(distance, (distance + self.arcs).min(axis=1))
        return shorter


class ByClasses:
    """Half arcs between the rounds and the classes whose turns are moved."""

    def __init__(self, moves: Moves, expired: Callable[[], bool]) -> None:
        """Gather the seats that classes hold and those that they could take."""
        problem = moves.classes.problem
        check_time(expired)
        self._room = moves.room(moves.takers)
        check_time(expired)
        place = np.full(len(moves.classes), -1)
        place[moves.takers] = np.arange(len(moves.takers))
        # Sorted by class, as they are found.
        holder, self._held = moves.holder, moves.held
        level = problem.cost_level[moves.classes.level_of[holder], self._held]
        self._own = moves.classes.weight[holder] * level
        begins = np.r_[True, holder[1:] != holder[:-1]][: len(holder)]
        self._first, self._seat_of = np.flatnonzero(begins), np.cumsum(begins) - 1
        self._holders = place[holder[self._first]]
        self._dropping = moves.dropping[holder[self._first]]
        self._adding = moves.adding[moves.takers]
        self._empty, self._penalty = moves.empty, moves.penalty if moves.elastic else None

    @property
    def longest(self) -> int:
        """How many arcs a path has at most that meets no node twice.

        A path that meets a class twice can leave out what lies between, so there are no more arcs
        than classes, beside those by which seats are left empty and filled.
        """
        return min(len(self._empty), len(self._adding) + 2)

    def onward(self, distance: FloatArray) -> FloatArray:
        """Distances to all nodes by one more arc at the end, or by none."""
        shorter = distance.copy()
        rounds, spare = distance[:-1], distance[-1]
        at_class = spare + self._adding
        if len(self._first):
            given = np.minimum.reduceat(rounds[self._held] - self._own, self._first)
            shorter[-1] = min(spare, float((given + self._dropping).min()))
            at_class[self._holders] = np.minimum(at_class[self._holders], given)
        if len(at_class):
            taken = (at_class[:, None] + self._room).min(axis=0)
            np.minimum(shorter[:-1], taken, out=shorter[:-1])
        if self._penalty is not None:
            given_up = float(rounds[self._empty].min(initial=np.inf)) - self._penalty
            shorter[-1] = min(shorter[-1], given_up)
            np.minimum(shorter[:-1], spare + self._penalty, out=shorter[:-1])
        return shorter

    def back(self, distance: FloatArray) -> FloatArray:
        """Distances from all nodes by one more arc at the beginning, or by none."""
        shorter = distance.copy()
        rounds, spare = distance[:-1], distance[-1]
        if len(self._adding):
            taken = (self._room + rounds).min(axis=1)
            shorter[-1] = min(spare, float((taken + self._adding).min()))
            from_class = np.minimum(taken[self._holders], spare + self._dropping)
            np.minimum.at(shorter, self._held, from_class[self._seat_of] - self._own)
        if self._penalty is not None:
            shorter[-1] = min(shorter[-1], float(rounds.min()) + self._penalty)
            empty = np.flatnonzero(self._empty)
            shorter[empty] = np.minimum(shorter[empty], spare - self._penalty)
        return shorter
