"""Solving a program by rows: the relaxation, then what it leaves open.

Small programs go to branch and cut as they are. Of larger ones the relaxation is solved first and
rounded. Branch and cut then decides anew on some rounds at a time while all others stay, and at
last on all columns or, of large programs, near the relaxation's values, on more and more columns,
while time is left.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits.engine import Engine, unit_of
from lowcarb_solvers.limits.relaxation import Relaxed, relax
from lowcarb_solvers.limits.row_job import RowAnswer
from lowcarb_solvers.limits.row_program import RowProgram

# Up to so many columns branch and cut gets all of them: at once, or once there is a start.
_MOST_DIRECT, _MOST_AT_LAST = 100, 4_000
# So many columns are open at first, and how many times more in each further try.
_FIRST_OPEN, _WIDER = 3_000, 3
# How far counts may be from the relaxation's at first.
_BOX = 3.0
# Rounds that are decided anew at a time, and counts of each of them that are open.
_WINDOWS, _OPEN_IN_WINDOW = 5, 150
# Nodes and seconds for it: what the first nodes do not find is rarely worth waiting for.
_WINDOW_NODES, _WINDOW_S = 100, 4.0
# A part must be decided more finely than the whole.
_FINER = 0.1
# So many tries in a row may gain less than a share of the gap.
_MOST_IDLE, _WORTH = 12, 0.05
# Share of the time left in which an answer is looked for where rounding has none.
_HOPEFUL = 0.3
# Share of the time left that one try may take, unless it is the last one.
_SHARE = 0.5
# Share of the time left for windows where all columns are decided at last.
_FOR_WINDOWS = 0.4
# Off by less, a value of the relaxation is whole and a row is kept.
_TINY = 1e-6
# What is said of a claim that an answer proves wrong.
_DENIED = "a plan impossible that keeps all it must: a better one may exist"
PROVEN = 1e-9
"""An objective is proven if a bound is as close as this, relatively."""


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
        The relaxation's answer; None where that was not solved, or has none.
    said
        What stood in the way, for people; empty if nothing did.
    """

    x: FloatArray | None = None
    bound: float = -np.inf
    infeasible: bool = False
    relaxed: Relaxed | None = None
    said: str = ""


def search(
    program: RowProgram,
    groups: IntArray,
    windows: IntArray,
    engine: Engine,
    *,
    start: FloatArray | None,
    passes: Callable[[FloatArray], bool],
    round_: Callable[[FloatArray, FloatArray], FloatArray],
    hopeful: Engine | None = None,
    known: Relaxed | None = None,
) -> Found:
    """Find the cheapest columns that pass the check, and a bound.

    Parameters
    ----------
    program
        What to solve.
    groups
        Shape (r,): groups of rows that the relaxation may leave out until one of them is nearly
        broken; -1 for rows that it may not.
    windows
        Shape (c,): the round of each column; -1 for others.
    engine
        Who solves, and until when.
    start
        Shape (c,): columns that are known to be good; None without any.
    passes
        The check of an answer.
    round_
        Makes columns in whole numbers of the relaxation's columns (c,) and its duals (r,).
    hopeful
        Who solves as long as there is no answer; None for the same engine.
    known
        The relaxation of a similar program, with a bound of this one; None to solve it.
    """
    hopeful = hopeful or engine
    everything = program.lower, program.upper
    columns = int(np.count_nonzero(program.upper > program.lower))
    if columns <= _MOST_DIRECT:
        found = _decide(program, *everything, hopeful, start, passes)
        if found.x is not None and not np.isfinite(found.bound):
            # Only CBC says what it proved; what duals prove holds whoever found them.
            found = replace(found, bound=relax(program, groups, engine).bound)
        return found
    relaxed = known or relax(program, groups, hopeful)
    if relaxed.answer.x is None:
        return _nothing(engine, relaxed.answer, start)
    best = Found(x=start, bound=relaxed.bound, relaxed=relaxed)
    if known is None:
        rounded = round_(relaxed.answer.x, relaxed.duals)
        if passes(rounded) and (start is None or program.cost @ rounded < program.cost @ start):
            best = replace(best, x=rounded)
    if best.x is None:
        hopeful = hopeful.sooner(_HOPEFUL)
    if _is_near(program, best, engine.gap):
        return best
    total = int(np.count_nonzero(program.integer & (program.upper > program.lower)))
    most, box = min(_FIRST_OPEN, total), _BOX
    rng = np.random.default_rng(0)
    while most < total * _WIDER and (engine if best.x is not None else hopeful).left > 0:
        if best.x is not None:
            soon = engine.sooner(_FOR_WINDOWS) if columns <= _MOST_AT_LAST else engine
            improved = _by_windows(program, relaxed, soon, best.x, passes, windows, rng)
            best = replace(best, x=improved)
            if _is_near(program, best, engine.gap) or engine.left <= 0:
                return best
        if best.x is not None and columns <= _MOST_AT_LAST:
            found = _decide(program, *everything, engine, best.x, passes)
            return replace(found, bound=max(found.bound, best.bound), relaxed=relaxed)
        lower, upper = relaxed.near(program, most, box, best.x)
        now = hopeful if best.x is None else engine
        now = now if most >= total else now.sooner(_SHARE)
        found = _decide(program, lower, upper, now, best.x, passes)
        first = best.x is None and found.x is not None
        if found.x is not None:
            best = replace(best, x=found.x, said="")
        elif best.x is None:
            best = replace(best, said=found.said)
        if _is_near(program, best, engine.gap):
            return best
        if not (first and columns <= _MOST_AT_LAST):
            most, box = most * _WIDER, box * _WIDER
    return best


def _by_windows(
    program: RowProgram,
    relaxed: Relaxed,
    engine: Engine,
    x: FloatArray,
    passes: Callable[[FloatArray], bool],
    windows: IntArray,
    rng: np.random.Generator,
) -> FloatArray:
    """Decide anew on some rounds at a time while all others stay, until little is gained.

    Of a round those counts are open first that the relaxation has otherwise.
    """
    assert relaxed.answer.x is not None  # noqa: S101 - asked for only with an answer
    idle = 0
    while idle < _MOST_IDLE and engine.left > 0:
        lower, upper = x.copy(), x.copy()
        differs = np.abs(relaxed.answer.x - x) > _TINY
        effort = np.where(differs, -1.0, np.abs(relaxed.reduced))
        for window in rng.choice(windows.max() + 1, min(_WINDOWS, windows.max() + 1), False):
            own = np.flatnonzero(windows == window)
            own = own[np.argsort(effort[own], kind="stable")[:_OPEN_IN_WINDOW]]
            lower[own] = np.maximum(program.lower[own], x[own] - _BOX)
            upper[own] = np.minimum(program.upper[own], x[own] + _BOX)
        lower[~program.integer], upper[~program.integer] = (
            program.lower[~program.integer],
            program.upper[~program.integer],
        )
        until = min(engine.deadline, monotonic() + _WINDOW_S)
        now = replace(engine, deadline=until, gap=engine.gap * _FINER)
        found = _decide(program, lower, upper, now, x, passes, nodes=_WINDOW_NODES)
        before = float(program.cost @ x)
        if found.x is not None and program.cost @ found.x < before:
            x = found.x
        gained = before - float(program.cost @ x)
        idle = 0 if gained > engine.gap * abs(before) * _WORTH else idle + 1
        if _is_near(program, Found(x=x, bound=relaxed.bound), engine.gap):
            break
    return x


def _is_near(program: RowProgram, best: Found, gap: float) -> bool:
    if best.x is None:
        return False
    cost = float(program.cost @ best.x)
    return cost - best.bound <= max(gap, PROVEN) * abs(cost) + _TINY * unit_of(program.cost)


def _nothing(engine: Engine, answer: RowAnswer, start: FloatArray | None) -> Found:
    """What is known where a solver has no answer."""
    said = answer.said
    if answer.infeasible and start is not None:
        said = f"{engine.shown} calls {_DENIED}"
    return Found(x=start, infeasible=answer.infeasible, said=said)


def _decide(
    program: RowProgram,
    lower: FloatArray,
    upper: FloatArray,
    engine: Engine,
    start: FloatArray | None,
    passes: Callable[[FloatArray], bool],
    nodes: int | None = None,
) -> Found:
    """Branch and cut between bounds of the columns, in so many nodes at most."""
    open_, left, _ = program.restricted(lower, upper)
    fixed = np.where(lower == upper, lower, 0.0)
    settled = float(program.cost @ fixed)

    def whole(x: FloatArray) -> FloatArray:
        complete = fixed.copy()
        complete[left] = np.where(open_.integer, np.rint(x), x)
        return complete

    lengths = np.diff(open_.begin)
    hopeless = (lengths == 0) & ((open_.low > _TINY) | (open_.high < -_TINY))
    if hopeless.any():
        return Found(x=start, infeasible=True)
    if not len(left):
        x = whole(np.zeros(0))
        return Found(x=x, bound=settled) if passes(x) else Found(x=start)
    begin = None
    if start is not None and ((start >= lower - _TINY) & (start <= upper + _TINY)).all():
        begin = np.clip(start[left], open_.lower, open_.upper)
    answer = engine.solve(open_, relax=False, start=begin, nodes=nodes)
    if answer.x is None:
        return _nothing(engine, answer, start)
    x = whole(answer.x)
    bound = -np.inf if answer.bound is None else answer.bound + settled
    if not passes(x):
        return Found(x=start, said=f"the answer of {engine.name} was thrown away: it breaks a row")
    if start is not None and program.cost @ start < program.cost @ x:
        x = start
    return Found(x=x, bound=bound, said="" if answer.finished else answer.said)
