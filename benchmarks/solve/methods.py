"""The methods that are compared: what they are called, what they are, how far they go."""

from collections.abc import Callable
from dataclasses import dataclass

from benchmarks.solve.program import Answer
from benchmarks.solve.stopwatch import Stopwatch
from lowcarb_solvers import Problem

Run = Callable[[Problem, Stopwatch], Answer]

SWAP_S = 5.0
"""CPU seconds of random swaps."""


@dataclass(frozen=True, kw_only=True)
class Method:
    """One way to a plan.

    Parameters
    ----------
    label
        In tables and pictures.
    what
        A sentence for people.
    run
        Solves a problem, timed; imports its solver when it is called.
    exact
        Whether its answers have to be optimal.
    later
        Whether it solves the rounds that are left a round later, not the problem of all others.
    most_columns
        Clients times rounds beyond which it is left out, since it takes more than about a minute
        or too much memory; None for no limit.
    solver
        The module that it needs beside the development set-up's lowest, for a clear error.
    """

    label: str
    what: str
    run: Run
    exact: bool = True
    later: bool = False
    most_columns: int | None = None
    solver: str = "numpy"

    def fits(self, columns: int) -> bool:
        """Whether a problem of so many clients times rounds is tried."""
        return self.most_columns is None or columns <= self.most_columns


def _cold(solver: str) -> Run:
    def run(problem: Problem, watch: Stopwatch) -> Answer:
        from benchmarks.solve.by_lowcarb import cold

        return cold(problem, watch, solver)

    return run


def _warm(solver: str) -> Run:
    def run(problem: Problem, watch: Stopwatch) -> Answer:
        from benchmarks.solve.by_lowcarb import warm

        return warm(problem, watch, solver)

    return run


def _greedy(problem: Problem, watch: Stopwatch) -> Answer:
    from benchmarks.solve.by_lowcarb import greedy

    return greedy(problem, watch)


def _pulp(*, whole: bool) -> Run:
    def run(problem: Problem, watch: Stopwatch) -> Answer:
        from benchmarks.solve.by_pulp import naive

        return naive(problem, watch, whole=whole)

    return run


def _milp(problem: Problem, watch: Stopwatch) -> Answer:
    from benchmarks.solve.by_scipy import integers

    return integers(problem, watch)


def _linprog(problem: Problem, watch: Stopwatch) -> Answer:
    from benchmarks.solve.by_scipy import relaxed

    return relaxed(problem, watch)


def _all_arcs(problem: Problem, watch: Stopwatch) -> Answer:
    from benchmarks.solve.by_ortools import all_arcs

    return all_arcs(problem, watch)


def _cp_sat(problem: Problem, watch: Stopwatch) -> Answer:
    from benchmarks.solve.by_ortools import cp_sat

    return cp_sat(problem, watch)


def _swaps(problem: Problem, watch: Stopwatch) -> Answer:
    from benchmarks.solve.swaps import swaps

    return swaps(problem, watch, seconds=min(SWAP_S, watch.left_s / 12), seed=0)


BASE = "all-arcs"
"""What all ratios are to."""

METHODS = {
    "cbc": Method(
        label="Lowcarb, CBC",
        what="merged, solved and certified from nothing; the default",
        run=_cold("cbc"),
        solver="pulp",
    ),
    "cbc-warm": Method(
        label="Lowcarb, CBC, warm",
        what="the rounds that are left a round later, from the prices of the plan before; its "
        "objective is compared with a plan of these rounds from nothing",
        run=_warm("cbc"),
        later=True,
        solver="pulp",
    ),
    "flow": Method(
        label="Lowcarb, Flow",
        what="the same as by CBC, with `Flow`, from the extra `fast`",
        run=_cold("flow"),
        solver="ortools",
    ),
    "flow-warm": Method(
        label="Lowcarb, Flow, warm",
        what="a round later, with `Flow`",
        run=_warm("flow"),
        later=True,
        solver="ortools",
    ),
    "greedy": Method(
        label="Lowcarb, greedy",
        what="the ranking with a look ahead, alone; no exact method",
        run=_greedy,
        exact=False,
    ),
    "all-arcs": Method(
        label="OR-tools flow",
        what="OR-tools' min-cost flow with an arc for each client and round, without a proof of "
        "its own; costs rounded to eight digits",
        run=_all_arcs,
        most_columns=30_000_000,
        solver="ortools",
    ),
    "cp-sat": Method(
        label="OR-tools CP-SAT",
        what="a Boolean for each client and round, costs rounded to eight digits; one worker with "
        "all of the relaxation, which is faster here than its defaults",
        run=_cp_sat,
        most_columns=100_000,
        solver="ortools",
    ),
    "highs": Method(
        label="HiGHS",
        what="`scipy.optimize.milp` on sparse arrays, to a gap of zero",
        run=_milp,
        most_columns=500_000,
        solver="scipy",
    ),
    "linprog": Method(
        label="HiGHS, relaxed",
        what="`scipy.optimize.linprog` on the same arrays. It solves less: turns may be fractions, "
        "though the program's are whole in every corner, where it ends",
        run=_linprog,
        most_columns=500_000,
        solver="scipy",
    ),
    "pulp-cbc": Method(
        label="PuLP + CBC",
        what="the model of a tutorial, a binary for each client and round",
        run=_pulp(whole=True),
        most_columns=180_000,
        solver="pulp",
    ),
    "pulp-clp": Method(
        label="PuLP + CLP",
        what="the same model with continuous variables, by CBC's LP solver; it solves less, as "
        "HiGHS does relaxed",
        run=_pulp(whole=False),
        most_columns=180_000,
        solver="pulp",
    ),
    "swaps": Method(
        label="random swaps",
        what=f"a Monte-Carlo optimiser: from a random plan, {SWAP_S:g} CPU s of random "
        "replacements and exchanges, each made where it saves something; numpy; no exact method",
        run=_swaps,
        exact=False,
        most_columns=3_000_000,
    ),
}
"""By their names on the command line; ours first, then what the ratios are to."""
