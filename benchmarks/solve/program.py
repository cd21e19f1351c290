"""The program that all methods solve, in plain arrays, and what they answer.

This file imports no solver: OR-tools and some releases of highspy, which PuLP imports, cannot be
imported into one process, so each method's solver is imported where it is used.
"""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray

OPTIMAL = "optimal"
LATE = "time limit"


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a method found.

    Parameters
    ----------
    cost
        Of the turns, without penalties; None without an answer.
    missing
        Turns and seats that are missing; None without an answer.
    status
        `OPTIMAL` if the method claims to have proven that, else what it says of itself.
    expected
        For a problem that no other method solves: the cost that another way to solve it gives.
    """

    cost: float | None
    missing: int | None
    status: str
    expected: float | None = None


def costs(problem: Problem) -> FloatArray:
    """One cost for each client and round, shape (n, t)."""
    return problem.weight[:, None] * problem.cost_level[problem.level_of]


def able(problem: Problem) -> IntArray:
    """How often each client can work in each round, 0 or 1, shape (n, t)."""
    if problem.available is None:
        return np.ones((problem.clients, problem.rounds), dtype=np.int64)
    return problem.available.astype(np.int64)


def penalty(problem: Problem) -> float:
    """What a missing turn or seat costs: more than any chain of exchanges can save."""
    dearest = float(problem.weight.max() * problem.cost_level.max())
    return (2 * problem.rounds + 4) * (dearest or 1.0)


def answer(problem: Problem, taken: FloatArray | IntArray | BoolArray, status: str) -> Answer:
    """Count what turns (n, t) cost and what is missing; turns of relaxations may be fractions."""
    seats = np.maximum(0, problem.cohort_size - taken.sum(axis=0)).sum()
    turns = np.maximum(0, problem.at_least - taken.sum(axis=1)).sum()
    return Answer(
        cost=float((taken * costs(problem)).sum()), missing=round(seats + turns), status=status
    )


def none(status: str) -> Answer:
    """Say why there is no answer."""
    return Answer(cost=None, missing=None, status=status)
