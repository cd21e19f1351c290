"""Ways to choose hours, behind the protocol of `SlotSolver`: each is asked again and again.

A policy sees the slots that are left, the first of which is now, and all rounds that are left. If
it chooses the first slot the round begins; else it waits.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb.planning.patience import PatientSlots
from lowcarb.planning.slot_prices import cheapest_seats
from lowcarb.planning.slot_solver import GreedySlots, SlotAnswer, SlotSolver, columns_of
from lowcarb.planning.slots import Slots
from lowcarb_solvers import Problem, Solver, merge, solve

AT_ONCE = "at-once"
"""The policy that others are compared with."""


@dataclass(frozen=True, kw_only=True)
class AtOnce:
    """Begins each round as soon as it may; who takes part is planned.

    Parameters
    ----------
    solvers
        Who says who takes part.
    """

    solvers: tuple[Solver, ...]

    def __call__(self, problem: Problem, slots: Slots, rounds: int) -> SlotAnswer:
        """Take the soonest slots."""
        return _with_cohorts(problem, _chain(slots.soonest(rounds)), self.solvers)


@dataclass(frozen=True, kw_only=True)
class CheapestSlots:
    """Takes the slots whose cheapest cohorts emit least, whoever is owed turns.

    Parameters
    ----------
    solvers
        Who says who takes part.
    """

    solvers: tuple[Solver, ...]

    def __call__(self, problem: Problem, slots: Slots, rounds: int) -> SlotAnswer:
        """Take the cheapest slots."""
        classes = merge(problem)
        prices = cheapest_seats(classes, np.zeros(len(classes))).prices
        return _with_cohorts(problem, _chain(slots.cheapest(prices, rounds)), self.solvers)


@dataclass(frozen=True, kw_only=True)
class Threshold:
    """Trains while the cheapest possible cohort is clean enough, or when it must.

    Clean enough is an intensity in the lowest share of the known slots, as large a share as rounds
    are left of the slots that are left.

    Parameters
    ----------
    solvers
        Who says who takes part.
    """

    solvers: tuple[Solver, ...]

    def __call__(self, problem: Problem, slots: Slots, rounds: int) -> SlotAnswer:
        """Take this slot or wait for the next one."""
        soonest = _chain(slots.soonest(rounds))
        later = _from(slots, 1).soonest(rounds)
        if later is None or self._is_clean(problem, slots, rounds):
            return _with_cohorts(problem, soonest, self.solvers)
        return _with_cohorts(problem, later + 1, self.solvers)

    def _is_clean(self, problem: Problem, slots: Slots, rounds: int) -> bool:
        classes = merge(problem)
        intensity = np.empty(problem.rounds)
        seats = cheapest_seats(classes, np.zeros(len(classes)))
        for j in range(problem.rounds):
            kwh = float(classes.weight[seats.classes[:, j]] @ seats.members[:, j])
            intensity[j] = seats.prices[j] / kwh if kwh else seats.prices[j]
        share = min(1.0, rounds / max(1, len(slots.longest_chain())))
        return bool(intensity[0] <= np.quantile(intensity, share))


def _from(slots: Slots, first: int) -> Slots:
    """Return the slots from one of them on."""
    return replace(slots, starts=slots.starts[first:])


def _chain(chosen: IntArray | None) -> IntArray:
    assert chosen is not None  # noqa: S101 - there is a chain of that length
    return chosen


def _with_cohorts(problem: Problem, chosen: IntArray, solvers: tuple[Solver, ...]) -> SlotAnswer:
    solution = solve(columns_of(problem, chosen), *solvers).raise_for_status()
    return SlotAnswer(chosen=chosen, solution=solution)


def slot_policies(solvers: tuple[Solver, ...], time_limit: float = 10.0) -> dict[str, SlotSolver]:
    """Give the policies by their names.

    Parameters
    ----------
    solvers
        Who says who takes part.
    time_limit
        Seconds in which the joint plan looks for slots.
    """
    return {
        AT_ONCE: AtOnce(solvers=solvers),
        "cheapest-slots": CheapestSlots(solvers=solvers),
        "threshold": Threshold(solvers=solvers),
        "ilp": PatientSlots(inner=GreedySlots(solvers=solvers, time_limit=time_limit)),
    }
