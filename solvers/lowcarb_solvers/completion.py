"""A full plan that stays full while cohorts are fixed: the guard against painting into a corner.

A cohort is safe iff the remaining rounds can still be filled with every floor met. Instead of
asking that anew for each candidate, one full plan is kept, and a candidate is taken by rerouting
that plan along a single augmenting path of the residual network ::

    class -> round   a member can take one more seat there
    round -> class   a member can give up its seat there
    class -> spare   a class above its floor can do without a turn
    spare -> class   a class below its ceiling can take a turn more

The candidates that succeed are those of the cheapest safe cohort, because safe cohorts are the
bases of a matroid.
"""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from lowcarb_solvers.arrays import BoolArray, IntArray
from lowcarb_solvers.cheap_fill import fill_seats, give_owed_turns
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.deadline import never

_UNSEEN, _SPARE, _START = -1, -2, -3


@dataclass(eq=False)
class Completion:
    """Counts that fill the seats and meet the floors, mutable on purpose.

    Parameters
    ----------
    capacity
        Shape (k, t): members of each class that can work in each round.
    floor, ceiling
        Shape (k,): bounds of each class's turns, all members together.
    seats
        Shape (t,): the seats of each round.
    """

    capacity: IntArray
    floor: IntArray
    ceiling: IntArray
    seats: IntArray
    counts: IntArray = field(init=False)
    total: IntArray = field(init=False)
    fixed: IntArray = field(init=False)
    refused: BoolArray = field(init=False)
    whole: bool = field(init=False)

    def __post_init__(self) -> None:
        """Start empty."""
        self.counts = np.zeros(self.capacity.shape, dtype=np.int64)
        self.total = np.zeros(len(self.capacity), dtype=np.int64)
        self.fixed = np.zeros(len(self.capacity), dtype=np.int64)
        self.refused = np.zeros(len(self.capacity), dtype=np.bool_)
        self.whole = False
        self._round = 0
        self._dispensable: list[int] = []

    @classmethod
    def fill(cls, classes: Classes, expired: Callable[[], bool] = never) -> "Completion":
        """Fill all rounds by cost, with as few missing turns and seats as possible.

        `whole` says whether there was time for that. Without it what is there breaks no cap, but
        more turns and seats may be missing than must be.
        """
        plan = cls(classes.capacity(), classes.floor, classes.ceiling, classes.problem.seats)
        plan.whole = plan._fill_from(0, classes, expired)
        return plan

    def refill(self, begin: int, classes: Classes, expired: Callable[[], bool] = never) -> None:
        """Fill the rounds from `begin` on anew, by cost; without time for that they stay."""
        counts, total = self.counts.copy(), self.total.copy()
        if not self._fill_from(begin, classes, expired):
            self.counts, self.total = counts, total

    def _fill_from(self, begin: int, classes: Classes, expired: Callable[[], bool]) -> bool:
        """Hand out turns that are owed, then the seats that are left; False if time ended.

        Augmenting never takes a turn away again, so both shortages are as small as they can be.
        """
        self._round = begin
        self.fixed[:] = 0
        self.counts[:, begin:] = 0
        self.total = self.counts.sum(axis=1)
        owed = [self.floor] if classes.most_short is None else [classes.assured_floor, self.floor]
        in_time = True
        for turns in owed:
            in_time &= self.give(np.minimum(turns, self.ceiling), classes, expired)
        fill_seats(self, classes, begin)
        return in_time and self._augment(self.ceiling, expired)

    def give(self, limit: IntArray, classes: Classes, expired: Callable[[], bool]) -> bool:
        """Give classes up to their limits (k,), as much as can be; False if time ended."""
        give_owed_turns(self, classes, self._round, limit, expired)
        return self._augment(limit, expired)

    @property
    def missing(self) -> int:
        """Seats and owed turns that are missing."""
        seats = int((self.seats - self.counts.sum(axis=0)).sum())
        return seats + int(np.maximum(0, self.floor - self.total).sum())

    def settle_for_what_can_be_met(self) -> None:
        """Lower floors and seats to what the plan reaches, so that it counts as full."""
        self.floor = np.minimum(self.floor, self.total)
        self.seats = self.counts.sum(axis=0)

    def start_round(self, j: int) -> None:
        """Begin to fix round j; earlier rounds are not touched any more."""
        self._round = j
        self.fixed[:] = 0
        self.refused[:] = False
        holds = (self.counts[:, j] > 0) & (self.total > self.floor)
        self._dispensable = np.flatnonzero(holds).tolist()

    def raise_to(self, k: int, target: int) -> int:
        """Fix up to `target` members of class k in the current round.

        Returns how many of the class are fixed now: fewer than `target` if the remaining rounds
        could not be completed with more. The search that finds so finds all classes that can get
        no further seat in this round, and marks them as `refused`: safe cohorts form a matroid, so
        they stay refused.
        """
        j = self._round
        self.fixed[k] = min(target, self.counts[k, j])
        while self.fixed[k] < target:
            path = self._swap(k) or self._search(start=j, goal=k)
            if path is None:
                break
            self._push([k, j, *path], limit=target - int(self.fixed[k]))
            self.fixed[k] = min(target, self.counts[k, j])
        return int(self.fixed[k])

    def _swap(self, k: int) -> list[int] | None:
        """Find a class that can do without its seat in this round, so that k can have it.

        Most searches would find the same; this one does not look at all classes again.
        """
        j = self._round
        while self._dispensable and self.total[k] < self.ceiling[k]:
            giver = self._dispensable[-1]
            if (
                giver != k
                and self.counts[giver, j] > self.fixed[giver]
                and self.total[giver] > self.floor[giver]
            ):
                return [giver, _SPARE, k]
            self._dispensable.pop()
        return None

    def _augment(self, limit: IntArray, expired: Callable[[], bool]) -> bool:
        """Reroute until no class below its limit can get a seat; return whether time sufficed."""
        vacant = self.seats - self.counts.sum(axis=0)
        vacant[: self._round] = 0
        while vacant.any():
            if expired():
                return False
            path = self._search(seekers=self.total < limit, vacant=vacant > 0)
            if path is None:
                return True
            room = min(int(limit[path[0]] - self.total[path[0]]), int(vacant[path[-1]]))
            self._push(path, limit=room)
            self.total = self.counts.sum(axis=1)
            vacant[path[-1]] = self.seats[path[-1]] - self.counts[:, path[-1]].sum()
        return True

    def _search(
        self,
        *,
        seekers: BoolArray | None = None,
        vacant: BoolArray | None = None,
        start: int | None = None,
        goal: int | None = None,
    ) -> list[int] | None:
        """Breadth-first search for classes and rounds, alternating, that pass a seat on.

        Either from `seekers`, classes that want a seat, to a `vacant` round; or from the round
        `start`, whose seat is taken from others, back to the class `goal` that took it. The spare
        appears in the path as the number ``_SPARE``, in place of a round.
        """
        k, t = self.counts.shape
        class_from = np.full(k, _UNSEEN)
        round_from = np.full(t, _UNSEEN)
        round_from[: self._round] = _START
        spare_from = _UNSEEN
        rounds = np.empty(0, dtype=np.int64)
        if start is not None:
            round_from[start] = _START
            rounds = np.array([start])
        new = np.zeros(k, dtype=np.bool_) if seekers is None else seekers.copy()
        class_from[new] = _START
        while True:
            if rounds.size:
                if goal is not None:
                    # Most searches end here: the goal itself holds one of these seats.
                    own = (self.counts[goal, rounds] > 0) & (rounds != start)
                    if own.any():
                        class_from[goal] = rounds[own.argmax()]
                        return _trace(goal, class_from, round_from, spare_from)
                kept = np.where(rounds == start, self.fixed[:, None], 0)
                gives = (self.counts[:, rounds] > kept) & (class_from == _UNSEEN)[:, None]
                reached = gives.any(axis=1)
                class_from[reached] = rounds[gives[reached].argmax(axis=1)]
                new |= reached
            front = np.flatnonzero(new)
            if not front.size:
                self.refused |= class_from == _UNSEEN
                return None
            new = np.zeros(k, dtype=np.bool_)
            if goal is not None and spare_from == _UNSEEN:
                above = self.total[front] > self.floor[front]
                if above.any():
                    spare_from = int(front[above.argmax()])
                    new = (self.total < self.ceiling) & (class_from == _UNSEEN)
                    class_from[new] = _SPARE
                    if new[goal]:
                        return _trace(goal, class_from, round_from, spare_from)
            takes = (self.counts[front] < self.capacity[front]) & (round_from == _UNSEEN)
            rounds = np.flatnonzero(takes.any(axis=0))
            round_from[rounds] = front[takes[:, rounds].argmax(axis=0)]
            if vacant is not None and vacant[rounds].any():
                last = int(rounds[vacant[rounds].argmax()])
                return [*_trace(int(round_from[last]), class_from, round_from, spare_from), last]

    def _push(self, path: list[int], limit: int) -> None:
        """Pass up to `limit` seats along a path: class, round, class, round, ..."""
        steps = list(zip(path[::2], path[1::2], [*path[2::2], None], strict=False))
        amount = limit
        for taker, j, giver in steps:
            if j == _SPARE:
                amount = min(amount, int(self.total[taker] - self.floor[taker]))
                amount = min(amount, int(self.ceiling[giver] - self.total[giver]))
                continue
            amount = min(amount, int(self.capacity[taker, j] - self.counts[taker, j]))
            if giver is not None:
                kept = int(self.fixed[giver]) if j == self._round else 0
                amount = min(amount, int(self.counts[giver, j]) - kept)
        for taker, j, giver in steps:
            if j == _SPARE:
                self.total[taker] -= amount
                self.total[giver] += amount
                continue
            self.counts[taker, j] += amount
            if giver is not None:
                self.counts[giver, j] -= amount


def _trace(end: int, class_from: IntArray, round_from: IntArray, spare_from: int) -> list[int]:
    """Walk back from a class to where the search began: class, round, ..., class."""
    path = [end]
    while True:
        j = int(class_from[path[0]])
        if j == _START:
            return path
        before = spare_from if j == _SPARE else int(round_from[j])
        if before == _START:
            return path
        path[:0] = [before, j]
