"""What travels to CBC's child process, and what comes back."""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.count_program import LEAST_UNIT, CountProgram

# CBC's tolerances are absolute and made for numbers of about this size.
_MEDIAN_COST = 1e4
# No cost is written larger than this, however small the median is: beyond it the small costs are
# rounding errors of the large ones, and larger still lies what CBC takes for infinite.
_MOST_COST = 1e20
_SUBNORMAL, _LIFT = 1e-290, 2.0**64


@dataclass(frozen=True, kw_only=True, eq=False)
class Model:
    """A program and how to solve it; what travels to the child process.

    Parameters
    ----------
    program
        Its costs are scaled.
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

    program: CountProgram
    unit: float
    integer: bool
    start: IntArray | None
    gap: float
    path: str | None

    @classmethod
    def scaled(
        cls,
        program: CountProgram,
        *,
        integer: bool,
        start: IntArray | None,
        gap: float,
        path: str | None,
    ) -> "Model":
        """Divide costs and penalty by a unit that CBC can work with."""
        cost, penalty = program.cost, program.penalty
        used = cost[(cost > 0) & (program.capacity > 0)]
        dearest = max(float(cost.max(initial=0.0)), penalty or 0.0)
        # Dividing by a unit instead of multiplying with its inverse: that of 1e-320 is infinite.
        unit = max(
            float(np.median(used)) / _MEDIAN_COST if used.size else 1.0,
            dearest / _MOST_COST,
            LEAST_UNIT,
        )
        # By a power of two, so exactly: numpy 1.26 warns of an overflow in quotients by subnormals.
        lift = _LIFT if unit < _SUBNORMAL else 1.0
        return cls(
            program=replace(
                program,
                cost=(cost * lift) / (unit * lift),
                penalty=None if penalty is None else penalty / unit,
            ),
            unit=unit,
            integer=integer,
            start=start,
            gap=gap,
            path=path,
        )


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
