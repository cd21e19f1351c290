"""What a solver answers: status, cohorts, objective, bound, shortfalls, prices."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Literal

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.errors import NoSolution
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.prices import Certificate
from lowcarb_solvers.reasons import (
    why_seats_are_missing,
    why_turns_are_missing,
    why_turns_are_missing_in_all,
)
from lowcarb_solvers.sparse_counts import SparseCounts


class Status(StrEnum):
    """What is known about an answer."""

    OPTIMAL = "optimal"
    """Proven: no cohorts are cheaper; of an elastic problem, none with as few shortfalls are."""

    FEASIBLE = "feasible"
    """Every constraint holds; a cheaper answer may exist, at most down to the bound."""

    INFEASIBLE = "infeasible"
    """Proven: no cohorts meet every constraint."""

    UNKNOWN = "unknown"
    """The solver stopped without an answer and without a proof."""


@dataclass(frozen=True, kw_only=True)
class Shortfall:
    """Turns owed or planned, or seats of one round, that an elastic problem had to give up.

    Parameters
    ----------
    short, unit
        How many are missing of what.
    client, round
        Whose they are, as a number from 0; None for the other one. Both are None of turns that are
        missing to the total.
    why
        The reason, for people.
    """

    short: int
    unit: Literal["turns", "seats"]
    client: int | None = None
    round: int | None = None
    why: str


@dataclass(frozen=True, kw_only=True, eq=False)
class Solution:
    """An answer on class counts; cohorts are drawn when they are asked for.

    Parameters
    ----------
    status
        What is known about the answer.
    solver
        Who gave it, for example "cbc" or "regret".
    classes
        The classes that `counts` speaks of.
    sparse
        How many members of each class work in each round, without the zeros; None without an
        answer. `SparseCounts.of` takes them from a matrix, and `counts` is that matrix.
    seconds
        Wall time that the answer took.
    bound
        No answer costs less; None where unknown. Of an elastic problem: no answer with as few
        shortfalls costs less.
    prices
        Shape (t,): round prices that the solver found or the proof needs, some of many that would
        do; the next plan may begin from them, see `Warm`. None where nobody looked for any.
    certificate
        The proof that the answer is optimal; None without one.
    notes
        What a person should know: limits that were hit, answers that were thrown away.
    saved
        What the answer costs less than its cohorts would, as excess energy saves it.
    """

    status: Status
    solver: str
    classes: Classes
    sparse: SparseCounts | None = None
    seconds: float = 0.0
    bound: float | None = None
    prices: FloatArray | None = None
    certificate: Certificate | None = None
    notes: tuple[str, ...] = field(default=())
    saved: float = 0.0

    def __repr__(self) -> str:
        text = f"Solution({self.status} by {self.solver:.40} in {self.seconds:,.2f} s"
        if self.sparse is None:
            return f"{text}: no cohorts)"
        missing = self.classes.missing(self.sparse)
        what = "turn or seat" if missing == 1 else "turns or seats"
        shortfall = f"{missing:,} {what} missing" if missing else "no shortfall"
        cost, bound = _figure(self.objective), _figure(self.bound)
        return f"{text}: objective {cost}, bound {bound}, {shortfall})"

    @property
    def counts(self) -> IntArray | None:
        """How many members of each class work in each round (k, t); None without an answer."""
        return None if self.sparse is None else self.sparse.dense

    @property
    def answer(self) -> IntArray:
        """The counts; raises `NoSolution` if there are none."""
        return self.seated.dense

    @property
    def seated(self) -> SparseCounts:
        """The counts without the zeros; raises `NoSolution` if there are none."""
        if self.sparse is None:
            raise NoSolution("; ".join([f"{self.solver}: {self.status}", *self.notes]))
        return self.sparse

    @lazy
    def objective(self) -> float | None:
        """Total cost of the cohorts, in the unit of the problem; None without an answer."""
        return None if self.sparse is None else self.classes.total_cost(self.sparse) - self.saved

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective; None where one of them is unknown."""
        if self.objective is None or self.bound is None:
            return None
        distance = self.objective - self.bound
        return distance / self.objective if self.objective > 0 else max(0.0, distance)

    @lazy
    def turns(self) -> IntArray:
        """Turns of each client (n,)."""
        return self.classes.turns(self.seated)

    @lazy
    def cohorts(self) -> tuple[IntArray, ...]:
        """Clients of each round, in ascending order; draws them all."""
        return self.classes.cohorts(self.answer)

    def cohort(self, j: int) -> IntArray:
        """Draw the clients of round j alone, in ascending order."""
        return self.classes.cohort(self.seated, j)

    @property
    def seat_prices(self) -> FloatArray | None:
        """What one more seat in each round would cost (t,), NaN where no seat can be added.

        None unless the answer is certified. It is computed when it is first asked for.
        """
        return None if self.certificate is None else self.certificate.seat_prices

    @property
    def class_turn_prices(self) -> FloatArray | None:
        """What one more guaranteed turn of a member would cost (k,), NaN where impossible.

        None unless the answer is certified. It is computed when it is first asked for.
        """
        return None if self.certificate is None else self.certificate.turn_prices

    @property
    def turn_prices(self) -> FloatArray | None:
        """What one more guaranteed turn of each client would cost (n,), NaN where impossible."""
        if self.class_turn_prices is None:
            return None
        return self.class_turn_prices[self.classes.member_of]

    @lazy
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Missing turns and seats, each with its reason; empty if every floor is met."""
        if self.sparse is None or not self.classes.missing(self.sparse):
            return ()
        problem, counts = self.classes.problem, self.sparse.dense
        short_classes = np.flatnonzero(self.classes.missing_turns(self.sparse))
        why = {k: why_turns_are_missing(self.classes, counts, int(k)) for k in short_classes}
        turns = (
            Shortfall(
                short=int(problem.at_least[i] - self.turns[i]),
                unit="turns",
                client=int(i),
                why=why[self.classes.member_of[i]],
            )
            for i in np.flatnonzero(self.turns < problem.at_least)
        )
        empty = self.classes.missing_seats(self.sparse)
        seats = (
            Shortfall(
                short=int(empty[j]),
                unit="seats",
                round=int(j),
                why=why_seats_are_missing(self.classes, counts, int(j)),
            )
            for j in np.flatnonzero(empty)
        )
        return (*turns, *seats, *self._missing_in_all)

    @property
    def _missing_in_all(self) -> tuple[Shortfall, ...]:
        short = self.classes.missing_in_all(self.seated)
        if not short:
            return ()
        why = why_turns_are_missing_in_all(self.classes)
        return (Shortfall(short=short, unit="turns", why=why),)

    def raise_for_status(self) -> "Solution":
        """Return self, or raise `NoSolution` if there is no answer."""
        _ = self.answer
        return self


def _figure(cost: float | None) -> str:
    """Round a cost for people, whatever its unit."""
    if cost is None:
        return "unknown"
    return f"{cost:,.1f}" if 100 <= cost < 1e12 else f"{cost:.4g}"
