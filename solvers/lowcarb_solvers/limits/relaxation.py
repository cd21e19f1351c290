"""The relaxation of a program by rows: values, duals, and the bound that they prove."""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.engine import Engine
from lowcarb_solvers.limits.row_job import RowAnswer
from lowcarb_solvers.limits.row_program import RowProgram

# Off by less, a value of the relaxation is whole and a row is kept.
_TINY = 1e-6
# Share of the time left in which the relaxation is solved again, and columns that it then has.
_RELAXING, _MOST_RELAXED = 0.7, 12_000
# How many times more columns, where so few cannot keep all rows.
_WIDER = 2
# Bounds that rise by less, relatively, need no further relaxation.
_LITTLE = 5e-5
# Share of its bound from which on a row that was left out seems to matter.
_NEARLY = 0.25


@dataclass(frozen=True, kw_only=True, eq=False)
class Relaxed:
    """The relaxation's answer, with the duals of all rows, reduced costs and the proven bound."""

    answer: RowAnswer
    duals: FloatArray
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


def relax(program: RowProgram, groups: IntArray, engine: Engine) -> Relaxed:
    """Solve the relaxation, first without the groups and then with those that seem to matter.

    From the second time on columns that the first duals find dear are left out. That and rows that
    stay broken when the time for it is over make the relaxation's values a little worse; the bound
    holds all the same, since the duals are looked at in the whole program.
    """
    used = groups < 0
    upper = program.upper
    best: Relaxed | None = None
    before = -np.inf
    until = engine.sooner(_RELAXING)
    most = _MOST_RELAXED
    while True:
        part, left, rows = program.restricted(program.lower, upper, used)
        answer = (engine if best is None else until).solve(part, relax=True)
        if best is not None and answer.infeasible and (upper < program.upper).any():
            # Too few columns are left to keep all rows.
            most *= _WIDER
            upper = _without_dear(program, best, most)
            continue
        if answer.x is None or answer.duals is None:
            nothing = replace(answer, x=None)
            return best or Relaxed(
                answer=nothing, duals=np.zeros(0), reduced=program.cost, bound=-np.inf
            )
        x, duals = program.lower.copy(), np.zeros(len(used))
        x[left], duals[rows] = answer.x, answer.duals
        bound = program.bound(duals)
        reduced = program.reduced_costs(duals)
        best = Relaxed(
            answer=replace(answer, x=x),
            duals=duals,
            reduced=reduced,
            bound=bound if best is None else max(bound, best.bound),
        )
        activity = program.activity(x)
        if not (activity[~used] > program.high[~used] + _TINY).any():
            return best
        if bound - before < _LITTLE * abs(bound):
            return best
        before = best.bound
        near = ~used & (activity > _NEARLY * program.high)
        used |= np.isin(groups, np.unique(groups[near]))
        upper = _without_dear(program, best, most)


def _without_dear(program: RowProgram, relaxed: Relaxed, most: int) -> FloatArray:
    """Upper bounds that leave so many columns: those are shut that are idle and dearest to use."""
    x, reduced = relaxed.answer.x, relaxed.reduced
    assert x is not None  # noqa: S101 - of an answer
    idle = np.flatnonzero(program.integer & (x <= program.lower + _TINY) & (reduced > 0))
    upper = program.upper.copy()
    dear = idle[np.argsort(reduced[idle])[max(0, most - (len(x) - len(idle))) :]]
    upper[dear] = program.lower[dear]
    return upper
