"""The integer program with side constraints: quotas, covers, knapsacks, budgets, rest, excess.

A `LimitedProblem` puts `Limits` next to a `Problem`; `solve_limited` is the only door. Without
limits it answers as `solve` does. Rounds and clients are numbers from 0 in all texts, as elsewhere
in this package.
"""

from lowcarb_solvers.limits.conflicts import Conflict, find_conflicts
from lowcarb_solvers.limits.excess import Excess, excess_at
from lowcarb_solvers.limits.limited_problem import LimitedProblem, Limits
from lowcarb_solvers.limits.limited_solution import LimitedSolution, LimitShortfall
from lowcarb_solvers.limits.rule_prices import RulePrice, price_rules
from lowcarb_solvers.limits.rules import Rule, Stage, budget, cover, knapsack, quota
from lowcarb_solvers.limits.solve import solve_limited

__all__ = [
    "Conflict",
    "Excess",
    "LimitShortfall",
    "LimitedProblem",
    "LimitedSolution",
    "Limits",
    "Rule",
    "RulePrice",
    "Stage",
    "budget",
    "cover",
    "excess_at",
    "find_conflicts",
    "knapsack",
    "price_rules",
    "quota",
    "solve_limited",
]
