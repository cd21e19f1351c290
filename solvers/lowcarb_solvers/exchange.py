"""The exchange graph of an answer: which turns can be moved, added and dropped, and at what cost.

Its nodes are the rounds and one spare node. The arc from r to s is the cheapest move of one chosen
client from round r to round s, an arc from the spare is the cheapest turn that could be added, an
arc to the spare the cheapest turn that could be dropped. Empty seats move as well, see
`empty_moves`: where cohorts breathe a turn may move from one round to another and nobody the other
way. Missing turns and seats of an elastic problem are charged a penalty that exceeds what any
exchange can save, so one graph orders shortfalls first and cost second.

Nobody needs the arcs, only how distances become shorter by them. With few rounds an arc for each
pair is the fastest way; with many, each arc is left as what it is: two half arcs that meet in the
class that moves.
"""

import itertools
from collections.abc import Callable
from typing import Protocol

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes, in_chunks
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.empty_moves import EmptyMoves
from lowcarb_solvers.keys import number_tuples
from lowcarb_solvers.sparse_counts import Counts, SparseCounts

# A sweep over pairs takes t x t steps and one over half arcs k x t, but pairs have to be found
# first, by as many steps as k sweeps need.
_CLASSES_A_ROUND = 4
# Fewer classes with seats than this are all looked at.
_MANY_HOLDERS = 2_000
# Arcs of empty seats on a path that meets none of their few kinds twice.
_OF_EMPTY_SEATS = 4


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
    classes: Classes, counts: Counts, penalty: float, expired: Callable[[], bool]
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

    def __init__(self, classes: Classes, counts: Counts, penalty: float) -> None:
        self.classes, self.counts = classes, SparseCounts.of(counts)
        self.empty = EmptyMoves.of(classes, counts, penalty)
        holders = _outermost(classes, self.counts)
        entries = np.isin(self.counts.class_of, holders)
        self.holder, self.held = self.counts.class_of[entries], self.counts.round_of[entries]
        self.takers = _takers(classes, self.counts, holders)

    def room(self, which: IntArray) -> FloatArray:
        """Cost of one more turn of the given classes, shape (len(which), t), inf where full."""
        cost = self.classes.cost(which)
        cost[self.counts.rows(which) >= self.classes.capacity(which)] = np.inf
        return cost

    def charges(self, which: IntArray) -> tuple[FloatArray, FloatArray]:
        """What `charges` says of some classes."""
        return charges(self.classes, self.counts.turns_of(which), which)


def charges(
    classes: Classes, total: IntArray, which: slice | IntArray = slice(None)
) -> tuple[FloatArray, FloatArray]:
    """What it costs each of some classes, beside the turn itself, to lose a turn or get one more.

    `total` are the turns that each of them has, shape (len(which),).
    """
    size = classes.size[which]
    floor, assured = size * classes.at_least[which], size * classes.assured[which]
    missing = classes.penalty if classes.problem.elastic else np.inf
    losing = np.where(total > floor, 0.0, missing)
    getting = np.where(total < size * classes.at_most[which], 0.0, np.inf)
    if classes.problem.elastic:
        losing += np.where(total <= assured, missing, 0.0)
        getting -= np.where(total < floor, missing, 0.0)
        getting -= np.where(total < assured, missing, 0.0)
    return losing, getting


def _outermost(classes: Classes, counts: SparseCounts) -> IntArray:
    """Classes with seats, of which one has the cheapest move for each pair of nodes, ascending.

    Of those that agree in all but weight, also in their seats, only the lightest and the heaviest
    matter: what a move costs is linear in the weight.
    """
    holders = counts.holders
    if classes.available is not None or len(holders) < _MANY_HOLDERS:
        return holders
    kinds = [classes.level_of, classes.at_least, classes.at_most, classes.size]
    kind = number_tuples([*(of[holders] for of in kinds), counts.patterns])
    lightest = np.full(int(kind.max()) + 1, len(holders))
    heaviest = np.zeros(len(lightest), dtype=np.int64)
    # Within a level classes are ordered by weight.
    np.minimum.at(lightest, kind, np.arange(len(holders)))
    np.maximum.at(heaviest, kind, np.arange(len(holders)))
    outermost: IntArray = holders[np.unique(np.concatenate([lightest, heaviest]))]
    return outermost


def _takers(classes: Classes, counts: SparseCounts, holders: IntArray) -> IntArray:
    """Classes that hold a seat, or have the cheapest turn to add in some round, ascending.

    Of those that owe nothing, rest and can always work, only the lightest of each level matter.
    """
    if classes.available is not None:
        return np.arange(len(classes))
    owing = classes.owing[counts.turns_of(classes.owing) == 0]
    idle = (classes.at_least == 0) & (classes.at_most > 0)
    idle[counts.holders] = False
    begin = classes.levels
    lightest = [
        first + int(idle[first:end].argmax())
        for first, end in itertools.pairwise(begin.tolist())
        if first < end
    ]
    lightest = [k for k in lightest if idle[k]]
    return np.unique(np.concatenate([holders, owing, np.array(lightest, dtype=np.int64)]))


class ByPairs:
    """An arc for each pair of nodes."""

    def __init__(self, moves: Moves, expired: Callable[[], bool]) -> None:
        """Find the cheapest of all moves for each pair."""
        t = moves.classes.problem.rounds
        arcs = np.full((t + 1, t + 1), np.inf)
        by_round = np.argsort(moves.held, kind="stable")
        ends = np.cumsum(np.bincount(moves.held, minlength=t))
        for j in range(t):
            chosen = moves.holder[by_round[ends[j - 1] if j else 0 : ends[j]]]
            for part in in_chunks(chosen, t):
                check_time(expired)
                level = moves.classes.problem.cost_level[moves.classes.level_of[part], j]
                own = moves.classes.weight[part] * level
                arcs[j, :t] = np.minimum(arcs[j, :t], (moves.room(part) - own[:, None]).min(axis=0))
                arcs[j, t] = min(arcs[j, t], float((moves.charges(part)[0] - own).min()))
        for part in in_chunks(moves.takers, t):
            check_time(expired)
            added = moves.room(part) + moves.charges(part)[1][:, None]
            arcs[t, :t] = np.minimum(arcs[t, :t], added.min(axis=0))
        np.minimum(arcs, moves.empty.arcs(), out=arcs)
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
        # Sorted by class, as they are found.
        holder, self._held = moves.holder, moves.held
        level = problem.cost_level[moves.classes.level_of[holder], self._held]
        self._own = moves.classes.weight[holder] * level
        begins = np.r_[True, holder[1:] != holder[:-1]][: len(holder)]
        self._first, self._seat_of = np.flatnonzero(begins), np.cumsum(begins) - 1
        self._holders = np.searchsorted(moves.takers, holder[self._first])
        self._dropping = moves.charges(holder[self._first])[0]
        self._adding = moves.charges(moves.takers)[1]
        self._empty, self._rounds = moves.empty, problem.rounds

    @property
    def longest(self) -> int:
        """How many arcs a path has at most that meets no node twice.

        A path that meets a class twice can leave out what lies between, so there are no more arcs
        than classes, beside those of empty seats.
        """
        return min(self._rounds, len(self._adding) + _OF_EMPTY_SEATS)

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
        return np.minimum(shorter, self._empty.onward(distance), out=shorter)

    def back(self, distance: FloatArray) -> FloatArray:
        """Distances from all nodes by one more arc at the beginning, or by none."""
        shorter = distance.copy()
        rounds, spare = distance[:-1], distance[-1]
        if len(self._adding):
            taken = (self._room + rounds).min(axis=1)
            shorter[-1] = min(spare, float((taken + self._adding).min()))
            from_class = np.minimum(taken[self._holders], spare + self._dropping)
            np.minimum.at(shorter, self._held, from_class[self._seat_of] - self._own)
        return np.minimum(shorter, self._empty.back(distance), out=shorter)
