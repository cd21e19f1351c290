"""Limits in a replay: what a policy may know of them in each round, and what cohorts came to."""

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.planning.asked_limits import AskedLimits, BoundLimits
from lowcarb.planning.excess import random_saved, saved_by
from lowcarb.planning.history import History, Spent
from lowcarb.planning.limits import NOTHING
from lowcarb.planning.planner import Planner
from lowcarb_solvers import LimitedProblem, Limits, Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class ReplayedLimits:
    """The limits of a training from one start.

    Parameters
    ----------
    asked
        The limits.
    planner
        Fleet and rounds.
    starts
        Shape (t,): of all rounds, seconds since 1970.
    truth
        The program over all rounds with the intensities that came true.
    delay_s
        How long after its end an actual intensity is known; None for never.
    """

    asked: AskedLimits
    planner: Planner
    starts: FloatArray
    truth: Problem
    delay_s: float | None

    @cached_property
    def bound(self) -> LimitedProblem:
        """All rounds as they came true, with their limits."""
        return self._bind(self.truth, 0).limited

    def of(self, problem: Problem) -> Limits:
        """Limits of a program over all rounds."""
        return self._bind(problem, 0).limited.limits

    def ahead(self, problem: Problem, past: "PastTurns", turns: IntArray) -> Limits:
        """Limits of the rounds left, by what is known when the first of them starts."""
        j = len(self.starts) - problem.rounds
        history = past.history(self, j, turns)
        return self._bind(problem, j, history).limited.limits

    def _bind(self, problem: Problem, j: int, history: History | None = None) -> BoundLimits:
        fleet, every_s = self.planner.fleet, self.planner.every.total_seconds()
        past = NOTHING if history is None else self.asked.past(fleet, history)
        return self.asked.bind(problem, fleet, self.starts[j:], every_s, past)

    def saved(self, cohort: IntArray, j: int) -> FloatArray:
        """What excess energy saved each of a round's clients, gCO2eq."""
        return saved_by(self.bound.limits.excess, cohort, j)

    def random_saved(self) -> float:
        """What excess energy saves random cohorts in all rounds, gCO2eq."""
        return random_saved(self.bound.limits.excess, self.truth)


@dataclass(kw_only=True)
class PastTurns:
    """What was asked in rounds that are over, and what that used; grows round by round."""

    cohorts: list[IntArray] = field(default_factory=list)
    planned_g: list[FloatArray] = field(default_factory=list)

    def add(self, cohort: IntArray, planned_g: FloatArray) -> None:
        """Take note of a round, and of what its clients were planned to emit."""
        self.cohorts.append(cohort)
        self.planned_g.append(planned_g)

    def history(self, limits: ReplayedLimits, j: int, turns: IntArray) -> History:
        """What is known of the rounds before one: what came true by then, else what was planned."""
        fleet = limits.planner.fleet
        n, every_s = len(fleet), limits.planner.every.total_seconds()
        last, kwh, grams = np.zeros(n, dtype=np.int64), np.zeros(n), np.zeros(n)
        for r, (cohort, planned_g) in enumerate(zip(self.cohorts, self.planned_g, strict=True)):
            last[cohort] = r + 1
            kwh[cohort] += fleet.energy_kwh[cohort]
            known = limits.delay_s is not None and (
                limits.starts[r] + every_s + limits.delay_s <= limits.starts[j]
            )
            true_g = limits.truth.costs(cohort, r) - limits.saved(cohort, r)
            grams[cohort] += true_g if known else planned_g
        return History(turns=turns, rounds=j, spent=Spent(last=last, kwh=kwh, grams=grams))
