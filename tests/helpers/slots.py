"""Small problems of slots, and their optimum by enumeration and by HiGHS."""

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import coo_matrix, hstack, identity, kron

from benchmarks.instances import small
from benchmarks.solve.program import able, costs
from lowcarb_solvers import SlotProblem, Spacing, solve
from lowcarb_solvers.arrays import IntArray
from tests.helpers.breathing import cheapest


def some_slots(seed: int, *, elastic: bool, ranges: bool = False) -> SlotProblem:
    """Make a small problem of slots: long rounds, pauses, cohorts that breathe.

    With `ranges` cohorts and the number of rounds may be of another size.
    """
    rng = np.random.default_rng([seed, 2])
    problem = small(seed, elastic=elastic, most_clients=4, most_rounds=6)
    t = problem.rounds
    most, total = int(rng.integers(1, min(t, 3) + 1)), None
    owed = np.minimum(problem.at_least, rng.integers(0, most + 1, problem.clients))
    problem = replace(problem, at_least=owed, at_most=np.maximum(owed, problem.at_most))
    rounds: int | tuple[int, int] = most
    if ranges or rng.random() < 0.3:
        size = np.full(t, int(problem.cohort_size.max()))
        problem = replace(
            problem,
            cohort_size=size,
            cohort_least=np.maximum(0, size - 1),
            cohort_most=size + 1,
        )
        if rng.random() < 0.5:
            total = most * int(size[0]) + int(rng.integers(0, most + 1))
        if ranges:
            rounds = (int(rng.integers(1, most + 1)), most)
    each = np.arange(t)
    after = each + (rng.integers(1, 3, t) if rng.random() < 0.5 else 1)
    pause = int(rng.integers(1, t + 1)) if rng.random() < 0.4 else None
    spacing = Spacing(
        after=np.minimum(after, t),
        until=None if pause is None else each + pause,
        firsts=pause,
    )
    return SlotProblem(
        problem=problem,
        rounds=rounds,
        spacing=spacing if rng.random() < 0.8 else None,
        cohort_total=total,
    )


def all_sets(problem: SlotProblem) -> Iterator[IntArray]:
    """Every set of slots that keeps its distances."""
    least, most = problem.bounds
    for number in range(least, min(most, problem.problem.rounds) + 1):
        for chosen in combinations(range(problem.problem.rounds), number):
            slots = np.array(chosen)
            if not problem.violations(slots):
                yield slots


def cheapest_slots(problem: SlotProblem) -> tuple[int, float] | None:
    """Fewest missing turns and seats, and the least cost with them, by enumeration.

    Where some are missing, `solve` says for each set how they are shared.
    """
    found = []
    for slots in all_sets(problem):
        held = problem.held_in(slots)
        best = None if held is None else cheapest(held, most_short=None)
        if held is not None and best is not None and best[0]:
            shared = solve(held)
            assert shared.objective is not None
            best = (shared.classes.missing(shared.seated), shared.objective)
        if best is not None:
            found.append(best)
    return min(found) if found else None


def slots_by_highs(problem: SlotProblem) -> float:
    """Least cost by one program of HiGHS, for cohorts of fixed sizes and rounds of equal length."""
    whole = problem.problem
    n, t = whole.clients, whole.rounds
    length = int(problem.spaced.after[0])
    # Turns client by client, then whether a slot holds a round.
    in_slot = kron(np.ones((1, n)), identity(t))
    of_client = kron(identity(n), np.ones((1, t)))
    each = coo_matrix(kron(np.ones((n, 1)), identity(t)))
    windows = np.array([[j <= s < j + length for s in range(t)] for j in range(t)], dtype=float)
    found = milp(
        np.append(costs(whole).reshape(-1), np.zeros(t)),
        constraints=[
            LinearConstraint(
                hstack([in_slot, -identity(t).multiply(whole.cohort_size)]).tocsr(), 0, 0
            ),
            LinearConstraint(
                hstack([of_client, coo_matrix((n, t))]).tocsr(), whole.at_least, whole.at_most
            ),
            LinearConstraint(hstack([identity(n * t), -each]).tocsr(), -np.inf, 0),
            LinearConstraint(hstack([coo_matrix((t, n * t)), windows]).tocsr(), 0, 1),
            LinearConstraint(np.append(np.zeros(n * t), np.ones(t))[None, :], *problem.bounds),
        ],
        bounds=(
            np.zeros((n + 1) * t),
            np.append(able(whole).reshape(-1), np.ones(t)).astype(float),
        ),
        integrality=np.ones((n + 1) * t),
        options={"mip_rel_gap": 0.0},
    )
    assert found.status == 0
    return float(found.fun)
