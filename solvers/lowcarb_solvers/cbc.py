"""CBC through PuLP, on class counts, under a hard time limit."""

from dataclasses import dataclass
from pathlib import Path
from time import perf_counter
from typing import cast

import numpy as np

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.solution import Solution, Status

# CBC's tolerances are absolute and made for numbers of about this size.
_MEDIAN_COST = 100.0
# Columns that PuLP builds and writes in a second, at best. A model that cannot even be written in
# time is not begun, which also bounds the memory.
_COLUMNS_PER_SECOND = 100_000
# An objective is proven by CBC if its bound is as close as this, relatively.
_PROVEN = 1e-9


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


@dataclass(frozen=True, kw_only=True)
class Cbc:
    """Solve on class counts with CBC.

    Parameters
    ----------
    time_limit
        Seconds for building, writing, CBC and reading together. Everything runs in a child process
        group that is killed when they are over.
    gap
        Relative gap at which branch and cut may stop.
    relax
        Solve the linear relaxation, whose vertices are integral as long as the constraints form a
        network, which all constraints of `Problem` do. It takes about half the time. Without it
        the counts are declared integer, and branch and cut starts from the `start` answer: that
        can return an incumbent with a gap when the time is over.
    path
        The CBC program; None for the one that comes with PuLP, or else the one on PATH.
    """

    time_limit: float = 10.0
    gap: float = 0.0
    relax: bool = True
    path: str | None = None

    @property
    def name(self) -> str:
        """Short name of the solver."""
        return "cbc"

    def __call__(self, problem: Problem, start: Solution | None = None) -> Solution:
        """Solve the problem, beginning from `start` if branch and cut is asked for."""
        began = perf_counter()
        classes = problem.classes
        columns = len(classes) * problem.rounds
        if columns > self.time_limit * _COLUMNS_PER_SECOND:
            return Solution(
                status=Status.UNKNOWN,
                solver=self.name,
                classes=classes,
                notes=(
                    f"a model of {columns:,} counts cannot be written in {self.time_limit:g} s",
                ),
            )
        scale, model = self._model(classes, start)
        try:
            answer = cast(
                Answer,
                child.run(
                    "lowcarb_solvers.cbc_model.solve",
                    model,
                    self.time_limit - (perf_counter() - began),
                ),
            )
        except child.DeadlineError:
            note = f"CBC had no answer within the time limit of {self.time_limit:g} s"
            return self._without_answer(Status.UNKNOWN, classes, began, note)
        except child.ChildError as error:
            return self._without_answer(Status.UNKNOWN, classes, began, f"CBC failed: {error}")
        if answer.counts is None:
            status = Status.INFEASIBLE if answer.infeasible else Status.UNKNOWN
            return self._without_answer(status, classes, began, f"CBC: {answer.said}")
        objective = classes.total_cost(answer.counts)
        bound = None
        if answer.bound is not None:
            bound = (answer.bound - (model.penalty or 0) * classes.missing(answer.counts)) / scale
            # A bound above a verified objective is no bound; rounding explains a hair's breadth.
            bound = min(bound, objective) if bound <= objective * (1 + _PROVEN) else None
        proven = answer.finished and bound is not None and objective - bound <= _PROVEN * objective
        return Solution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            solver=self.name,
            classes=classes,
            counts=answer.counts,
            seconds=perf_counter() - began,
            bound=bound,
            notes=() if answer.finished else (f"CBC: {answer.said}",),
        )

    def _model(self, classes: Classes, start: Solution | None) -> tuple[float, Model]:
        problem = classes.problem
        cost = classes.cost()
        median = float(np.median(cost[cost > 0])) if (cost > 0).any() else 1.0
        scale = _MEDIAN_COST / median
        cost *= scale
        return scale, Model(
            cost=cost,
            capacity=np.ascontiguousarray(classes.capacity()),
            floor=classes.floor,
            ceiling=classes.ceiling,
            seats=problem.cohort_size,
            penalty=classes.penalty * scale if problem.elastic else None,
            integer=not self.relax,
            start=None if start is None else start.counts,
            gap=self.gap,
            path=None if self.path is None else str(Path(self.path).absolute()),
        )

    def _without_answer(
        self, status: Status, classes: Classes, began: float, note: str
    ) -> Solution:
        return Solution(
            status=status,
            solver=self.name,
            classes=classes,
            seconds=perf_counter() - began,
            notes=(note,),
        )
