"""The same program by other means: HiGHS on arrays, and PuLP with CBC on single clients."""

from dataclasses import dataclass
from time import perf_counter
from typing import NamedTuple

import numpy as np
import pulp
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix, hstack, identity, vstack

from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.cbc_model import cbc_path


def costs(problem: Problem) -> FloatArray:
    """One cost for each client and round, shape (n, t)."""
    return problem.weight[:, None] * problem.cost_level[problem.level_of]


class Optimum(NamedTuple):
    """What an independent solver found.

    Parameters
    ----------
    missing
        The fewest turns and seats that can be missing.
    worst
        The fewest turns that the worst client can be short with so few missing.
    cost
        The least cost with these.
    """

    missing: int
    worst: int
    cost: float


def highs(problem: Problem, *, whole: bool = True) -> Optimum | None:
    """Find the optimum by HiGHS, in stages; None if infeasible.

    One column for each client and round, integers if `whole`. An elastic problem is solved in three
    stages: the fewest missing turns and seats, then the fewest of the worst client, then the least
    cost.
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
    least = worst = 0
    if problem.elastic:
        first = milp(missing, constraints=limits, bounds=bounds, integrality=kind, options=options)
        if first.status != 0:
            raise RuntimeError(first.message)
        least = round(first.fun)
        limits.append(LinearConstraint(missing[None, :], 0, least))
        worst = _worst_shortfall(limits, bounds, columns, n)
        upper[columns : columns + n] = np.minimum(slack[:n], worst)
    found = milp(cost, constraints=limits, bounds=bounds, integrality=kind, options=options)
    if found.status == 2:
        return None
    if found.status != 0:
        raise RuntimeError(found.message)
    return Optimum(least, worst, float(found.fun))


def _worst_shortfall(
    limits: list[LinearConstraint], bounds: tuple[FloatArray, FloatArray], turns: int, clients: int
) -> int:
    """Fewest turns that the worst client must be short within the limits: one more column."""
    lower, upper = bounds
    size = len(upper)
    wider = [
        LinearConstraint(hstack([limit.A, coo_matrix((limit.A.shape[0], 1))]), limit.lb, limit.ub)
        for limit in limits
    ]
    each = np.arange(clients)
    short = coo_matrix((np.ones(clients), (each, turns + each)), shape=(clients, size))
    wider.append(LinearConstraint(hstack([short, -np.ones((clients, 1))]), -np.inf, 0))
    objective = np.append(np.zeros(size), 1.0)
    found = milp(
        objective, constraints=wider, bounds=(np.append(lower, 0), np.append(upper, np.inf))
    )
    if found.status != 0:
        raise RuntimeError(found.message)
    # Floors lowered by whole numbers can be met by whole turns if they can be met at all.
    return int(np.ceil(found.fun - 1e-6))


@dataclass(frozen=True, kw_only=True)
class Naive:
    """What the textbook model took and found.

    Parameters
    ----------
    build_s, solve_s
        Seconds for the model's objects; seconds for writing, CBC and reading.
    cost
        The objective; None if CBC found none in time.
    """

    build_s: float
    solve_s: float
    cost: float | None


def naive_pulp(problem: Problem, time_limit: float) -> Naive:
    """Solve as a tutorial would: a binary for each client and round, PuLP and CBC."""
    began = perf_counter()
    cost = costs(problem)
    model = pulp.LpProblem("naive", pulp.LpMinimize)
    n, t = cost.shape
    able = np.ones((n, t), dtype=np.int64) if problem.available is None else problem.available
    x = [
        [model.add_variable(f"x_{i}_{j}", 0, int(able[i, j]), pulp.LpInteger) for j in range(t)]
        for i in range(n)
    ]
    model += pulp.lpSum(cost[i, j] * x[i][j] for i in range(n) for j in range(t))
    for j in range(t):
        model += pulp.lpSum(x[i][j] for i in range(n)) == int(problem.cohort_size[j])
    for i in range(n):
        model += pulp.lpSum(x[i]) >= int(problem.at_least[i])
        model += pulp.lpSum(x[i]) <= int(problem.at_most[i])
    built = perf_counter()
    model.solve(pulp.COIN_CMD(path=cbc_path(None), msg=False, timeLimit=time_limit))
    found = (model.status, model.sol_status) in ((1, 1), (1, 2))
    return Naive(
        build_s=built - began,
        solve_s=perf_counter() - built,
        cost=float(pulp.value(model.objective)) if found else None,
    )
