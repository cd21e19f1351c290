"""All kinds of limits at once, at the sizes of federations."""

from dataclasses import replace

import pytest

from benchmarks.limited_instances import large_limited
from lowcarb_solvers.limits import solve_limited


@pytest.mark.slow
@pytest.mark.parametrize(
    ("clients", "cohort", "distinct", "gap"),
    [(2_000, 100, False, 1e-3), (100_000, 5_000, False, 1e-3), (2_000, 100, True, 1e-2)],
)
def test_limits_at_once_come_near_their_bound(
    clients: int, cohort: int, distinct: bool, gap: float
) -> None:
    limited = large_limited(clients, cohort, distinct=distinct)
    # How long it takes says nothing on a busy machine.
    solution = solve_limited(limited, time_limit=120, gap=gap)
    assert limited.violations(solution.cohorts) == []
    assert solution.shortfalls == ()
    assert solution.gap is not None
    assert solution.gap <= gap


@pytest.mark.slow
def test_limits_beside_a_range_come_near_their_bound() -> None:
    fixed, ranged = (
        large_limited(2_000, 100, distinct=False, sizes=sizes) for sizes in (None, (50, 150))
    )
    one, other = (solve_limited(each, time_limit=120, gap=1e-3) for each in (fixed, ranged))
    assert ranged.violations(other.cohorts) == []
    assert other.shortfalls == ()
    assert other.gap is not None
    assert other.gap <= 1e-3
    assert one.bound is not None
    assert other.objective is not None
    assert other.objective < one.bound


@pytest.mark.slow
def test_limits_that_greedy_and_rounding_just_miss_are_kept_all_the_same() -> None:
    limited = large_limited(2_000, 100, distinct=False)
    limits = limited.limits
    samples = replace(limits.rules[0], at_least=1.7 * limits.rules[0].at_least)
    limits = replace(limits, rules=(samples, *limits.rules[1:]))
    solution = solve_limited(replace(limited, limits=limits), time_limit=120, gap=2e-2)
    assert solution.shortfalls == ()
    assert solution.gap is not None
    assert solution.gap <= 2e-2


def test_a_federation_that_is_larger_than_one_model() -> None:
    limited = large_limited(400, 40, distinct=True, rounds=12)
    solution = solve_limited(limited, time_limit=60, gap=2e-2)
    assert solution.solver == "cbc"
    assert limited.violations(solution.cohorts) == []
    assert solution.shortfalls == ()
    assert solution.gap is not None
    assert solution.gap <= 2e-2
