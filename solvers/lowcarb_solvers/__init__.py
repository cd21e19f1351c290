"""Choose cohorts as cheaply as fairness allows: pure optimisation, numpy in, numpy out.

Nothing here knows of carbon, regions, time or Flower. A `Problem` goes in, `solve` merges its
interchangeable clients into `Classes` and returns a `Solution`, and every answer is checked and
certified by code that did not produce it.
"""

from lowcarb_solvers.cbc import Cbc
from lowcarb_solvers.classes import Classes
from lowcarb_solvers.errors import NoSolution, NoSolver, ProblemError, SolversError
from lowcarb_solvers.flow import Flow
from lowcarb_solvers.greedy import Greedy
from lowcarb_solvers.limits import (
    Conflict,
    Excess,
    LimitedProblem,
    LimitedSolution,
    Limits,
    LimitShortfall,
    Rule,
    RulePrice,
    Stage,
    budget,
    cover,
    excess_at,
    find_conflicts,
    knapsack,
    price_rules,
    quota,
    solve_limited,
)
from lowcarb_solvers.merging import merge
from lowcarb_solvers.prices import Certificate, certify
from lowcarb_solvers.problem import Problem
from lowcarb_solvers.slot_problem import SlotProblem
from lowcarb_solvers.slot_search import greedy_slots, solve_slots
from lowcarb_solvers.slot_solution import SlotSolution
from lowcarb_solvers.slot_spacing import Spacing
from lowcarb_solvers.solution import Shortfall, Solution, Status
from lowcarb_solvers.solver import Solver, chain, limit_of, solve, within
from lowcarb_solvers.sparse_counts import SparseCounts
from lowcarb_solvers.warm import Warm

__all__ = [
    "Cbc",
    "Certificate",
    "Classes",
    "Conflict",
    "Excess",
    "Flow",
    "Greedy",
    "LimitShortfall",
    "LimitedProblem",
    "LimitedSolution",
    "Limits",
    "NoSolution",
    "NoSolver",
    "Problem",
    "ProblemError",
    "Rule",
    "RulePrice",
    "Shortfall",
    "SlotProblem",
    "SlotSolution",
    "Solution",
    "Solver",
    "SolversError",
    "Spacing",
    "SparseCounts",
    "Stage",
    "Status",
    "Warm",
    "budget",
    "certify",
    "chain",
    "cover",
    "excess_at",
    "find_conflicts",
    "greedy_slots",
    "knapsack",
    "limit_of",
    "merge",
    "price_rules",
    "quota",
    "solve",
    "solve_limited",
    "solve_slots",
    "within",
]
