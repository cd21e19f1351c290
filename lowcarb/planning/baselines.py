"""What other ways to choose would emit, beside a plan."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from lowcarb.planning.excess import random_saved, saved_in_all
from lowcarb_solvers import Classes, Excess, Greedy, Problem, merge, solve


@dataclass(frozen=True, kw_only=True)
class Baseline:
    """What another way to choose would emit.

    Parameters
    ----------
    planned_g
        Forecast emissions, gCO2eq.
    floors_met
        Share of clients that get the turns they are owed; None where that is left to chance.
    """

    planned_g: float
    floors_met: float | None

    @property
    def comparable(self) -> bool:
        """Whether no floor was missed; random cohorts, which owe no turns, are the reference."""
        return self.floors_met is None or self.floors_met == 1


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
        name: Baseline(
            planned_g=solution.classes.total_cost(solution.seated)
            - (saved_in_all(excess, solution.cohorts) if excess else 0.0),
            floors_met=float((solution.turns >= problem.at_least).mean()),
        )
        for name, solution in chosen.items()
    }
    random_g = problem.random_cost - random_saved(excess, problem)
    return {**found, "random": Baseline(planned_g=random_g, floors_met=None)}
