"""Merging of clients that are interchangeable under limits too, and what rules count of a class.

Clients merge if they agree in all that `merge` looks at, in rest, and in what every rule and site
counts of them; how long they have rested is in their availability. With ``y[k, j]`` members of
class k at work in round j, rest asks that every window of rest + 1 rounds holds at most size[k]
turns of the class. That is exact: seat number s goes to member s modulo size[k], so two turns of
one member are size[k] seats apart, which is more than a window holds.
"""

from dataclasses import dataclass, replace

import numpy as np

from lowcarb_solvers.arrays import FloatArray, IntArray
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.keys import number_tuples
from lowcarb_solvers.limits.excess import Excess
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.rules import Rule
from lowcarb_solvers.merging import merge


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitedClasses:
    """Classes of clients that are interchangeable under limits.

    Parameters
    ----------
    limited
        The problem whose clients were merged.
    classes
        The classes, of `limited.open_problem`.
    one
        Shape (k,): a member of each class.
    rest
        Shape (k,): rounds that members rest after a turn.
    """

    limited: LimitedProblem
    classes: Classes
    one: IntArray
    rest: IntArray

    def __len__(self) -> int:
        return len(self.classes)

    def coefficients(self, rule: Rule) -> FloatArray:
        """What a turn of a member counts in each round, shape (k, t), zero outside the rule."""
        shape = (len(self), self.limited.problem.rounds)
        if rule.costs:
            counted = self._counted_cost()
        elif rule.amount is None:
            counted = np.ones(shape)
        else:
            counted = np.broadcast_to(rule.amount[self.one, None], shape)
        return counted if rule.clients is None else counted * rule.clients[self.one, None]

    def _counted_cost(self) -> FloatArray:
        """What a turn of a member counts for rules on costs in each round (k, t)."""
        counted = self.limited.counted
        if counted is None:
            return self.classes.cost()
        return counted.weight[self.one, None] * counted.cost_level[counted.level_of[self.one]]

    def drawn(self, site: Excess) -> FloatArray:
        """Energy that a turn of a member draws at a site (k,)."""
        return np.where(site.clients[self.one], site.amount[self.one], 0.0)

    def cost(self, counts: IntArray) -> float:
        """Sum the cost of counts (k, t), less what excess energy saves."""
        saved = 0.0
        for site in self.limited.limits.excess:
            used = np.minimum(site.supply, self.drawn(site) @ counts)
            saved += float(site.saves @ used)
        return self.classes.total_cost(counts) - saved

    def amounts(self, rule: Rule, counts: IntArray) -> FloatArray:
        """What counts (k, t) come to by a rule, in each round (t,), or over the horizon (1,)."""
        sums = (self.coefficients(rule) * counts).sum(axis=0)
        for site in self.discounts(rule):
            sums = sums - site.saves * np.minimum(site.supply, self.drawn(site) @ counts)
        return np.array([sums.sum()]) if rule.whole else sums

    def discounts(self, rule: Rule) -> list[Excess]:
        """Sites whose savings count for a rule."""
        if not rule.costs:
            return []
        counted = self.limited.limits.excess
        if rule.clients is None:
            return list(counted)
        return [s for s in counted if s.clients.any() and rule.clients[s.clients].all()]

    def keeps_rest(self, counts: IntArray) -> bool:
        """Whether counts (k, t) leave every member its rest."""
        so_far = np.pad(np.cumsum(counts, axis=1), ((0, 0), (1, 0)))
        rounds = self.limited.problem.rounds
        for rest in np.unique(self.rest):
            window = min(int(rest) + 1, rounds)
            which = self.rest == rest
            within = so_far[which, window:] - so_far[which, : rounds + 1 - window]
            if (within > self.classes.size[which, None]).any():
                return False
        return True


def merge_limited(limited: LimitedProblem) -> LimitedClasses:
    """Merge the clients of a problem with limits that are interchangeable."""
    problem, limits = limited.open_problem, limited.limits
    merged = merge(problem)
    rest = np.zeros(problem.clients, dtype=np.int64)
    if limits.rest is not None:
        # A longer rest than the horizon is no other rest.
        rest = np.minimum(limits.rest, problem.rounds)
    keys = [merged.member_of, rest]
    if limited.counted is not None:
        keys += [limited.counted.level_of, _codes(limited.counted.weight)]
    for rule in limits.rules:
        keys += [] if rule.clients is None else [rule.clients.astype(np.int64)]
        keys += [] if rule.amount is None else [_codes(rule.amount)]
    for site in limits.excess:
        keys.append(_codes(np.where(site.clients, site.amount, -1.0)))
    # The first key keeps the order of `merge`: by level, and within it by weight.
    member_of = number_tuples(keys)
    one = np.unique(member_of, return_index=True)[1]
    of = merged.member_of[one]
    classes = replace(
        merged,
        member_of=member_of,
        size=np.bincount(member_of),
        level_of=merged.level_of[of],
        weight=merged.weight[of],
        at_least=merged.at_least[of],
        at_most=merged.at_most[of],
        available=None if merged.available is None else merged.available[of],
    )
    return LimitedClasses(limited=limited, classes=classes, one=one, rest=rest[one])


def _codes(values: FloatArray) -> IntArray:
    return np.unique(values, return_inverse=True)[1].reshape(-1).astype(np.int64)
