"""What a solver answers to a problem with limits."""

from dataclasses import dataclass, field

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.errors import NoSolution
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.limits.limited_classes import LimitedClasses
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.rules import Stage, shown
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.sparse_counts import SparseCounts


@dataclass(frozen=True, kw_only=True)
class LimitShortfall:
    """What an elastic problem had to give up.

    Parameters
    ----------
    stage
        What kind it is.
    short, unit
        How much is missing, or too much, of what.
    short_of_reach
        How much of `short` is missing to what cohorts could come to if this were all that they had
        to keep; the rest is missing in every plan.
    bound
        What was asked.
    client, round, rule
        Whose it is: numbers from 0 and the name of a rule; None where that does not say. All are
        None of turns that are missing to the total where cohorts breathe.
    above
        Whether it is too much.
    why
        The reason, for people.
    """

    stage: Stage
    short: float
    short_of_reach: float
    unit: str
    bound: float
    client: int | None = None
    round: int | None = None
    rule: str | None = None
    above: bool = False
    why: str

    @property
    def is_of_total(self) -> bool:
        """Whether it is turns of the total that are missing, where cohorts breathe."""
        return self.stage is Stage.SEATS and self.round is None

    def __str__(self) -> str:
        """Say it in a sentence."""
        what = self.rule or self.stage.value
        if self.is_of_total:
            what = "turns in all"
        if self.client is not None:
            what = f"client {self.client}"
        where = "" if self.round is None else f" in round {self.round}"
        side = "more than" if self.above else "short of"
        amount = shown(self.short)
        unit = "" if self.rule is None and self.client is None else f" {self.unit}"
        return f"{what}{where}: {amount} {side} {shown(self.bound)}{unit}: {self.why}"


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitedSolution:
    """An answer to a problem with limits, on class counts.

    Parameters
    ----------
    status
        What is known about the answer.
    solver
        Who gave it.
    limited
        The problem.
    merged
        The classes that `sparse` speaks of.
    sparse
        How many members of each class work in each round; None without an answer.
    seconds
        Wall time that the answer took.
    bound
        No answer with as few shortfalls costs less; None where unknown.
    shortfalls
        What had to be given up; empty if nothing had to.
    misses_least
        Whether it is known that no answer has fewer shortfalls; else another one may.
    conflicts
        Rules that contradict each other, a sentence each.
    notes
        What a person should know.
    """

    status: Status
    solver: str
    limited: LimitedProblem
    merged: LimitedClasses
    sparse: SparseCounts | None = None
    seconds: float = 0.0
    bound: float | None = None
    shortfalls: tuple[LimitShortfall, ...] = ()
    misses_least: bool = False
    conflicts: tuple[str, ...] = ()
    notes: tuple[str, ...] = field(default=())

    def __repr__(self) -> str:
        known = "no cohorts" if self.sparse is None else f"objective {self.objective:.6g}"
        return f"LimitedSolution({self.status} by {self.solver}, {known})"

    @property
    def seated(self) -> SparseCounts:
        """The counts; raises `NoSolution` if there are none."""
        if self.sparse is None:
            why = [f"{self.solver}: {self.status}", *self.conflicts, *self.notes]
            raise NoSolution("; ".join(why))
        return self.sparse

    @lazy
    def objective(self) -> float | None:
        """Total cost of the cohorts, less what excess energy saves; None without an answer."""
        return None if self.sparse is None else self.merged.cost(self.sparse.dense)

    @lazy
    def plain(self) -> Solution:
        """The same answer without a word of limits, for those who know of none."""
        saved = 0.0
        if self.sparse is not None and self.limited.limits.excess:
            saved = self.merged.classes.total_cost(self.sparse) - self.merged.cost(
                self.sparse.dense
            )
        return Solution(
            status=self.status,
            solver=self.solver,
            classes=self.merged.classes,
            sparse=self.sparse,
            seconds=self.seconds,
            bound=self.bound,
            notes=self.notes,
            saved=saved,
        )

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective; None where one of them is unknown."""
        if self.objective is None or self.bound is None:
            return None
        distance = max(0.0, self.objective - self.bound)
        return distance / self.objective if self.objective > 0 else distance

    @lazy
    def cohorts(self) -> tuple[IntArray, ...]:
        """Clients of each round, in ascending order."""
        return self.merged.classes.cohorts(self.seated)

    @lazy
    def turns(self) -> IntArray:
        """Turns of each client (n,)."""
        return self.merged.classes.turns(self.seated)

    def cohort(self, j: int) -> IntArray:
        """Draw the clients of round j alone, in ascending order."""
        return self.merged.classes.cohort(self.seated, j)

    def missed(self, stage: Stage) -> float:
        """Sum what is missing of a stage, in the units of its rules."""
        return float(np.sum([s.short for s in self.shortfalls if s.stage is stage]))

    def raise_for_status(self) -> "LimitedSolution":
        """Return self, or raise `NoSolution` if there is no answer."""
        _ = self.seated
        return self
