"""A problem with limits given to HiGHS as one model, built without any of Lowcarb's own programs.

Clients that agree in everything share their counts; the rest of a group holds on counts, since its
seats can go to its members in turn. Nothing may be missing.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_matrix, identity, kron, vstack

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.limits import LimitedProblem, Rule

_OPTIMAL, _LATE = 0, 1


@dataclass(frozen=True, kw_only=True)
class PeerAnswer:
    """What HiGHS found.

    Parameters
    ----------
    objective
        Cost of its plan; None without one.
    bound
        No plan costs less, as it claims; -inf where it claims nothing.
    """

    objective: float | None
    bound: float


def by_highs(limited: LimitedProblem, *, seconds: float, gap: float) -> PeerAnswer:
    """Solve a problem with rules on turns and amounts, and rest.

    Parameters
    ----------
    limited
        The problem, without excess energy, availability and floors.
    seconds
        Wall seconds that HiGHS has.
    gap
        Relative gap at which it may stop.

    Raises
    ------
    ValueError
        If the problem has what the model does not know.
    RuntimeError
        If HiGHS fails, or finds no plan possible.
    """
    problem, limits = limited.problem, limited.limits
    if (
        limits.excess
        or limits.rested is not None
        or problem.available is not None
        or problem.at_least.any()
        or any(rule.costs or rule.whole for rule in limits.rules)
    ):
        raise ValueError("expected rules of single rounds on turns and amounts, and rest, alone")
    n, t = problem.clients, problem.rounds
    rest = np.zeros(n, dtype=np.int64) if limits.rest is None else limits.rest
    of_rules = [_counted(rule, n) for rule in limits.rules]
    about = np.column_stack([problem.level_of, problem.weight, problem.at_most, rest, *of_rules])
    _, one, size = np.unique(about, axis=0, return_index=True, return_counts=True)
    cost = problem.weight[one, None] * problem.cost_level[problem.level_of[one]]
    groups = len(one)

    def each_round(values: FloatArray) -> csr_matrix:
        return kron(csr_matrix(values), identity(t), format="csr")

    sides: list[tuple[csr_matrix, FloatArray | IntArray, FloatArray | IntArray]] = [
        (each_round(np.ones(groups)), problem.fewest, problem.most),
        (csr_matrix(np.ones((1, groups * t))), *2 * (np.array([problem.total]),)),
        (
            kron(identity(groups), np.ones((1, t)), format="csr"),
            np.zeros(groups),
            size * problem.at_most[one],
        ),
    ]
    for rule, counted in zip(limits.rules, of_rules, strict=True):
        sides.append((each_round(counted[one]), rule.at_least, rule.at_most))
    for rounds in np.unique(rest[one][rest[one] > 0]):
        which = np.flatnonzero(rest[one] == rounds)
        windows = np.array([(np.arange(t) - j) // (rounds + 1) == 0 for j in range(t)])
        own = csr_matrix(
            (np.ones(len(which)), (np.arange(len(which)), which)), (len(which), groups)
        )
        most = np.repeat(size[which], t)
        sides.append((kron(own, windows, format="csr"), np.zeros(len(most)), most))
    found = milp(
        cost.reshape(-1),
        constraints=LinearConstraint(
            vstack([left for left, _, _ in sides], format="csr"),
            np.concatenate([low for _, low, _ in sides]),
            np.concatenate([high for _, _, high in sides]),
        ),
        bounds=(np.zeros(groups * t), np.repeat(size, t)),
        integrality=np.ones(groups * t),
        options={"mip_rel_gap": gap, "time_limit": seconds},
    )
    if found.status not in (_OPTIMAL, _LATE):
        raise RuntimeError(f"HiGHS: {found.message}")
    bound = found.mip_dual_bound
    return PeerAnswer(
        objective=None if found.x is None else float(cost.reshape(-1) @ np.rint(found.x)),
        bound=-np.inf if bound is None else float(bound),
    )


def _counted(rule: Rule, clients: int) -> FloatArray:
    """What a turn of each client counts (n,)."""
    amount = np.ones(clients) if rule.amount is None else rule.amount
    return amount if rule.clients is None else amount * rule.clients
