"""Decide by prices what they decide, and let a solver decide on the core that they leave open.

Round prices fix most columns; see `price_search` and `reduction`. What is left is a small program
of the same form, the core, which any solver of such programs may answer. That the whole is optimal
is for the certificate to say; if it does not, more columns are left open.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace
from time import monotonic

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.count_program import LEAST_UNIT, CountProgram
from lowcarb_solvers.cycles import improve
from lowcarb_solvers.deadline import OutOfTimeError
from lowcarb_solvers.equals import explains, nudges_for, preferring
from lowcarb_solvers.greedy import Greedy, is_safely_countable, seconds_of_greedy
from lowcarb_solvers.price_search import find_prices
from lowcarb_solvers.prices import bound_with, certify
from lowcarb_solvers.reduction import RestrictedProblem, coarsen, fix_columns
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.sparse_counts import SparseCounts

# Prices that know of no nudges may be off by so many of them.
_NUDGES_WITHIN = 8.0
# Share of the time that a coarse problem may take.
_FOR_PRICES = 0.5
# The first margin around prices that were found without a model, in widths.
_WIDTHS = 5.0
# The first margin around any prices at least, and the last one, in penalties for a missing seat.
_LEAST_MARGIN, _MOST_MARGIN = 1e-12, 4.0
# Seconds beyond the limit in which cohorts may still be ranked by prices, and exchanged.
_GRACE_FOR_RANKS = 0.2


class NoAnswerError(Exception):
    """A solver found no counts; the text says why."""

    def __init__(self, why: str, *, infeasible: bool = False) -> None:
        super().__init__(why)
        self.infeasible = infeasible


@dataclass(frozen=True, kw_only=True)
class CoreSearch:
    """Solve by round prices and a solver for what they leave open.

    Parameters
    ----------
    name
        Of the solver.
    decide
        Answers a core by a deadline, as `time.monotonic` counts it, with counts (r, t); raises
        `NoAnswerError`.
    whole
        Answers all of a coarse problem by a deadline, for its prices.
    late
        What to say when the time is over.
    prices
        Shape (t,): round prices of a similar problem, from which the search for prices begins.
    searches
        Whether prices are searched for without a model first; else `whole` answers a coarse problem
        for them at once.
    least_share
        Share of all columns that a core leaves open at least: more than 0 where it is answered
        sooner than a proof fails.
    may_rank
        Whether a plan by round prices may stand in where there is no time for another and no
        `start`.
    """

    name: str
    decide: Callable[[CountProgram, float], IntArray]
    whole: Callable[[Classes, float], Solution]
    late: str
    prices: FloatArray | None
    searches: bool
    least_share: float
    may_rank: bool

    def __call__(self, classes: Classes, start: Solution | None, deadline: float) -> Solution:
        """Find prices, fix what they decide, solve the core, certify."""

        def expired() -> bool:
            return monotonic() >= deadline

        nudges = nudges_for(classes)
        # Nudged costs have one optimum, so that its prices leave little open where many are equal.
        nudged = preferring(classes, nudges[0])
        prices, margin = self._find_prices(nudged, self.prices, deadline)
        best = Solution(
            status=Status.UNKNOWN,
            solver=self.name,
            classes=classes,
            prices=prices,
        )
        highest = float(np.abs(prices).max())
        # At this margin every column is free that can be.
        most = _MOST_MARGIN * (classes.penalty + highest)
        margin = min(margin, most)
        # A start by greedy has as few shortfalls as can be; more of them come from fixing too much.
        fewest = math.inf if start is None else classes.penalties(start.seated)
        decided = (-1, -1.0)
        least = self.least_share * len(classes) * classes.problem.rounds
        try:
            if fewest < math.inf:
                bound = bound_with(classes, prices, int(fewest), expired)
                best = replace(best, bound=bound)
            while margin <= 2 * most:
                self._check_time(deadline)
                rest = fix_columns(nudged, prices, margin, expired)
                margin *= 2
                too_few = rest.columns < least and margin <= 2 * most
                if too_few or (rest.columns, nudges[0]) == decided:
                    continue
                decided = rest.columns, nudges[0]
                counts = self._decide(nudged, rest, deadline)
                if counts is None or classes.penalties(counts) > fewest:
                    continue
                # An answer counts, whether there is time to prove it or not.
                best = replace(best, status=Status.FEASIBLE, sparse=counts)
                proof = certify(classes, counts, expired, start=prices)
                best = replace(
                    best,
                    status=Status.OPTIMAL if proof.optimal else Status.FEASIBLE,
                    bound=max(proof.bound, best.bound or 0.0),
                    certificate=proof if proof.optimal else None,
                )
                if proof.optimal:
                    break
                if len(nudges) > 1 and explains(nudges[0], classes, proof):
                    del nudges[0]
                    nudged = preferring(classes, nudges[0])
                    prices, margin = self._find_prices(nudged, prices, deadline)
        except NoAnswerError as nothing:
            return self._by_greedy(best, prices, start, str(nothing), deadline)
        except OutOfTimeError:
            return self._by_greedy(best, prices, start, self.late, deadline)
        if best.sparse is None or best.status is Status.OPTIMAL:
            return best
        return improve(best, expired)

    def _by_greedy(
        self,
        best: Solution,
        prices: FloatArray,
        start: Solution | None,
        why: str,
        deadline: float,
    ) -> Solution:
        """Rank by prices where there is no answer and greedy's is all there is, or will be.

        Only where that takes no time to speak of. Exchanges then make the plan cheaper.
        """
        classes = best.classes
        quick = seconds_of_greedy(classes) <= _GRACE_FOR_RANKS and is_safely_countable(classes)
        if best.sparse is None and quick and (start is not None or self.may_rank):
            ranked = Greedy(prices=prices)(classes)
            best = replace(best, status=ranked.status, solver=ranked.solver, sparse=ranked.sparse)
        best = replace(best, notes=(why,))
        if best.sparse is None:
            return best
        return improve(best, lambda: monotonic() >= deadline + _GRACE_FOR_RANKS)

    def _find_prices(
        self, classes: Classes, start: FloatArray | None, deadline: float
    ) -> tuple[FloatArray, float]:
        """Return prices and how far they may be off, by a coarse problem if they are not found."""

        def expired() -> bool:
            return monotonic() >= deadline

        found = find_prices(classes, start, expired) if self.searches else None
        if found is not None:
            prices, margin = found.prices, _WIDTHS * found.width
        else:
            coarse = coarsen(classes.problem)
            first = self.whole(
                replace(coarse.classes, most_short=classes.most_short),
                monotonic() + _FOR_PRICES * (deadline - monotonic()),
            )
            known = first.prices  # where a proof was tried already
            prices = (
                certify(first.classes, first.seated, expired).prices if known is None else known
            )
            # They are those of one of many equal optima.
            margin = max(
                coarse.error * float(np.abs(prices).mean()), _NUDGES_WITHIN * classes.uneven
            )
        # A margin of zero, which tiny costs round to, would stay zero when it is doubled.
        highest = float(np.abs(prices).max())
        return prices, max(margin, _LEAST_MARGIN * (highest or classes.penalty), LEAST_UNIT)

    def _decide(
        self, classes: Classes, rest: RestrictedProblem, deadline: float
    ) -> SparseCounts | None:
        """Let the solver decide on the core; None if the fixed part leaves no good answer."""
        fixed_turns = rest.fixed_turns
        seats = classes.problem.seats - rest.fixed_seats
        slack = classes.problem.slack
        if (seats < 0).any() or slack.lost(seats) < 0:
            return None
        if not rest.columns:
            return None if classes.violations(rest.fixed) else rest.fixed
        self._check_time(deadline)
        size = classes.size[rest.rows]
        core = CountProgram(
            cost=classes.cost(rest.rows),
            capacity=rest.capacity,
            floor=np.maximum(0, size * classes.at_least[rest.rows] - fixed_turns),
            assured=np.maximum(0, size * classes.assured[rest.rows] - fixed_turns),
            ceiling=size * classes.at_most[rest.rows] - fixed_turns,
            seats=seats,
            slack=slack,
            penalty=classes.penalty,
        )
        counts = rest.with_core(self.decide(core, deadline))
        return None if classes.violations(counts) else counts

    def _check_time(self, deadline: float) -> None:
        if monotonic() >= deadline:
            raise NoAnswerError(self.late)
