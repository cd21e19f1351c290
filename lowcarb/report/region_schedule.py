"""Cohorts seen by region: how many clients work there in each round, and how dirty it is then."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb.fleet.fleet import Fleet
from lowcarb.planning.plan import Plan
from lowcarb_solvers import Problem


@dataclass(frozen=True, kw_only=True, eq=False)
class Schedule:
    """Regions by rounds, cleanest region first.

    Parameters
    ----------
    regions
        g names.
    intensity
        Shape (g, t): mean intensity over the workloads of the region's clients, gCO2eq/kWh; NaN
        where it is unknown.
    working
        Shape (g, t): clients at work.
    """

    regions: tuple[str, ...]
    intensity: FloatArray
    working: IntArray


def schedule_of(plan: Plan) -> Schedule:
    """Count a plan's clients by region and round."""
    return schedule_of_cohorts(plan.fleet, plan.problem, plan.solution.cohorts)


def schedule_of_cohorts(fleet: Fleet, problem: Problem, cohorts: Sequence[IntArray]) -> Schedule:
    """Count the clients of cohorts by region and round, at the intensities of a problem."""
    g, t = len(fleet.regions), problem.rounds
    working = np.zeros((g, t), dtype=np.int64)
    for j, cohort in enumerate(cohorts):
        working[:, j] = np.bincount(fleet.region[cohort], minlength=g)
    # A region's clients may differ in duration and so in their windows: every kind counts once.
    kinds = np.unique(np.stack([fleet.region, problem.level_of], axis=1), axis=0)
    intensity = np.zeros((g, t))
    np.add.at(intensity, kinds[:, 0], problem.cost_level[kinds[:, 1]])
    intensity /= np.bincount(kinds[:, 0], minlength=g)[:, None]
    order = np.argsort(intensity.mean(axis=1), kind="stable")
    return Schedule(
        regions=tuple(fleet.regions[r] for r in order),
        intensity=intensity[order],
        working=working[order],
    )
