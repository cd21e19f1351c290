"""Merging of interchangeable clients, and the exact way back.

Clients with the same cost level, weight, bounds and availability are interchangeable. With
``y[k, j]`` the number of members of class k that work in round j, the program on counts ::

    sum over k of y[k, j] = cohort_size[j]
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
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.problem import Problem

# Rows of a (classes, rounds) matrix that are expanded at once: a few megabytes, whatever the fleet.
CHUNK = 1 << 15


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
        how many they are. `at_most` is no larger than the number of rounds.
    most_short
        Owed turns that one client may lack where they cannot all be had, the fewest that can be:
        see `share_shortfalls`. None where all can be had, or nobody looked.
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
    def floor(self) -> IntArray:
        """Turns that each class owes, all members together (k,)."""
        return self.size * self.at_least

    @property
    def ceiling(self) -> IntArray:
        """Turns that each class may take, all members together (k,)."""
        return self.size * self.at_most

    @property
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
        for begin in range(0, len(self), CHUNK):
            yield slice(begin, begin + CHUNK)

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
        heaviest = np.zeros(len(self.problem.cost_level))
        np.maximum.at(heaviest, self.level_of, self.weight)
        which = np.flatnonzero(self.weight == heaviest[self.level_of])
        which = which[np.unique(self.level_of[which], return_index=True)[1]]
        dearest = float(self.cost(which).max(initial=0))
        return exceeding_exchanges(dearest or 1.0, self.problem.rounds)

    @lazy
    def typical_cost(self) -> float:
        """The median weight at the median level, of those above zero; zero if there are none."""
        level = self.problem.cost_level
        weights, levels = self.weight[self.weight > 0], level[level > 0]
        if not weights.size or not levels.size:
            return 0.0
        return float(np.median(weights) * np.median(levels))

    def concerned(self, prices: FloatArray) -> Iterator[IntArray]:
        """Classes that owe turns or have a round that costs no more than its price, in chunks.

        One comparison a class, whatever the number of rounds; availability is not looked at.
        """
        level = self.problem.cost_level
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            most = np.where(level > 0, prices / level, np.where(prices >= 0, np.inf, -np.inf))
        most = most.max(axis=1)
        # A hair's breadth more, since quotients are rounded.
        most += np.where(np.isfinite(most), np.abs(most) * 1e-12, 0.0)
        which = np.flatnonzero((self.at_least > 0) | (self.weight <= most[self.level_of]))
        for begin in range(0, len(which), CHUNK):
            yield which[begin : begin + CHUNK]

    def total_cost(self, counts: IntArray) -> float:
        """Sum the cost of counts (k, t) without expanding more than a chunk at once."""
        return float(sum((counts[part] * self.cost(part)).sum() for part in self.chunks()))

    def missing_seats(self, counts: IntArray) -> IntArray:
        """Seats that stay empty in each round (t,)."""
        empty: IntArray = self.problem.cohort_size - counts.sum(axis=0)
        return empty

    def missing_turns(self, counts: IntArray) -> IntArray:
        """Owed turns that each class does not get (k,)."""
        missing: IntArray = np.maximum(0, self.floor - counts.sum(axis=1))
        return missing

    def missing(self, counts: IntArray) -> int:
        """Count missing seats and turns together."""
        return int(self.missing_seats(counts).sum() + self.missing_turns(counts).sum())

    def worst_shortfall(self, counts: IntArray) -> int:
        """Owed turns that the worst client does not get."""
        return int((-(-self.missing_turns(counts) // self.size)).max(initial=0))

    def penalties(self, counts: IntArray) -> int:
        """How often `penalty` is charged: for missing turns and seats, for assured turns twice."""
        twice = np.maximum(0, self.assured_floor - counts.sum(axis=1))
        return self.missing(counts) + int(twice.sum())

    def violations(self, counts: IntArray) -> list[str]:
        """Check counts against every constraint, as `Problem.violations` checks cohorts."""
        shape = (len(self), self.problem.rounds)
        if counts.shape != shape or counts.dtype != np.int64:
            return [f"expected int64 counts of shape {shape}, got {counts.dtype} {counts.shape}"]
        found = []
        for part in self.chunks():
            if (counts[part] < 0).any() or (counts[part] > self.capacity(part)).any():
                found.append("a class has fewer members available than work in some round")
                break
        seats = self.missing_seats(counts)
        elastic = self.problem.elastic
        wrong = np.flatnonzero((seats < 0) | ((seats > 0) & (not elastic)))
        found += [f"round {j}: {seats[j]} seats missing" for j in wrong]
        total = counts.sum(axis=1)
        if (total > self.ceiling).any():
            found.append("a class takes more turns than its members may")
        if not elastic and (total < self.floor).any():
            found.append("a class takes fewer turns than its members owe")
        return found

    @lazy
    def _cycle(self) -> tuple[IntArray, IntArray]:
        """Clients sorted by class, and within it fewest turns first, then by the seeded shuffle."""
        problem = self.problem
        shuffle = np.random.default_rng(problem.seed).permutation(problem.clients)
        turns = np.zeros_like(shuffle) if problem.turns is None else problem.turns
        order = np.lexsort((shuffle, turns, self.member_of))
        return order, np.cumsum(self.size) - self.size

    def cohort(self, counts: IntArray, j: int) -> IntArray:
        """Draw round j's clients, in ascending order."""
        order, begin = self._cycle
        classes = np.flatnonzero(counts[:, j])
        taken = counts[classes, j]
        first = counts[classes, :j].sum(axis=1)
        within = np.arange(taken.sum()) - np.repeat(np.cumsum(taken) - taken, taken)
        seat = np.repeat(first, taken) + within
        place = np.repeat(begin[classes], taken) + seat % np.repeat(self.size[classes], taken)
        return np.sort(order[place])

    def cohorts(self, counts: IntArray) -> tuple[IntArray, ...]:
        """Draw the clients of all rounds, each in ascending order."""
        order, begin = self._cycle
        classes, rounds = np.nonzero(counts)
        taken = counts[classes, rounds]
        of = np.repeat(classes, taken)
        # Seats of all classes in a row, each class's numbered from zero.
        first = np.cumsum(np.bincount(classes, taken, len(self)).astype(np.int64))
        seat = np.arange(len(of)) - np.r_[0, first[:-1]][of]
        client = order[begin[of] + seat % self.size[of]]
        round_ = np.repeat(rounds, taken)
        drawn = client[np.lexsort((client, round_))]
        ends = np.cumsum(np.bincount(round_, minlength=self.problem.rounds))
        return tuple(np.split(drawn, ends[:-1]))

    def turns(self, counts: IntArray) -> IntArray:
        """Turns of each client under the given counts (n,), without drawing the cohorts."""
        order, begin = self._cycle
        total = counts.sum(axis=1)
        place = np.empty(self.problem.clients, dtype=np.int64)
        place[order] = np.arange(self.problem.clients)
        place -= begin[self.member_of]
        whole, rest = np.divmod(total, self.size)
        return whole[self.member_of] + (place < rest[self.member_of])


def exceeding_exchanges(dearest: float, rounds: int) -> float:
    """More than any one exchange of seats can save where no turn costs more than `dearest`."""
    return (2 * rounds + 4) * dearest


def merge(problem: Problem) -> Classes:
    """Merge the interchangeable clients of a problem into classes."""
    at_most = np.minimum(problem.at_most, problem.rounds)
    keys = [problem.level_of, _codes(problem.weight), problem.at_least, at_most]
    if problem.available is not None:
        keys.append(_codes_of_rows(problem.available))
    _, first, member_of, size = np.unique(
        _combine(keys), return_index=True, return_inverse=True, return_counts=True
    )
    return Classes(
        problem=problem,
        member_of=member_of.reshape(-1).astype(np.int64),
        size=size.astype(np.int64),
        level_of=problem.level_of[first],
        weight=problem.weight[first],
        at_least=problem.at_least[first],
        at_most=at_most[first],
        available=None if problem.available is None else problem.available[first],
    )


def number_tuples(keys: list[IntArray]) -> IntArray:
    """Number the distinct tuples of non-negative keys, in their order."""
    return _codes(_combine(keys))


def _combine(keys: list[IntArray]) -> IntArray:
    """Number the distinct tuples of non-negative keys."""
    combined = np.zeros_like(keys[0])
    limit = np.iinfo(np.int64).max
    for key in keys:
        width = int(key.max()) + 1
        if int(combined.max()) + 1 > limit // width:
            combined = _codes(combined)
        codes = key
        if int(combined.max()) + 1 > limit // width:
            codes, width = _codes(key), len(key)
        combined = combined * width + codes
    return combined


def _codes(values: FloatArray | IntArray) -> IntArray:
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)


def _codes_of_rows(flags: BoolArray) -> IntArray:
    packed = np.ascontiguousarray(np.packbits(flags, axis=1))
    rows = packed.view(np.dtype((np.void, packed.shape[1]))).reshape(-1)
    return np.unique(rows, return_inverse=True)[1].reshape(-1).astype(np.int64)
