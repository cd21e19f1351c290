"""Mistakes of the caller and faults of a solver; an infeasible problem is neither, it is a status.

::

    SolversError
    ├── ProblemError   a problem that contradicts itself (also a ValueError)
    ├── NoSolution     a solution without cohorts was asked for them
    └── NoSolver       a solver was asked for that is not known or not installed
"""


class SolversError(Exception):
    """Base of everything this package raises on purpose."""


class ProblemError(SolversError, ValueError):
    """A problem that contradicts itself; the text names the field, what was expected, what came."""


class NoSolution(SolversError):
    """Cohorts were asked of a solution that has none."""


class NoSolver(SolversError):
    """A solver was asked for that is not known, not installed, or cannot do what was asked.

    The text begins with the name of the argument that is wrong.
    """
