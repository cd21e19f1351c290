"""Ways to choose hours, behind the protocol of `SlotSolver`: each is asked again and again.

A policy sees the slots that are left, the first of which is now, and all rounds that are left. If
it chooses the first slot the round begins; else it waits.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb.planning.partly_usual import PartlyUsual
from lowcarb.planning.slot_solver import SlotSearch, SlotSolver, soonest, with_cohorts
from lowcarb.planning.slots import Slots
from lowcarb_solvers import SlotProblem, SlotSolution, Solver, greedy_slots

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

    def __call__(self, problem: SlotProblem, slots: Slots) -> SlotSolution:
        """Take the soonest slots."""
        return with_cohorts(problem, soonest(problem, slots), self.solvers)


@dataclass(frozen=True, kw_only=True)
class CheapestSlots:
    """Takes the slots whose cheapest cohorts emit least, whoever is owed turns.

    Parameters
    ----------
    solvers
        Who says who takes part.
    """

    solvers: tuple[Solver, ...]

    def __call__(self, problem: SlotProblem, _: Slots) -> SlotSolution:
        """Take the cheapest slots."""
        return greedy_slots(problem, *self.solvers)


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

    def __call__(self, problem: SlotProblem, slots: Slots) -> SlotSolution:
        """Take this slot or wait for the next one."""
        later = replace(slots, starts=slots.starts[1:])
        needed, most = problem.fitting
        can = len(later.longest_chain())
        chosen = soonest(problem, slots)
        if can >= needed and not self._is_clean(problem, slots):
            waiting = later.soonest(min(most, can))
            assert waiting is not None  # noqa: S101 - there is a chain as long as that
            chosen = waiting + 1
        return with_cohorts(problem, chosen, self.solvers)

    def _is_clean(self, problem: SlotProblem, slots: Slots) -> bool:
        intensity = cleanest(problem)
        share = min(1.0, problem.fitting[1] / max(1, len(slots.longest_chain())))
        return bool(intensity[0] <= np.quantile(intensity, share))


def cleanest(problem: SlotProblem) -> FloatArray:
    """Intensity of the cheapest cohort of each slot (t,): cost for each unit of weight."""
    whole = problem.problem
    found = np.empty(whole.rounds)
    for j in range(whole.rounds):
        costs = whole.costs(slice(None), j)
        there = whole.at_most > 0
        if whole.available is not None:
            there &= whole.available[:, j]
        chosen = np.argsort(np.where(there, costs, np.inf), kind="stable")
        chosen = chosen[: min(int(whole.cohort_size[j]), int(there.sum()))]
        weight = float(whole.weight[chosen].sum())
        grams = float(costs[chosen].sum())
        found[j] = grams / weight if weight else grams
    return found


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
        "ilp": PartlyUsual(inner=SlotSearch(solvers=solvers, time_limit=time_limit)),
    }
