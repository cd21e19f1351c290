"""The integer program with side constraints: quotas, covers, knapsacks, budgets, rest, excess.

A `LimitedProblem` puts `Limits` next to a `Problem`; `solve_limited` is the only door. Without
limits it answers as `solve` does.
"""
