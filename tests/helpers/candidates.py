"""What policies are told of the clients of a program that nobody else describes."""

import numpy as np

from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import Choice, Policy
from lowcarb_solvers import Problem


def view_of(problem: Problem) -> CandidateView:
    """Name the clients of a program by their numbers."""
    unknown = np.full(problem.clients, np.nan)
    return CandidateView(
        names=[f"c{i}" for i in range(problem.clients)],
        regions=["R"] * problem.clients,
        duration_s=np.full(problem.clients, 3600.0),
        samples=unknown,
        last_loss=unknown,
        waited=np.ones(problem.clients),
        asked_before=np.zeros(problem.clients, dtype=np.bool_),
    )


def choose(policy: Policy, problem: Problem) -> Choice:
    """Ask a policy as a replay or a training would, but for its checks."""
    return policy(problem, view_of(problem))
