"""A problem with side constraints, and what their bounds come to for a plan, client by client."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.errors import ProblemError
from lowcarb_solvers.lazy import lazy
from lowcarb_solvers.limits.excess import Excess
from lowcarb_solvers.limits.rules import Rule, Stage, shown
from lowcarb_solvers.problem import Problem

# A sum of amounts keeps its bound if it is off by less, in the largest amounts: solvers work with
# such a tolerance. Sums of whole numbers are compared exactly.
_TOLERANCE = 1e-6
# What excess saves may exceed the cost by, relatively, through rounding.
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class Limits:
    """Side constraints of a federation.

    Parameters
    ----------
    rules
        Linear ones.
    excess
        Sites with excess energy.
    rest
        Shape (n,): rounds that each client rests after a turn; None for nobody. It is never broken.
    rested
        Shape (n,): rounds that each client has rested before the first one, so 0 where it worked
        in the round just before; None where all have rested enough.
    stages
        The order in which shortfalls of an elastic problem are avoided.
    """

    rules: tuple[Rule, ...] = ()
    excess: tuple[Excess, ...] = ()
    rest: IntArray | None = None
    rested: IntArray | None = None
    stages: tuple[Stage, ...] = field(default=tuple(Stage))

    def __post_init__(self) -> None:
        """Refuse names that mean two rules, and orders of stages that forget one."""
        names = [rule.name for rule in self.rules]
        for name in names:
            if names.count(name) > 1:
                raise ProblemError(f"rules: expected names that differ, got {name!r} twice")
        if sorted(self.stages) != sorted(Stage):
            raise ProblemError(
                f"stages: expected each of {', '.join(Stage)} once, got {', '.join(self.stages)}"
            )
        if self.rested is not None and self.rest is None:
            raise ProblemError("rested: expected rest as well, got None")

    def __bool__(self) -> bool:
        return bool(self.rules or self.excess) or (self.rest is not None and bool(self.rest.any()))


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitedProblem:
    """A problem whose cohorts keep limits as well.

    If the problem is elastic, seats, owed turns and bounds of rules may be missed: first as little
    as possible of the first stage, then of the second, and so on; then comes the cost. Of a stage
    whose rules have several units each unit is a stage of its own, in the order of the rules. Among
    the floors, with as few turns missing, the client that lacks most lacks as few as possible.

    Where cohorts breathe, seats below `cohort_least` and turns below `cohort_total` are one sum, of
    the stage of seats, as they are without limits: one turn weighs as much as one seat.

    Parameters
    ----------
    problem
        Whose cost, less what excess energy saves, is minimised.
    limits
        What cohorts keep.
    counted
        Whose costs rules on costs count, of the same clients and rounds; nothing else of it is
        looked at. None for those of `problem`.

    Raises
    ------
    ProblemError
        If limits do not fit the problem, or the two problems each other.
    """

    problem: Problem
    limits: Limits
    counted: Problem | None = None

    def __post_init__(self) -> None:
        """Refuse limits of another shape than the problem."""
        n, t = self.problem.clients, self.problem.rounds
        if self.counted is not None:
            shape = (self.counted.clients, self.counted.rounds)
            if shape != (n, t):
                raise _misfit("counted", (n, t), shape)
        for rule in self.limits.rules:
            for name, part in {"clients": rule.clients, "amount": rule.amount}.items():
                if part is not None and part.shape != (n,):
                    raise _misfit(f"{rule.name}: {name}", (n,), part.shape)
            expected = (1,) if rule.whole else (t,)
            if rule.at_least.shape != expected:
                raise _misfit(f"{rule.name}: at_least and at_most", expected, rule.at_least.shape)
        for name in ("rest", "rested"):
            value = getattr(self.limits, name)
            if value is None:
                continue
            if value.shape != (n,):
                raise _misfit(name, (n,), value.shape)
            if value.dtype != np.int64 or value.min() < 0:
                raise ProblemError(f"{name}: expected int64, zero or more, got {value.dtype}")
        self._check_excess()

    def _check_excess(self) -> None:
        n, t = self.problem.clients, self.problem.rounds
        drawn = np.zeros(n, dtype=np.int64)
        for site in self.limits.excess:
            for name, part, size in (
                ("clients", site.clients, n),
                ("amount", site.amount, n),
                ("supply", site.supply, t),
            ):
                if part.shape != (size,):
                    raise _misfit(f"{site.name}: {name}", (size,), part.shape)
            drawn += site.clients
            who = np.flatnonzero(site.clients)
            for j in np.flatnonzero(site.saves * site.supply > 0) if who.size else ():
                saved = site.amount[who] * site.saves[j]
                # Then neither what is minimised nor what is counted is ever below zero.
                for costing in dict.fromkeys((self.problem, self.counting)):
                    costs = costing.costs(who, int(j))
                    if (saved > costs * (1 + _ROUNDING)).any():
                        client = int(who[(saved - costs).argmax()])
                        raise ProblemError(
                            f"{site.name}: saves: expected no more than a turn costs, got more in "
                            f"round {j} for client {client}"
                        )
            for rule in self.limits.rules:
                if rule.costs and rule.clients is not None:
                    inside = rule.clients[who]
                    if inside.any() and not inside.all():
                        raise ProblemError(
                            f"{rule.name}: expected all clients of {site.name} or none, since "
                            "what its excess energy saves is theirs together"
                        )
        if (drawn > 1).any():
            client = int(drawn.argmax())
            raise ProblemError(f"excess: client {client} draws on more than one site")

    @property
    def counting(self) -> Problem:
        """The problem whose costs rules on costs count."""
        return self.problem if self.counted is None else self.counted

    @lazy
    def open_problem(self) -> Problem:
        """The problem in which clients that still rest are not available."""
        rest, rested = self.limits.rest, self.limits.rested
        if rest is None or rested is None or (rested >= rest).all():
            return self.problem
        rounds = np.arange(self.problem.rounds)
        open_: BoolArray = rested[:, None] + rounds >= rest[:, None]
        if self.problem.available is not None:
            open_ &= self.problem.available
        return replace(self.problem, available=open_)

    def used_excess(self, site: Excess, cohorts: Sequence[IntArray]) -> FloatArray:
        """Excess energy of a site that cohorts use in each round (t,)."""
        amount = np.where(site.clients, site.amount, 0.0)
        used = np.array([amount[cohort].sum() for cohort in cohorts])
        drawn: FloatArray = np.minimum(site.supply, used)
        return drawn

    def cost(self, cohorts: Sequence[IntArray]) -> float:
        """Sum the cost of cohorts, less what excess energy saves."""
        saved = sum(
            float(site.saves @ self.used_excess(site, cohorts)) for site in self.limits.excess
        )
        return self.problem.cost(cohorts) - saved

    def amounts(self, rule: Rule, cohorts: Sequence[IntArray]) -> FloatArray:
        """What cohorts come to by a rule, in each round (t,), or over the horizon (1,)."""
        counted = np.ones(self.problem.clients, dtype=np.bool_)
        if rule.clients is not None:
            counted = rule.clients
        sums = np.zeros(len(cohorts))
        for j, cohort in enumerate(cohorts):
            who = cohort[counted[cohort]]
            if rule.costs:
                sums[j] = self.counting.costs(who, j).sum()
            else:
                sums[j] = len(who) if rule.amount is None else rule.amount[who].sum()
        if rule.costs:
            for site in self.limits.excess:
                if site.clients.any() and counted[site.clients].all():
                    sums -= site.saves * self.used_excess(site, cohorts)
        return np.array([sums.sum()]) if rule.whole else sums

    def tolerance(self, rule: Rule) -> float:
        """How far a sum may be off its bound and still keep it."""
        if rule.costs:
            largest = float(self.counting.cost_level.max()) * float(self.counting.weight.max())
        elif rule.amount is None:
            return 0.0
        else:
            bounds = np.concatenate([rule.at_least, rule.at_most])
            bounds = bounds[np.isfinite(bounds)]
            largest = float(rule.amount.max(initial=0.0))
            whole = all((part == np.rint(part)).all() for part in (rule.amount, bounds))
            if whole and largest * _TOLERANCE < 0.5:
                return 0.0
        return _TOLERANCE * largest

    def lacks(self, rule: Rule, amounts: FloatArray) -> tuple[FloatArray, FloatArray]:
        """How far amounts fall below `at_least` and go beyond `at_most`, of the same shape."""
        tolerance = self.tolerance(rule)
        below = np.maximum(0.0, rule.at_least - amounts)
        above = np.maximum(0.0, amounts - rule.at_most)
        below[below <= tolerance] = 0.0
        above[above <= tolerance] = 0.0
        return below, above

    def violations(self, cohorts: Sequence[IntArray]) -> list[str]:
        """Check cohorts, client by client, against every constraint.

        Returns
        -------
        list of str
            One sentence for each broken constraint. What an elastic problem may miss is none.
        """
        found = self.open_problem.violations(cohorts)
        if found:
            return found
        if self.limits.rest is not None:
            found += self._broken_rests(cohorts, self.limits.rest)
        if self.problem.elastic:
            return found
        for rule in self.limits.rules:
            amounts = self.amounts(rule, cohorts)
            for j in np.flatnonzero(np.maximum(*self.lacks(rule, amounts))):
                where = "" if rule.whole else f" in round {j}"
                found.append(
                    f"{rule.name}{where}: {shown(amounts[j])} {rule.unit}, expected "
                    f"{shown(rule.at_least[j])} to {shown(rule.at_most[j])}"
                )
        return found

    def _broken_rests(self, cohorts: Sequence[IntArray], rest: IntArray) -> list[str]:
        found = []
        latest = np.full(self.problem.clients, -1)
        for j, cohort in enumerate(cohorts):
            before = latest[cohort]
            tired = (before >= 0) & (j - before - 1 < rest[cohort])
            found += [
                f"client {i}: works in rounds {latest[i]} and {j}, expected {rest[i]} rounds of "
                "rest between"
                for i in cohort[tired]
            ]
            latest[cohort] = j
        return found


def _misfit(name: str, expected: tuple[int, ...], got: tuple[int, ...]) -> ProblemError:
    return ProblemError(f"{name}: expected shape {expected}, got {got}")
