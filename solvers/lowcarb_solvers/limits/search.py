"""Solving a program by rows in stages of size: the relaxation, then what it leaves open.

Small programs go to branch and cut as they are. Of larger ones the relaxation is solved first, with
only those rests that it breaks; its duals prove a bound, whoever found them. Then branch and cut
decides near the relaxation's values, on more and more columns while time is left.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic
from typing import cast

import numpy as np

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.count_program import LEAST_UNIT
from lowcarb_solvers.limits.row_job import RowAnswer, RowJob
from lowcarb_solvers.limits.row_program import RowProgram

# Up to so many columns branch and cut gets all of them.
_MOST_DIRECT = 4_000
# So many columns are open at first, and how many times more in each further try.
_FIRST_OPEN, _WIDER = 3_000, 3
# How far counts may be from the relaxation's at first.
_BOX = 3.0
# Share of the time left that one try may take, unless it is the last one.
_SHARE = 0.5
# Solvers' tolerances are absolute and made for costs of about this size.
_MEDIAN_COST = 1e4
# Off by less, a value of the relaxation is whole and a row is kept.
_TINY = 1e-6
# Share of its bound from which on a row that was left out seems to matter.
_NEARLY = 0.5
# Columns that PuLP builds and writes in a second, at best.
_COLUMNS_PER_SECOND = 100_000
PROVEN = 1e-9
"""An objective is proven if a bound is as close as this, relatively."""


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
            unit=_unit(program.cost),
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
        return cast(RowAnswer, answer)


def _unit(cost: FloatArray) -> float:
    used = np.abs(cost[cost != 0])
    return max(float(np.median(used)) / _MEDIAN_COST, LEAST_UNIT) if used.size else 1.0


@dataclass(frozen=True, kw_only=True, eq=False)
class Found:
    """What a search found.

    Parameters
    ----------
    x
        Shape (c,): the best columns that passed the check; None without any.
    bound
        No answer costs less; -inf where unknown.
    infeasible
        Whether the solver claims that there is no answer.
    relaxed
        Shape (c,): reduced costs in the relaxation; None where that was not solved.
    said
        What stood in the way; empty if nothing did.
    """

    x: FloatArray | None = None
    bound: float = -np.inf
    infeasible: bool = False
    relaxed: FloatArray | None = None
    said: str = ""


def search(
    program: RowProgram,
    groups: IntArray,
    engine: Engine,
    *,
    start: FloatArray | None,
    passes: Callable[[FloatArray], bool],
) -> Found:
    """Find the cheapest columns that pass the check, and a bound.

    Parameters
    ----------
    program
        What to solve.
    groups
        Shape (r,): groups of rows that the relaxation may leave out until one of them is nearly
        broken; -1 for rows that it may not.
    engine
        Who solves, and until when.
    start
        Shape (c,): columns that are known to be good; None without any.
    passes
        The check of an answer.
    """
    everything = program.lower, program.upper
    if np.count_nonzero(program.upper > program.lower) <= _MOST_DIRECT:
        return _decide(program, *everything, engine, start, passes)
    relaxed = _relax(program, groups, engine)
    if relaxed.answer.x is None:
        said = relaxed.answer.said
        return Found(x=start, infeasible=relaxed.answer.infeasible, said=said)
    best = Found(x=start, bound=relaxed.bound, relaxed=relaxed.reduced)
    most, box = _FIRST_OPEN, _BOX
    total = int(np.count_nonzero(program.integer & (program.upper > program.lower)))
    while True:
        last = most >= total
        lower, upper = relaxed.near(program, most, box, best.x)
        now = engine if last else engine.sooner(_SHARE)
        found = _decide(program, lower, upper, now, best.x, passes)
        if found.x is not None:
            best = replace(best, x=found.x, said="")
        elif best.x is None:
            best = replace(best, said=found.said)
        if last or engine.left <= 0 or _is_near(program, best, engine.gap):
            return best
        most, box = most * _WIDER, box * _WIDER


def _is_near(program: RowProgram, best: Found, gap: float) -> bool:
    if best.x is None:
        return False
    cost = float(program.cost @ best.x)
    return cost - best.bound <= max(gap, PROVEN) * abs(cost) + _TINY * _unit(program.cost)


def _decide(
    program: RowProgram,
    lower: FloatArray,
    upper: FloatArray,
    engine: Engine,
    start: FloatArray | None,
    passes: Callable[[FloatArray], bool],
) -> Found:
    """Branch and cut between bounds of the columns."""
    open_, left = program.restricted(lower, upper)
    fixed = np.where(lower == upper, lower, 0.0)
    settled = float(program.cost @ fixed)

    def whole(x: FloatArray) -> FloatArray:
        complete = fixed.copy()
        complete[left] = np.where(open_.integer, np.rint(x), x)
        return complete

    lengths = np.diff(open_.begin)
    hopeless = (lengths == 0) & ((open_.low > _TINY) | (open_.high < -_TINY))
    if hopeless.any():
        return Found(x=start, infeasible=True, said="some rows cannot be kept")
    if not len(left):
        x = whole(np.zeros(0))
        return Found(x=x, bound=settled) if passes(x) else Found(x=start, said="nothing is open")
    begin = None
    if start is not None and ((start >= lower - _TINY) & (start <= upper + _TINY)).all():
        begin = np.clip(start[left], open_.lower, open_.upper)
    answer = engine.solve(open_, relax=False, start=begin)
    if answer.x is None:
        return Found(x=start, infeasible=answer.infeasible, said=answer.said)
    x = whole(answer.x)
    bound = -np.inf if answer.bound is None else answer.bound + settled
    if not passes(x):
        return Found(x=start, said=f"the answer of {engine.name} was thrown away: it breaks a row")
    if start is not None and program.cost @ start < program.cost @ x:
        x = start
    return Found(x=x, bound=bound, said="" if answer.finished else answer.said)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Relaxed:
    """The relaxation's answer, with reduced costs (c,) and the bound that its duals prove."""

    answer: RowAnswer
    reduced: FloatArray
    bound: float

    def near(
        self, program: RowProgram, most: int, box: float, start: FloatArray | None
    ) -> tuple[FloatArray, FloatArray]:
        """Bounds around the relaxation's values, open for so many whole columns, and for a start.

        Those stay fixed that the relaxation holds at a bound and that are dearest to move.
        """
        assert self.answer.x is not None  # noqa: S101 - asked for only with an answer
        x = np.clip(self.answer.x, program.lower, program.upper)
        box_of = np.where(program.integer, box, np.inf)
        lower = np.maximum(program.lower, np.floor(x + _TINY) - box_of)
        upper = np.minimum(program.upper, np.ceil(x - _TINY) + box_of)
        whole = np.flatnonzero(program.integer & (program.upper > program.lower))
        between = np.abs(x - np.rint(x)) > _TINY
        effort = np.where(between, -1.0, np.abs(self.reduced))[whole]
        order = np.argsort(effort, kind="stable")
        shut = whole[order[most:]]
        lower[shut] = upper[shut] = np.rint(x[shut])
        if start is not None:
            lower, upper = np.minimum(lower, start), np.maximum(upper, start)
        return lower, upper


def _relax(program: RowProgram, groups: IntArray, engine: Engine) -> _Relaxed:
    """Solve the relaxation, once without the groups and once with those that seem to matter.

    That can leave some rows broken. The bound holds all the same, and misses little.
    """
    used = groups < 0
    best: _Relaxed | None = None
    while True:
        part = _rows_of(program, np.flatnonzero(used))
        # The second time must leave time to decide.
        answer = (engine if best is None else engine.sooner(_SHARE)).solve(part, relax=True)
        if answer.x is None or answer.duals is None:
            nothing = _Relaxed(answer=replace(answer, x=None), reduced=program.cost, bound=-np.inf)
            return best or nothing
        reduced, bound = part.reduced_costs(answer.duals), part.bound(answer.duals)
        again = best is not None
        best = _Relaxed(answer=answer, reduced=reduced, bound=bound)
        activity = program.activity(answer.x)
        if again or not (activity[~used] > program.high[~used] + _TINY).any():
            return best
        near = ~used & (activity > _NEARLY * program.high)
        used |= np.isin(groups, np.unique(groups[near]))


def _rows_of(program: RowProgram, which: IntArray) -> RowProgram:
    """The program with some of its rows."""
    lengths = np.diff(program.begin)
    kept = np.zeros(len(lengths), dtype=np.bool_)
    kept[which] = True
    entry = np.repeat(kept, lengths)
    return replace(
        program,
        begin=np.concatenate([[0], np.cumsum(lengths[which])]),
        column=program.column[entry],
        value=program.value[entry],
        low=program.low[which],
        high=program.high[which],
    )
