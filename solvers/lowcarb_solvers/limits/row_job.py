"""What travels to the child process that solves a program by rows, and what comes back."""

from dataclasses import dataclass

from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.limits.row_program import RowProgram


@dataclass(frozen=True, kw_only=True, eq=False)
class RowJob:
    """A program and how to solve it.

    Parameters
    ----------
    program
        What to solve.
    unit
        What costs are divided by before they are written.
    relax
        Whether to solve the linear relaxation.
    start
        Shape (c,): columns to start branch and cut from; None without any.
    gap
        Relative gap at which branch and cut may stop.
    nodes
        Nodes after which CBC stops; None for no such limit. Other solvers know of none.
    solver
        A name that PuLP knows, for example "HiGHS"; None for CBC.
    path
        The CBC program; None for the one that comes with PuLP, or else the one on PATH.
    """

    program: RowProgram
    unit: float
    relax: bool
    start: FloatArray | None
    gap: float
    nodes: int | None
    solver: str | None
    path: str | None


@dataclass(frozen=True, kw_only=True, eq=False)
class RowAnswer:
    """What a solver said.

    Parameters
    ----------
    x
        Shape (c,): the columns, not yet verified; None if it found none.
    duals
        Shape (r,): of the rows, in the unit of the costs; zeros where the solver gives none.
    finished
        Whether it claims to have finished (an optimum, or a gap that was allowed).
    infeasible
        Whether it claims that there is no answer.
    late
        Whether it ended because the time was over.
    bound
        The bound that it claims, in the unit of the costs; None where it says none.
    said
        How it ended, in its words; from `Engine.solve` in words for people, and empty where it
        finished or claims that there is no answer.
    """

    x: FloatArray | None = None
    duals: FloatArray | None = None
    finished: bool = False
    infeasible: bool = False
    late: bool = False
    bound: float | None = None
    said: str = ""
