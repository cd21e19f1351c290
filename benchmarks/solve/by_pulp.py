"""The same program as a tutorial would write it for PuLP, by CBC or, relaxed, by its CLP."""

import numpy as np
import pulp

from benchmarks.solve.program import LATE, OPTIMAL, Answer, able, answer, costs, none, penalty
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers import Problem
from lowcarb_solvers.cbc_model import cbc_path


def naive(problem: Problem, watch: Stopwatch, *, whole: bool) -> Answer:
    """Solve with a variable for each client and round, binary if `whole`."""
    n, t = problem.clients, problem.rounds
    cost, there, missing = costs(problem), able(problem), penalty(problem)
    kind = pulp.LpInteger if whole else pulp.LpContinuous
    model = pulp.LpProblem("naive", pulp.LpMinimize)
    x = [
        [model.add_variable(f"x_{i}_{j}", 0, int(there[i, j]), kind) for j in range(t)]
        for i in range(n)
    ]
    owed = [model.add_variable(f"owed_{i}", 0, int(problem.at_least[i])) for i in range(n)]
    empty = [model.add_variable(f"empty_{j}", 0, int(problem.cohort_size[j])) for j in range(t)]
    turns = pulp.lpSum(cost[i, j] * x[i][j] for i in range(n) for j in range(t))
    model += turns + missing * pulp.lpSum([*owed, *empty])
    for j in range(t):
        seated = pulp.lpSum(x[i][j] for i in range(n))
        model += seated + empty[j] == int(problem.cohort_size[j])
    for i in range(n):
        model += pulp.lpSum(x[i]) + owed[i] >= int(problem.at_least[i])
        model += pulp.lpSum(x[i]) <= int(problem.at_most[i])
    watch.built()
    model.solve(pulp.COIN_CMD(path=cbc_path(None), msg=False, mip=whole, timeLimit=watch.left_s))
    found = (model.status, model.sol_status)
    if found not in ((1, 1), (1, 2)):
        return none(LATE if watch.left_s < 1 else pulp.LpStatus[model.status])
    taken = np.array([[x[i][j].varValue for j in range(t)] for i in range(n)])
    watch.stop()
    return answer(problem, taken, OPTIMAL if found == (1, 1) else LATE)
