"""The same program by OR-tools: as one min-cost flow on all arcs, and by CP-SAT.

OR-tools cannot be imported into one process with some releases of highspy, nor with what imports
those, such as PuLP: whoever uses this module imports neither.
"""

import numpy as np
from ortools.graph.python import min_cost_flow
from ortools.sat.python import cp_model

from benchmarks.solve.program import LATE, OPTIMAL, Answer, able, answer, costs, none, penalty
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.problem import Problem

# Costs are rounded to whole numbers, the dearest turn to this one.
_DEAREST = 1e8


def _whole_costs(problem: Problem) -> tuple[IntArray, int]:
    """Costs (n, t) and the penalty as whole numbers."""
    cost = costs(problem)
    scale = _DEAREST / (float(cost.max()) or 1.0)
    return np.rint(cost * scale).astype(np.int64), int(penalty(problem) * scale)


def all_arcs(problem: Problem, watch: Stopwatch) -> Answer:
    """Solve as a flow with an arc for each client and round."""
    n, t = problem.clients, problem.rounds
    cost, missing = _whole_costs(problem)
    clients, rounds, spare = np.arange(n), n + np.arange(t), n + t
    least, most = problem.at_least, np.minimum(problem.at_most, t)
    # client -> round, spare -> client (turns beyond the floor), client -> spare (turns that are
    # missing), spare -> round (empty seats)
    tails = [np.repeat(clients, t), np.full(n, spare), clients, np.full(t, spare)]
    heads = [np.tile(rounds, n), clients, np.full(n, spare), rounds]
    room = [able(problem).reshape(-1), np.maximum(0, most - least), least, problem.cohort_size]
    prices = [cost.reshape(-1), np.zeros(n), np.full(n, missing), np.full(t, missing)]
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
    watch.built()
    status = network.solve()
    if status != network.OPTIMAL:
        raise RuntimeError(f"OR-tools ended with status {status}")
    taken = network.flows(arcs[: n * t]).reshape(n, t)
    watch.stop()
    return answer(problem, taken, OPTIMAL)


def cp_sat(problem: Problem, watch: Stopwatch) -> Answer:
    """Solve with a Boolean for each client and round, as CP-SAT's own examples would."""
    n, t = problem.clients, problem.rounds
    cost, missing = _whole_costs(problem)
    model = cp_model.CpModel()
    there = able(problem)
    x = [[model.new_int_var(0, int(there[i, j]), "") for j in range(t)] for i in range(n)]
    owed = [model.new_int_var(0, int(problem.at_least[i]), "") for i in range(n)]
    empty = [model.new_int_var(0, int(problem.cohort_size[j]), "") for j in range(t)]
    for j in range(t):
        seated = sum(x[i][j] for i in range(n))
        model.add(seated + empty[j] == int(problem.cohort_size[j]))
    for i in range(n):
        turns = sum(x[i])
        model.add(turns + owed[i] >= int(problem.at_least[i]))
        model.add(turns <= int(problem.at_most[i]))
    each = [x[i][j] for i in range(n) for j in range(t)]
    model.minimize(
        cp_model.LinearExpr.weighted_sum(
            [*each, *owed, *empty], [*cost.reshape(-1).tolist(), *[missing] * (n + t)]
        )
    )
    watch.built()
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = watch.left_s
    # Its defaults on two cores leave out the workers that solve the relaxation, without which it
    # takes minutes for what these settings find in a second.
    solver.parameters.num_workers = 1
    solver.parameters.linearization_level = 2
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return none(LATE if status == cp_model.UNKNOWN else solver.status_name(status))
    taken = np.array([solver.value(one) for one in each]).reshape(n, t)
    watch.stop()
    return answer(problem, taken, OPTIMAL if status == cp_model.OPTIMAL else LATE)
