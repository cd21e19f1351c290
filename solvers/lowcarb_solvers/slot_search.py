"""Which slots hold a round, and who works in it: by prices, and by trying sets in their order.

Any set of slots leaves a problem of cohorts that `solve` answers. Prices of turns say what a set
costs at least. They begin as those of the best set so far, and are bettered by subgradient steps;
at each of them the cheapest set is a shortest path, and worth a try. Then single slots are
exchanged, and sets are tried in the order of their bounds: where the next one costs no less than
the best answer, that is optimal.
"""

import math
from dataclasses import replace
from time import perf_counter

import numpy as np

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.merging import merge
from lowcarb_solvers.slot_ascent import LENGTH, SHORTER, SHORTEST, SlotBounds
from lowcarb_solvers.slot_moves import single_moves
from lowcarb_solvers.slot_prices import SlotCosts
from lowcarb_solvers.slot_problem import SlotProblem
from lowcarb_solvers.slot_solution import SlotSolution
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.solver import Solver, chain, solve, within
from lowcarb_solvers.warm import Warm

# What the bound should gain between two tries, relatively.
_GAIN = 2e-5
# Share of the time in which prices are bettered, and in which slots are exchanged after that.
_FOR_PRICES, _FOR_MOVES = 0.5, 0.25
# Exchanges of slots that are tried in vain.
_MOST_MOVES = 8
# A bound that is so near is reached, relatively.
_REACHED = 1e-9
# Sets that are begun at once in their order; more would fill the memory.
_MOST_SETS = 2_000_000
# Seconds that the first set gets at least, which greedy answers if need be.
_LEAST_S = 0.05


def solve_slots(
    problem: SlotProblem,
    *solvers: Solver,
    time_limit: float = 10.0,
    gap: float = 0.0,
    most_vain: int | None = None,
    before: SlotSolution | None = None,
) -> SlotSolution:
    """Choose slots and cohorts, proven or with a bound.

    Of an elastic problem: slots with the fewest missing turns and seats, then those of the least
    cost, where shortfalls are shared as in any problem of cohorts.

    Parameters
    ----------
    problem
        What to choose.
    solvers
        Who finds cohorts, as in `solve`; none for those of `chain`.
    time_limit
        In seconds. At least one set of slots is tried, by greedy if there is no time for more.
    gap
        Relative gap at which the search may stop; a small one is mostly reached in a few seconds,
        while for a proof all sets that may be better are tried.
    most_vain
        Sets that may be tried one after the other without finding a better one; None for any.
    before
        An earlier answer for the same clients, whose prices the search begins from. It saves time.

    Returns
    -------
    SlotSolution
        The best slots that were found, and their cohorts; checked, whoever gave them.
    """
    began = perf_counter()
    search = _Search(problem, solvers or chain(time_limit), began + time_limit, gap, most_vain)
    if why := _why_none(problem):
        found = SlotSolution(status=Status.INFEASIBLE, notes=(why,))
    else:
        search.better_prices(before, began + _FOR_PRICES * time_limit)
        search.move(began + (_FOR_PRICES + _FOR_MOVES) * time_limit)
        search.try_in_order()
        found = search.answer()
    return replace(found, seconds=perf_counter() - began)


def greedy_slots(problem: SlotProblem, *solvers: Solver, time_limit: float = 10.0) -> SlotSolution:
    """Choose the slots whose cheapest cohorts cost least, whoever is owed turns, and cohorts.

    Parameters
    ----------
    problem, solvers, time_limit
        As of `solve_slots`.
    """
    began = perf_counter()
    search = _Search(problem, solvers or chain(time_limit), began + time_limit, 0.0, None)
    if why := _why_none(problem):
        found = SlotSolution(status=Status.INFEASIBLE, notes=(why,))
    else:
        search.first(None)
        found = search.answer()
    return replace(found, seconds=perf_counter() - began)


def _why_none(problem: SlotProblem) -> str | None:
    """Say why so many rounds cannot be held; None if they can."""
    (wanted, _), (least, most) = problem.bounds, problem.fitting
    can = len(problem.spaced.longest())
    if can < wanted:
        return (
            f"{wanted} rounds, but only {can} can follow each other in {problem.problem.rounds} "
            "slots"
        )
    if least > min(most, can):
        return f"no slots were found whose cohorts may add up to {problem.total}"
    nothing = np.zeros(problem.problem.rounds)
    if problem.spaced.cheapest(nothing, problem.fitting) is None:
        return f"no {least} slots keep their distances"
    return None


class _Search:
    """What is known so far, mutable on purpose."""

    def __init__(
        self,
        problem: SlotProblem,
        solvers: tuple[Solver, ...],
        deadline: float,
        gap: float,
        most_vain: int | None,
    ) -> None:
        self._problem, self._solvers = problem, solvers
        self._deadline, self._gap = deadline, gap
        self._most_vain = math.inf if most_vain is None else most_vain
        # Whatever a set misses, another may have; so for them all may be missing.
        whole = problem.problem
        self._elastic = replace(problem, problem=replace(whole, elastic=True))
        self._classes = merge(self._elastic.problem)
        self._bounds = SlotBounds(self._elastic, self._classes)
        self._known: set[bytes] = set()
        self._others: list[SlotCosts] = []
        self._best: tuple[IntArray, Solution] | None = None
        self._upper, self._lower, self._vain = math.inf, -math.inf, 0
        # Costs that a set may have whose own optimum was not found.
        self._unsure = math.inf
        self._longest, self._exhausted = 0.0, False

    def first(self, before: SlotSolution | None) -> None:
        """Try the slots that are cheapest at the prices of an earlier answer, or at none."""
        dual = self._bounds.dual
        prices = (
            dual.none if before is None else dual.of_clients(before.turn_prices, before.per_turn)
        )
        self._try(self._bounds.look(prices)[1])

    def better_prices(self, before: SlotSolution | None, until: float) -> None:
        """Better the bound by steps of prices, and try the sets that are cheapest at them."""
        self.first(before)
        if self._best is None:
            return
        warm = before is not None and before.turn_prices is not None
        prices = self._bounds.prices if warm else self._bounds.of_answer(self._best[1])
        length = LENGTH
        while perf_counter() < until and not self._over:
            known = self._upper, self._lower
            prices, length, often = self._bounds.ascend(
                prices, length, self._upper, lambda: self._over or perf_counter() >= until
            )
            for worth in (self._bounds.dual.costs(prices).worth, -often):
                self._try(self._bounds.cheapest(worth))
            nothing = self._upper == known[0] and self._lower - known[1] <= _GAIN * self._upper
            if nothing and length <= SHORTEST:
                break
            length *= SHORTER if nothing else 1.0

    def move(self, until: float) -> None:
        """Exchange, add and leave out single slots while that helps."""
        in_vain = 0
        while self._best is not None and not self._over:
            slots, held = self._best
            prices = self._bounds.of_answer(held)
            worth = self._bounds.look(prices)[0].worth
            for other in single_moves(self._problem, slots, worth, 2 * _MOST_MOVES):
                if other.tobytes() in self._known:
                    continue
                if in_vain >= _MOST_MOVES or perf_counter() > until or not self._try(other):
                    return
                if self._best[0] is other:
                    break
                in_vain += 1
            else:
                return

    def try_in_order(self) -> None:
        """Try sets in the order of their bounds until the best is proven or the time is over."""
        highest = self._bounds.highest
        if highest is None or self._over:
            return
        spaced, some = self._problem.spaced, False
        for number, (cost, slots) in enumerate(
            spaced.in_order(highest.worth, self._problem.fitting)
        ):
            some = True
            # All sets that cost less at these prices were tried.
            bound = min(highest.bound(slots), cost + highest.turns)
            self._raise(min(bound, self._unsure, self._upper))
            if self._over or number >= _MOST_SETS or perf_counter() >= self._deadline:
                return
            hopeful = all(other.bound(slots) < self._upper for other in self._others)
            if hopeful and not self._try(slots):
                return
        if some:
            self._raise(min(self._unsure, self._upper))
            self._exhausted = True

    def answer(self) -> SlotSolution:
        """Return the best answer, checked."""
        tried = len(self._known)
        if self._best is None:
            return SlotSolution(
                status=Status.INFEASIBLE if self._exhausted else Status.UNKNOWN,
                tried=tried,
                notes=(f"no slots were found whose cohorts may add up to {self._problem.total}",),
            )
        slots, held = self._best
        missing = held.classes.missing(held.seated)
        proven = self._is_within(_REACHED)
        if missing and not self._problem.problem.elastic:
            status = Status.INFEASIBLE if proven else Status.UNKNOWN
            why = held.shortfalls[0].why if held.shortfalls else "some floors cannot be met"
            return SlotSolution(
                status=status, tried=tried, notes=(f"{missing} turns or seats are missing: {why}",)
            )
        if wrong := self._problem.violations(slots):
            note = f"the answer was thrown away: {wrong[0]}"
            return SlotSolution(status=Status.UNKNOWN, tried=tried, notes=(note,))
        if not self._problem.problem.elastic:
            problem = replace(held.classes.problem, elastic=False)
            held = replace(held, classes=replace(held.classes, problem=problem, most_short=None))
        assert held.objective is not None  # noqa: S101 - it has cohorts
        bound = max(0.0, self._lower - self._bounds.dual.penalty * missing)
        prices = self._bounds.prices
        return SlotSolution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            slots=slots,
            held=held,
            bound=held.objective if proven else min(bound, held.objective),
            tried=tried,
            notes=held.notes,
            turn_prices=prices.of_class[self._classes.member_of],
            per_turn=prices.of_all,
        )

    @property
    def _over(self) -> bool:
        """Whether the bound is as near as it should be, or too much was tried in vain."""
        self._raise(self._bounds.lower)
        return self._is_within(max(self._gap, _REACHED)) or self._vain >= self._most_vain

    def _raise(self, lower: float) -> None:
        self._lower = max(self._lower, lower)

    def _is_within(self, gap: float) -> bool:
        """Whether the bound is so near the cost of the best answer, relatively."""
        if self._best is None:
            return False
        return self._upper - self._lower <= gap * (self._best[1].objective or 0.0)

    def _try(self, slots: IntArray) -> bool:
        """Find the cohorts of a set of slots; False if there is no time for that."""
        key = slots.tobytes()
        if key in self._known:
            return True
        left = self._deadline - perf_counter()
        if self._best is not None and left <= self._longest:
            return False
        self._known.add(key)
        self._vain += 1
        problem = self._elastic.held_in(slots)
        if problem is None:
            return True
        highest, warm = self._bounds.highest, None
        if highest is not None and self._best is not None:
            warm = Warm(prices=highest.seat_prices[slots])
        held = solve(problem, *within(self._solvers, max(left, _LEAST_S)), warm=warm)
        self._longest = max(self._longest, held.seconds)
        known = [*self._others, *([] if highest is None else [highest])]
        if held.status is not Status.OPTIMAL:
            self._unsure = min(self._unsure, max(one.bound(slots) for one in known))
        if held.sparse is None:
            return True
        assert held.objective is not None  # noqa: S101 - it has cohorts
        cost = self._bounds.dual.penalty * held.classes.missing(held.sparse) + held.objective
        if cost < self._upper:
            if cost < self._upper - _REACHED * abs(cost):
                self._vain = 0
            self._upper, self._best = cost, (slots, held)
            if held.prices is not None:
                self._others.append(self._bounds.dual.costs(self._bounds.of_answer(held)))
        return True
