"""Asking policies, strictly: what cannot be asked, or answers what cannot be, is refused."""

import inspect

import numpy as np

from lowcarb.errors import PolicyError
from lowcarb.planning.candidates import CandidateView
from lowcarb.planning.policies import Choice, Policy
from lowcarb_solvers import Problem, Solution

_FORM = "def policy(problem, candidates) -> Choice"


def name_of(policy: Policy) -> str:
    """Name a policy as its user would: its function or its class."""
    return str(getattr(policy, "__name__", type(policy).__name__))


def check_policy(policy: object) -> None:
    """Refuse what cannot be asked for a cohort.

    Raises
    ------
    PolicyError
        If `policy` is a class or no function, or does not take a problem and its candidates.
    """
    if not callable(policy) or isinstance(policy, type):
        raise PolicyError(
            f"policy: expected one of lowcarb.planning.policies, such as Cheapest(), or a function "
            f"{_FORM}, got {policy!r:.80}",
            field="policy",
        )
    try:
        inspect.signature(policy).bind(None, None)
    except TypeError as error:
        raise PolicyError(
            f"policy {name_of(policy)}: expected {_FORM}: {error}", field="policy"
        ) from None
    except ValueError:
        # Functions in C have no signature that could be checked.
        return


def ask(policy: Policy, problem: Problem, candidates: CandidateView) -> Choice:
    """Ask a policy for a cohort.

    Raises
    ------
    PolicyError
        If the answer is no `Choice`, or a cohort that cannot be.
    """
    choice: object = policy(problem, candidates)
    fault = (
        _fault(choice, problem)
        if isinstance(choice, Choice)
        else f"expected a Choice, got {choice!r:.80}"
    )
    if fault is not None:
        raise PolicyError(f"policy {name_of(policy)}: {fault}", field="policy")
    assert isinstance(choice, Choice)  # noqa: S101 - else there was a fault
    return choice


def _fault(choice: Choice, problem: Problem) -> str | None:
    """Say why a choice cannot be carried out; None if it can."""
    cohort = choice.cohort
    seats = int(problem.most[0])
    if choice.solution is None:
        # The rounds after this one need their turns of the total; a plan has kept them.
        seats = min(seats, problem.total - int(problem.fewest[1:].sum()))
    if not isinstance(choice.by, str):
        return f"by: expected the name of who chose, got {choice.by!r:.80}"
    if not isinstance(choice.solution, Solution | None):
        return f"solution: expected a Solution or None, got {choice.solution!r:.80}"
    if not isinstance(cohort, np.ndarray) or cohort.dtype != np.int64 or cohort.ndim != 1:
        form = f"{cohort.dtype} of shape {cohort.shape}" if isinstance(cohort, np.ndarray) else ""
        return f"cohort: expected an int64 array of clients, got {form or repr(cohort)[:80]}"
    if len(cohort) > seats:
        return f"cohort: expected up to {seats} clients, got {len(cohort)}"
    outside = cohort[(cohort < 0) | (cohort >= problem.clients)]
    if len(outside):
        return f"cohort: expected clients from 0 to {problem.clients - 1}, got {outside[0]}"
    if len(np.unique(cohort)) < len(cohort):
        return "cohort: expected each client once, got a client twice"
    if problem.available is not None and not problem.available[cohort, 0].all():
        away = cohort[~problem.available[cohort, 0]]
        return f"cohort: expected clients that can be asked now, got {away[0]}, which is away"
    return None
