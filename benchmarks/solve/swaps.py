"""A Monte-Carlo optimiser of schedules: random swaps, each accepted where it saves something."""

from dataclasses import dataclass
from time import process_time

import numpy as np

from benchmarks.solve.program import Answer, able, answer, costs
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray

# Seats drawn at once, at most; of swaps that share a client only the first is made.
_DRAWN = 1_000


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """Who works when; changed in place.

    Parameters
    ----------
    taken
        Turns (n, t).
    turns
        Of each client (n,).
    sitter, when
        Client and round of each seat that is filled.
    """

    taken: BoolArray
    turns: IntArray
    sitter: IntArray
    when: IntArray

    @classmethod
    def of(cls, taken: BoolArray) -> "Schedule":
        """Read turns (n, t)."""
        sitter, when = np.nonzero(taken)
        return cls(taken=taken, turns=taken.sum(axis=1), sitter=sitter, when=when)


def swaps(problem: Problem, watch: Stopwatch, *, seconds: float, seed: int) -> Answer:
    """Begin from a random plan and swap for some CPU seconds.

    What is missing in the random plan is missing in the end.
    """
    rng = np.random.default_rng(seed)
    until = process_time() + seconds
    cost, there = costs(problem), able(problem).astype(bool)
    plan = Schedule.of(random_plan(problem, there, rng))
    watch.built()
    while process_time() < until:
        replace_some(problem, cost, there, plan, rng)
        exchange_some(cost, there, plan, rng)
    watch.stop()
    return answer(problem, plan.taken, "heuristic")


def random_plan(problem: Problem, there: BoolArray, rng: np.random.Generator) -> BoolArray:
    """Draw turns (n, t) within cohort sizes, caps and availability, floors first."""
    n, t = problem.clients, problem.rounds
    taken = np.zeros((n, t), dtype=bool)
    most = np.minimum(problem.at_most, there.sum(axis=1))
    wanted = np.minimum(problem.at_least, most)
    # Turns beyond the floors are given out in random order until all seats are filled.
    spare = np.repeat(np.arange(n), most - wanted)
    seats = int(problem.cohort_size.sum())
    extra = rng.permutation(spare)[: max(0, seats - int(wanted.sum()))]
    wanted += np.bincount(extra, minlength=n)
    left = there.sum(axis=1)
    for j in range(t):
        # Who has the fewest rounds to spare comes first, then who has most turns to go.
        hurry = np.lexsort((rng.random(n), -wanted, left - wanted))
        cohort = hurry[there[hurry, j] & (wanted[hurry] > 0)][: problem.cohort_size[j]]
        taken[cohort, j] = True
        wanted[cohort] -= 1
        left -= there[:, j]
    return taken


def replace_some(
    problem: Problem,
    cost: FloatArray,
    there: BoolArray,
    plan: Schedule,
    rng: np.random.Generator,
) -> None:
    """Give seats to clients that are cheaper there, as far as floors and caps allow."""
    seat = rng.integers(0, len(plan.sitter), min(_DRAWN, len(plan.sitter)))
    old, new, when = plan.sitter[seat], rng.integers(0, problem.clients, len(seat)), plan.when[seat]
    good = there[new, when] & ~plan.taken[new, when] & (cost[new, when] < cost[old, when])
    good &= plan.turns[old] > problem.at_least[old]
    good &= plan.turns[new] < problem.at_most[new]
    kept = np.flatnonzero(good)
    kept = kept[_apart(old[kept], new[kept])]
    seat, old, new, when = seat[kept], old[kept], new[kept], when[kept]
    plan.taken[old, when], plan.taken[new, when] = False, True
    plan.turns[old] -= 1
    plan.turns[new] += 1
    plan.sitter[seat] = new


def exchange_some(
    cost: FloatArray, there: BoolArray, plan: Schedule, rng: np.random.Generator
) -> None:
    """Let two clients exchange seats of two rounds, which leaves everyone's turns as they are."""
    one, other = rng.integers(0, len(plan.sitter), (2, min(_DRAWN, len(plan.sitter))))
    i, m, j, p = plan.sitter[one], plan.sitter[other], plan.when[one], plan.when[other]
    good = there[i, p] & there[m, j] & ~plan.taken[i, p] & ~plan.taken[m, j]
    good &= cost[i, p] + cost[m, j] < cost[i, j] + cost[m, p]
    kept = np.flatnonzero(good)
    kept = kept[_apart(i[kept], m[kept])]
    one, other, i, m, j, p = one[kept], other[kept], i[kept], m[kept], j[kept], p[kept]
    plan.taken[i, j], plan.taken[m, p] = False, False
    plan.taken[i, p], plan.taken[m, j] = True, True
    plan.sitter[one], plan.sitter[other] = m, i


def _apart(one: IntArray, other: IntArray) -> IntArray:
    """Rows whose clients, both of them, are in no earlier row."""
    pairs = np.column_stack([one, other]).reshape(-1)
    first = np.zeros(len(pairs), dtype=bool)
    first[np.unique(pairs, return_index=True)[1]] = True
    return np.flatnonzero(first.reshape(-1, 2).all(axis=1))
