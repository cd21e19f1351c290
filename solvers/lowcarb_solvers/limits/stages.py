"""Shortfalls in stages: as little as possible of the first kind, then of the second, then the cost.

Each stage's best is fixed before the next one begins, with a hair's breadth of tolerance where it
is no whole number. One penalty for all cannot do that: an exchange may trade several rows at once.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.count_rows import CountRows, Goal
from lowcarb_solvers.limits.engine import Engine
from lowcarb_solvers.limits.relaxation import Relaxed
from lowcarb_solvers.limits.rounding import round_values
from lowcarb_solvers.limits.row_program import RowProgram
from lowcarb_solvers.limits.search import Found, search
from lowcarb_solvers.limits.swaps import Swaps

# Share of the time left that a stage may take, and the attempt without any shortfall.
_STAGE_SHARE, _HARD_SHARE = 0.4, 0.7
# Share of the time left that rounding may take.
_ROUNDING_SHARE = 0.3
# How often all rounds are swept for exchanges, at most.
_SWEEPS = 2
# What is said where something is missing that may be there in another plan.
_UNKNOWN = "it is not known whether a plan exists that misses less"
# A stage's best may be off by so much, relatively and in its own scale.
_TOLERANCE = 1e-6


@dataclass(frozen=True, kw_only=True, eq=False)
class Staged:
    """What the stages came to.

    Parameters
    ----------
    counts
        Shape (k, t): the answer.
    bound
        No answer with as few shortfalls costs less; -inf where unknown.
    impossible
        Whether the solver claims that something must be missing.
    proven
        Whether every stage is known to have as few shortfalls as can be.
    improved
        Whether it is better than the start.
    notes
        What stood in the way.
    """

    counts: IntArray
    bound: float
    impossible: bool
    proven: bool
    improved: bool
    notes: tuple[str, ...]


class Stages:
    """The stages of one problem, and what of them is fixed already.

    Parameters
    ----------
    rows
        The program.
    engine
        Who solves, and until when.
    """

    def __init__(self, rows: CountRows, engine: Engine) -> None:
        self._rows = rows
        self._engine = engine
        self._most = np.full(len(rows.goals), np.inf)
        self._rounded: list[FloatArray] = []
        self._known: Relaxed | None = None

    def run(self, start: IntArray) -> Staged:
        """Solve all stages, beginning from counts (k, t) that keep what is never broken."""
        begin = self._rows.columns(start)
        clean = not self._rows.sums(begin).any()
        without = np.zeros(len(self._most))
        hopeful = None if clean else self._engine.sooner(_HARD_SHARE)
        found = self._search(
            self._rows.program, without, self._engine, begin if clean else None, hopeful
        )
        if found.x is not None:
            return self._result(found, found.x, begin, proven=True)
        self._known = found.relaxed
        staged = replace(self._one_by_one(begin), impossible=found.infeasible)
        missed = self._rows.sums(self._rows.columns(staged.counts)).any()
        if found.infeasible or staged.proven or not missed:
            return staged
        said = (found.said,) if found.said and found.said not in staged.notes else ()
        return replace(staged, notes=(*said, *staged.notes, _UNKNOWN))

    def _one_by_one(self, begin: FloatArray) -> Staged:
        best, proven = min((begin, *self._rounded), key=self._rank), True
        for number, goal in enumerate(self._rows.goals):
            reached = float(self._rows.sums(best)[number])
            if reached and self._engine.left > 0:
                best, bound = self._pursue(goal, best)
                reached = float(self._rows.sums(best)[number])
                slack = 1 - 1e-4 if goal.is_whole else float(_tolerance(reached))
                proven = proven and bound >= reached - slack
            elif reached:
                proven = False
            self._most[number] = reached
        known = None if self._most.any() else self._known
        found = self._search(self._rows.program, self._most, self._engine, best, known=known)
        return self._result(found, best if found.x is None else found.x, begin, proven=proven)

    def _rank(self, x: FloatArray) -> tuple[float, ...]:
        """Put columns in the order of their shortfalls, and then of their cost."""
        return (*self._rows.sums(x).tolist(), float(self._rows.program.cost @ x))

    def _pursue(self, goal: Goal, start: FloatArray) -> tuple[FloatArray, float]:
        """Make one goal as small as can be; also return the bound of it."""
        cost = np.zeros(len(start))
        cost[goal.columns] = goal.weights
        program = replace(self._rows.program, cost=cost)
        engine = replace(self._engine.sooner(_STAGE_SHARE), gap=0.0)
        # Where nothing is missing in the relaxation, that knows no better of any goal.
        known = None if self._known is None else replace(self._known, bound=0.0)
        found = self._search(program, self._most, engine, start, known=known)
        return (start if found.x is None else found.x), found.bound

    def _search(
        self,
        program: RowProgram,
        most: FloatArray,
        engine: Engine,
        start: FloatArray | None,
        hopeful: Engine | None = None,
        known: Relaxed | None = None,
    ) -> Found:
        """Find the best columns whose goals come to no more than `most`."""
        upper, high = program.upper.copy(), program.high.copy()
        for goal, value in zip(self._rows.goals, most, strict=True):
            if value == 0:
                upper[goal.columns] = 0.0
            elif np.isfinite(value):
                high[goal.row] = value if goal.is_whole else value + _tolerance(value)
        found = search(
            replace(program, upper=upper, high=high).tightened(),
            self._rows.resting,
            self._rows.rounds,
            engine,
            start=start,
            passes=lambda x: self._passes(x, most),
            round_=lambda x, duals: self._round(program, x, duals),
            hopeful=hopeful,
            known=known,
        )
        # Columns of a solver have its tolerances; shortfalls that follow from counts have none.
        return found if found.x is None else replace(found, x=self._exact(found.x))

    def _round(self, program: RowProgram, x: FloatArray, duals: FloatArray) -> FloatArray:
        """Round columns of the relaxation by the counts in them alone."""
        rows = self._rows
        index, opened = rows.index, rows.index >= 0
        several = np.array([rows.names.get(r, ("", None))[1] is None for r in range(len(duals))])
        parts = []
        for column in (
            x,
            program.reduced_costs(np.where(several, duals, 0.0)),
            program.reduced_costs(duals),
        ):
            part = np.zeros(index.shape)
            part[opened] = column[index[opened]]
            parts.append(part)
        engine = self._engine.sooner(_ROUNDING_SHARE)

        def expired() -> bool:
            return engine.left <= 0

        best = rows.columns(round_values(rows.merged, parts[0], parts[1], parts[2], expired))
        swaps = Swaps(rows.merged, rows.counts(best), parts[2], expired)
        for _ in range(_SWEEPS):
            swaps.sweep()
            swept = rows.columns(swaps.counts)
            # Excess energy and rules on costs are only looked at here.
            worse = rows.sums(swept) > rows.sums(best) + _TOLERANCE
            if worse.any() or rows.program.cost @ swept >= rows.program.cost @ best:
                break
            best = swept
        if self._keeps(rows.counts(best)):
            self._rounded.append(best)
        return best

    def _exact(self, x: FloatArray) -> FloatArray:
        return self._rows.columns(self._rows.counts(x))

    def _passes(self, x: FloatArray, most: FloatArray) -> bool:
        """Check columns by the counts in them alone."""
        counts = self._rows.counts(x)
        if not self._keeps(counts):
            return False
        sums = self._rows.sums(self._rows.columns(counts))
        return bool((sums <= most + 2 * _tolerance(most)).all())

    def _keeps(self, counts: IntArray) -> bool:
        """Whether counts keep what is never broken."""
        merged = self._rows.merged
        return not merged.classes.violations(counts) and merged.keeps_rest(counts)

    def _result(self, found: Found, x: FloatArray, start: FloatArray, *, proven: bool) -> Staged:
        counts = self._rows.counts(x)
        return Staged(
            counts=counts,
            bound=found.bound,
            impossible=False,
            proven=proven,
            improved=not np.array_equal(counts, self._rows.counts(start)),
            notes=(found.said,) if found.said else (),
        )


def _tolerance(value: FloatArray | float) -> FloatArray:
    return np.asarray(_TOLERANCE * np.maximum(1.0, np.where(np.isfinite(value), value, 0.0)))
