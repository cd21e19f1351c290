"""CBC through PuLP, on class counts, under a hard time limit."""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from time import monotonic
from typing import cast

import numpy as np

from lowcarb_solvers import child
from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.cbc_job import LEAST_UNIT, Answer, Model
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.equals import explains, nudges_for, preferences
from lowcarb_solvers.greedy import GREEDY_S, Greedy, is_safely_countable
from lowcarb_solvers.price_search import find_prices
from lowcarb_solvers.prices import MOST_CERTIFIED_ROUNDS, bound_with, certify, prove
from lowcarb_solvers.reduction import RestrictedProblem, coarsen, fix_columns
from lowcarb_solvers.solution import Solution, Status

# Margins are wider than nudges.
_NUDGES_WITHIN = 8.0
# Columns that PuLP builds and writes in a second, at best. A model that cannot even be written in
# time is not begun, which also bounds the memory.
_COLUMNS_PER_SECOND = 100_000
# Beyond so many columns fixing most of them by prices is faster than one large model.
_MOST_DIRECT = 5_000
# With earlier prices at hand it is sooner.
_MOST_DIRECT_WHEN_WARM = 500
# Share of the time that a coarse problem may take.
_FOR_PRICES = 0.5
# The first margin around prices that were found without a model, in widths.
_WIDTHS = 5.0
# The first margin around any prices at least, and the last one, in penalties for a missing seat.
_LEAST_MARGIN, _MOST_MARGIN = 1e-9, 4.0
# Seconds beyond the limit in which cohorts may still be ranked by prices.
_GRACE_FOR_RANKS = 0.2
# An objective is proven by CBC if its bound is as close as this, relatively.
_PROVEN = 1e-9


class _NoAnswerError(Exception):
    """CBC found nothing; the text says why."""

    def __init__(self, why: str, *, infeasible: bool = False) -> None:
        super().__init__(why)
        self.infeasible = infeasible


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
        rounds = classes.problem.rounds
        most = _MOST_DIRECT if self.prices is None else _MOST_DIRECT_WHEN_WARM
        large = len(classes) * rounds > most
        return large and self.relax and rounds <= MOST_CERTIFIED_ROUNDS

    def __call__(self, classes: Classes, start: Solution | None = None) -> Solution:
        """Solve the problem, beginning from `start` if branch and cut is asked for."""
        began = monotonic()
        deadline = began + self.time_limit - self.reserve
        deadline -= 0.0 if start is None else start.seconds
        try:
            if self.reduces(classes):
                solution = self._by_prices(classes, start, deadline)
            else:
                solution = self._directly(classes, start, deadline)
        except OutOfTimeError:
            solution = Solution(
                status=Status.UNKNOWN, solver=self.name, classes=classes, notes=(self._late,)
            )
        except _NoAnswerError as nothing:
            solution = Solution(
                status=Status.INFEASIBLE if nothing.infeasible else Status.UNKNOWN,
                solver=self.name,
                classes=classes,
                notes=(str(nothing),),
            )
        return replace(solution, seconds=monotonic() - began)

    def _directly(
        self,
        classes: Classes,
        start: Solution | None,
        deadline: float,
        *,
        nudged: bool = True,
    ) -> Solution:
        """Solve one model of all counts, without a nudge if it decides between unequal answers."""
        certified = self.relax and classes.problem.rounds <= MOST_CERTIFIED_ROUNDS
        nudges = nudges_for(classes) if certified and nudged else [0.0]
        best: Solution | None = None
        for nudge in nudges:
            try:
                best = self._solve_all(classes, start, deadline, nudge)
                if best.status is Status.OPTIMAL or not certified or best.notes:
                    return best
                proof = prove(classes, best.answer, lambda: monotonic() >= deadline)
            except (OutOfTimeError, _NoAnswerError):
                if best is None:
                    raise
                return best
            if proof.optimal:
                return replace(best, status=Status.OPTIMAL, bound=proof.bound)
            if not explains(nudge, classes, proof):
                return best
        assert best is not None  # noqa: S101 - there is a nudge at least
        return best

    def _solve_all(
        self, classes: Classes, start: Solution | None, deadline: float, nudge: float
    ) -> Solution:
        problem = classes.problem
        self._check_size(len(classes) * problem.rounds, deadline)
        model = self._model(
            cost=classes.cost(),
            nudge=nudge * preferences(problem.seed, np.arange(len(classes)), problem.rounds),
            capacity=np.ascontiguousarray(classes.capacity()),
            floor=classes.floor,
            ceiling=classes.ceiling,
            seats=problem.cohort_size,
            penalty=classes.penalty if problem.elastic else None,
            start=None if start is None else start.counts,
        )
        answer = self._ask(model, deadline)
        assert answer.counts is not None  # noqa: S101 - _ask raises otherwise
        objective = classes.total_cost(answer.counts)
        bound = None
        if answer.bound is not None:
            penalties = (model.penalty or 0.0) * classes.missing(answer.counts)
            bound = (answer.bound - penalties) * model.unit
            bound -= nudge * int(problem.cohort_size.sum())
            # A bound above a verified objective is no bound; rounding explains a hair's breadth.
            bound = min(bound, objective) if bound <= objective * (1 + _PROVEN) else None
        proven = answer.finished and bound is not None and objective - bound <= _PROVEN * objective
        return Solution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            solver=self.name,
            classes=classes,
            counts=answer.counts,
            bound=bound,
            notes=() if answer.finished else (f"CBC: {answer.said}",),
        )

    def _by_prices(self, classes: Classes, start: Solution | None, deadline: float) -> Solution:
        """Find prices, fix what they decide, solve the rest, certify."""

        def expired() -> bool:
            return monotonic() >= deadline

        prices, margin = self._find_prices(classes, deadline)
        best = Solution(
            status=Status.UNKNOWN,
            solver=self.name,
            classes=classes,
            prices=prices,
        )
        highest = float(np.abs(prices).max())
        nudges = nudges_for(classes)
        # A margin of zero, which tiny costs round to, would stay zero when it is doubled.
        margin = max(
            margin,
            _NUDGES_WITHIN * nudges[0],
            _LEAST_MARGIN * (highest or classes.penalty),
            LEAST_UNIT,
        )
        # A start by greedy has as few shortfalls as can be; more of them come from fixing too much.
        fewest = math.inf if start is None else classes.missing(start.answer)
        decided = (-1, -1.0)
        try:
            if fewest < math.inf:
                bound = bound_with(classes, prices, int(fewest), expired)
                best = replace(best, bound=bound)
            # At the last margin every column is free that can be.
            while margin <= 2 * _MOST_MARGIN * (classes.penalty + highest):
                self._check_size(0, deadline)
                rest = fix_columns(classes, prices, margin)
                margin *= 2
                if (rest.columns, nudges[0]) == decided:
                    continue
                decided = rest.columns, nudges[0]
                counts = self._decide(classes, rest, deadline, nudges[0])
                if counts is None or classes.missing(counts) > fewest:
                    continue
                # An answer counts, whether there is time to prove it or not.
                best = replace(best, status=Status.FEASIBLE, counts=counts)
                proof = prove(classes, counts, expired)
                best = replace(
                    best,
                    status=Status.OPTIMAL if proof.optimal else Status.FEASIBLE,
                    bound=max(proof.bound, best.bound or 0.0),
                )
                if proof.optimal:
                    break
                if len(nudges) > 1 and explains(nudges[0], classes, proof):
                    del nudges[0]
                    margin /= 2
        except _NoAnswerError as nothing:
            return self._by_greedy(best, prices, start, str(nothing))
        except OutOfTimeError:
            return self._by_greedy(best, prices, start, self._late)
        return best

    def _by_greedy(
        self, best: Solution, prices: FloatArray, start: Solution | None, why: str
    ) -> Solution:
        """Rank by prices where CBC had no answer and greedy's is all there is, or will be.

        Only where that takes no time to speak of.
        """
        classes = best.classes
        seconds = len(classes) * classes.problem.rounds * GREEDY_S
        quick = seconds <= _GRACE_FOR_RANKS and is_safely_countable(classes)
        if best.counts is None and quick and (start is not None or self.reserve):
            ranked = Greedy(prices=prices)(classes)
            note = f"{why}: a plan by round prices stands in"
            return replace(
                best,
                status=ranked.status,
                solver=ranked.solver,
                counts=ranked.counts,
                notes=(note,),
            )
        return replace(best, notes=(why,))

    def _find_prices(self, classes: Classes, deadline: float) -> tuple[FloatArray, float]:
        """Return prices and how far they may be off, by a coarse problem where all else fails."""

        def expired() -> bool:
            return monotonic() >= deadline

        found = find_prices(classes, self.prices, expired)
        if found is not None:
            return found.prices, _WIDTHS * found.width
        coarse = coarsen(classes.problem)
        first = self._directly(
            coarse.classes,
            None,
            monotonic() + _FOR_PRICES * (deadline - monotonic()),
            nudged=False,
        )
        prices = certify(first.classes, first.answer, expired).prices
        margin = coarse.error * float(np.abs(prices).mean())
        return prices, max(margin, _LEAST_MARGIN * classes.penalty)

    def _decide(
        self, classes: Classes, rest: RestrictedProblem, deadline: float, nudge: float
    ) -> IntArray | None:
        """Let CBC decide on what is free; None if the fixed part leaves no good answer."""
        fixed_turns = rest.fixed_turns
        seats = classes.problem.cohort_size - rest.fixed_seats
        if (seats < 0).any():
            return None
        counts = rest.fixed
        if not rest.columns:
            return None if classes.violations(counts) else counts
        self._check_size(rest.columns, deadline)
        problem = classes.problem
        model = self._model(
            cost=classes.cost(rest.rows),
            nudge=nudge * preferences(problem.seed, rest.rows, problem.rounds),
            capacity=rest.capacity,
            floor=np.maximum(0, classes.floor[rest.rows] - fixed_turns),
            ceiling=classes.ceiling[rest.rows] - fixed_turns,
            seats=seats,
            penalty=classes.penalty,
            start=None,
        )
        answer = self._ask(model, deadline)
        assert answer.counts is not None  # noqa: S101 - _ask raises otherwise
        counts[rest.rows] += answer.counts
        return None if classes.violations(counts) else counts

    def _model(
        self,
        *,
        cost: FloatArray,
        nudge: FloatArray,
        capacity: IntArray,
        floor: IntArray,
        ceiling: IntArray,
        seats: IntArray,
        penalty: float | None,
        start: IntArray | None,
    ) -> Model:
        return Model.scaled(
            cost=cost + nudge,
            capacity=capacity,
            floor=floor,
            ceiling=ceiling,
            seats=seats,
            penalty=penalty,
            integer=not self.relax,
            start=start,
            gap=self.gap,
            path=None if self.path is None else str(Path(self.path).absolute()),
        )

    def _check_size(self, columns: int, deadline: float) -> None:
        """Stop where a model cannot be written in the time that is left."""
        if monotonic() >= deadline:
            raise _NoAnswerError(self._late)
        if columns > (deadline - monotonic()) * _COLUMNS_PER_SECOND:
            raise _NoAnswerError(
                f"a model of {columns:,} counts cannot be written within the time limit of "
                f"{self.time_limit:g} s"
            )

    def _ask(self, model: Model, deadline: float) -> Answer:
        """Run CBC in a child process; raises `_NoAnswerError` where no counts come back."""
        try:
            answer = cast(
                Answer,
                child.run("lowcarb_solvers.cbc_model.solve", model, deadline - monotonic()),
            )
        except child.DeadlineError:
            raise _NoAnswerError(self._late) from None
        except child.ChildError as error:
            raise _NoAnswerError(f"CBC failed: {error}") from None
        if answer.counts is None:
            # Where turns and seats may be missing there always is an answer, whatever CBC says.
            infeasible = answer.infeasible and model.penalty is None
            raise _NoAnswerError(f"CBC: {answer.said}", infeasible=infeasible)
        return answer
