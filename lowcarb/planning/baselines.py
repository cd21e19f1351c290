"""What other ways to choose would emit, beside a plan."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb.planning.excess import random_saved, saved_in_all
from lowcarb_solvers import Classes, Excess, Greedy, Problem, merge, solve

_ROUNDING = 1e-6


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What another way to choose would emit.

    Parameters
    ----------
    planned_g
        Forecast emissions, gCO2eq.
    floors_met
        Share of clients that get the turns they are owed; None where that is left to chance.
    left_empty
        Seats that stay empty although random cohorts would fill them.
    """

    planned_g: float
    floors_met: float | None
    left_empty: int = 0

    @classmethod
    def of(cls, problem: Problem, turns: IntArray, planned_g: float) -> "Baseline":
        """Judge a way to choose by each client's turns (n,) in a problem."""
        return cls(
            planned_g=planned_g,
            floors_met=float((turns >= problem.at_least).mean()),
            left_empty=left_empty(problem, turns),
        )

    @property
    def misses_floors(self) -> bool:
        """Whether floors were missed; never where they are left to chance."""
        return self.floors_met is not None and self.floors_met < 1

    @property
    def comparable(self) -> bool:
        """Whether no floor was missed, and no seat left empty that random cohorts would fill.

        Random cohorts, which owe no turns, are the reference.
        """
        return not self.misses_floors and not self.left_empty


def left_empty(problem: Problem, turns: IntArray) -> int:
    """Count the seats that turns (n,) leave empty although random cohorts would fill them."""
    # In proportion to another total sizes need not be whole.
    more = float(problem.random_seats.sum()) - int(turns.sum())
    return max(0, math.floor(more + _ROUNDING))


def baselines(problem: Problem | Classes, excess: Sequence[Excess] = ()) -> dict[str, Baseline]:
    """What other ways to choose would emit, on the same problem.

    Parameters
    ----------
    problem
        The problem; where its classes are known already, those, so that nothing is merged twice.
    excess
        Energy of sites that all of them use before the grid's.

    Returns
    -------
    dict
        regret: the look-ahead greedy ranking. greedy: cheapest first, floors kept. cheapest: the
        cheapest cohorts without floors and caps, the unfair extreme. random: the exact expectation
        of uniformly drawn cohorts, less a mean of what excess energy saves drawn ones.
    """
    classes = problem if isinstance(problem, Classes) else merge(problem)
    problem = classes.problem
    unfair = replace(
        problem,
        at_least=np.zeros_like(problem.at_least),
        at_most=np.full_like(problem.at_most, problem.rounds),
    )
    chosen = {
        "regret": solve(classes, Greedy("regret")),
        "greedy": solve(classes, Greedy("cost")),
        # Where cohorts breathe, the cheapest seats of all rounds together are no ranking of each.
        "cheapest": solve(unfair, *([] if problem.slack.breathes else [Greedy("cost")])),
    }
    found = {
        name: Baseline.of(
            problem,
            solution.turns,
            solution.classes.total_cost(solution.seated)
            - (saved_in_all(excess, solution.cohorts) if excess else 0.0),
        )
        for name, solution in chosen.items()
    }
    random_g = problem.random_cost - random_saved(excess, problem)
    return {**found, "random": Baseline(planned_g=random_g, floors_met=None)}
