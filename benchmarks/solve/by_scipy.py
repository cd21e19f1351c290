"""The same program by HiGHS on sparse arrays: as an integer program, and relaxed."""

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import csr_matrix, hstack, identity, kron, vstack

from benchmarks.solve.program import LATE, OPTIMAL, Answer, able, answer, costs, none, penalty
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import FloatArray

_DONE, _LATE = 0, 1


def _columns(problem: Problem) -> tuple[FloatArray, FloatArray]:
    """Costs and upper bounds: turns (n t), missing turns (n), empty seats (t)."""
    n, t = problem.clients, problem.rounds
    cost = np.concatenate([costs(problem).reshape(-1), np.full(n + t, penalty(problem))])
    room = [able(problem).reshape(-1), problem.at_least, problem.cohort_size]
    return cost, np.concatenate(room).astype(float)


def _rows(problem: Problem) -> tuple[csr_matrix, csr_matrix, csr_matrix]:
    """Left sides of the rows of rounds (t), of floors (n) and of caps (n)."""
    n, t = problem.clients, problem.rounds
    in_round = kron(np.ones((1, n)), identity(t), format="csr")
    of_client = kron(identity(n), np.ones((1, t)), format="csr")
    seats = hstack([in_round, csr_matrix((t, n)), identity(t)], format="csr")
    floors = hstack([of_client, identity(n), csr_matrix((n, t))], format="csr")
    caps = hstack([of_client, csr_matrix((n, n + t))], format="csr")
    return seats, floors, caps


def integers(problem: Problem, watch: Stopwatch) -> Answer:
    """Solve by `scipy.optimize.milp`, to a gap of zero."""
    cost, upper = _columns(problem)
    lower = np.concatenate([problem.cohort_size, problem.at_least, np.zeros(problem.clients)])
    most = [problem.cohort_size, np.full(problem.clients, np.inf), problem.at_most]
    limits = LinearConstraint(vstack(_rows(problem), format="csr"), lower, np.concatenate(most))
    watch.built()
    found = milp(
        cost,
        constraints=limits,
        bounds=(np.zeros(len(cost)), upper),
        integrality=np.ones(len(cost)),
        options={"mip_rel_gap": 0.0, "time_limit": watch.left_s},
    )
    return _said(problem, watch, found.x, found.status, found.message)


def relaxed(problem: Problem, watch: Stopwatch) -> Answer:
    """Solve the relaxation by `scipy.optimize.linprog`."""
    cost, upper = _columns(problem)
    seats, floors, caps = _rows(problem)
    below = vstack([-floors, caps], format="csr")
    watch.built()
    found = linprog(
        cost,
        A_ub=below,
        b_ub=np.concatenate([-problem.at_least, problem.at_most]),
        A_eq=seats,
        b_eq=problem.cohort_size,
        bounds=np.column_stack([np.zeros(len(cost)), upper]),
        method="highs",
        options={"time_limit": watch.left_s},
    )
    return _said(problem, watch, found.x, found.status, found.message)


def _said(
    problem: Problem, watch: Stopwatch, found: FloatArray | None, status: int, message: str
) -> Answer:
    watch.stop()
    if status not in (_DONE, _LATE):
        raise RuntimeError(f"HiGHS: {message}")
    if found is None:
        return none(LATE)
    taken = found[: problem.clients * problem.rounds].reshape(problem.clients, problem.rounds)
    return answer(problem, taken, OPTIMAL if status == _DONE else LATE)
