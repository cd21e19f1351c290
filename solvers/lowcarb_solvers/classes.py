"""Merging of interchangeable clients, and the exact way back.

Clients with the same cost level, weight, bounds and availability are interchangeable. With
``y[k, j]`` the number of members of class k that work in round j, the program on counts ::

    sum over k of y[k, j] = cohort_size[j], or within its bounds and with the total of turns
    size[k] at_least[k] <= sum over j of y[k, j] <= size[k] at_most[k]
    0 <= y[k, j] <= size[k] available[k, j],  y integer

has the same optimum as the program on clients. The way back lists a class's seats in round order
and hands seat number s to member s modulo size: no member gets two seats of one round, because
``y[k, j] <= size[k]``, and every member gets the average, rounded down or up.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.keys import combine
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.sparse_counts import Counts, SparseCounts

# Costs of turns that are expanded at once: eight megabytes, whatever the fleet and the horizon.
CHUNK = 1 << 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Classes:
    """Classes of interchangeable clients.

    Parameters
    ----------
    problem
        The problem whose clients were merged.
    member_of
        Shape (n,): each client's class.
    size, level_of, weight, at_least, at_most, available
        Shape (k,), or (k, t) for `available`: what the members of each class have in common, and
        how many they are. `at_most` is no larger than the number of rounds. Classes are ordered by
        level, and within it by weight.
    most_short
        Owed turns that one client may lack where they cannot all be had, the fewest that can be:
        see `share_shortfalls`. None where all can be had, or nobody looked; where cohorts breathe
        that is zero, so that seats are missing sooner than turns.
    """

    problem: Problem
    member_of: IntArray
    size: IntArray
    level_of: IntArray
    weight: FloatArray
    at_least: IntArray
    at_most: IntArray
    available: BoolArray | None
    most_short: int | None = None

    def __len__(self) -> int:
        return len(self.size)

    def __repr__(self) -> str:
        return f"Classes({len(self):,} of {self.problem})"

    @property
    def uneven(self) -> float:
        """How far a cost may be off from what is linear in the weight."""
        return 0.0

    @property
    def floor(self) -> IntArray:
        """Turns that each class owes, all members together (k,)."""
        return self.size * self.at_least

    @property
    def ceiling(self) -> IntArray:
        """Turns that each class may take, all members together (k,)."""
        return self.size * self.at_most

    @lazy
    def assured(self) -> IntArray:
        """Owed turns that no member may lack, so that shortfalls are shared (k,)."""
        if self.most_short is None:
            return np.zeros_like(self.at_least)
        return np.maximum(0, self.at_least - self.most_short)

    @property
    def assured_floor(self) -> IntArray:
        """Assured turns of each class, all members together (k,)."""
        return self.size * self.assured

    def chunks(self) -> Iterator[slice]:
        """Cover the classes by slices whose cost matrices fit into the cache."""
        step = max(1, CHUNK // self.problem.rounds)
        for begin in range(0, len(self), step):
            yield slice(begin, begin + step)

    def cost(self, which: slice | IntArray = slice(None)) -> FloatArray:
        """Cost of one turn of a member of the given classes, shape (len(which), t)."""
        return self.weight[which, None] * self.problem.cost_level[self.level_of[which]]

    def costs(self, which: IntArray, j: int) -> FloatArray:
        """Cost of one turn of a member of the given classes in round j, shape (len(which),)."""
        costs: FloatArray = self.weight[which] * self.problem.cost_level[self.level_of[which], j]
        return costs

    def capacity(self, which: slice | IntArray = slice(None)) -> IntArray:
        """Members of the given classes that can work in each round, shape (len(which), t)."""
        size = self.size[which, None]
        if self.available is None:
            return np.broadcast_to(size, (len(size), self.problem.rounds))
        return size * self.available[which]

    @lazy
    def penalty(self) -> float:
        """Cost of a missing turn or seat: more than any one exchange of seats can save."""
        # The heaviest of each level will do.
        begin = self.levels
        which = begin[1:][begin[1:] > begin[:-1]] - 1
        dearest = float(self.cost(which).max(initial=0))
        return exceeding_exchanges(dearest or 1.0, self.problem.rounds)

    @lazy
    def levels(self) -> IntArray:
        """Where the classes of each level begin, and where those of the last one end (g + 1,)."""
        return np.searchsorted(self.level_of, np.arange(len(self.problem.cost_level) + 1))

    @lazy
    def typical_cost(self) -> float:
        """The median weight at the median level, of those above zero; zero if there are none."""
        level = self.problem.cost_level
        weights, levels = self.weight[self.weight > 0], level[level > 0]
        if not weights.size or not levels.size:
            return 0.0
        return float(np.median(weights) * np.median(levels))

    def concerned(self, prices: FloatArray) -> IntArray:
        """Classes that owe turns or have a round that costs no more than its price, ascending.

        One search a level, whatever the number of classes; availability is not looked at.
        """
        level = self.problem.cost_level
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            most = np.where(level > 0, prices / level, np.where(prices >= 0, np.inf, -np.inf))
        most = most.max(axis=1)
        # A hair's breadth more, since quotients are rounded.
        most += np.where(np.isfinite(most), np.abs(most) * 1e-12, 0.0)
        begin, end = self.levels[:-1], self._upto_weight(most)
        dear = self.owing[self.owing >= end[self.level_of[self.owing]]]
        cheap = np.repeat(begin, end - begin) + upto(end - begin)
        return np.sort(np.concatenate([cheap, dear])) if dear.size else cheap

    def _upto_weight(self, most: FloatArray) -> IntArray:
        """Where the classes of each level end that weigh no more than `most` (g,)."""
        low, high = self.levels[:-1].copy(), self.levels[1:].copy()
        while (open_ := low < high).any():
            middle = (low + high) // 2
            light = self.weight[np.where(open_, middle, 0)] <= most
            low = np.where(open_ & light, middle + 1, low)
            high = np.where(open_ & ~light, middle, high)
        return low

    def total_cost(self, counts: Counts) -> float:
        """Sum the cost of counts (k, t)."""
        counts = SparseCounts.of(counts)
        level = self.problem.cost_level[self.level_of[counts.class_of], counts.round_of]
        return float((counts.amount * (self.weight[counts.class_of] * level)).sum())

    def vacant(self, counts: Counts) -> IntArray:
        """Seats that stay empty in each round, by choice or not (t,)."""
        vacant: IntArray = self.problem.seats - SparseCounts.of(counts).seats
        return vacant

    def missing_seats(self, counts: Counts) -> IntArray:
        """Seats that are missing to the smallest cohort of each round (t,)."""
        short: IntArray = np.maximum(0, self.problem.fewest - SparseCounts.of(counts).seats)
        return short

    def missing_in_all(self, counts: Counts) -> int:
        """Turns that are missing to the total where cohorts breathe; below zero: too many."""
        slack = self.problem.slack
        return slack.lost(self.vacant(counts)) if slack.breathes else 0

    def missing_turns(self, counts: Counts) -> IntArray:
        """Owed turns that each class does not get (k,)."""
        missing = np.zeros(len(self), dtype=np.int64)
        turns = SparseCounts.of(counts).turns_of(self.owing)
        owed = self.size[self.owing] * self.at_least[self.owing]
        missing[self.owing] = np.maximum(0, owed - turns)
        return missing

    def missing(self, counts: Counts) -> int:
        """Count missing seats and turns together, also those missing to the total."""
        seats = self.problem.slack.missing(self.vacant(counts))
        return seats + int(self.missing_turns(counts).sum())

    def worst_shortfall(self, counts: Counts) -> int:
        """Owed turns that the worst client does not get."""
        return int((-(-self.missing_turns(counts) // self.size)).max(initial=0))

    def penalties(self, counts: Counts) -> int:
        """How often `penalty` is charged: for missing turns and seats, for assured turns twice."""
        if self.most_short is None:
            return self.missing(counts)
        turns = SparseCounts.of(counts).turns_of(self.owing)
        twice = np.maximum(0, self.assured_floor[self.owing] - turns)
        return self.missing(counts) + int(twice.sum())

    def violations(self, counts: Counts) -> list[str]:
        """Check counts against every constraint, as `Problem.violations` checks cohorts."""
        shape = (len(self), self.problem.rounds)
        if counts.shape != shape or counts.dtype != np.int64:
            return [f"expected int64 counts of shape {shape}, got {counts.dtype} {counts.shape}"]
        counts = SparseCounts.of(counts)
        found = []
        most = self.size[counts.class_of]
        if self.available is not None:
            most = most * self.available[counts.class_of, counts.round_of]
        if (counts.amount < 0).any() or (counts.amount > most).any():
            found.append("a class has fewer members available than work in some round")
        vacant, short = self.vacant(counts), self.missing_seats(counts)
        elastic = self.problem.elastic
        wrong = np.flatnonzero((vacant < 0) | ((short > 0) & (not elastic)))
        found += [f"round {j}: {min(vacant[j], short[j])} seats missing" for j in wrong]
        lost = self.missing_in_all(counts)
        if lost < 0 or (lost and not elastic):
            total = self.problem.total
            found.append(f"expected {total} turns over all rounds, got {total - lost}")
        may = self.size[counts.holders] * self.at_most[counts.holders]
        if (counts.turns > may).any():
            found.append("a class takes more turns than its members may")
        if not elastic and self.missing_turns(counts).any():
            found.append("a class takes fewer turns than its members owe")
        return found

    @lazy
    def owing(self) -> IntArray:
        """Classes that owe turns, in ascending order."""
        return np.flatnonzero(self.at_least)

    @lazy
    def _cycle(self) -> tuple[IntArray, IntArray]:
        """Clients sorted by class, and within it fewest turns first, then by the seeded shuffle."""
        problem = self.problem
        begin = np.cumsum(self.size) - self.size
        order = np.empty(problem.clients, dtype=np.int64)
        order[begin[self.member_of]] = np.arange(problem.clients)
        # Only those that share a class are shuffled.
        several = self.size > 1
        if several.any():
            clients = np.flatnonzero(several[self.member_of])
            shuffle = np.random.default_rng(problem.seed).permutation(problem.clients)
            keys = [self.member_of[clients], shuffle[clients]]
            if problem.turns is not None:
                keys.insert(1, problem.turns[clients] - problem.turns.min())
            order[np.repeat(several, self.size)] = clients[np.argsort(combine(keys))]
        return order, begin

    def cohort(self, counts: Counts, j: int) -> IntArray:
        """Draw round j's clients, in ascending order."""
        order, begin = self._cycle
        classes, taken, first = SparseCounts.of(counts).in_round(j)
        seat = np.repeat(first, taken) + upto(taken)
        place = np.repeat(begin[classes], taken) + seat % np.repeat(self.size[classes], taken)
        return np.sort(order[place])

    def cohorts(self, counts: Counts) -> tuple[IntArray, ...]:
        """Draw the clients of all rounds, each in ascending order."""
        order, begin = self._cycle
        counts = SparseCounts.of(counts)
        taken = counts.amount
        of = np.repeat(counts.class_of, taken)
        # Seats of each class, numbered from zero in the order of rounds.
        seat = np.repeat(counts.before, taken) + upto(taken)
        client = order[begin[of] + seat % self.size[of]]
        round_ = np.repeat(counts.round_of, taken)
        drawn = client[np.lexsort((client, round_))]
        ends = np.cumsum(np.bincount(round_, minlength=self.problem.rounds))
        return tuple(np.split(drawn, ends[:-1]))

    def turns(self, counts: Counts) -> IntArray:
        """Turns of each client under the given counts (n,), without drawing the cohorts."""
        order, begin = self._cycle
        counts = SparseCounts.of(counts)
        size = self.size[counts.holders]
        whole, rest = np.divmod(counts.turns, size)
        place = upto(size)
        turns = np.zeros(self.problem.clients, dtype=np.int64)
        clients = order[np.repeat(begin[counts.holders], size) + place]
        turns[clients] = np.repeat(whole, size) + (place < np.repeat(rest, size))
        return turns


def in_chunks(which: IntArray, rounds: int) -> Iterator[IntArray]:
    """Cut classes into parts that are worked on at once, a column for each round."""
    step = max(1, CHUNK // rounds)
    for begin in range(0, len(which), step):
        yield which[begin : begin + step]


def upto(lengths: IntArray) -> IntArray:
    """Count from zero up to each length, one after the other."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def exceeding_exchanges(dearest: float, rounds: int) -> float:
    """More than any one exchange of seats can save where no turn costs more than `dearest`."""
    return (2 * rounds + 4) * dearest
