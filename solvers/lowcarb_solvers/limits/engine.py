"""Asking a solver for a program by rows, in a child process and under a hard deadline."""

import logging
from dataclasses import dataclass, replace
from time import monotonic
from typing import cast

import numpy as np

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray
from lowcarb_solvers.count_program import LEAST_UNIT
from lowcarb_solvers.limits.row_job import RowAnswer, RowJob
from lowcarb_solvers.limits.row_program import RowProgram

logger = logging.getLogger(__name__)

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
        self,
        program: RowProgram,
        *,
        relax: bool,
        start: FloatArray | None = None,
        nodes: int | None = None,
    ) -> RowAnswer:
        """Ask for an answer; where there is none, `said` says why. CBC stops after `nodes`."""
        if len(program.cost) > max(0.0, self.left) * _COLUMNS_PER_SECOND:
            return RowAnswer(late=True, said="the time was over before the model could be written")
        job = RowJob(
            program=program,
            unit=unit_of(program.cost),
            relax=relax,
            start=start if self.solver is None else None,
            gap=self.gap,
            nodes=nodes,
            solver=self.solver,
            path=self.path,
        )
        try:
            answer = child.run("lowcarb_solvers.limits.pulp_rows.solve", job, self.left)
        except child.DeadlineError:
            return RowAnswer(late=True, said=self._late)
        except child.ChildError as error:
            return RowAnswer(said=f"{self.name} failed: {error}")
        found = cast(RowAnswer, answer)
        logger.debug("%s: %s", self.shown, found.said)
        return replace(found, said=self._in_words(found))

    @property
    def _late(self) -> str:
        return f"{self.shown} had no answer in time"

    def _in_words(self, found: RowAnswer) -> str:
        """Say what an answer lacks: a solver's own words are for logs."""
        if found.finished or found.infeasible:
            return ""
        if found.x is None:
            return self._late if found.late else f"{self.shown} reported no result"
        why = "the time was over" if found.late else f"{self.shown} stopped"
        return f"{why} before it was known whether a better plan exists"


def unit_of(cost: FloatArray) -> float:
    """What costs are divided by before a solver gets them."""
    used = np.abs(cost[cost != 0])
    return max(float(np.median(used)) / _MEDIAN_COST, LEAST_UNIT) if used.size else 1.0
