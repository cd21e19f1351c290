"""What a plan has of its limits: what each comes to, what is missing and why, what it costs."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray, IntArray
from lowcarb._util.lazy import lazy
from lowcarb.planning.asked_limits import BoundLimits
from lowcarb.planning.baselines import left_empty
from lowcarb.planning.excess import saved_by, saved_in_all
from lowcarb.planning.limit_words import amount, conflict_said, no_price_said, shortfalls_said
from lowcarb_solvers import (
    LimitedSolution,
    LimitShortfall,
    Rule,
    RulePrice,
    Shortfall,
    Solution,
    Stage,
    find_conflicts,
)

_OF_TURNS = (Stage.SEATS, Stage.FLOORS)


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitRow:
    """What a plan comes to by one limit.

    Parameters
    ----------
    rule
        As it was asked for.
    amounts
        Shape (t,), or (1,) if it is of all rounds, those that are over included.
    broken
        Shape of `amounts`: how much is missing or too much.
    done
        What of it the rounds that are over count.
    """

    rule: Rule
    amounts: FloatArray
    broken: FloatArray
    done: float

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        rule = self.rule
        return {
            "limit": rule.name,
            "unit": rule.unit,
            "in_all": rule.whole,
            "at_least": _finite(rule.at_least),
            "at_most": _finite(rule.at_most),
            "amounts": self.amounts.tolist(),
            "done": self.done,
            "broken": int(np.count_nonzero(self.broken)),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class SiteUse:
    """Excess energy of a site in a plan.

    Parameters
    ----------
    site
        Its name.
    supply_kwh, used_kwh
        Shape (t,): what there is in each round, and what is used of it.
    saved_g
        What that saves, gCO2eq.
    """

    site: str
    supply_kwh: FloatArray
    used_kwh: FloatArray
    saved_g: float

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return {
            "site": self.site,
            "supply_kwh": self.supply_kwh.tolist(),
            "used_kwh": self.used_kwh.tolist(),
            "saved_g": self.saved_g,
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class LimitsKept:
    """What a plan has of its limits.

    Parameters
    ----------
    solution
        The answer, checked client by client.
    bound
        The limits that it was to keep.
    first_round
        Number of the first of its rounds in the training.
    free
        The best plan without limits.
    even
        The best plan within the same limits whose cohorts are all of one size; None where these
        are.
    prices
        What a unit of each limit costs; None where nobody asked.
    """

    solution: LimitedSolution
    bound: BoundLimits
    first_round: int
    free: Solution
    even: LimitedSolution | None = None
    prices: tuple[RulePrice, ...] | None = None

    @lazy
    def shortfalls(self) -> tuple[Shortfall, ...]:
        """Owed turns, seats, and turns of the total that cannot be had."""
        return tuple(
            Shortfall(
                short=round(one.short),
                unit="turns" if one.round is None else "seats",
                client=one.client,
                round=one.round,
                why=one.why,
            )
            for one in self.solution.shortfalls
            if one.stage in _OF_TURNS
        )

    @lazy
    def broken(self) -> tuple[LimitShortfall, ...]:
        """Limits that cannot be kept, in the order of their stages.

        What is too much of a limit over all rounds counts what was too much before as well.
        """
        found = []
        for one in self.solution.shortfalls:
            if one.stage in _OF_TURNS:
                continue
            asked = next(rule for rule in self.bound.asked if rule.name == one.rule)
            if asked.whole and one.above:
                done = self.bound.past.done.get(asked.name, 0.0)
                most = float(asked.at_most[0])
                one = replace(one, short=one.short + max(0.0, done - most), bound=most)
            found.append(one)
        return tuple(found)

    @lazy
    def not_kept(self) -> tuple[str, ...]:
        """Of each broken limit in one sentence where, by how much, and why."""
        return tuple(shortfalls_said(self.broken, self.first_round))

    @lazy
    def conflicts(self) -> tuple[str, ...]:
        """Limits that contradict each other whatever the plan, named together."""
        # Where nothing is missing, nothing contradicts.
        found = find_conflicts(self.solution.limited) if self.solution.shortfalls else ()
        return tuple(conflict_said(one, self.first_round) for one in found)

    @lazy
    def rows(self) -> tuple[LimitRow, ...]:
        """What the plan comes to by each limit."""
        cohorts, limited = self.solution.cohorts, self.solution.limited
        left = {rule.name: rule for rule in limited.limits.rules}
        found = []
        for asked in self.bound.asked:
            amounts = limited.amounts(left[asked.name], cohorts)
            broken = np.maximum(*limited.lacks(left[asked.name], amounts))
            done = self.bound.past.done.get(asked.name, 0.0) if asked.whole else 0.0
            row = LimitRow(rule=asked, amounts=amounts + done, broken=broken, done=done)
            found.append(row)
        return tuple(found)

    @property
    def rest(self) -> int | None:
        """Rounds that everybody rests after a turn; None where nobody has to."""
        rest = self.solution.limited.limits.rest
        return None if rest is None or not rest.any() else int(rest.max())

    @lazy
    def sites(self) -> tuple[SiteUse, ...]:
        """What is used of sites' excess energy."""
        limited = self.solution.limited
        found = []
        for site in limited.limits.excess:
            used = limited.used_excess(site, self.solution.cohorts)
            found.append(
                SiteUse(
                    site=site.name,
                    supply_kwh=site.supply,
                    used_kwh=used,
                    saved_g=float(site.saves @ used),
                )
            )
        return tuple(found)

    def saved_in(self, cohort: IntArray, j: int) -> FloatArray:
        """What excess energy saves each of a round's clients, by their energies, gCO2eq."""
        return saved_by(self.solution.limited.limits.excess, cohort, j)

    @lazy
    def free_g(self) -> float | None:
        """What the best plan without limits would emit, gCO2eq; it uses excess energy, too."""
        if self.free.objective is None:
            return None
        excess = self.solution.limited.limits.excess
        return self.free.objective - (saved_in_all(excess, self.free.cohorts) if excess else 0.0)

    @lazy
    def even_breaks(self) -> tuple[str, ...]:
        """Limits that cohorts of one size do not keep, by their names."""
        short = () if self.even is None else self.even.shortfalls
        return tuple(dict.fromkeys(one.rule for one in short if one.rule is not None))

    @lazy
    def free_left_empty(self) -> int:
        """Seats that the best plan without limits leaves empty and random cohorts would fill."""
        if self.free.objective is None:
            return 0
        return left_empty(self.free.classes.problem, self.free.turns)

    @lazy
    def notes(self) -> tuple[str, ...]:
        """What a person should know of the limits."""
        return (
            *(f"limits cannot be kept together: {one}" for one in self.conflicts),
            *(f"limit {row.rule.name!r}: {_spent(row)}" for row in self.rows if row.done),
        )

    def to_dict(self) -> dict[str, Any]:
        """Write it for JSON."""
        return {
            "rules": [row.to_dict() for row in self.rows],
            "rest": self.rest,
            "conflicts": list(self.conflicts),
            "excess": [site.to_dict() for site in self.sites],
            "without_limits_g": self.free_g,
            "prices": None if self.prices is None else [price_to_dict(one) for one in self.prices],
        }


def price_to_dict(price: RulePrice) -> dict[str, Any]:
    """Write a price for JSON."""
    return {
        "limit": price.rule,
        "side": price.side,
        "looser_by": price.step,
        "unit": price.unit,
        "saved_g": price.saved,
        "off_by_g": price.off_by if np.isfinite(price.off_by) else None,
        "less_missing": price.less_missing,
        "no_price": no_price_said(price),
    }


def _spent(row: LimitRow) -> str:
    return f"{amount(row.done, row.rule.unit)} of it in the rounds that are over"


def _finite(values: Sequence[float] | FloatArray) -> list[float | None]:
    return [float(value) if np.isfinite(value) else None for value in values]
