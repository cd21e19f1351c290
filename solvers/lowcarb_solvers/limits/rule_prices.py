"""What rules cost: the problem solved again with each of them looser by one unit.

These are differences of optima, not duals: of an integer program those are no prices, and of its
relaxation they are not unique. A rule that is not kept has no price: one unit changes what is
missing of it, which comes before the cost.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lowcarb_solvers.arrays import BoolArray, FloatArray
from lowcarb_solvers.limits.limited_classes import LimitedClasses, merge_limited
from lowcarb_solvers.limits.limited_problem import LimitedProblem, Limits
from lowcarb_solvers.limits.limited_solution import LimitedSolution, LimitShortfall
from lowcarb_solvers.limits.reach import reached
from lowcarb_solvers.limits.rules import Rule
from lowcarb_solvers.limits.solve import solve_limited
from lowcarb_solvers.solution import Status

REST = "rest"
"""What rest is called among rules."""
# Amounts and costs are the same up to this, relatively and in their units: so near are stages to
# their best.
_SAME = 2e-6


@dataclass(frozen=True, kw_only=True)
class RulePrice:
    """What one unit of a rule costs, by solving again without it.

    Parameters
    ----------
    rule, unit
        Whose bound was loosened, by one of what; of a rule of rounds in all of them at once. Of
        rest, everybody's by one round.
    side
        Which bound.
    step
        By how many units it was loosened.
    saved
        What the plan then costs less; None where costs do not say what a unit is worth.
    off_by
        How far `saved` may be off, since plans are only known to be so near to their optimum.
    less_missing
        How much less is missing of this bound then, in the unit.
    no_price
        Why there is no `saved`; None where there is. "out of reach": only what is missing changes,
        and the plan costs the same. "not kept": less is missing of this bound then. "others": less
        is missing of something else. "unknown": no answer was found, or none that is known to miss
        as little as can be.
    """

    rule: str
    unit: str
    side: Literal["at least", "at most"]
    step: float = 1.0
    saved: float | None
    off_by: float
    less_missing: float = 0.0
    no_price: Literal["out of reach", "not kept", "others", "unknown"] | None = None


def price_rules(
    limited: LimitedProblem,
    solution: LimitedSolution | None = None,
    *,
    steps: Mapping[str, float] | None = None,
    **options: Any,
) -> tuple[RulePrice, ...]:
    """Solve once more for each bound of each rule, loosened by one unit, and for rest.

    Bounds of which a unit more or less changes nothing that can be reached are not solved again.

    Parameters
    ----------
    limited
        The problem.
    solution
        Its answer, if it is known.
    steps
        By the name of a rule, by how many units it is loosened; others by one.
    options
        Of `solve_limited`, for each time that it is asked.

    Raises
    ------
    NoSolution
        If the problem itself has no answer.
    """
    known = (solution or solve_limited(limited, **options)).raise_for_status()
    merged = merge_limited(limited)
    prices = []
    for price, moved, looser in _looser(merged, {} if steps is None else steps):
        if not moved.near.any():
            prices.append(_of_the_same(price, moved))
            continue
        again = solve_limited(replace(limited, limits=looser), **options)
        off_by = _uncertain(known) + _uncertain(again)
        prices.append(_of_another(replace(price, off_by=off_by), moved, known, again))
    return tuple(prices)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Moved:
    """What loosening a bound changes.

    Parameters
    ----------
    near
        Shape (t,), or (1,) of the whole: where the bound moves that cohorts can come to.
    beyond
        Of that shape: how far the bound was out of reach.
    """

    near: BoolArray
    beyond: FloatArray


def _looser(
    merged: LimitedClasses, steps: Mapping[str, float]
) -> Iterator[tuple[RulePrice, _Moved, Limits]]:
    """Limits of which one bound is looser, with a price that is not known yet."""
    limits = merged.limited.limits
    for number, rule in enumerate(limits.rules):
        step = steps.get(rule.name, 1.0)
        for side, looser in _looser_rules(rule, step):
            rules = list(limits.rules)
            rules[number] = looser
            price = RulePrice(
                rule=rule.name, unit=rule.unit, side=side, step=step, saved=None, off_by=0.0
            )
            yield price, _moved(merged, rule, looser), replace(limits, rules=tuple(rules))
    if limits.rest is not None and limits.rest.any():
        less = replace(limits, rest=np.maximum(0, limits.rest - 1))
        price = RulePrice(rule=REST, unit="rounds", side="at least", saved=None, off_by=0.0)
        yield price, _Moved(near=np.ones(1, dtype=np.bool_), beyond=np.zeros(1)), less


def _looser_rules(rule: Rule, step: float) -> list[tuple[Literal["at least", "at most"], Rule]]:
    """The rule with less at least, and with more at most, where it has such bounds."""
    looser: list[tuple[Literal["at least", "at most"], Rule]] = []
    if (rule.at_least > 0).any():
        looser.append(("at least", replace(rule, at_least=rule.at_least - step)))
    if np.isfinite(rule.at_most).any():
        looser.append(("at most", replace(rule, at_most=rule.at_most + step)))
    return looser


def _moved(merged: LimitedClasses, rule: Rule, looser: Rule) -> _Moved:
    before, after = reached(merged, rule), reached(merged, looser)
    # Less than nothing at least is no other bound.
    least = np.maximum(0.0, before.at_least)
    near = (least != np.maximum(0.0, after.at_least)) | (before.at_most != after.at_most)
    beyond, _ = merged.limited.lacks(rule, least)
    return _Moved(near=near, beyond=beyond)


def _of_the_same(price: RulePrice, moved: _Moved) -> RulePrice:
    """The price where both are the same problem within reach, so that both have the same plan."""
    less = _less_beyond(price, moved)
    if less:
        return replace(price, less_missing=less, no_price="out of reach")
    return replace(price, saved=0.0)


def _less_beyond(price: RulePrice, moved: _Moved) -> float:
    """How much less is missing where the bound stays out of reach."""
    if price.side == "at most":
        return 0.0
    return float(np.minimum(moved.beyond, price.step)[~moved.near].sum())


def _missing(own: Sequence[LimitShortfall], moved: _Moved) -> float:
    """What is missing of a bound, without what is so in every plan of both problems.

    Of a bound far out of reach the shortfall itself does not hold what a unit is.
    """
    return sum(one.short if moved.near[one.round or 0] else one.short_of_reach for one in own)


def _of_another(
    price: RulePrice, moved: _Moved, known: LimitedSolution, again: LimitedSolution
) -> RulePrice:
    """The price by the answers to a problem and to the looser one."""
    if again.objective is None or known.objective is None:
        return replace(price, no_price="unknown")
    saved = known.objective - again.objective
    before, others = _parted(known.shortfalls, price)
    after, others_after = _parted(again.shortfalls, price)
    beyond = _less_beyond(price, moved)
    # What was missing beyond all reach is so in both plans.
    kept = not any(one.short_of_reach or moved.near[one.round or 0] for one in before)
    if kept and _alike(known.shortfalls, again.shortfalls):
        return replace(price, saved=saved, less_missing=beyond)
    price = replace(price, less_missing=_missing(before, moved) - _missing(after, moved) + beyond)
    if not (known.misses_least and again.misses_least):
        return replace(price, no_price="unknown")
    if kept:
        return replace(price, no_price="others")
    everywhere = price.step * len(before)
    same = (
        np.isclose(price.less_missing, everywhere, rtol=_SAME, atol=_SAME)
        and abs(saved) <= price.off_by + _SAME * abs(known.objective)
        and _alike(others, others_after)
    )
    return replace(price, no_price="out of reach" if same else "not kept")


def _parted(
    shortfalls: Sequence[LimitShortfall], price: RulePrice
) -> tuple[list[LimitShortfall], list[LimitShortfall]]:
    """What is missing of the bound that a price is of, and of all others."""
    own: list[LimitShortfall] = []
    others: list[LimitShortfall] = []
    for one in shortfalls:
        is_own = one.rule == price.rule and one.above == (price.side == "at most")
        (own if is_own else others).append(one)
    return own, others


def _alike(some: Sequence[LimitShortfall], others: Sequence[LimitShortfall]) -> bool:
    """Whether as much is missing of each stage in each unit, of what can be reached."""
    sums: dict[tuple[str, str], list[float]] = {}
    for number, shortfalls in enumerate((some, others)):
        for one in shortfalls:
            sums.setdefault((one.stage, one.unit), [0.0, 0.0])[number] += one.short_of_reach
    return all(np.isclose(a, b, rtol=_SAME, atol=_SAME) for a, b in sums.values())


def _uncertain(solution: LimitedSolution) -> float:
    """How far above its optimum an answer may be."""
    if solution.status is Status.OPTIMAL:
        return 0.0
    if solution.objective is None or solution.bound is None:
        return float("inf")
    return solution.objective - solution.bound
