"""CBC through PuLP, on class counts, under a hard time limit."""

from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import cast

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.cbc_job import Answer, Model
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.core import CoreSearch, NoAnswerError
from lowcarb_solvers.count_program import CountProgram
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.sparse_counts import SparseCounts
from lowcarb_solvers.whole import PROVEN, by_nudges, outcome, whole_program

# Columns that PuLP builds and writes in a second, at best. A model that cannot even be written in
# time is not begun, which also bounds the memory.
_COLUMNS_PER_SECOND = 100_000
# Beyond so many columns fixing most of them by prices is faster than one large model.
_MOST_DIRECT = 5_000
# With earlier prices at hand it is sooner.
_MOST_DIRECT_WHEN_WARM = 500


@dataclass(frozen=True, kw_only=True)
class Cbc:
    """Solve on class counts with CBC.

    Up to some thousand counts are solved as one model. Beyond that most counts are fixed by round
    prices and CBC decides on the rest, which is exact when the certificate holds; see
    `price_search` and `reduction`.

    Parameters
    ----------
    time_limit
        Seconds for building, writing, CBC and reading together, and for the `start` answer before
        them. Everything runs in a child process group that is killed when they are over.
    gap
        Relative gap at which branch and cut may stop; without meaning if `relax`.
    relax
        Solve the linear relaxation, whose vertices are integral as long as the constraints form a
        network, which all constraints of `Problem` do. It takes about half the time. Without it
        the counts are declared integer, and branch and cut on one model starts from the `start`
        answer: that can return an incumbent with a gap when the time is over.
    path
        The CBC program; None for the one that comes with PuLP, or else the one on PATH.
    prices
        Shape (t,): round prices of a similar problem, from which the search for prices begins.
        They change how long it takes, not what it finds.
    reserve
        Seconds of the time limit that are kept for others.
    """

    time_limit: float = 10.0
    gap: float = 0.0
    relax: bool = True
    path: str | None = None
    prices: FloatArray | None = None
    reserve: float = 0.0

    @property
    def name(self) -> str:
        """Short name of the solver."""
        return "cbc"

    @property
    def _late(self) -> str:
        return f"CBC had no better answer within the time limit of {self.time_limit:g} s"

    def warmed(self, prices: FloatArray) -> "Cbc":
        """Return the solver that begins from prices (t,) of an earlier plan."""
        return replace(self, prices=prices)

    def reduces(self, classes: Classes) -> bool:
        """Whether most counts will be fixed by prices."""
        most = _MOST_DIRECT if self.prices is None else _MOST_DIRECT_WHEN_WARM
        return self.relax and len(classes) * classes.problem.rounds > most

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        """Solve the problem, beginning from `start` if branch and cut is asked for."""
        deadline = monotonic() + self.time_limit - self.reserve
        deadline -= 0.0 if start is None else start.seconds

        def find() -> Solution:
            if not self.reduces(classes):
                return self._directly(classes, start, deadline)
            search = CoreSearch(
                name=self.name,
                decide=self._decide,
                whole=lambda coarse, until: self._directly(coarse, None, until, nudged=False),
                late=self._late,
                prices=self.prices,
                searches=True,
                least_share=0.0,
                may_rank=self.reserve > 0,
            )
            return search(classes, start, deadline)

        return outcome(self.name, classes, self._late, find)

    def _directly(
        self,
        classes: Classes,
        start: Solution | None,
        deadline: float,
        *,
        nudged: bool = True,
    ) -> Solution:
        """Solve one model of all counts, without a nudge if it decides between unequal answers."""

        def solve_all(nudge: float) -> Solution:
            return self._solve_all(classes, start, deadline, nudge)

        if not self.relax:
            return solve_all(0.0)
        return by_nudges(classes, solve_all, deadline, nudged=nudged)

    def _solve_all(
        self, classes: Classes, start: Solution | None, deadline: float, nudge: float
    ) -> Solution:
        problem = classes.problem
        self._check_size(len(classes) * problem.rounds, deadline)
        program = whole_program(classes, nudge)
        model = self._model(program, None if start is None else start.counts)
        answer = self._ask(model, deadline)
        assert answer.counts is not None  # noqa: S101 - _ask raises otherwise
        counts = SparseCounts.of(answer.counts)
        objective = classes.total_cost(counts)
        bound = None
        if answer.bound is not None:
            penalties = (model.program.penalty or 0.0) * classes.penalties(counts)
            bound = (answer.bound - penalties) * model.unit
            bound -= nudge * problem.total
            # A bound above a verified objective is no bound; rounding explains a hair's breadth.
            bound = min(bound, objective) if bound <= objective * (1 + PROVEN) else None
        proven = answer.finished and bound is not None and objective - bound <= PROVEN * objective
        return Solution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            solver=self.name,
            classes=classes,
            sparse=counts,
            bound=bound,
            notes=() if answer.finished else (f"CBC: {answer.said}",),
        )

    def _model(self, program: CountProgram, start: IntArray | None) -> Model:
        return Model.scaled(
            program,
            integer=not self.relax,
            start=start,
            gap=self.gap,
            path=None if self.path is None else str(Path(self.path).absolute()),
        )

    def _decide(self, core: CountProgram, deadline: float) -> IntArray:
        """Answer a core."""
        self._check_size(int((core.capacity > 0).sum()), deadline)
        answer = self._ask(self._model(core, None), deadline)
        assert answer.counts is not None  # noqa: S101 - _ask raises otherwise
        return answer.counts

    def _check_size(self, columns: int, deadline: float) -> None:
        """Stop where a model cannot be written in the time that is left."""
        if monotonic() >= deadline:
            raise NoAnswerError(self._late)
        if columns > (deadline - monotonic()) * _COLUMNS_PER_SECOND:
            raise NoAnswerError(
                f"a model of {columns:,} counts cannot be written within the time limit of "
                f"{self.time_limit:g} s"
            )

    def _ask(self, model: Model, deadline: float) -> Answer:
        """Run CBC in a child process; raises `NoAnswerError` where no counts come back."""
        try:
            answer = cast(
                Answer,
                child.run("lowcarb_solvers.cbc_model.solve", model, deadline - monotonic()),
            )
        except child.DeadlineError:
            raise NoAnswerError(self._late) from None
        except child.ChildError as error:
            raise NoAnswerError(f"CBC failed: {error}") from None
        if answer.counts is None:
            # Where turns and seats may be missing there always is an answer, whatever CBC says.
            infeasible = answer.infeasible and model.program.penalty is None
            raise NoAnswerError(f"CBC: {answer.said}", infeasible=infeasible)
        return answer
