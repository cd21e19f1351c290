"""Answers by other means: enumeration, and scipy's HiGHS on single clients."""

from itertools import combinations

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix, hstack, identity, vstack

from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray


def costs(problem: Problem) -> FloatArray:
    """One cost for each client and round, shape (n, t)."""
    return problem.weight[:, None] * problem.level[problem.row]


def brute_force(problem: Problem) -> tuple[int, float] | None:
    """Fewest missing turns and seats, and the least cost with them; None if infeasible.

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
        short = sum(max(0, int(m) - x) for m, x in zip(problem.at_least, turns, strict=True))
        if not short or problem.elastic:
            ends.append((missing + short, paid))
    return min(ends) if ends else None


def highs(problem: Problem, *, whole: bool = True) -> tuple[int, float] | None:
    """Solve as `brute_force` does, by HiGHS on one column for each client and round.

    With `whole` the columns are integers. An elastic problem is solved in two phases: the fewest
    missing turns and seats, then the least cost with no more of them.
    """
    n, t = problem.clients, problem.rounds
    columns = n * t
    client, round_ = np.repeat(np.arange(n), t), np.tile(np.arange(t), n)
    ones, each = np.ones(columns), np.arange(columns)
    in_round = coo_matrix((ones, (round_, each)), shape=(t, columns))
    of_client = coo_matrix((ones, (client, each)), shape=(n, columns))
    nothing_n, nothing_t = coo_matrix((n, t)), coo_matrix((t, n))
    # Columns: turns, missing turns (n), empty seats (t).
    seats = hstack([in_round, nothing_t, identity(t)])
    floors = hstack([of_client, identity(n), nothing_n])
    caps = hstack([of_client, coo_matrix((n, n)), nothing_n])
    available = np.ones((n, t)) if problem.available is None else problem.available
    slack = np.concatenate([problem.at_least, problem.cohort_size]) * problem.elastic
    upper = np.concatenate([available.reshape(-1), slack]).astype(float)
    limits = [
        LinearConstraint(
            vstack([seats, floors, caps]).tocsr(),
            np.concatenate([problem.cohort_size, problem.at_least, np.zeros(n)]),
            np.concatenate([problem.cohort_size, np.full(n, np.inf), problem.at_most]),
        )
    ]
    missing = np.concatenate([np.zeros(columns), np.ones(n + t)])
    cost = np.concatenate([costs(problem).reshape(-1), np.zeros(n + t)])
    kind = np.full(len(cost), int(whole))
    options = {"mip_rel_gap": 0.0}
    bounds = (np.zeros(len(cost)), upper)
    least = 0
    if problem.elastic:
        first = milp(missing, constraints=limits, bounds=bounds, integrality=kind, options=options)
        assert first.status == 0, first.message
        least = round(first.fun)
        limits.append(LinearConstraint(missing[None, :], 0, least))
    found = milp(cost, constraints=limits, bounds=bounds, integrality=kind, options=options)
    if found.status == 2:
        return None
    assert found.status == 0, found.message
    return least, float(found.fun)
