"""One round's decision, the same in a replay and in a training: pure, and strict with policies."""

from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import Choice, Planned, Policy
from lowcarb.planning.reserve import WithReserve, turns_in_reserve
from lowcarb.planning.settled_size import settled
from lowcarb_solvers import Limits, Problem, Warm


def decide(
    problem: Problem,
    policy: Policy,
    candidates: CandidateView,
    *,
    lost: float = 0.0,
    warm: Warm | None = None,
    assumed: bool = False,
    limits: Limits | None = None,
) -> Choice:
    """Ask a policy for the cohort of a program's first round.

    Parameters
    ----------
    problem
        All rounds that are left.
    policy
        Who chooses; a policy that plans keeps turns in reserve once turns get lost.
    candidates
        The clients of the program, in its order.
    lost
        Chance that a planned turn comes to nothing, from 0 to 1.
    warm
        What an earlier plan knows of these rounds, for a policy that plans: see `RoundPrices`.
    assumed
        Whether it is only assumed who will be there after the first round.
    limits
        Side constraints of these rounds, for a policy that keeps them; None for none.

    Raises
    ------
    PolicyError
        If the answer is no `Choice`, or a cohort that cannot be. What the policy itself raises is
        passed on.
    """
    if isinstance(policy, Planned) and warm is not None:
        policy = policy.warmed(warm)
    if isinstance(policy, Planned) and limits is not None:
        policy = policy.within_limits(limits)
    if assumed and isinstance(policy, Planned):
        problem, policy = settled(problem, policy)
    return WithReserve(policy, turns_in_reserve(lost))(problem, candidates)
