"""The same program by other means, to its last stage: HiGHS on arrays, for tests."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix, hstack, identity, vstack

from benchmarks.solve.program import costs
from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray


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
