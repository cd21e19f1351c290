"""What a plan lacks under limits, each shortfall with its amount, its place and its reason."""

from collections.abc import Iterator, Sequence

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray, IntArray
from lowcarb_solvers.limits.conflicts import SEATS, Conflict
from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.limited_solution import LimitShortfall
from lowcarb_solvers.limits.rules import Rule, Stage, shown

# Rules that a reason names.
_MOST_NAMED = 4
# What is said where nobody knows whether anything stands in the way.
_UNPROVEN = "another plan may miss less"


def find_shortfalls(
    limited: LimitedProblem,
    near: LimitedProblem,
    cohorts: Sequence[IntArray],
    conflicts: Sequence[Conflict],
    *,
    proven: bool,
) -> tuple[LimitShortfall, ...]:
    """Name all that cohorts lack, client by client and round by round, by stages.

    Parameters
    ----------
    limited
        What was asked.
    near
        The same with bounds within reach.
    cohorts
        The answer.
    conflicts
        What contradicts in `limited`.
    proven
        Whether no plan lacks less; else only reasons are given that hold for every plan.
    """
    account = _Account(limited, cohorts, conflicts, proven=proven)
    found = [*account.seats(), *account.floors()]
    for rule, reached in zip(limited.limits.rules, near.limits.rules, strict=True):
        found += account.rule(rule, reached)
    order = limited.limits.stages
    return tuple(sorted(found, key=lambda shortfall: order.index(shortfall.stage)))


class _Account:
    """What cohorts come to, and why they come to no better."""

    def __init__(
        self,
        limited: LimitedProblem,
        cohorts: Sequence[IntArray],
        conflicts: Sequence[Conflict],
        *,
        proven: bool,
    ) -> None:
        self._proven = proven
        self._limited = limited
        self._problem = limited.open_problem
        self._rounds = range(self._problem.rounds)
        self._breathes = bool((self._problem.fewest < self._problem.most).any())
        self._cohorts = cohorts
        self._conflicts = conflicts
        self._amounts = {rule.name: limited.amounts(rule, cohorts) for rule in limited.limits.rules}
        self._taken = np.array([len(cohort) for cohort in cohorts])
        self._turns = np.bincount(np.concatenate(cohorts), minlength=limited.problem.clients)

    def seats(self) -> Iterator[LimitShortfall]:
        """Seats that stay empty, and turns that are missing to the total."""
        for j in np.flatnonzero(self._taken < self._problem.fewest):
            seats = int(self._problem.fewest[j])
            able = int((self._there(int(j)) & (self._problem.at_most > 0)).sum())
            if able < seats:
                why = f"{_only(able)} available"
            elif self._proven and self._all_rest(int(j)):
                why = "all others that are available rest"
            else:
                rules = ("seats",)
                why = self._stood_against(rules, int(j), "turn caps and rest leave no more clients")
            yield LimitShortfall(
                stage=Stage.SEATS,
                short=float(seats - self._taken[j]),
                short_of_reach=float(seats - self._taken[j]),
                unit="seats",
                bound=float(seats),
                round=int(j),
                why=why,
            )

        total, taken = self._problem.total, int(self._taken.sum())
        if self._breathes and taken < total:
            yield LimitShortfall(
                stage=Stage.SEATS,
                short=float(total - taken),
                short_of_reach=float(total - taken),
                unit="turns",
                bound=float(total),
                why=self._why_of_total(),
            )

    def _why_of_total(self) -> str:
        """Why turns are missing to the total."""
        able = [int((self._there(j) & (self._problem.at_most > 0)).sum()) for j in self._rounds]
        room = int(np.minimum(self._problem.most, able).sum())
        if room < self._problem.total:
            return f"the rounds have room and clients for only {room}"
        return self._stood_against(("seats",), None, "turn caps and rest leave no more turns")

    def floors(self) -> Iterator[LimitShortfall]:
        """Turns that are owed."""
        owed = self._problem.at_least
        for i in np.flatnonzero(self._turns < owed):
            most, opened = self._most_turns(int(i))
            if most < owed[i]:
                rest = self._rest(int(i))
                resting = f", with {rest} rounds of rest after each turn" if rest else ""
                why = f"available in {opened} of {self._problem.rounds} rounds{resting}"
            else:
                why = self._stood_against(("floors",), None, "others are owed turns as well")
            yield LimitShortfall(
                stage=Stage.FLOORS,
                short=float(owed[i] - self._turns[i]),
                short_of_reach=float(owed[i] - self._turns[i]),
                unit="turns",
                bound=float(owed[i]),
                client=int(i),
                why=why,
            )

    def rule(self, rule: Rule, reached: Rule) -> Iterator[LimitShortfall]:
        """What a rule lacks, or has too much of; `reached` has its bounds within reach."""
        below, above = self._limited.lacks(rule, self._amounts[rule.name])
        below_reach = self._limited.lacks(reached, self._amounts[rule.name])[0]
        for side, of_reach, stage, bounds, is_above in (
            (below, below_reach, rule.stage_below, rule.at_least, False),
            (above, above, rule.stage_above, rule.at_most, True),
        ):
            for at in np.flatnonzero(side):
                j = None if rule.whole else int(at)
                yield LimitShortfall(
                    stage=stage,
                    short=float(side[at]),
                    short_of_reach=float(of_reach[at]),
                    unit=rule.unit,
                    bound=float(bounds[at]),
                    round=j,
                    rule=rule.name,
                    above=is_above,
                    why=self._why(rule, j, float(bounds[at]), is_above=is_above),
                )

    def _there(self, j: int) -> BoolArray:
        """Whether each client is available in a round (n,)."""
        if self._problem.available is None:
            return np.ones(self._problem.clients, dtype=np.bool_)
        return self._problem.available[:, j]

    def _all_rest(self, j: int) -> bool:
        """Whether rest alone keeps all out who are available and have turns left."""
        rest = self._limited.limits.rest
        if rest is None:
            return False
        open_ = self._there(j) & (self._turns < self._problem.at_most)
        open_[self._cohorts[j]] = False
        for k, cohort in enumerate(self._cohorts):
            if k != j:
                open_[cohort[np.abs(k - j) <= rest[cohort]]] = False
        return not open_.any()

    def _rest(self, i: int) -> int:
        return 0 if self._limited.limits.rest is None else int(self._limited.limits.rest[i])

    def _most_turns(self, i: int) -> tuple[int, int]:
        """The most turns that a client's rest and availability allow, and its open rounds."""
        opened = np.arange(self._problem.rounds)
        if self._problem.available is not None:
            opened = np.flatnonzero(self._problem.available[i])
        most, free = 0, 0
        for j in opened:
            if j >= free:
                most, free = most + 1, int(j) + self._rest(i) + 1
        return most, len(opened)

    def _counted(self, rule: Rule, j: int) -> tuple[FloatArray, FloatArray]:
        """What those count that are available in a round: the rule's clients, and all."""
        there = np.flatnonzero(self._there(j) & (self._problem.at_most > 0))
        counts = np.ones(len(there))
        if rule.costs:
            counts = self._limited.counting.costs(there, j)
        elif rule.amount is not None:
            counts = rule.amount[there]
        if rule.clients is None:
            return counts, counts
        return counts[rule.clients[there]], counts * rule.clients[there]

    def _why(self, rule: Rule, j: int | None, bound: float, *, is_above: bool) -> str:
        if j is not None:
            own, all_ = self._counted(rule, j)
            fewest, seats = int(self._problem.fewest[j]), int(self._problem.most[j])
            if not is_above and len(own) <= seats and own.sum() < bound:
                of = "" if rule.clients is None else " of its"
                return f"{_only(len(own), of)} available"
            if not is_above and np.sort(own)[::-1][:seats].sum() < bound:
                most = np.sort(own)[::-1][:seats].sum()
                return f"the {seats} largest of {len(own)} clients come to {shown(most)}"
            least = float(np.sort(all_)[:fewest].sum())
            # Seats come first unless asked otherwise; savings may make costs less.
            if is_above and least > bound and not self._limited.limits.excess:
                if rule.counts_turns:
                    return f"{_only(len(all_) - len(own), ' other')} available for {fewest} seats"
                return f"the {fewest} smallest of {len(all_)} clients come to {shown(least)}"
        return self._stood_against(
            (rule.name,), j, "turn caps, rest and availability leave no more"
        )

    def _stood_against(self, own: tuple[str, ...], j: int | None, otherwise: str) -> str:
        """Name what contradicts, or else the rules that are at their bounds, if that is proven."""
        for conflict in self._conflicts:
            here = j is None or not conflict.rounds or j in conflict.rounds
            if here and set(own) & set(conflict.rules):
                others = [name for name in conflict.rules if name not in own]
                return f"contradicts {' and '.join(others)}" if others else conflict.why
        if not self._proven:
            return _UNPROVEN
        names = [name for name in self._tight(j) if name not in own]
        if not names:
            return otherwise
        more = len(names) - _MOST_NAMED
        named = ", ".join(names[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")
        return f"stands against {named}"

    def _smallest(self, rule: Rule) -> float:
        """The least that a turn counts for a rule."""
        if rule.counts_turns:
            return 1.0
        costing = self._limited.counting
        counts = costing.weight * costing.cost_level.max() if rule.costs else rule.amount
        assert counts is not None  # noqa: S101 - a rule has costs, an amount, or counts turns
        own = counts if rule.clients is None else counts[rule.clients]
        return float(own[own > 0].min(initial=np.inf))

    def _tight(self, j: int | None) -> list[str]:
        """Rules that one turn more or less would break in a round, or in any."""
        names = []
        full = (self._taken == self._problem.fewest) | (self._taken == self._problem.most)
        in_all = self._breathes and int(self._taken.sum()) == self._problem.total
        if full.any() or in_all if j is None else full[j]:
            names.append(SEATS)
        if (self._problem.at_least > 0).any() and (self._turns <= self._problem.at_least).any():
            names.append("floors")
        for rule in self._limited.limits.rules:
            amounts = self._amounts[rule.name]
            one = self._smallest(rule)
            tight = (amounts - one < rule.at_least) | (amounts + one > rule.at_most)
            if tight.any() if j is None or rule.whole else tight[j]:
                names.append(rule.name)
        return names


def _only(count: int, of: str = "") -> str:
    """Say how few clients there are: of all, of a rule's, or others."""
    if not count:
        return {" other": "no other client", " of its": "none of its clients"}.get(of, "no client")
    return f"only {count}{of} client{'s' * (count != 1 or of == ' of its')}"
