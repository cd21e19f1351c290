"""What rules cost: the problem solved again with each of them looser by one unit.

These are differences of optima, not duals: of an integer program those are no prices, and of its
relaxation they are not unique.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np

from lowcarb_solvers.limits.limited_problem import LimitedProblem, Limits
from lowcarb_solvers.limits.limited_solution import LimitedSolution
from lowcarb_solvers.limits.rules import Rule, Stage
from lowcarb_solvers.limits.solve import solve_limited
from lowcarb_solvers.solution import Status

REST = "rest"
"""What rest is called among rules."""


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
        What the plan then costs less; None where fewer things are missing then, or nothing was
        found, so that costs say nothing.
    off_by
        How far `saved` may be off, since plans are only known to be so near to their optimum.
    """

    rule: str
    unit: str
    side: Literal["at least", "at most"]
    step: float = 1.0
    saved: float | None
    off_by: float


def price_rules(
    limited: LimitedProblem,
    solution: LimitedSolution | None = None,
    *,
    steps: Mapping[str, float] | None = None,
    **options: Any,
) -> tuple[RulePrice, ...]:
    """Solve once more for each bound of each rule, loosened by one unit, and for rest.

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
    prices = []
    for price, looser in _looser(limited.limits, {} if steps is None else steps):
        again = solve_limited(replace(limited, limits=looser), **options)
        saved = None
        if again.objective is not None and known.objective is not None:
            alike = all(np.isclose(known.missed(stage), again.missed(stage)) for stage in Stage)
            saved = known.objective - again.objective if alike else None
        prices.append(replace(price, saved=saved, off_by=sum(map(_uncertain, (known, again)))))
    return tuple(prices)


def _looser(limits: Limits, steps: Mapping[str, float]) -> Iterator[tuple[RulePrice, Limits]]:
    """Limits of which one bound is looser, with a price that is not known yet."""
    for number, rule in enumerate(limits.rules):
        step = steps.get(rule.name, 1.0)
        for side, looser in _looser_rules(rule, step):
            rules = list(limits.rules)
            rules[number] = looser
            price = RulePrice(
                rule=rule.name, unit=rule.unit, side=side, step=step, saved=None, off_by=0.0
            )
            yield price, replace(limits, rules=tuple(rules))
    if limits.rest is not None and limits.rest.any():
        less = replace(limits, rest=np.maximum(0, limits.rest - 1))
        yield RulePrice(rule=REST, unit="rounds", side="at least", saved=None, off_by=0.0), less


def _looser_rules(rule: Rule, step: float) -> list[tuple[Literal["at least", "at most"], Rule]]:
    """The rule with less at least, and with more at most, where it has such bounds."""
    looser: list[tuple[Literal["at least", "at most"], Rule]] = []
    if (rule.at_least > 0).any():
        looser.append(("at least", replace(rule, at_least=rule.at_least - step)))
    if np.isfinite(rule.at_most).any():
        looser.append(("at most", replace(rule, at_most=rule.at_most + step)))
    return looser


def _uncertain(solution: LimitedSolution) -> float:
    """How far above its optimum an answer may be."""
    if solution.status is Status.OPTIMAL:
        return 0.0
    if solution.objective is None or solution.bound is None:
        return float("inf")
    return solution.objective - solution.bound
