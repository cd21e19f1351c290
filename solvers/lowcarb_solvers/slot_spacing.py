"""Which slots may follow each other, and the cheapest sets of slots that do: shortest paths."""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.lazy import lazy

Rounds = tuple[int, int]
"""How many rounds are held, at least and at most."""

# Entries of the table that holds the cheapest ways onward; each takes four bytes.
_MOST_ENTRIES = 50_000_000
# Entries of the table that puts sets in order; each takes eight bytes.
_MOST_ORDERED = 1_000_000


@dataclass(frozen=True, kw_only=True, eq=False)
class Spacing:
    """In which slots the round after one may begin.

    Parameters
    ----------
    after
        Shape (t,): of each slot the first one, later than it, in which the next round may begin; t
        where none may.
    until
        Shape (t,): the last one in which it may, so that no pause is too long; None for any.
    firsts
        In how many slots, from slot 0 on, the first round may begin; None for all.

    Raises
    ------
    ProblemError
        If shapes or values contradict each other.
    """

    after: IntArray
    until: IntArray | None = None
    firsts: int | None = None

    def __post_init__(self) -> None:
        """Refuse shapes and values that contradict each other."""
        t = len(self)
        for name in ("after", "until"):
            value = getattr(self, name)
            if value is not None and (value.shape != (t,) or value.dtype != np.int64):
                raise ProblemError(
                    f"{name}: expected int64 of shape {(t,)}, got {value.dtype} {value.shape}"
                )
        wrong = np.flatnonzero((self.after <= np.arange(t)) | (self.after > t))
        if wrong.size:
            j = int(wrong[0])
            raise ProblemError(f"after: expected {j + 1} to {t} for slot {j}, got {self.after[j]}")
        if self.firsts is not None and self.firsts < 0:
            raise ProblemError(f"firsts: expected 0 or more, got {self.firsts}")

    @classmethod
    def free(cls, slots: int) -> "Spacing":
        """Let any slot follow any earlier one."""
        return cls(after=np.arange(1, slots + 1, dtype=np.int64))

    def __len__(self) -> int:
        return len(self.after)

    @property
    def begin(self) -> int:
        """In how many slots the first round may begin."""
        return len(self) if self.firsts is None else min(self.firsts, len(self))

    def cheapest(self, worth: FloatArray, rounds: Rounds) -> tuple[IntArray, float] | None:
        """Choose slots whose costs sum to the least; of equal choices few slots, and early ones.

        Parameters
        ----------
        worth
            Shape (t,): cost of each slot; it may be below zero.
        rounds
            How many slots, at least and at most.

        Returns
        -------
        tuple or None
            Slots, ascending, and their cost; None if so many cannot follow each other.

        Raises
        ------
        ProblemError
            If the table of slots by rounds would not fit into the memory.
        """
        least, most = rounds[0], min(rounds[1], len(self))
        if self._is_free and least <= most:
            # As many of the cheapest as pay.
            number = min(max(least, int((worth < 0).sum())), most)
            chosen = np.sort(np.argsort(worth, kind="stable")[:number])
            return chosen, float(worth[chosen].sum())
        if most * len(self) > _MOST_ENTRIES:
            raise ProblemError(
                f"expected at most {_MOST_ENTRIES:,} slots times rounds, got {len(self):,} slots "
                f"and {most:,} rounds"
            )
        best, cost = None, np.inf
        onward: list[IntArray] = []
        for number, (total, following) in enumerate(self._onward(worth, most), 1):
            onward.append(following.astype(np.int32))
            first = int(total[: self.begin].argmin()) if self.begin else 0
            if number >= least and self.begin and total[first] < cost:
                best, cost = (number, first), float(total[first])
        if best is None:
            return None
        number, j = best
        slots = [j]
        for k in range(number - 1, 0, -1):
            slots.append(int(onward[k][slots[-1]]))
        return np.array(slots, dtype=np.int64), cost

    def in_order(self, worth: FloatArray, rounds: Rounds) -> Iterator[tuple[float, IntArray]]:
        """Yield sets of slots, each once, from the least sum of costs (t,) upwards.

        None where there are so many slots and rounds that no order would come to an end.
        """
        least, most = rounds[0], min(rounds[1], len(self))
        if least > most or most * len(self) > _MOST_ORDERED:
            return
        totals = [total for total, _ in self._onward(worth, most)]
        # What all rounds beyond so many cost at least, by the slot of the next one.
        beyond = [
            np.min(totals[max(0, least - taken - 1) : most - taken], axis=0)
            for taken in range(most)
        ]
        # Bound, what was paid, the slots, and whether these are all.
        heap: list[tuple[float, float, tuple[int, ...], bool]] = []

        def push(paid: float, slots: tuple[int, ...], low: int, high: int) -> None:
            costs = beyond[len(slots)][low:high]
            for j in (low + np.flatnonzero(np.isfinite(costs))).tolist():
                bound = paid + float(beyond[len(slots)][j])
                heapq.heappush(heap, (bound, paid + float(worth[j]), (*slots, j), False))

        push(0.0, (), 0, self.begin)
        while heap:
            bound, paid, slots, whole = heapq.heappop(heap)
            if whole:
                yield bound, np.array(slots, dtype=np.int64)
                continue
            if len(slots) >= least:
                heapq.heappush(heap, (paid, paid, slots, True))
            if len(slots) < most:
                push(paid, slots, *self._next(slots[-1]))

    def longest(self) -> IntArray:
        """Choose as many slots as can follow each other, early ones; none if there are none."""
        t = len(self)
        chain: list[int] = []
        if self.until is None:
            j = 0
            while j < t and (chain or j < self.begin):
                chain.append(j)
                j = int(self.after[j])
            return np.array(chain, dtype=np.int64)
        reach = np.zeros(t + 1, dtype=np.int64)
        following = np.full(t, t, dtype=np.int64)
        for j in range(t - 1, -1, -1):
            low, high = self._next(j)
            if low < high:
                following[j] = low + int(reach[low:high].argmax())
            reach[j] = 1 + reach[following[j]]
        j = int(reach[: self.begin].argmax()) if self.begin else t
        while j < t:
            chain.append(j)
            j = int(following[j])
        return np.array(chain, dtype=np.int64)

    def fits(self, slots: IntArray) -> bool:
        """Whether slots, in ascending order, keep their distances."""
        return not self.violations(slots)

    def violations(self, slots: IntArray) -> list[str]:
        """Check slots, in ascending order: one sentence for each broken distance."""
        if not len(slots):
            return []
        if slots.min() < 0 or slots.max() >= len(self):
            return [f"a slot outside 0 to {len(self) - 1}"]
        found = []
        if slots[0] >= self.begin:
            found.append(f"slot {slots[0]}: the first round begins before slot {self.begin}")
        for before, j in zip(slots[:-1].tolist(), slots[1:].tolist(), strict=True):
            low, high = self._next(before)
            if j < self.after[before]:
                found.append(f"slot {before}: the next round begins in slot {low} or later")
            elif j >= high:
                found.append(f"slot {before}: the next round begins in slot {high - 1} or sooner")
        return found

    def _next(self, j: int) -> tuple[int, int]:
        """First slot in which the round after one in slot j may begin, and the end of them."""
        high = len(self) if self.until is None else min(int(self.until[j]) + 1, len(self))
        return int(self.after[j]), high

    def _onward(self, worth: FloatArray, most: int) -> Iterator[tuple[FloatArray, IntArray]]:
        """Least costs of 1, 2, ... rounds of which the first is in each slot, and which is next."""
        none = np.full(len(self), -1, dtype=np.int64)
        total = worth.astype(np.float64)
        yield total, none
        for _ in range(most - 1):
            following = self._cheapest_next(total)
            total = np.where(following >= 0, total[following], np.inf) + worth
            yield total, following

    def _cheapest_next(self, total: FloatArray) -> IntArray:
        """Of each slot the cheapest one that may follow it, the first of equals; -1 for none."""
        t = len(self)
        places = np.arange(t)
        if self.until is None:
            # The cheapest of all from each slot on.
            backwards = total[::-1]
            so_far = np.minimum.accumulate(backwards)
            place = np.maximum.accumulate(np.where(backwards == so_far, places, 0))
            first = np.append(t - 1 - place[::-1], -1)
            return first[self.after].astype(np.int64)
        # Minima of stretches of 1, 2, 4, ... slots: two of them cover any stretch.
        stretches = [places]
        size = 1
        while 2 * size <= t:
            left, right = stretches[-1], np.append(stretches[-1][size:], np.full(size, t - 1))
            stretches.append(np.where(total[right] < total[left], right, left))
            size *= 2
        table = np.stack(stretches)
        some, level, low, last = self._stretches
        left, right = table[level, low], table[level, last]
        best = np.where(total[right] < total[left], right, left)
        return np.where(some, best, -1).astype(np.int64)

    @lazy
    def _is_free(self) -> bool:
        """Whether any slot may follow any earlier one."""
        following = np.arange(1, len(self) + 1)
        return (
            self.until is None and self.begin == len(self) and bool((self.after == following).all())
        )

    @lazy
    def _stretches(self) -> tuple[BoolArray, IntArray, IntArray, IntArray]:
        """Of each slot whether one may follow, and the two stretches that cover those."""
        t = len(self)
        assert self.until is not None  # noqa: S101 - asked for only then
        low, high = np.minimum(self.after, t - 1), np.minimum(self.until, t - 1)
        some = (self.after < t) & (self.after <= high)
        level = np.zeros(t, dtype=np.int64)
        level[some] = np.frexp((high - low + 1)[some].astype(np.float64))[1] - 1
        last = np.where(some, np.maximum(0, high - (1 << level) + 1), 0)
        return some, level, low, last
