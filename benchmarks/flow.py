"""The same program as one min-cost flow on all arcs, by OR-tools.

OR-tools cannot be imported into one process with some releases of highspy, nor with what imports
those, such as PuLP: whoever uses this module imports neither.
"""

import numpy as np
from ortools.graph.python import min_cost_flow

from lowcarb_solvers.problem import Problem

# Costs are rounded to whole numbers, the dearest turn to this one.
_DEAREST = 1e8


def flow(problem: Problem) -> float:
    """The least cost of an elastic problem with as few missing turns and seats as possible."""
    n, t = problem.clients, problem.rounds
    cost = problem.weight[:, None] * problem.cost_level[problem.level_of]
    scale = _DEAREST / float(cost.max())
    penalty = int((2 * t + 4) * _DEAREST)
    clients, rounds, spare = np.arange(n), n + np.arange(t), n + t
    able = np.ones((n, t), dtype=np.int64) if problem.available is None else problem.available
    least, most = problem.at_least, np.minimum(problem.at_most, t)
    # client -> round, spare -> client (turns beyond the floor), client -> spare (turns that are
    # missing), spare -> round (empty seats)
    tails = [np.repeat(clients, t), np.full(n, spare), clients, np.full(t, spare)]
    heads = [np.tile(rounds, n), clients, np.full(n, spare), rounds]
    room = [able.reshape(-1), most - least, least, problem.cohort_size]
    prices = [np.rint(cost.reshape(-1) * scale), np.zeros(n), np.full(n, penalty)]
    prices.append(np.full(t, penalty))
    network = min_cost_flow.SimpleMinCostFlow()
    arcs = network.add_arcs_with_capacity_and_unit_cost(
        np.concatenate(tails).astype(np.int32),
        np.concatenate(heads).astype(np.int32),
        np.concatenate(room).astype(np.int64),
        np.concatenate(prices).astype(np.int64),
    )
    supply = np.concatenate([least, -problem.cohort_size, [0]])
    supply[spare] = -supply.sum()
    network.set_nodes_supplies(np.arange(n + t + 1, dtype=np.int32), supply.astype(np.int64))
    status = network.solve()
    if status != network.OPTIMAL:
        raise RuntimeError(f"OR-tools ended with status {status}")
    taken = network.flows(arcs[: n * t]).reshape(n, t)
    return float((taken * cost).sum())
