"""What rules cost: the problem solved again with each of them looser by one unit.

These are differences of optima, not duals: of an integer program those are no prices, and of its
relaxation they are not unique.
"""

from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lowcarb_solvers.limits.limited_problem import LimitedProblem
from lowcarb_solvers.limits.limited_solution import LimitedSolution
from lowcarb_solvers.limits.rules import Rule, Stage
from lowcarb_solvers.limits.solve import solve_limited
from lowcarb_solvers.solution import Status


@dataclass(frozen=True, kw_only=True)
class RulePrice:
    """What one unit of a rule costs, by solving again without it.

    Parameters
    ----------
    rule, unit
        Whose bound was loosened, by one of what; of a rule of rounds in all of them at once.
    side
        Which bound.
    saved
        What the plan then costs less; None where fewer things are missing then, or nothing was
        found, so that costs say nothing.
    off_by
        How far `saved` may be off, since plans are only known to be so near to their optimum.
    """

    rule: str
    unit: str
    side: Literal["at least", "at most"]
    saved: float | None
    off_by: float


def price_rules(
    limited: LimitedProblem, solution: LimitedSolution | None = None, **options: Any
) -> tuple[RulePrice, ...]:
    """Solve once more for each bound of each rule, loosened by one unit.

    Parameters
    ----------
    limited
        The problem.
    solution
        Its answer, if it is known.
    options
        Of `solve_limited`, for each time that it is asked.

    Raises
    ------
    NoSolution
        If the problem itself has no answer.
    """
    known = (solution or solve_limited(limited, **options)).raise_for_status()
    prices = []
    for number, rule in enumerate(limited.limits.rules):
        for side, looser in _looser(rule):
            rules = list(limited.limits.rules)
            rules[number] = looser
            limits = replace(limited.limits, rules=tuple(rules))
            again = solve_limited(replace(limited, limits=limits), **options)
            prices.append(_price(rule, side, known, again))
    return tuple(prices)


def _looser(rule: Rule) -> list[tuple[Literal["at least", "at most"], Rule]]:
    """The rule with one unit less at least, and with one more at most, where it has such bounds."""
    looser: list[tuple[Literal["at least", "at most"], Rule]] = []
    if (rule.at_least > 0).any():
        looser.append(("at least", replace(rule, at_least=rule.at_least - 1.0)))
    if np.isfinite(rule.at_most).any():
        looser.append(("at most", replace(rule, at_most=rule.at_most + 1.0)))
    return looser


def _price(
    rule: Rule,
    side: Literal["at least", "at most"],
    known: LimitedSolution,
    again: LimitedSolution,
) -> RulePrice:
    saved = None
    if again.objective is not None and known.objective is not None:
        alike = all(np.isclose(known.missed(stage), again.missed(stage)) for stage in Stage)
        saved = known.objective - again.objective if alike else None
    off_by = sum(_uncertain(one) for one in (known, again))
    return RulePrice(rule=rule.name, unit=rule.unit, side=side, saved=saved, off_by=off_by)


def _uncertain(solution: LimitedSolution) -> float:
    """How far above its optimum an answer may be."""
    if solution.status is Status.OPTIMAL:
        return 0.0
    if solution.objective is None or solution.bound is None:
        return float("inf")
    return solution.objective - solution.bound
