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

from lowcarb_solvers.arrays import IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.merging import merge
from lowcarb_solvers.reduction import turn_prices
from lowcarb_solvers.slot_paths import SlotPaths
from lowcarb_solvers.slot_prices import SlotCosts, SlotDual, TurnPrices
from lowcarb_solvers.slot_problem import SlotProblem
from lowcarb_solvers.slot_solution import SlotSolution
from lowcarb_solvers.solution import Solution, Status
from lowcarb_solvers.solver import chain, solve

# Steps of prices between two tries, and rounds of them; a step goes so far to where the best answer
# would be proven, less where steps do not help.
_STEPS, _LENGTH, _SHORTER, _SHORTEST = 40, 1.2, 0.7, 0.02
# Share of the direction of a step that is kept from the one before.
_KEPT = 0.3
# Share of the time in which prices are bettered.
_FOR_PRICES = 0.5
# A bound that is so near is reached, relatively.
_REACHED = 1e-9
# Sets that are begun at once in their order; more would fill the memory.
_MOST_SETS = 2_000_000
# Seconds beyond the limit in which a set that was begun is answered, by greedy if need be.
_LEAST_S = 0.05


def earliest_end(problem: SlotProblem) -> int | None:
    """In how many slots all rounds can be over, whatever they cost; None if not in those given.

    The end of the horizon is no bound here: the last pause is not looked at.
    """
    return SlotPaths(problem).earliest()


def solve_slots(
    problem: SlotProblem, *, time_limit: float = 10.0, solver: str = "cbc"
) -> SlotSolution:
    """Choose slots and cohorts, proven or with a bound.

    Parameters
    ----------
    problem
        What to choose.
    time_limit
        In seconds. At least one set of slots is tried, by greedy if there is no time for more.
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
    search = _Search(problem, paths, began + time_limit, solver)
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
        self, problem: SlotProblem, paths: SlotPaths, deadline: float, solver: str
    ) -> None:
        self._problem, self._paths = problem, paths
        self._deadline, self._solver = deadline, solver
        # Whatever a set misses, another may have; so for them all may be missing.
        whole = problem.problem
        self._elastic = replace(problem, problem=replace(whole, elastic=True))
        self._classes = merge(self._elastic.problem)
        self._dual = SlotDual(self._elastic, self._classes)
        self._known: dict[bytes, float] = {}
        self._bounds: list[SlotCosts] = []
        self._best: tuple[IntArray, Solution] | None = None
        self._upper, self._lower = math.inf, -math.inf
        self._highest: SlotCosts | None = None
        self._exhausted = False

    def better_prices(self, until: float) -> None:
        """Better the bound by steps of prices, and try the sets that are cheapest at them."""
        prices, length = self._dual.none, _LENGTH
        self._try(self._look(prices)[1])
        while self._best is not None and perf_counter() < until and not self._proven:
            before = self._upper, self._lower
            prices, length = self._ascend(self._prices_of_best(), length, until)
            self._try(self._look(prices)[1])
            if self._highest is not None:
                found = self._paths.cheapest(self._highest.worth)
                assert found is not None  # noqa: S101 - there is a set
                self._try(found[0])
            if (self._upper, self._lower) == before:
                break

    def try_in_order(self) -> None:
        """Try sets in the order of their bounds until the best is proven or the time is over."""
        if self._highest is None or self._best is None:
            return
        constant = self._highest.turns
        order: Iterator[tuple[float, IntArray]] = self._paths.in_order(self._highest.worth)
        for number, (cost, slots) in enumerate(order):
            bound = self._highest.bound(slots)
            self._lower = max(self._lower, min(bound, cost + constant, self._upper))
            if self._proven or perf_counter() >= self._deadline or number >= _MOST_SETS:
                return
            if all(other.bound(slots) < self._upper for other in self._bounds):
                self._try(slots)
        self._exhausted = True

    def answer(self) -> SlotSolution:
        """Return the best answer, checked."""
        tried = len(self._known)
        if self._best is None:
            return SlotSolution(
                status=Status.UNKNOWN,
                tried=tried,
                notes=("no set of slots was found that the sizes of cohorts allow",),
            )
        slots, held = self._best
        missing = held.classes.missing(held.seated)
        proven = self._proven or self._exhausted
        if missing and not self._problem.problem.elastic:
            status = Status.INFEASIBLE if proven else Status.UNKNOWN
            why = held.shortfalls[0].why if held.shortfalls else "some floors cannot be met"
            return SlotSolution(
                status=status, tried=tried, notes=(f"{missing} turns or seats are missing: {why}",)
            )
        problem = self._problem.held_in(slots)
        assert problem is not None  # noqa: S101 - it was solved
        wrong = self._problem.violations(slots) + problem.violations(held.cohorts)
        if wrong:
            note = f"the answer was thrown away: {wrong[0]}"
            return SlotSolution(status=Status.UNKNOWN, tried=tried, notes=(note,))
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
        return self._lower >= self._upper - _REACHED * abs(self._upper)

    def _look(self, prices: TurnPrices) -> tuple[SlotCosts, IntArray]:
        """Take the bound of prices, and the slots that are cheapest at them."""
        costs = self._dual.costs(prices)
        found = self._paths.cheapest(costs.worth)
        assert found is not None  # noqa: S101 - there is a set
        bound = costs.bound(found[0])
        if bound > self._lower:
            self._lower, self._highest = bound, costs
        return costs, found[0]

    def _ascend(self, prices: TurnPrices, length: float, until: float) -> tuple[TurnPrices, float]:
        """Step towards prices at which the bound would be the cost of the best answer."""
        best, highest = prices, -math.inf
        kept = self._dual.none
        for _ in range(_STEPS):
            costs, slots = self._look(prices)
            bound = costs.bound(slots)
            if bound > highest:
                best, highest = prices, bound
            else:
                length = max(_SHORTEST, length * _SHORTER)
            if self._proven or perf_counter() >= until:
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
        return best, length

    def _prices_of_best(self) -> TurnPrices:
        """Prices of turns in the best answer, which prove it among its own slots."""
        assert self._best is not None  # noqa: S101 - asked for only then
        held = self._best[1]
        if held.prices is None:
            return self._dual.none
        return _lifted(self._classes, held, self._elastic)

    def _try(self, slots: IntArray) -> None:
        """Find the cohorts of a set of slots."""
        key = slots.tobytes()
        if key in self._known:
            return
        problem = self._elastic.held_in(slots)
        if problem is None:
            self._known[key] = math.inf
            return
        left = self._deadline - perf_counter()
        if self._best is not None and left < _LEAST_S:
            return
        held = solve(problem, *chain(max(left, _LEAST_S), solver=self._solver))
        self._known[key] = math.inf
        if held.sparse is None:
            return
        assert held.objective is not None  # noqa: S101 - it has cohorts
        missing = held.classes.missing(held.sparse)
        cost = self._dual.penalty * missing + held.objective
        self._known[key] = cost
        if cost < self._upper:
            self._upper, self._best = cost, (slots, held)
            if held.prices is not None:
                self._bounds.append(self._dual.costs(self._prices_of_best()))


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
