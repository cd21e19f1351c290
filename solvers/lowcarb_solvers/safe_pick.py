"""The cheapest safe cohort in closed form, for rounds of one size and full availability.

With R rounds of K seats left, this one included, and for each client what it owes and may take:
a cohort leaves the rest completable iff it takes every client that owes R turns, at least
(sum of owed) - K (R - 1) clients that owe any, and at most (sum of min(may, R - 1)) - K (R - 1)
clients that may take fewer than R.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Group:
    """Groups of clients that rank alike, as arrays with one entry a group (m,).

    Parameters
    ----------
    of
        The class that each group belongs to.
    size
        How many clients are in it.
    owed, may
        Turns that each of these clients still owes and still may take.
    rank
        Lower is chosen first.
    """

    of: IntArray
    size: IntArray
    owed: IntArray
    may: IntArray
    rank: FloatArray


@dataclass(kw_only=True)
class _Needs:
    """What a cohort that is partly chosen still needs, and what is left to choose from."""

    seats: int
    owing: int
    tight: int
    left: list[int]  # clients left: owing and tight, owing, tight, neither

    def can_take(self, category: int, amount: int) -> bool:
        """Whether the cohort can be completed after `amount` more clients of a category."""
        left = self.left.copy()
        left[category] -= amount
        seats = self.seats - amount
        owing = max(0, self.owing - amount * _OWING[category])
        tight = self.tight - amount * _TIGHT[category]
        if seats < 0 or tight < 0 or left[category] < 0:
            return False
        loose = min(left[1], seats)
        return (
            loose + min(left[0], tight, seats - loose) >= owing
            and left[1] + left[3] + min(left[0] + left[2], tight) >= seats
        )

    def take(self, category: int, wanted: int) -> int:
        """Take as many of a category as leave the cohort completable; return how many."""
        low, high = 0, min(wanted, self.seats)
        if self.can_take(category, high):
            low = high
        while low < high - 1:
            middle = (low + high) // 2
            if self.can_take(category, middle):
                low = middle
            else:
                high = middle
        self.left[category] -= low
        self.seats -= low
        self.owing = max(0, self.owing - low * _OWING[category])
        self.tight -= low * _TIGHT[category]
        return low


_OWING = (1, 1, 0, 0)
_TIGHT = (1, 0, 1, 0)


def pick_cohort(groups: Group, seats: int, rounds_left: int) -> Iterator[tuple[int, int]]:
    """Pick the safe cohort with the lowest sum of ranks.

    Yields
    ------
    tuple of int
        The index of a group and how many of its clients work in this round.
    """
    later = seats * (rounds_left - 1)
    able = (groups.may > 0) & (groups.size > 0)
    forced = able & (groups.owed >= rounds_left)
    owing, tight = groups.owed > 0, groups.may < rounds_left
    most_tight = (groups.size * np.minimum(groups.may, rounds_left - 1)).sum() - later
    needs = _Needs(
        seats=seats - int(groups.size[forced].sum()),
        owing=max(0, int((groups.size * groups.owed).sum() - later - groups.size[forced].sum())),
        tight=int(most_tight - groups.size[forced & tight].sum()),
        left=[],
    )
    for index in np.flatnonzero(forced).tolist():
        yield index, int(groups.size[index])
    cheapest, amounts = _cheapest(np.flatnonzero(able & ~forced), groups, needs.seats)
    if (
        amounts[owing[cheapest]].sum() >= needs.owing
        and amounts[tight[cheapest]].sum() <= needs.tight
        and amounts.sum() == needs.seats
    ):
        yield from zip(cheapest.tolist(), amounts.tolist(), strict=True)
        return
    members = [np.flatnonzero(able & ~forced & (owing == o) & (tight == b)) for o, b in _CATEGORIES]
    needs.left = [int(groups.size[group].sum()) for group in members]
    queues = [_first(group, groups.rank, needs.seats) for group in members]
    heads = [next(queue, None) for queue in queues]
    while needs.seats:
        _, index, category = min(
            (float(groups.rank[head]), head, c) for c, head in enumerate(heads) if head is not None
        )
        wanted = int(groups.size[index])
        taken = needs.take(category, wanted)
        if taken:
            yield index, taken
        # What a category was refused once it is refused for good: safe cohorts form a matroid.
        heads[category] = next(queues[category], None) if taken == wanted else None


_CATEGORIES = ((True, True), (True, False), (False, True), (False, False))


def _cheapest(members: IntArray, groups: Group, seats: int) -> tuple[IntArray, IntArray]:
    """Fill seats with the lowest ranked members, whoever owes: who they are, and how many of each.

    Mostly that is a safe cohort, and then the cheapest.
    """
    ordered = _ranked(members, groups.rank, seats)
    before = np.cumsum(groups.size[ordered]) - groups.size[ordered]
    ordered = ordered[before < seats]
    taken = np.minimum(groups.size[ordered], seats - before[: len(ordered)])
    return ordered, taken


def _first(members: IntArray, rank: FloatArray, most: int) -> Iterator[int]:
    """Yield the lowest ranked members, no more than can be needed: each has a client or more."""
    yield from _ranked(members, rank, most).tolist()


def _ranked(members: IntArray, rank: FloatArray, most: int) -> IntArray:
    """Sort members by rank, those that tie by index; at least the first `most` of them."""
    if len(members) > 4 * most:
        # Everything that ties with the last one stays, so that ties fall by index, not by chance.
        last = np.partition(rank[members], most)[most] if most else -np.inf
        members = members[rank[members] <= last]
    return members[np.argsort(rank[members], kind="stable")]
