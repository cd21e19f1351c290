"""What travels to CBC's child process, and what comes back."""

from dataclasses import dataclass

from lowcarb_solvers.arrays import FloatArray, IntArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A program on class counts, costs scaled; what travels to the child process.

    Parameters
    ----------
    cost, capacity
        Shape (k, t).
    floor, ceiling
        Shape (k,).
    seats
        Shape (t,).
    penalty
        Cost of a missing turn or seat; None if none may be missing.
    unit
        What costs and penalty were divided by.
    integer
        Whether to branch and cut; otherwise the linear relaxation is solved.
    start
        Shape (k, t): counts to start branch and cut from.
    gap
        Relative gap at which branch and cut may stop.
    path
        The CBC program; None for the one that comes with PuLP, or else the one on PATH.
    """

    cost: FloatArray
    capacity: IntArray
    floor: IntArray
    ceiling: IntArray
    seats: IntArray
    penalty: float | None
    unit: float
    integer: bool
    start: IntArray | None
    gap: float
    path: str | None


@dataclass(frozen=True, kw_only=True, eq=False)
class Answer:
    """What CBC said.

    Parameters
    ----------
    counts
        Shape (k, t), rounded to integers and not yet verified; None if CBC found none.
    finished
        Whether CBC claims to have finished (an optimum, or a gap that was allowed).
    infeasible
        Whether CBC proved that there is no answer.
    bound
        The bound in CBC's log, in scaled cost; None where it says none.
    said
        CBC's first result line.
    """

    counts: IntArray | None
    finished: bool
    infeasible: bool
    bound: float | None
    said: str
