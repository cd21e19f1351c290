"""The program on class counts as plain arrays: what solvers of such programs are handed."""

from dataclasses import dataclass

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.slack_seats import SlackSeats

LEAST_UNIT = float(np.finfo(np.float64).smallest_subnormal)
"""No unit of cost may be smaller: one of zero would make every cost infinite."""


@dataclass(frozen=True, kw_only=True, eq=False)
class CountProgram:
    """How many members of each class work in each round, as cheaply as can be.

    Parameters
    ----------
    cost, capacity
        Shape (k, t): cost of a turn, and the most that a count may be.
    floor, ceiling
        Shape (k,): bounds of the turns of each class.
    assured
        Shape (k,), at most `floor`: a turn that is missing here costs the penalty twice.
    seats, slack
        Turns of each round (t,), and how many of them are empty by choice.
    penalty
        Cost of a missing turn or seat, and of a seat more that is empty where cohorts breathe; None
        if none may be missing.
    """

    cost: FloatArray
    capacity: IntArray
    floor: IntArray
    assured: IntArray
    ceiling: IntArray
    seats: IntArray
    slack: SlackSeats
    penalty: float | None
