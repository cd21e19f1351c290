"""Counts of which few are not zero: a large fleet has many more clients than seats."""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.lazy import lazy


@dataclass(frozen=True, kw_only=True, eq=False)
class SparseCounts:
    """How many members of each class work in each round, without the zeros.

    Parameters
    ----------
    shape
        Classes and rounds (k, t).
    class_of, round_of, amount
        Shape (c,): class, round and count of each that is not zero, ordered by class and then by
        round.

    Raises
    ------
    ProblemError
        If entries lie outside the shape, or not in this order, or twice.
    """

    shape: tuple[int, int]
    class_of: IntArray
    round_of: IntArray
    amount: IntArray

    def __post_init__(self) -> None:
        """Refuse entries that are not what the parameters say."""
        k, t = self.shape
        place = self.class_of * t + self.round_of
        if not len(place) == len(self.class_of) == len(self.round_of) == len(self.amount):
            raise ProblemError("sparse counts: expected class, round and amount of each entry")
        outside = (self.class_of < 0) | (self.class_of >= k)
        outside |= (self.round_of < 0) | (self.round_of >= t)
        if outside.any():
            entry = int(outside.argmax())
            raise ProblemError(
                f"sparse counts: expected classes up to {k - 1} and rounds up to {t - 1}, got "
                f"class {self.class_of[entry]} in round {self.round_of[entry]}"
            )
        if (place[1:] <= place[:-1]).any():
            raise ProblemError(
                "sparse counts: expected each class and round once, ordered by class and then by "
                "round; SparseCounts.collect orders them"
            )

    def __repr__(self) -> str:
        return f"SparseCounts({len(self.amount):,} of {self.shape[0]:,} x {self.shape[1]:,})"

    @classmethod
    def of(cls, counts: "IntArray | SparseCounts") -> "SparseCounts":
        """Take the counts of a matrix (k, t) that are not zero; sparse ones are returned as is."""
        if isinstance(counts, SparseCounts):
            return counts
        if counts.ndim != 2:
            raise ProblemError(f"counts: expected shape (k, t), got {counts.shape}")
        # Transposed matrices are read as they lie in memory.
        if counts.flags.f_contiguous and not counts.flags.c_contiguous:
            round_of, class_of = np.nonzero(counts.T)
            return cls.collect(counts.shape, class_of, round_of, counts[class_of, round_of])
        class_of, round_of = np.nonzero(counts)
        return cls(
            shape=counts.shape,
            class_of=class_of,
            round_of=round_of,
            amount=counts[class_of, round_of],
        )

    @classmethod
    def collect(
        cls, shape: tuple[int, int], class_of: IntArray, round_of: IntArray, amount: IntArray
    ) -> "SparseCounts":
        """Put entries (c,) in order, each class and round given once; zeros are left out."""
        some = np.flatnonzero(amount)
        order = some[np.argsort(class_of[some] * shape[1] + round_of[some])]
        return cls(
            shape=shape, class_of=class_of[order], round_of=round_of[order], amount=amount[order]
        )

    @property
    def dtype(self) -> np.dtype[np.int64]:
        """What amounts are, as matrices say it."""
        return self.amount.dtype

    @lazy
    def dense(self) -> IntArray:
        """The counts as a matrix (k, t)."""
        counts = np.zeros(self.shape, dtype=self.amount.dtype)
        counts[self.class_of, self.round_of] = self.amount
        return counts

    @lazy
    def holders(self) -> IntArray:
        """Classes with seats (h,), in ascending order."""
        return self.class_of[self._begin]

    @lazy
    def turns(self) -> IntArray:
        """Turns of each of the `holders` (h,)."""
        if not len(self._begin):
            return np.zeros(0, dtype=np.int64)
        return np.add.reduceat(self.amount, self._begin)

    @lazy
    def seats(self) -> IntArray:
        """Seats taken in each round (t,)."""
        seats = np.zeros(self.shape[1], dtype=np.int64)
        np.add.at(seats, self.round_of, self.amount)
        return seats

    @lazy
    def _begin(self) -> IntArray:
        """The first entry of each of the holders (h,)."""
        if not len(self.class_of):
            return np.zeros(0, dtype=np.int64)
        return np.flatnonzero(np.r_[True, self.class_of[1:] != self.class_of[:-1]])

    @lazy
    def patterns(self) -> IntArray:
        """A number for what each of the holders has in which rounds (h,), equal where that is."""
        if not len(self._begin):
            return np.zeros(0, dtype=np.int64)
        least, most = np.iinfo(np.int64).min, np.iinfo(np.int64).max
        of_round = np.random.default_rng(0).integers(least, most, self.shape[1])
        mixed = np.add.reduceat(self.amount * of_round[self.round_of], self._begin)
        return np.unique(mixed, return_inverse=True)[1].reshape(-1).astype(np.int64)

    def turns_of(self, which: IntArray) -> IntArray:
        """Turns of each of some classes (len(which),)."""
        if not len(self.holders):
            return np.zeros(len(which), dtype=np.int64)
        place = np.minimum(np.searchsorted(self.holders, which), len(self.holders) - 1)
        turns: IntArray = np.where(self.holders[place] == which, self.turns[place], 0)
        return turns

    def rows(self, which: IntArray) -> IntArray:
        """Counts of some classes as a matrix (len(which), t)."""
        rows = np.zeros((len(which), self.shape[1]), dtype=np.int64)
        first = np.searchsorted(self.class_of, which)
        length = np.searchsorted(self.class_of, which, side="right") - first
        row = np.repeat(np.arange(len(which)), length)
        entry = np.arange(len(row)) + np.repeat(first - (np.cumsum(length) - length), length)
        rows[row, self.round_of[entry]] = self.amount[entry]
        return rows

    def in_round(self, j: int) -> tuple[IntArray, IntArray, IntArray]:
        """Classes with seats in round j, in ascending order, how many, and how many before it."""
        entries = self._by_round[0][self._by_round[1][j] : self._by_round[1][j + 1]]
        return self.class_of[entries], self.amount[entries], self.before[entries]

    @lazy
    def _by_round(self) -> tuple[IntArray, IntArray]:
        """Entries ordered by round and then class, and where each round begins (t + 1,)."""
        order = np.argsort(self.round_of * self.shape[0] + self.class_of)
        ends = np.cumsum(np.bincount(self.round_of, minlength=self.shape[1]))
        return order, np.r_[0, ends]

    @lazy
    def before(self) -> IntArray:
        """Seats that each entry's class holds in earlier rounds (c,)."""
        taken = np.cumsum(self.amount) - self.amount
        length = np.diff(np.r_[self._begin, len(self.amount)])
        return taken - np.repeat(taken[self._begin], length)


Counts = IntArray | SparseCounts
"""Counts (k, t), as a matrix or without the zeros."""
