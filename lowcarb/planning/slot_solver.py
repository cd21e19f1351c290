"""Which slots rounds take, jointly with who takes part in them."""

from dataclasses import dataclass, field, replace
from math import inf
from time import perf_counter
from typing import Protocol, runtime_checkable

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.planning.slot_prices import Bound, ascend, bound_of, cheapest_seats, worth_of_turns
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, Solution, Solver, chain, merge, solve

# Steps towards the prices of the floors in each of some passes, and the time for all of them.
_STEPS, _PASSES, _FOR_PRICES = 40, 4, 0.5
# Of a pass the choices of slots for which it is found out who takes part.
_CHOICES = 2
# Exchanges of slots that are tried in vain.
_MOST_VAIN = 8
# Costs that differ by less, relatively, are the same; nearer to the bound nothing is looked for.
_SAME, _NEAR = 1e-9, 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class SlotAnswer:
    """Chosen slots, and who takes part in them.

    Parameters
    ----------
    chosen
        Shape (h,): slots, ascending.
    solution
        Of the program whose rounds are these slots.
    bound
        No choice of slots and cohorts costs less; None where unknown.
    worth
        Shape (n,): what a turn of each client is worth, from which the next search may begin.
    """

    chosen: IntArray
    solution: Solution
    bound: float | None = None
    worth: FloatArray | None = None

    @property
    def gap(self) -> float | None:
        """(objective - bound) / objective; None where one of them is unknown."""
        objective = self.solution.objective
        if objective is None or self.bound is None:
            return None
        return max(0.0, objective - self.bound) / objective if objective > 0 else 0.0


class SlotSolver(Protocol):
    """Chooses slots and cohorts; a function will do."""

    def __call__(self, problem: Problem, slots: Slots, rounds: int, /) -> SlotAnswer:
        """Choose so many slots, and who takes part in each.

        Parameters
        ----------
        problem
            A round for each slot, of which `rounds` are to be chosen; floors and caps are those of
            the chosen rounds.
        slots
            Which of them may follow which.
        rounds
            How many; `slots` has a chain of that length.
        """


@runtime_checkable
class WarmableSlots(Protocol):
    """A solver that may begin from an earlier answer, which saves time."""

    def warmed(self, answer: SlotAnswer) -> SlotSolver:
        """Return the solver that begins from an answer for the same clients."""


def warmed(solver: SlotSolver, answer: SlotAnswer) -> SlotSolver:
    """Let a solver begin from an answer for the same clients, if it can."""
    return solver.warmed(answer) if isinstance(solver, WarmableSlots) else solver


def columns_of(problem: Problem, chosen: IntArray) -> Problem:
    """Return the program of some of a program's rounds."""
    return replace(
        problem,
        cost_level=problem.cost_level[:, chosen],
        cohort_size=problem.cohort_size[chosen],
        available=None if problem.available is None else problem.available[:, chosen],
    )


@dataclass(frozen=True, kw_only=True)
class GreedySlots:
    """Takes the cheapest chain of slots under the floors' prices, and exchanges slots.

    Parameters
    ----------
    solvers
        Who says who takes part; none for those of `chain`.
    time_limit
        Seconds after which no better choice is looked for.
    worth
        Shape (n,): of an earlier answer for these clients. It saves time.
    """

    solvers: tuple[Solver, ...] = ()
    time_limit: float = 10.0
    worth: FloatArray | None = field(default=None, compare=False, repr=False)

    def warmed(self, answer: SlotAnswer) -> "GreedySlots":
        """Begin from what turns were worth in an earlier answer."""
        return replace(self, worth=answer.worth)

    def __call__(self, problem: Problem, slots: Slots, rounds: int) -> SlotAnswer:
        """Choose slots and cohorts."""
        search = _Search(problem, slots, rounds, self.solvers or chain(self.time_limit))
        began = perf_counter()
        search.choose(self.worth, began + _FOR_PRICES * self.time_limit)
        search.exchange(began + self.time_limit)
        return search.answer()


class _Search:
    """One search for slots: the best answer so far, and a bound on all of them."""

    def __init__(
        self, problem: Problem, slots: Slots, rounds: int, solvers: tuple[Solver, ...]
    ) -> None:
        self.problem = problem
        self.slots = slots
        self.rounds = rounds
        self.solvers = solvers
        self.classes = merge(problem)
        self.bound = -inf
        self.worth = np.zeros(len(self.classes))
        self.best: tuple[IntArray, Solution] | None = None
        self.tried: set[bytes] = set()

    def choose(self, before: FloatArray | None, until: float) -> None:
        """Choose slots under the floors' prices, pass after pass, and find out who takes part."""
        worth = self._by_class(before)
        first, _ = bound_of(self.classes, self.slots, self.rounds, worth)
        self._learn(first)
        self._try(first.chosen)
        for number in range(_PASSES):
            if self._is_proven() or perf_counter() > until:
                break
            solution = self._best[1]
            if number or not worth.any():
                worth = worth_of_turns(solution, self.classes)
            bounds = ascend(
                self.classes,
                self.slots,
                self.rounds,
                worth,
                _cost(solution),
                steps=_STEPS,
                near=_NEAR,
                late=lambda: perf_counter() > until,
            )
            self._learn(bounds[0])
            choices = {one.chosen.tobytes(): one.chosen for one in bounds}
            better = [self._try(one) for one in list(choices.values())[:_CHOICES]]
            if number and not any(better):
                break

    def _by_class(self, worth: FloatArray | None) -> FloatArray:
        """Average what turns of a class's members were worth (k,); 0 where that is unknown."""
        if worth is None or worth.shape != (self.problem.clients,):
            return np.zeros(len(self.classes))
        total: FloatArray = np.bincount(  # type: ignore[assignment]
            self.classes.member_of, weights=worth, minlength=len(self.classes)
        )
        return total / self.classes.size

    def _learn(self, bound: Bound) -> None:
        if bound.cost > self.bound:
            self.bound, self.worth = bound.cost, bound.worth

    def exchange(self, until: float) -> None:
        """Exchange single slots while that helps and time is left."""
        vain = 0
        while vain < _MOST_VAIN and not self._is_proven():
            chosen, solution = self._best
            prices = cheapest_seats(self.classes, worth_of_turns(solution, self.classes)).prices
            whole = self.slots.cheapest(prices, self.rounds)
            others = self._exchanges(chosen, prices.tolist())
            for other in others if whole is None else [whole, *others]:
                if vain >= _MOST_VAIN or perf_counter() > until:
                    return
                if self._try(other):
                    break
                vain += 1
            else:
                return

    def _try(self, chosen: IntArray) -> bool:
        """Find out who takes part in some slots; whether that is the best so far."""
        if chosen.tobytes() in self.tried:
            return False
        self.tried.add(chosen.tobytes())
        solution = solve(columns_of(self.problem, chosen), *self.solvers).raise_for_status()
        if self.best is not None and not _is_better(solution, self.best[1]):
            return False
        self.best = (chosen, solution)
        return True

    @property
    def _best(self) -> tuple[IntArray, Solution]:
        assert self.best is not None  # noqa: S101 - a first choice was tried
        return self.best

    def _is_proven(self) -> bool:
        cost = _cost(self._best[1])
        return cost - self.bound <= _NEAR * abs(cost)

    def _exchanges(self, chosen: IntArray, prices: list[float]) -> list[IntArray]:
        """Choices that differ from one in a single slot, most promising first."""
        taken = set(chosen.tolist())
        found: list[tuple[float, int, int]] = []
        for place, old in enumerate(chosen.tolist()):
            low = 0 if not place else int(chosen[place - 1])
            high = len(self.slots) - 1 if place == len(chosen) - 1 else int(chosen[place + 1])
            found += [
                (prices[j] - prices[old], place, j)
                for j in range(low, high + 1)
                if j not in taken and self._fits(chosen, place, j)
            ]
        others = []
        for _, place, j in sorted(found)[: 2 * _MOST_VAIN]:
            other = chosen.copy()
            other[place] = j
            if other.tobytes() not in self.tried:
                others.append(other)
        return others

    def _fits(self, chosen: IntArray, place: int, j: int) -> bool:
        """Whether a slot may stand in a place of a chain."""
        slots = self.slots
        if not place:
            before = j < slots.firsts
        else:
            before = bool(slots.since[j] <= chosen[place - 1] <= slots.before[j])
        if place + 1 == len(chosen):
            return before
        after = int(chosen[place + 1])
        return before and bool(slots.since[after] <= j <= slots.before[after])

    def answer(self) -> SlotAnswer:
        """Return the best answer."""
        chosen, solution = self._best
        whole = self.bound > -inf and not solution.classes.missing(solution.seated)
        bound = min(self.bound, _cost(solution)) if whole else None
        return SlotAnswer(
            chosen=chosen,
            solution=solution,
            bound=bound,
            worth=self.worth[self.classes.member_of],
        )


def _cost(solution: Solution) -> float:
    assert solution.objective is not None  # noqa: S101 - it has an answer
    return solution.objective


def _is_better(solution: Solution, than: Solution) -> bool:
    """Whether an answer has fewer shortfalls than another one, or as few and costs less."""
    short, before = (one.classes.missing(one.seated) for one in (solution, than))
    cheaper = _cost(solution) < _cost(than) - _SAME * abs(_cost(than))
    return short < before or (short == before and cheaper)
