"""Which slots hold a round, and who works in it: by prices, and by trying sets in their order.

Any set of slots leaves a problem of cohorts that `solve` answers. Prices of turns say what a set
costs at least. They begin as those of the best set so far, and are bettered by subgradient steps;
at each of them the cheapest set is a shortest path, and worth a try. Then sets are tried in the
order of their bounds, and where the next one costs no less than the best answer, that is optimal.
"""

import math
from collections.abc import Iterator
from dataclasses import replace
from time import perf_counter

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.merging import merge
from lowcarb_solvers.reduction import turn_prices
from lowcarb_solvers.slot_paths import SlotPaths
from lowcarb_solvers.slot_prices import SlotCosts, SlotDual, TurnPrices
from lowcarb_solvers.slot_problem import SlotProblem
from lowcarb_solvers.slot_solution import SlotSolution
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.solver import chain, solve
from lowcarb_solvers.warm import Warm

# Steps of prices between two tries. A step goes so far to where the best answer would be proven,
# less where some steps were in vain.
_STEPS, _LENGTH, _SHORTER, _SHORTEST, _IN_VAIN = 60, 1.0, 0.7, 0.01, 6
# Part of the latest set in how often slots are among the cheapest.
_LATELY = 0.1
# What the bound should gain between two tries, relatively.
_GAIN = 2e-5
# Share of the direction of a step that is kept from the one before.
_KEPT = 0.3
# Share of the time in which prices are bettered.
_FOR_PRICES = 0.5
# A bound that is so near is reached, relatively.
_REACHED = 1e-9
# Sets that are begun at once in their order; more would fill the memory.
_MOST_SETS = 2_000_000
# Seconds that the first set gets at least, which greedy answers if need be.
_LEAST_S = 0.05


def earliest_end(problem: SlotProblem) -> int | None:
    """In how many slots all rounds can be over, whatever they cost.

    Parameters
    ----------
    problem
        Whose rounds and distances; costs, clients and the pause after the last round are not
        looked at.

    Returns
    -------
    int or None
        Slots from the first on, so that a deadline after these can be met; more than the problem
        has where the last round takes long. None if the rounds do not fit into those given.
    """
    return SlotPaths(problem).earliest()


def solve_slots(
    problem: SlotProblem, *, time_limit: float = 10.0, gap: float = 0.0, solver: str = "cbc"
) -> SlotSolution:
    """Choose slots and cohorts, proven or with a bound.

    Of an elastic problem: slots with the fewest missing turns and seats, then those of the least
    cost, where shortfalls are shared as in any problem of cohorts.

    Parameters
    ----------
    problem
        What to choose.
    time_limit
        In seconds. At least one set of slots is tried, by greedy if there is no time for more.
    gap
        Relative gap at which the search may stop; a small one is mostly reached in a few seconds,
        while for a proof all sets that may be better are tried.
    solver
        Who finds cohorts, as in `chain`.

    Returns
    -------
    SlotSolution
        The best slots that were found, and their cohorts; checked, whoever gave them.
    """
    began = perf_counter()
    paths = SlotPaths(problem)
    worth_nothing = np.zeros(problem.problem.rounds)
    if paths.cheapest(worth_nothing) is None:
        return SlotSolution(
            status=Status.INFEASIBLE, notes=(_why_none(problem),), seconds=perf_counter() - began
        )
    search = _Search(problem, paths, began + time_limit, gap, solver)
    search.better_prices(began + _FOR_PRICES * time_limit)
    search.try_in_order()
    return replace(search.answer(), seconds=perf_counter() - began)


def _why_none(problem: SlotProblem) -> str:
    """Say why so many rounds cannot be held."""
    wanted, is_open = problem.rounds, problem.open_slots
    if (number := int(is_open.sum())) < wanted:
        return f"{wanted} rounds, but only {number} open slots"
    free = SlotPaths(replace(problem, longest_pause=None))
    if (most := free.most()) < wanted:
        return f"{wanted} rounds that do not overlap, but only {most} fit into the open slots"
    pause, t = problem.longest_pause, problem.problem.rounds
    ends = np.concatenate([[-1], np.flatnonzero(is_open), [t]])
    widest = int(np.diff(ends).argmax())
    if pause is not None and ends[widest + 1] - ends[widest] > pause:
        closed = f"no slot is open from {ends[widest] + 1} to {ends[widest + 1] - 1}"
        return f"pauses of at most {pause} slots, but {closed}"
    if pause is not None and wanted * pause + pause <= t:
        return f"{wanted} rounds with pauses of at most {pause} slots do not reach over {t} slots"
    return f"no {wanted} of the open slots keep pauses of at most {pause} without overlap"


class _Search:
    """What is known so far, mutable on purpose."""

    def __init__(
        self,
        problem: SlotProblem,
        paths: SlotPaths,
        deadline: float,
        gap: float,
        solver: str,
    ) -> None:
        self._problem, self._paths = problem, paths
        self._deadline, self._gap, self._solver = deadline, gap, solver
        # Whatever a set misses, another may have; so for them all may be missing.
        whole = problem.problem
        self._elastic = replace(problem, problem=replace(whole, elastic=True))
        self._classes = merge(self._elastic.problem)
        self._dual = SlotDual(self._elastic, self._classes)
        self._known: set[bytes] = set()
        self._bounds: list[SlotCosts] = []
        self._best: tuple[IntArray, Solution] | None = None
        self._upper, self._lower = math.inf, -math.inf
        self._highest: SlotCosts | None = None
        # Costs that a set may have whose own optimum was not found.
        self._unsure = math.inf
        self._longest, self._exhausted = 0.0, False

    def better_prices(self, until: float) -> None:
        """Better the bound by steps of prices, and try the sets that are cheapest at them."""
        self._try(self._look(self._dual.none)[1])
        if self._best is None:
            return
        prices, length = self._prices_of_best(), _LENGTH
        while perf_counter() < until and not self._near:
            before = self._upper, self._lower
            prices, length, often = self._ascend(prices, length, until)
            for worth in (self._dual.costs(prices).worth, -often):
                found = self._paths.cheapest(worth)
                assert found is not None  # noqa: S101 - there is a set
                self._try(found[0])
            nothing = self._upper == before[0] and self._lower - before[1] <= _GAIN * self._upper
            if nothing and length <= _SHORTEST:
                break
            length *= _SHORTER if nothing else 1.0

    def try_in_order(self) -> None:
        """Try sets in the order of their bounds until the best is proven or the time is over."""
        if self._highest is None:
            return
        constant = self._highest.turns
        order: Iterator[tuple[float, IntArray]] = self._paths.in_order(self._highest.worth)
        for number, (cost, slots) in enumerate(order):
            # All sets that cost less at these prices were tried.
            bound = min(self._highest.bound(slots), cost + constant)
            self._lower = max(self._lower, min(bound, self._unsure, self._upper))
            if self._near or number >= _MOST_SETS or perf_counter() >= self._deadline:
                return
            hopeful = all(other.bound(slots) < self._upper for other in self._bounds)
            if hopeful and not self._try(slots):
                return
        self._lower = max(self._lower, min(self._unsure, self._upper))
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
        proven = self._proven
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
        bound = max(0.0, self._lower - self._dual.penalty * missing)
        return SlotSolution(
            status=Status.OPTIMAL if proven else Status.FEASIBLE,
            slots=slots,
            held=held,
            bound=held.objective if proven else min(bound, held.objective),
            tried=tried,
            notes=held.notes,
        )

    @property
    def _proven(self) -> bool:
        return self._is_within(_REACHED)

    @property
    def _near(self) -> bool:
        """Whether the bound is as near as it should be."""
        return self._is_within(max(self._gap, _REACHED))

    def _is_within(self, gap: float) -> bool:
        """Whether the bound is so near the cost of the best answer, relatively."""
        if self._best is None:
            return False
        return self._upper - self._lower <= gap * (self._best[1].objective or 0.0)

    def _look(self, prices: TurnPrices) -> tuple[SlotCosts, IntArray]:
        """Take the bound of prices, and the slots that are cheapest at them."""
        costs = self._dual.costs(prices)
        found = self._paths.cheapest(costs.worth)
        assert found is not None  # noqa: S101 - there is a set
        bound = costs.bound(found[0])
        if bound > self._lower:
            self._lower, self._highest = bound, costs
        return costs, found[0]

    def _ascend(
        self, prices: TurnPrices, length: float, until: float
    ) -> tuple[TurnPrices, float, FloatArray]:
        """Step towards prices at which the bound would be the cost of the best answer.

        Also return how often each slot was among the cheapest lately (t,).
        """
        best, highest, in_vain = prices, -math.inf, 0
        kept = self._dual.none
        often = np.zeros(self._problem.problem.rounds)
        for _ in range(_STEPS):
            costs, slots = self._look(prices)
            often *= 1 - _LATELY
            often[slots] += _LATELY
            bound = costs.bound(slots)
            if bound > highest:
                best, highest, in_vain = prices, bound, 0
            else:
                in_vain += 1
            if in_vain >= _IN_VAIN:
                length, in_vain = max(_SHORTEST, length * _SHORTER), 0
            if self._near or perf_counter() >= until:
                break
            rise = self._dual.ascent(prices, costs, slots)
            kept = TurnPrices(
                of_class=rise.of_class + _KEPT * kept.of_class,
                of_all=rise.of_all + _KEPT * kept.of_all,
            )
            square = float(kept.of_class @ kept.of_class) + kept.of_all**2
            if not square:
                break
            step = length * max(0.0, self._upper - bound) / square
            moved = prices.of_class + step * kept.of_class
            # Zero is a kink: there neither floor nor cap binds.
            moved[prices.of_class * moved < 0] = 0.0
            # No turn is worth more than missing it costs.
            prices = TurnPrices(
                of_class=np.minimum(moved, self._dual.penalty),
                of_all=min(prices.of_all + step * kept.of_all, self._dual.penalty),
            )
        return best, length, often

    def _prices_of_best(self) -> TurnPrices:
        """Prices of turns in the best answer, which prove it among its own slots."""
        assert self._best is not None  # noqa: S101 - asked for only then
        held = self._best[1]
        if held.prices is None:
            return self._dual.none
        return _lifted(self._classes, held, self._elastic)

    def _try(self, slots: IntArray) -> bool:
        """Find the cohorts of a set of slots; False if there is no time for that."""
        key = slots.tobytes()
        if key in self._known:
            return True
        left = self._deadline - perf_counter()
        if self._best is not None and left <= self._longest:
            return False
        self._known.add(key)
        problem = self._elastic.held_in(slots)
        if problem is None:
            return True
        warm = None
        if self._highest is not None and self._best is not None:
            warm = Warm(prices=self._highest.seat_prices[slots])
        held = solve(problem, *chain(max(left, _LEAST_S), solver=self._solver), warm=warm)
        self._longest = max(self._longest, held.seconds)
        if held.status is not Status.OPTIMAL:
            self._unsure = min(self._unsure, max(known.bound(slots) for known in self._all_bounds))
        if held.sparse is None:
            return True
        assert held.objective is not None  # noqa: S101 - it has cohorts
        cost = self._dual.penalty * held.classes.missing(held.sparse) + held.objective
        if cost < self._upper:
            self._upper, self._best = cost, (slots, held)
            if held.prices is not None:
                self._bounds.append(self._dual.costs(self._prices_of_best()))
        return True

    @property
    def _all_bounds(self) -> list[SlotCosts]:
        return self._bounds if self._highest is None else [self._highest, *self._bounds]


def _lifted(classes: Classes, held: Solution, problem: SlotProblem) -> TurnPrices:
    """Prices of turns of all slots' classes, from the round prices of an answer."""
    assert held.prices is not None  # noqa: S101 - asked for only then
    in_all = 0.0
    if problem.total is not None:
        slack = held.classes.problem.slack
        falling = np.argsort(-held.prices)
        last = int(np.searchsorted(np.cumsum(slack.width[falling]), slack.total))
        in_all = float(held.prices[falling[min(last, len(falling) - 1)]])
    of_held = turn_prices(held.classes, held.prices)
    one = np.zeros(len(classes), dtype=np.int64)
    one[classes.member_of] = np.arange(classes.problem.clients)
    return TurnPrices(of_class=of_held[held.classes.member_of[one]], of_all=in_all)
