"""Small problems whose cohorts breathe, and their optimum by enumeration and by HiGHS."""

from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import coo_matrix

from benchmarks.instances import small
from benchmarks.solve.program import able, costs
from lowcarb_solvers import Problem

State = tuple[tuple[int, ...], int]
"""Turns of each client, and seats that are missing to the smallest cohorts."""


def breathing(seed: int, *, elastic: bool, most_clients: int = 6, most_rounds: int = 4) -> Problem:
    """Let the cohorts of a small problem breathe: evenly or not, around its total or another."""
    problem = small(seed, elastic=elastic, most_clients=most_clients, most_rounds=most_rounds)
    rng = np.random.default_rng([seed, 1])
    size = problem.cohort_size
    down, up = rng.integers(0, 3, (2, 1 if rng.random() < 0.5 else len(size)))
    least, most = np.maximum(0, size - down), size + up
    total = int(rng.integers(least.sum(), most.sum() + 1)) if rng.random() < 0.5 else None
    return replace(problem, cohort_least=least, cohort_most=most, cohort_total=total)


def cheapest(problem: Problem, *, most_short: int | None) -> tuple[int, float] | None:
    """Fewest missing turns and seats, and the least cost with them, by enumeration.

    Turns that a client lacks beyond `most_short` count twice. None if infeasible.
    """
    cost, total = costs(problem), problem.total
    least = problem.fewest
    most = problem.cohort_size if problem.cohort_most is None else problem.cohort_most
    there = able(problem)
    best: dict[State, float] = {((0,) * problem.clients, 0): 0.0}
    for j in range(problem.rounds):
        following: dict[State, float] = {}
        sizes = range(0 if problem.elastic else int(least[j]), int(most[j]) + 1)
        for (turns, below), paid in best.items():
            may = [i for i in np.flatnonzero(there[:, j]) if turns[i] < problem.at_most[i]]
            for size in sizes:
                if sum(turns) + size > total:
                    break
                short = below + max(0, int(least[j]) - size)
                for cohort in combinations(may, size):
                    after = tuple(turns[i] + (i in cohort) for i in range(problem.clients))
                    sum_ = paid + sum(cost[i, j] for i in cohort)
                    if sum_ < following.get((after, short), np.inf):
                        following[after, short] = sum_
        best = following
    ends = []
    for (turns, below), paid in best.items():
        lacks = np.maximum(0, problem.at_least - turns)
        in_all = total - sum(turns) if (least < most).any() else 0
        missing = below + in_all + int(lacks.sum())
        twice = 0 if most_short is None else int(np.maximum(0, lacks - most_short).sum())
        if problem.elastic or not missing:
            ends.append((missing + twice, paid))
    return min(ends) if ends else None


def by_highs(problem: Problem) -> float | None:
    """Least cost by a plain program of HiGHS, nothing missing; None if infeasible."""
    n, t = problem.clients, problem.rounds
    each, ones = np.arange(n * t), np.ones(n * t)
    in_round = coo_matrix((ones, (np.tile(np.arange(t), n), each)), shape=(t, n * t))
    of_client = coo_matrix((ones, (np.repeat(np.arange(n), t), each)), shape=(n, n * t))
    most = problem.cohort_size if problem.cohort_most is None else problem.cohort_most
    found = milp(
        costs(problem).reshape(-1),
        constraints=[
            LinearConstraint(in_round.tocsr(), problem.fewest, most),
            LinearConstraint(of_client.tocsr(), problem.at_least, problem.at_most),
            LinearConstraint(ones[None, :], problem.total, problem.total),
        ],
        bounds=(np.zeros(n * t), able(problem).reshape(-1)),
    )
    return None if found.status == 2 else float(found.fun)


def least_of_slack(
    prices: np.ndarray, width: np.ndarray, total: int, seats: np.ndarray, penalty: float | None
) -> float:
    """What empty and missing seats cost at least at prices, as a linear program."""
    t = len(prices)
    lost = np.zeros(t) if penalty is None else penalty - prices
    upper = np.concatenate([width, np.append(seats, (width + seats).sum()) * (penalty is not None)])
    found = linprog(
        np.concatenate([-prices, lost, [penalty or 0.0]]),
        A_eq=np.append(np.ones(2 * t), -1.0)[None, :],
        b_eq=[total],
        bounds=np.stack([np.zeros(2 * t + 1), upper], axis=1),
    )
    return float(found.fun)
