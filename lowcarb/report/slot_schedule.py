"""Chosen slots among all slots: who works in which, and how dirty each is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.times import from_seconds
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.chosen_hours import ChosenHours
from lowcarb.planning.slots import Slots
from lowcarb.replay.hours_backtest import HoursBacktest, HoursRun
from lowcarb.report.region_schedule import Schedule, schedule_of_cohorts
from lowcarb_solvers import Problem

# Seconds between two slots that are no gap.
_ROUNDING_S = 1e-3


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldSlots:
    """All slots, and those in which rounds are held.

    Parameters
    ----------
    problem
        The program with a round for each slot.
    slots
        When each of them is.
    chosen
        Shape (h,): slots in which rounds are held, ascending.
    cohorts
        Who takes part in each of those.
    """

    problem: Problem
    slots: Slots
    chosen: IntArray
    cohorts: Sequence[IntArray]

    @classmethod
    def planned(cls, chosen: ChosenHours) -> "HeldSlots":
        """Take the slots of a plan, by the forecast."""
        return cls(
            problem=chosen.problem,
            slots=chosen.slots,
            chosen=chosen.chosen,
            cohorts=chosen.solution.cohorts,
        )

    @classmethod
    def played(cls, run: HoursRun, backtest: HoursBacktest) -> "HeldSlots":
        """Take the slots of a replay, by what came true."""
        slots = backtest.slots
        begins = np.array([start.timestamp() for start in run.starts])
        return cls(
            problem=backtest.truth,
            slots=slots,
            chosen=np.searchsorted(slots.starts, begins - _ROUNDING_S).astype(np.int64),
            cohorts=run.cohorts,
        )

    @property
    def turns(self) -> IntArray:
        """Turns of each client (n,)."""
        turns = np.zeros(self.problem.clients, dtype=np.int64)
        for cohort in self.cohorts:
            turns[cohort] += 1
        return turns


@dataclass(frozen=True, kw_only=True, eq=False)
class SlotIntensities:
    """Intensity of those who take part, in every slot.

    Parameters
    ----------
    starts, ends
        Of each slot (s,), in UTC; a slot ends where the next one begins, or its round is over.
    usual
        Shape (s,): mean over the clients, weighed by the energy of their turns, gCO2eq/kWh.
    chosen
        Shape (h,): slots that were chosen.
    cohorts
        Shape (h,): the same mean over the cohort of each chosen slot; NaN where it is empty.
    """

    starts: tuple[datetime, ...]
    ends: tuple[datetime, ...]
    usual: FloatArray
    chosen: IntArray
    cohorts: FloatArray


def slot_intensities(held: HeldSlots) -> SlotIntensities:
    """Find the intensity of those who take part, in every slot."""
    problem = held.problem
    energy = problem.weight * held.turns
    by_level = np.bincount(problem.level_of, weights=energy, minlength=len(problem.cost_level))
    total = float(by_level.sum())
    usual = by_level @ problem.cost_level / total if total else np.zeros(problem.rounds)
    cohorts = np.full(len(held.chosen), np.nan)
    for j, (slot, cohort) in enumerate(zip(held.chosen, held.cohorts, strict=True)):
        kwh = float(problem.weight[cohort].sum())
        if kwh:
            cohorts[j] = problem.costs(cohort, int(slot)).sum() / kwh
    begin, end = _spans(held.slots)
    return SlotIntensities(
        starts=tuple(map(from_seconds, begin)),
        ends=tuple(map(from_seconds, end)),
        usual=usual,
        chosen=held.chosen,
        cohorts=cohorts,
    )


def _spans(slots: Slots) -> tuple[FloatArray, FloatArray]:
    """From when to when each slot counts (s,), seconds since 1970."""
    over = slots.starts + slots.length_s
    following = np.append(slots.starts[1:], np.inf)
    return slots.starts, np.where(following <= over + _ROUNDING_S, following, over)


def slot_schedule(fleet: Fleet, held: HeldSlots) -> tuple[Schedule, Sequence[datetime]]:
    """Count the clients of the chosen slots by region; between windows there are gaps.

    Returns
    -------
    tuple
        The schedule, a column for each slot and each gap, and the times between its columns.
    """
    nobody = np.zeros(0, dtype=np.int64)
    cohorts = [nobody] * held.problem.rounds
    for slot, cohort in zip(held.chosen.tolist(), held.cohorts, strict=True):
        cohorts[slot] = cohort
    whole = schedule_of_cohorts(fleet, held.problem, cohorts)
    begin, end = _spans(held.slots)
    gaps = np.flatnonzero(begin[1:] - end[:-1] > _ROUNDING_S) + 1
    edges = np.insert(np.append(begin, end[-1]), gaps, end[gaps - 1])
    return (
        Schedule(
            regions=whole.regions,
            intensity=np.insert(whole.intensity, gaps, np.nan, axis=1),
            working=np.insert(whole.working, gaps, 0, axis=1),
        ),
        [from_seconds(edge) for edge in edges],
    )
