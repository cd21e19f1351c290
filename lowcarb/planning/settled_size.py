"""How many clients to ask now, where it is only assumed who will be there later.

Who is away without having said so is taken to be back in the next round. For cohorts that breathe
that would make each later round look better than this one: turns would be put off from round to
round, until few clients have to take many of them when it is dirty.
"""

from dataclasses import replace

import numpy as np

from lowcarb.planning.policies import Planned
from lowcarb_solvers import Problem

# Share of its time that a plan may take to settle the size of its first round.
_FOR_SIZE = 0.25


def settled(problem: Problem, policy: Planned) -> tuple[Problem, Planned]:
    """Settle the size of the first cohort as if those who are there now were there in all rounds.

    Caps do not count for that: those who are there stand for all others as well.

    Parameters
    ----------
    problem
        All rounds that are left.
    policy
        Who plans.

    Returns
    -------
    Problem
        The same with one size for its first round; as it is where its cohorts are of one size or
        everybody is there.
    Planned
        The policy, in the time that is left for the plan.
    """
    if not problem.slack.breathes or problem.available is None:
        return problem, policy
    there, rounds = problem.available[:, 0], problem.rounds
    if there.all() or rounds == 1:
        return problem, policy
    may = there & (problem.at_most > 0)
    alike = replace(
        problem,
        available=np.repeat(may[:, np.newaxis], rounds, axis=1),
        at_least=np.where(may, np.minimum(problem.at_least, rounds), 0),
        at_most=np.full_like(problem.at_most, rounds),
    )
    limit = policy.time_limit
    size = len(policy.within(_FOR_SIZE * limit)(alike).cohort)
    # The rounds after it need their turns of the total, no fewer and no more.
    later_least, later_most = int(problem.fewest[1:].sum()), int(problem.most[1:].sum())
    size = max(size, int(problem.fewest[0]), problem.total - later_most)
    size = min(size, problem.total - later_least)
    sizes, least, most = (
        bound.copy() for bound in (problem.cohort_size, problem.fewest, problem.most)
    )
    sizes[0] = least[0] = most[0] = size
    sized = replace(problem, cohort_size=sizes, cohort_least=least, cohort_most=most)
    return sized, policy.within((1 - _FOR_SIZE) * limit)
