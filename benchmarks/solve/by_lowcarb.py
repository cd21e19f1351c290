"""Lowcarb's own answers: from nothing, and a round later from the prices of the plan before."""

from benchmarks.instances import later
from benchmarks.solve.program import LATE, OPTIMAL, Answer
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers import Greedy, Problem, Solution, Solver, Warm, chain, merge, solve


def cold(problem: Problem, watch: Stopwatch, solver: str) -> Answer:
    """Merge, solve and certify."""
    return _said(_timed(problem, watch, solver, None), watch)


def warm(problem: Problem, watch: Stopwatch, solver: str) -> Answer:
    """Do the same a round later, beginning from the earlier plan's prices."""
    solvers = chain(watch.left_s, solver=solver)
    plan = solve(problem, *solvers)
    rest = later(problem, plan)
    watch.start()
    found = _timed(rest, watch, solver, Warm.after(plan))
    watch.stop()
    # Only an optimum has to be the same.
    expected = solve(rest, *solvers) if found.status == OPTIMAL else None
    return _said(found, watch, expected=expected)


def greedy(problem: Problem, watch: Stopwatch) -> Answer:
    """Rank with a look ahead; no exact method."""
    classes = merge(problem)
    watch.built()
    return _said(solve(classes, Greedy(time_limit=watch.left_s)), watch, status="heuristic")


def _timed(problem: Problem, watch: Stopwatch, solver: str, warm: Warm | None) -> Solution:
    classes = merge(problem)
    watch.built()
    solvers: tuple[Solver, ...] = chain(watch.left_s, solver=solver)
    return solve(classes, *solvers, warm=warm)


def _said(
    found: Solution,
    watch: Stopwatch,
    *,
    status: str | None = None,
    expected: Solution | None = None,
) -> Answer:
    watch.stop()
    if status is None:
        # One that stops earlier without a proof says so.
        status = LATE if found.status != OPTIMAL and watch.left_s < 1 else str(found.status)
    same = expected is not None and expected.status == OPTIMAL
    return Answer(
        cost=found.objective,
        missing=found.classes.missing(found.answer),
        status=status,
        expected=expected.objective if same and expected is not None else None,
    )
