"""Thousands of rounds: proven, priced, and without memory that grows with rounds x rounds."""

from dataclasses import replace

import numpy as np
import pytest

from benchmarks.instances import PLANNED, later
from lowcarb_solvers import Problem, Status, Warm, chain, merge, solve

# Some thousand rounds of few clients are enough to go all the ways that long horizons go.
SHORT = replace(PLANNED["100x2,000"], clients=20, rounds=600, cohort_size=3).problem()
DAILY = replace(
    SHORT,
    cost_level=np.stack(
        [300 + 200 * np.sin((np.arange(600) + g) * 2 * np.pi / 24) for g in range(50)]
    ),
)


@pytest.mark.parametrize(
    "problem",
    [
        SHORT,
        DAILY,
        replace(DAILY, level_of=DAILY.level_of * 0),
        replace(DAILY, weight=DAILY.weight * 0 + 1),
        replace(SHORT, at_least=SHORT.at_least * 0 + 88, at_most=SHORT.at_most * 0 + 92),
        replace(SHORT, at_most=SHORT.at_most * 0 + 600),
        replace(SHORT, available=(np.arange(600) + 5 * np.arange(20)[:, None]) % 24 < 14),
        replace(SHORT, elastic=False),
    ],
    ids=[
        "all differ", "days repeat", "one region", "one energy", "tight", "no caps", "by day",
        "inelastic",
    ],
)  # fmt: skip
def test_long_horizons_are_proven_and_priced(problem: Problem) -> None:
    solution = solve(problem)
    assert solution.status is Status.OPTIMAL
    assert solution.notes == ()
    assert problem.violations(solution.cohorts) == []
    assert solution.seat_prices is not None
    assert solution.turn_prices is not None
    # A seat more costs what it says; which rounds can be filled is known as well.
    j = int(np.nanargmax(solution.seat_prices))
    more = problem.cohort_size.copy()
    more[j] += 1
    again = solve(replace(problem, cohort_size=more))
    assert again.objective is not None
    assert solution.objective is not None
    assert again.objective - solution.objective == pytest.approx(
        solution.seat_prices[j], rel=1e-6, abs=1e-8 * solution.objective
    )


def test_a_long_plan_is_made_again_from_its_prices_with_the_same_cohorts() -> None:
    problem = later(SHORT, solve(SHORT))
    cold, warm = solve(problem), solve(problem, warm=Warm.after(solve(SHORT)))
    assert cold.status is warm.status is Status.OPTIMAL
    assert (cold.answer == warm.answer).all()


@pytest.mark.slow
@pytest.mark.parametrize("name", ["100x2,000", "100x10,000", "2,000x100 online"])
def test_the_longest_plans_are_proven(name: str) -> None:
    problem = PLANNED[name].problem()
    # The proof is tested here; how long it takes depends on the machine.
    solution = solve(problem, *chain(120.0))
    assert solution.status is Status.OPTIMAL
    assert solution.notes == ()
    assert problem.violations(solution.cohorts) == []
    assert solution.seat_prices is not None
    assert np.isfinite(solution.seat_prices).all()
    again = solve(merge(later(problem, solution)), *chain(120.0), warm=Warm.after(solution))
    assert again.status is Status.OPTIMAL
