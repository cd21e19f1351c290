"""Greedy rankings that never paint themselves into a corner."""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Literal

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.completion import Completion
from lowcarb_solvers.cycles import improve
from lowcarb_solvers.empty_ranks import EmptyRanks, pinned
from lowcarb_solvers.later_rounds import LaterRounds
from lowcarb_solvers.prices import certify
from lowcarb_solvers.reduction import turn_prices
from lowcarb_solvers.safe_pick import Group, pick_cohort
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.sparse_counts import SparseCounts

# Seconds beyond the limit in which floors may still be completed: a floor is worth more than these.
_GRACE_FOR_FLOORS = 0.5
# Share of the time limit for exchanges where shortfalls are allowed.
_FOR_EXCHANGES = 0.1

# Seconds that it takes where `is_safely_countable`, at most: for a class in a round, for a round,
# and for a seat.
_CLASS_S, _ROUND_S, _SEAT_S = 2e-7, 1.5e-4, 4e-6


@dataclass(frozen=True)
class Greedy:
    """Fill one round after the other by rank, always leaving the rest completable.

    Every floor that can be met is met, whatever the ranking, also with availability and with
    cohort sizes that change from round to round.

    Parameters
    ----------
    rank
        "regret": the cost of a turn now, less what the client would pay if its owed turns fell
        into its cheapest rounds left; a client that owes nothing is ranked by its cost now.
        "cost": the cost of a turn now.
    time_limit
        Seconds after which the rounds that are left are filled by cost, floors first, without a
        look at what that makes dearer later; None for no limit. Only availability or changing
        cohort sizes ever take that long. Floors get half a second more, then they are left as
        they are, which the notes say.
    clock
        Counts seconds.
    prices
        Shape (t,): round prices. With them `rank` is the cost now, less the price of the round and
        that of a turn of the client: as good a guide as the prices are.
    """

    rank: Literal["regret", "cost"] = "regret"
    time_limit: float | None = None
    clock: Callable[[], float] = field(default=perf_counter, repr=False)
    prices: FloatArray | None = field(default=None, repr=False)

    @property
    def name(self) -> str:
        """Short name of the ranking: regret, greedy for plain cost, or prices."""
        if self.prices is not None:
            return "prices"
        return "regret" if self.rank == "regret" else "greedy"

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        """Solve the problem; `start` is not needed."""
        del start
        began = self.clock()
        notes: tuple[str, ...] = ()
        status: Status = Status.FEASIBLE
        sparse: SparseCounts | None = None
        breathes, counts_alone = classes.problem.slack.breathes, is_safely_countable(classes)
        if breathes and (self.prices is None or not counts_alone):
            return self._by_pinning(classes, began)
        if counts_alone:
            sparse = self._by_counting(classes)
        else:
            deadline = math.inf if self.time_limit is None else began + self.time_limit
            plan = Completion.fill(classes, lambda: self.clock() > deadline + _GRACE_FOR_FLOORS)
            missing = plan.missing
            if not plan.whole:
                notes = (f"{self.name} had no time to complete floors and seats: {missing} miss",)
            if missing and not classes.problem.elastic:
                status = Status.INFEASIBLE if plan.whole else Status.UNKNOWN
                notes = notes or ("some floors or seats cannot be met",)
            else:
                filling = self.clock() - began
                counts, ranked = self._by_rerouting(classes, plan, deadline, filling)
                sparse = SparseCounts.of(counts)
                if ranked < classes.problem.rounds:
                    ranks = f"had time to rank {ranked} of {classes.problem.rounds} rounds"
                    notes = notes or (f"{self.name} {ranks}",)
        return Solution(
            status=status,
            solver=self.name,
            classes=classes,
            sparse=sparse,
            seconds=self.clock() - began,
            notes=notes,
        )

    def _by_counting(self, classes: Classes) -> SparseCounts:
        """Fill rounds of one size, or one range, among clients that are always available."""
        problem = classes.problem
        seats, empty = int(problem.seats[0]), None
        if problem.slack.total and self.prices is not None:
            empty = EmptyRanks(classes, self.prices)
        latest = np.zeros(len(classes), dtype=np.int64)
        picked: list[tuple[IntArray, IntArray, IntArray]] = []
        for j, groups in self._rounds(classes, lambda _: latest):
            if empty is not None:
                groups = empty.join(groups, j)
            picks = np.array(list(pick_cohort(groups, seats, problem.rounds - j)), dtype=np.int64)
            index, amount = picks.reshape(-1, 2).T
            if empty is not None:
                clients = groups.of[index] < len(classes)
                empty.take(int(amount[~clients].sum()))
                index, amount = index[clients], amount[clients]
            latest[:] = 0
            np.add.at(latest, groups.of[index], amount)
            chosen = np.unique(groups.of[index])
            picked.append((chosen, np.full(len(chosen), j), latest[chosen]))
        parts = (np.concatenate(part) for part in zip(*picked, strict=True))
        return SparseCounts.collect((len(classes), problem.rounds), *parts)

    def _by_pinning(self, classes: Classes, began: float) -> Solution:
        """Choose sizes of cohorts beforehand, and others by exchanges where shortfalls remain."""
        # Whatever these sizes miss, exchanges may find; so for them all may be missing.
        elastic = replace(classes, problem=replace(classes.problem, elastic=True))
        sized = replace(self(pinned(elastic, self.prices)), classes=elastic)
        if not elastic.missing(sized.seated):
            return replace(sized, classes=classes, seconds=self.clock() - began)
        limit = math.inf if self.time_limit is None else self.time_limit
        if classes.problem.elastic:
            limit *= _FOR_EXCHANGES
        until = began + limit + _GRACE_FOR_FLOORS
        better = improve(sized, lambda: self.clock() > until)
        missing, late = elastic.missing(better.seated), self.clock() > until
        if missing and not late and not classes.problem.elastic:
            # Exchanges end where nothing is gained, or where the plan is too large for them.
            late = not certify(elastic, better.seated).optimal
        notes = better.notes
        if missing and late:
            notes = (f"{self.name} had no time to complete floors and seats: {missing} miss",)
        elif missing and not classes.problem.elastic:
            notes = ("some floors or seats cannot be met",)
        status, sparse = better.status, better.sparse
        if missing and not classes.problem.elastic:
            status, sparse = Status.UNKNOWN if late else Status.INFEASIBLE, None
        return replace(
            better,
            status=status,
            classes=classes,
            sparse=sparse,
            seconds=self.clock() - began,
            notes=notes,
        )

    def _by_rerouting(
        self, classes: Classes, plan: Completion, deadline: float, filling: float
    ) -> tuple[IntArray, int]:
        """Fill any rounds, keeping a full plan; also return how many there was time to rank.

        `filling` is how long it took to fill the plan: when only that much is left, ranking stops
        and the other rounds are filled anew, because rerouting has no eye for their cost.
        """
        rounds = classes.problem.rounds
        plan.settle_for_what_can_be_met()
        if self.clock() > deadline:
            return plan.counts, 0
        for j, groups in self._rounds(classes, lambda j: plan.counts[:, j]):
            stop = deadline - filling * (rounds - j) / rounds
            if self.clock() > stop or not self._rank_round(plan, j, groups, stop):
                if j:
                    plan.refill(j, classes, lambda: self.clock() > deadline + _GRACE_FOR_FLOORS)
                return plan.counts, j
        return plan.counts, rounds

    def _rank_round(self, plan: Completion, j: int, groups: Group, stop: float) -> bool:
        """Fix the cohort of a round by rank; False if there was no time to do that."""
        plan.start_round(j)
        left = int(plan.seats[j])
        for index in np.argsort(groups.rank, kind="stable"):
            k = int(groups.of[index])
            if not left:
                break
            if plan.refused[k]:
                continue
            if self.clock() > stop:
                return False
            before = int(plan.fixed[k])
            wanted = before + min(left, int(groups.size[index]))
            target = min(wanted, int(plan.capacity[k, j]))
            left -= plan.raise_to(k, target) - before
        return True

    def _rounds(
        self, classes: Classes, counts_of: Callable[[int], IntArray]
    ) -> Iterator[tuple[int, Group]]:
        """Yield each round with the groups of clients that rank alike there.

        Within a class some members may be one turn ahead of the others, so each class makes up to
        two groups. `counts_of` is asked for the counts (k,) of a round when that is over.
        """
        problem = classes.problem
        total = np.zeros(len(classes), dtype=np.int64)
        everyone = np.arange(len(classes))
        turn = None if self.prices is None else turn_prices(classes, self.prices)
        later = LaterRounds(classes) if turn is None and self.rank == "regret" else None
        for j in range(problem.rounds):
            if j:
                total += counts_of(j - 1)
            turns, ahead = np.divmod(total, classes.size)
            lead = np.flatnonzero(ahead)
            of, size = everyone, classes.size - ahead
            if lead.size:
                of = np.concatenate([of, lead])
                turns = np.concatenate([turns, turns[lead] + 1])
                size = np.concatenate([size, ahead[lead]])
            owed = np.maximum(0, classes.at_least[of] - turns)
            now = classes.weight[of] * problem.cost_level[classes.level_of[of], j]
            if turn is not None and self.prices is not None:
                now -= self.prices[j] + turn[of]
            elif later is not None:
                now -= later.cost(of, owed, j)
            yield (
                j,
                Group(
                    of=of,
                    size=size,
                    owed=owed,
                    may=classes.at_most[of] - turns,
                    rank=now,
                ),
            )


def seconds_of_greedy(classes: Classes) -> float:
    """How long `Greedy` takes where `is_safely_countable`, about and at most."""
    problem = classes.problem
    a_round = len(classes) * _CLASS_S + _ROUND_S
    return problem.rounds * a_round + problem.total * _SEAT_S


def is_quick(classes: Classes) -> bool:
    """Whether the closed form of `safe_pick` will do for rankings without prices."""
    if classes.problem.slack.breathes:
        classes = pinned(classes, None)
    return is_safely_countable(classes)


def is_safely_countable(classes: Classes) -> bool:
    """Whether the closed form of `safe_pick` holds from the first round on."""
    problem = classes.problem
    seats, width = problem.seats, problem.slack.width
    if problem.available is not None or (seats != seats[0]).any() or (width != width[0]).any():
        return False
    return (
        int(seats[0] - width[0]) <= problem.clients
        and int(classes.at_least.max()) <= problem.rounds
        and int(classes.size @ classes.at_least) <= problem.total
        and problem.total <= int(classes.size @ classes.at_most)
    )
