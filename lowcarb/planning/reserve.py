"""Turns kept in reserve against those that get lost.

Who fails or is away in the last rounds cannot repay a turn any more. So once turns are known to get
lost, clients that owe some are planned a few more than they owe. A reserve costs little: it is
given back as soon as what is owed has been taken.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from math import inf
from time import monotonic

import numpy as np

from lowcarb._util.arrays import IntArray
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import Choice, Planned, Policy
from lowcarb.planning.policy_checks import ask
from lowcarb_solvers import Problem, Stage, Warm

MOST_RESERVE = 5
"""Turns in reserve, at most: enough where one turn in four is lost."""
# Chance that a client that owes a turn loses that and all its reserve: one in a thousand.
_MOST_SHORT = 1e-3
# So many turns are taken to have gone well before the first: one early failure says little.
_GONE_WELL = 20
# Share of its time that a plan with the reserve may take: a plan without may have to follow.
_WITH_RESERVE = 0.75


def chance_lost(*, lost: int, asked: int, away: float) -> float:
    """Estimate the chance that a planned turn comes to nothing.

    Parameters
    ----------
    lost, asked
        Turns so far that were lost, and all of them.
    away
        Share of clients that were away, unannounced.
    """
    return 1 - (1 - lost / (asked + _GONE_WELL)) * (1 - away)


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

    Owed turns come first, and limits: where one would be missed for the reserve, the round is
    planned without. An owed turn that cannot be had whatever is planned takes nobody its reserve.
    Both plans of a `Planned` together take no longer than one plan may; a policy of one's own keeps
    its own time.

    Parameters
    ----------
    policy
        Who chooses. Floors that a policy sees include the reserve, whether or not the policy plans.
    turns
        In reserve for each client that owes turns, as far as its cap and the seats allow; 0 for
        none.
    clock
        Tells seconds, from any beginning.
    """

    policy: Policy
    turns: int
    clock: Callable[[], float] = monotonic

    def __call__(self, problem: Problem, candidates: CandidateView) -> Choice:
        """Choose with the reserve if no owed turn is missed for it."""
        more = self._with_reserve(problem)
        if not (more > problem.at_least).any():
            return ask(self.policy, problem, candidates)
        began = self.clock()
        limit = self.policy.time_limit if isinstance(self.policy, Planned) else inf
        hurried = self._within(_WITH_RESERVE * limit)
        reserved = ask(hurried, replace(problem, at_least=more), candidates)
        missed, broken = _missed(problem, reserved), _broken(reserved)
        # No client can take more turns than `most`, so every plan misses at least what is owed
        # beyond that: a plan that misses no more cannot be beaten by another.
        least = int(np.maximum(0, problem.at_least - _most(problem)).sum())
        if missed <= least and not any(broken):
            return reserved
        rest = self._within(limit - (self.clock() - began))
        if isinstance(rest, Planned) and reserved.solution is not None:
            # The same rounds with other floors: their prices are near.
            rest = rest.warmed(Warm.after(reserved.solution, 0) or rest.warm)
        bare = ask(rest, problem, candidates)
        same_or_better = (missed, *broken) <= (_missed(problem, bare), *_broken(bare))
        return reserved if same_or_better else bare

    def _within(self, seconds: float) -> Policy:
        """The policy in so much time, if it plans."""
        return self.policy.within(seconds) if isinstance(self.policy, Planned) else self.policy

    def _with_reserve(self, problem: Problem) -> IntArray:
        """Owed turns and those in reserve (n,): one for all who owe, those who owe most first."""
        owed, most = problem.at_least, _most(problem)
        free = problem.total - int(np.minimum(owed, most).sum())
        order = np.argsort(-owed, kind="stable")
        wanted = owed.copy()
        for _ in range(self.turns):
            takers = order[(owed > 0)[order] & (wanted < most)[order]][: max(0, free)]
            wanted[takers] += 1
            free -= len(takers)
        return wanted


def _most(problem: Problem) -> IntArray:
    """Turns that each client can take at most (n,), by its cap and by the rounds it can come to."""
    online = problem.available
    can_come = problem.rounds if online is None else online.sum(axis=1)
    return np.minimum(problem.at_most, can_come)


def _broken(choice: Choice) -> tuple[float, ...]:
    """How much a plan lacks of its limits, by the stages of their shortfalls; nothing if none."""
    found = choice.limited
    if found is None:
        return ()
    stages = [s for s in found.limited.limits.stages if s not in (Stage.SEATS, Stage.FLOORS)]
    return tuple(found.missed(stage) for stage in stages)


def _missed(problem: Problem, choice: Choice) -> int:
    """Count the owed turns that a plan lacks; none without a plan."""
    if choice.solution is None:
        return 0
    return int(np.maximum(0, problem.at_least - choice.solution.turns).sum())
