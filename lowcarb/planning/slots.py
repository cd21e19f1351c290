"""Candidate starts of rounds, which of them may follow which, and the cheapest chain of them."""

from dataclasses import dataclass
from math import inf

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb.errors import InputError

# Entries of the table that finds the cheapest chain; each takes four bytes.
_MOST_ENTRIES = 50_000_000
# Seconds by which rounds may overlap because of rounding.
_ROUNDING_S = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class Slots:
    """Candidate starts of rounds that are equally long.

    Parameters
    ----------
    starts
        Shape (s,), ascending: seconds since 1970. A round may begin at each of them, alone.
    length_s
        How long a round takes, in seconds: the next one begins no sooner.
    pause_s
        Seconds between the end of a round and the start of the next, at most.
    first_by_s
        When the first round begins at the latest, seconds since 1970.
    """

    starts: FloatArray
    length_s: float
    pause_s: float = inf
    first_by_s: float = inf

    def __len__(self) -> int:
        return len(self.starts)

    @lazy
    def before(self) -> IntArray:
        """Of each slot (s,) the last one whose round is over by then, -1 if none is."""
        ends = self.starts + (self.length_s - _ROUNDING_S)
        return (np.searchsorted(ends, self.starts, side="right") - 1).astype(np.int64)

    @lazy
    def since(self) -> IntArray:
        """Of each slot (s,) the first one from whose round the pause to it is not too long."""
        ends = self.starts + (self.length_s + self.pause_s + _ROUNDING_S)
        return np.searchsorted(ends, self.starts, side="left").astype(np.int64)

    @lazy
    def firsts(self) -> int:
        """How many slots are early enough for the first round."""
        return int(np.searchsorted(self.starts, self.first_by_s + _ROUNDING_S, side="right"))

    def cheapest(self, prices: FloatArray, rounds: int) -> IntArray | None:
        """Choose the slots of so many rounds whose prices add up to the least.

        Parameters
        ----------
        prices
            Shape (s,): of each slot. Of equally cheap choices one with early slots is taken.
        rounds
            How many slots are chosen, 1 or more.

        Returns
        -------
        IntArray or None
            Slots (rounds,), ascending; None if no chain is as long as that.

        Raises
        ------
        InputError
            If there are so many slots and rounds that it would take too long.
        """
        many = len(self)
        if rounds > many:
            return None
        if rounds * many > _MOST_ENTRIES:
            raise InputError(
                f"expected at most {_MOST_ENTRIES:,} slots times rounds, got {many:,} slots and "
                f"{rounds:,} rounds; longer slots or a sooner deadline make them fewer",
                field="slot",
            )
        total = np.where(np.arange(many) < self.firsts, prices, inf)
        came_from = np.empty((rounds, many), dtype=np.int32)
        for k in range(1, rounds):
            best = self._best_before(total)
            came_from[k] = best
            total = np.where(best >= 0, total[best], inf) + prices
        last = int(np.argmin(total))
        if total[last] == inf:
            return None
        chosen = np.empty(rounds, dtype=np.int64)
        for k in range(rounds - 1, -1, -1):
            chosen[k] = last
            if k:
                last = int(came_from[k, last])
        return chosen

    def _best_before(self, total: FloatArray) -> IntArray:
        """Of each slot (s,) the cheapest one that its round may follow on; -1 if there is none."""
        many = len(self)
        places = np.arange(many)
        if self.pause_s == inf:
            # The cheapest of all up to each slot, the first of equal ones.
            so_far = np.minimum.accumulate(total)
            new = np.concatenate(([True], so_far[1:] < so_far[:-1]))
            best = np.maximum.accumulate(np.where(new, places, 0))
            found = np.where(self.before >= 0, best[self.before], -1)
            return np.where(found >= 0, found, -1).astype(np.int64)
        # Minima of stretches of 1, 2, 4, ... slots: two of them cover any stretch.
        stretches = [places]
        size = 1
        while 2 * size <= many:
            left, right = stretches[-1], np.append(stretches[-1][size:], np.full(size, many - 1))
            stretches.append(np.where(total[right] < total[left], right, left))
            size *= 2
        low, high = self.since, self.before
        some = high >= low
        level = np.zeros(many, dtype=np.int64)
        level[some] = np.log2(high[some] - low[some] + 1).astype(np.int64)
        table = np.stack(stretches)
        left = table[level, np.minimum(low, many - 1)]
        right = table[level, np.maximum(0, high - (1 << level) + 1)]
        best = np.where(total[right] < total[left], right, left)
        return np.where(some, best, -1).astype(np.int64)

    def soonest(self, rounds: int) -> IntArray | None:
        """Choose slots that are as early as can be; None if no chain is as long as that."""
        return self.cheapest(self.starts - self.starts[:1], rounds)

    def longest_chain(self) -> IntArray:
        """Choose as many slots as can follow each other; none if there are none."""
        if self.pause_s == inf:
            return self._early_chain()
        reach = np.full(len(self), -1, dtype=np.int64)
        reach[: self.firsts] = 1
        came_from = np.full(len(self), -1, dtype=np.int64)
        for j in range(len(self)):
            low, high = int(self.since[j]), int(self.before[j])
            if high < low:
                continue
            i = low + int(np.argmax(reach[low : high + 1]))
            if reach[i] > 0 and reach[i] + 1 > reach[j]:
                reach[j], came_from[j] = reach[i] + 1, i
        if not len(self) or reach.max() < 1:
            return np.zeros(0, dtype=np.int64)
        chain = [int(np.argmax(reach))]
        while came_from[chain[-1]] >= 0:
            chain.append(int(came_from[chain[-1]]))
        return np.array(chain[::-1], dtype=np.int64)

    def _early_chain(self) -> IntArray:
        """Take each slot as soon as the round before is over."""
        chain: list[int] = []
        j = 0
        while j < len(self) and (chain or j < self.firsts):
            chain.append(j)
            over = self.starts[j] + self.length_s - _ROUNDING_S
            j = int(np.searchsorted(self.starts, over, side="left"))
        return np.array(chain, dtype=np.int64)
