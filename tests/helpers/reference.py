"""The optimum by enumeration."""

from itertools import combinations

from benchmarks.peers import Optimum
from benchmarks.solve.program import costs
from lowcarb_solvers import Problem


def brute_force(problem: Problem) -> Optimum | None:
    """Find the optimum; None if infeasible.

    Enumerates every cohort of every round, remembering the best way to each vector of turns.
    """
    cost = costs(problem)
    best: dict[tuple[int, ...], tuple[int, float]] = {(0,) * problem.clients: (0, 0.0)}
    for j in range(problem.rounds):
        able = [
            i
            for i in range(problem.clients)
            if problem.available is None or problem.available[i, j]
        ]
        seats = int(problem.cohort_size[j])
        sizes = range(seats + 1) if problem.elastic else [seats]
        following: dict[tuple[int, ...], tuple[int, float]] = {}
        for turns, (missing, paid) in best.items():
            for size in sizes:
                for cohort in combinations(able, size):
                    after = tuple(turns[i] + (i in cohort) for i in range(problem.clients))
                    if any(after[i] > problem.at_most[i] for i in cohort):
                        continue
                    total = (missing + seats - size, paid + sum(cost[i, j] for i in cohort))
                    if after not in following or total < following[after]:
                        following[after] = total
        best = following
    ends = []
    for turns, (missing, paid) in best.items():
        short = [max(0, int(m) - x) for m, x in zip(problem.at_least, turns, strict=True)]
        if problem.elastic or not any(short):
            ends.append(Optimum(missing + sum(short), max(short), paid))
    return min(ends) if ends else None
