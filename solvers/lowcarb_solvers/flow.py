"""Min-cost flow by OR-tools, on class counts, under a hard time limit."""

from dataclasses import dataclass
from importlib.util import find_spec
from time import monotonic
from typing import cast

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.core import CoreSearch, NoAnswerError
from lowcarb_solvers.count_program import CountProgram
from lowcarb_solvers.errors import NoSolver
from lowcarb_solvers.flow_network import Answer, translate
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.sparse_counts import SparseCounts
from lowcarb_solvers.whole import by_nudges, outcome, whole_program

# Arcs that OR-tools takes in a second, at best. A network that is too large for the time is not
# begun, which also bounds the memory.
_ARCS_PER_SECOND = 2_000_000
# Beyond so many columns fixing most of them by prices is faster than one large network.
_MOST_DIRECT = 500_000
# OR-tools answers a core of such a share of all columns sooner than another proof would fail.
_LEAST_SHARE = 0.01
# How much coarser costs are rounded where OR-tools leaves its range with them, and how often.
_COARSER, _MOST_TRIES = 2.0**8, 3


@dataclass(frozen=True, kw_only=True)
class Flow:
    """Solve on class counts as a min-cost flow, with OR-tools, which the extra `fast` installs.

    All constraints of `Problem` form a network. Up to some hundred thousand counts are solved as
    one. Beyond that most counts are fixed by round prices, which a coarse network finds, and
    OR-tools decides on the rest, which is exact when the certificate holds; see `reduction`. Prices
    of an earlier plan would not make it faster.

    Parameters
    ----------
    time_limit
        Seconds for all work together, and for the `start` answer before it. OR-tools runs in a
        child process that is killed when they are over.
    reserve
        Seconds of the time limit that are kept for others.
    """

    time_limit: float = 10.0
    reserve: float = 0.0

    @property
    def name(self) -> str:
        """Short name of the solver."""
        return "flow"

    @property
    def _late(self) -> str:
        return f"OR-tools had no better answer within the time limit of {self.time_limit:g} s"

    def reduces(self, classes: Classes) -> bool:
        """Whether most counts will be fixed by prices."""
        return len(classes) * classes.problem.rounds > _MOST_DIRECT

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        """Solve the problem; `start` says how few shortfalls there can be.

        Raises
        ------
        NoSolver
            If OR-tools is not installed.
        """
        require_ortools()
        deadline = monotonic() + self.time_limit - self.reserve
        deadline -= 0.0 if start is None else start.seconds

        def find() -> Solution:
            if self.reduces(classes):
                return self._search(None)(classes, start, deadline)
            whole = self._directly(classes, deadline)
            if whole.status is Status.OPTIMAL or whole.prices is None:
                return whole
            # Where a few costs dwarf the others, rounding hides differences among these; in the
            # core of the problem they show.
            finer = self._search(whole.prices)(classes, whole, deadline)
            return finer if finer.status is Status.OPTIMAL else whole

        return outcome(self.name, classes, self._late, find)

    def _search(self, prices: FloatArray | None) -> CoreSearch:
        return CoreSearch(
            name=self.name,
            decide=self._ask,
            whole=lambda coarse, until: self._directly(coarse, until, nudged=False),
            late=self._late,
            prices=prices,
            # A coarse network is solved sooner than prices are found without one.
            searches=prices is not None,
            least_share=_LEAST_SHARE,
            may_rank=self.reserve > 0,
        )

    def _directly(self, classes: Classes, deadline: float, *, nudged: bool = True) -> Solution:
        """Solve one network of all counts, without a nudge if it decides between unequal ones."""

        def solve_all(nudge: float) -> Solution:
            self._check_size(len(classes) * classes.problem.rounds, deadline)
            counts = self._ask(whole_program(classes, nudge), deadline)
            return Solution(
                status=Status.FEASIBLE,
                solver=self.name,
                classes=classes,
                sparse=SparseCounts.of(counts),
            )

        return by_nudges(classes, solve_all, deadline, nudged=nudged)

    def _check_size(self, arcs: int, deadline: float) -> None:
        """Stop where a network cannot be solved in the time that is left."""
        if monotonic() >= deadline:
            raise NoAnswerError(self._late)
        if arcs > (deadline - monotonic()) * _ARCS_PER_SECOND:
            raise NoAnswerError(
                f"a network of {arcs:,} arcs cannot be solved within the time limit of "
                f"{self.time_limit:g} s"
            )

    def _ask(self, program: CountProgram, deadline: float) -> IntArray:
        """Run OR-tools in a child process; return counts (k, t).

        Also for the smallest programs: the child takes a millisecond more, and OR-tools is kept
        out of the user's process, where highspy may be; see `ortools_flow`.

        Raises
        ------
        NoAnswerError
            Where no counts come back.
        """
        said = ""
        for attempt in range(_MOST_TRIES):
            translation = translate(program, coarser=_COARSER**attempt)
            try:
                answer = cast(
                    Answer,
                    child.run(
                        "lowcarb_solvers.ortools_flow.solve",
                        translation.network,
                        deadline - monotonic(),
                    ),
                )
            except child.DeadlineError:
                raise NoAnswerError(self._late) from None
            except child.ChildError as error:
                raise NoAnswerError(f"OR-tools failed: {error}") from None
            if answer.flows is not None:
                return translation.counts(answer.flows, program.capacity.shape)
            said = answer.said
            if said != "BAD_COST_RANGE":
                break
        # Where turns and seats may be missing there always is an answer, whatever OR-tools says.
        infeasible = said == "INFEASIBLE" and program.penalty is None
        raise NoAnswerError(f"OR-tools: {said}", infeasible=infeasible)


def require_ortools() -> None:
    """Refuse to go on without OR-tools; it is not imported.

    Raises
    ------
    NoSolver
        Names the extra that brings it.
    """
    if find_spec("ortools") is None:
        raise NoSolver(
            "solver: flow needs OR-tools, which is not installed: pip install 'lowcarb[fast]', or "
            "take the solver cbc"
        )
