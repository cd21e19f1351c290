"""What stands in where an exact solver fails."""

import pytest

from lowcarb_solvers import Greedy, Problem, Solver, Status, solve


def check_fallback(
    problem: Problem, exact: Solver, expected_note: str, *, late: bool = False
) -> None:
    """Check that greedy's plan stands in; where time is left, exchanges make it an optimum."""
    solution = solve(problem, Greedy(), exact)
    assert solution.solver == "regret"
    assert problem.violations(solution.cohorts) == []
    assert solution.shortfalls == ()
    assert any(expected_note in note for note in solution.notes), solution.notes
    if late:
        assert solution.status is Status.FEASIBLE
        assert solution.gap is not None
        assert f": the plan of regret stands, within {solution.gap:.2%} of" in solution.notes[0]
    else:
        assert solution.status is Status.OPTIMAL
        assert solution.objective == pytest.approx(solve(problem).objective, rel=1e-9)
        assert solution.notes[0].endswith(": the plan of regret stands, and is optimal")
