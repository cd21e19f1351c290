"""Turns kept in reserve against those that get lost.

Who fails or is away in the last rounds cannot repay a turn any more. So once turns are known to get
lost, clients that owe some are planned a few more than they owe. A reserve costs little: it is
given back as soon as what is owed has been taken.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb.policies import Choice, Policy
from lowcarb_solvers import Problem

MOST_RESERVE = 3
"""Turns in reserve, at most: where turns are lost more often, no plan is worth much."""
# Chance that a client that owes a turn loses that and all its reserve: one in a thousand.
_MOST_SHORT = 1e-3


def turns_in_reserve(lost: float) -> int:
    """How many turns to plan beyond those owed, so that hardly anyone ends up short.

    Parameters
    ----------
    lost
        Share of turns that come to nothing, from 0 to 1.
    """
    return next(
        (turns for turns in range(MOST_RESERVE) if lost ** (turns + 1) <= _MOST_SHORT), MOST_RESERVE
    )


@dataclass(frozen=True)
class WithReserve:
    """A policy that is told of a few more owed turns than there are.

    Owed turns come first: where the reserve would cost one, it is dropped for the round.

    Parameters
    ----------
    policy
        Who chooses; one that makes no plan chooses as ever.
    turns
        In reserve for each client that owes turns, as far as its cap allows; 0 for none.
    """

    policy: Policy
    turns: int

    def __call__(self, problem: Problem) -> Choice:
        """Choose with the reserve if no owed turn is missed for it."""
        if self.turns:
            owed = problem.at_least
            most = np.minimum(owed + self.turns, np.minimum(problem.at_most, problem.rounds))
            more = replace(problem, at_least=np.where(owed > 0, np.maximum(owed, most), owed))
            choice = self.policy(more)
            if choice.solution is None or (choice.solution.turns >= owed).all():
                return choice
        return self.policy(problem)
