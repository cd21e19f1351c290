"""Asking a solver for a program by rows, in a child process and under a hard deadline."""

from dataclasses import dataclass, replace
from time import monotonic
from typing import cast

import numpy as np

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.count_program import LEAST_UNIT
from lowcarb_solvers.limits.row_job import RowAnswer, RowJob
from lowcarb_solvers.limits.row_program import RowProgram

# Solvers' tolerances are absolute and made for costs of about this size.
_MEDIAN_COST = 1e4
# Columns that PuLP builds and writes in a second, at best.
_COLUMNS_PER_SECOND = 100_000


@dataclass(frozen=True, kw_only=True)
class Engine:
    """Who solves, through PuLP, and until when.

    Parameters
    ----------
    deadline
        As `monotonic` counts it.
    gap
        Relative gap at which branch and cut may stop.
    solver
        A name that PuLP knows; None for CBC.
    path
        The CBC program; None for PuLP's own, or else the one on PATH.
    """

    deadline: float
    gap: float = 0.0
    solver: str | None = None
    path: str | None = None

    @property
    def name(self) -> str:
        """Short name of the solver."""
        return "cbc" if self.solver is None else self.solver

    @property
    def shown(self) -> str:
        """Name of the solver as people know it."""
        return "CBC" if self.solver is None else self.solver

    @property
    def left(self) -> float:
        """Seconds left."""
        return self.deadline - monotonic()

    def sooner(self, share: float) -> "Engine":
        """Return the engine with a share of the time left."""
        return replace(self, deadline=monotonic() + share * max(0.0, self.left))

    def solve(
        self, program: RowProgram, *, relax: bool, start: FloatArray | None = None
    ) -> RowAnswer:
        """Ask for an answer; where there is none, `said` says why."""
        if len(program.cost) > max(0.0, self.left) * _COLUMNS_PER_SECOND:
            return RowAnswer(said="no time was left to write the model")
        job = RowJob(
            program=program,
            unit=unit_of(program.cost),
            relax=relax,
            start=start if self.solver is None else None,
            gap=self.gap,
            solver=self.solver,
            path=self.path,
        )
        try:
            answer = child.run("lowcarb_solvers.limits.pulp_rows.solve", job, self.left)
        except child.DeadlineError:
            return RowAnswer(said=f"{self.name} had no answer in time")
        except child.ChildError as error:
            return RowAnswer(said=f"{self.name} failed: {error}")
        found = cast(RowAnswer, answer)
        return replace(found, said=f"{self.shown}: {found.said}") if found.said else found


def unit_of(cost: FloatArray) -> float:
    """What costs are divided by before a solver gets them."""
    used = np.abs(cost[cost != 0])
    return max(float(np.median(used)) / _MEDIAN_COST, LEAST_UNIT) if used.size else 1.0
