"""Answers to problems with limits, and the same answers without a word of them."""

import pytest

from lowcarb_solvers.limits import solve_limited
from tests.helpers.limited_instances import small_limited


@pytest.mark.parametrize("seed", range(4))
def test_the_plain_answer_costs_as_much(seed: int) -> None:
    """What excess energy saves is saved there, too."""
    found = solve_limited(small_limited(seed, ("excess", "quota"), elastic=True), gap=0.0)
    plain = found.plain
    assert plain.objective == pytest.approx(found.objective)
    assert plain.gap == pytest.approx(found.gap)
    assert (plain.status, plain.solver, plain.notes) == (found.status, found.solver, found.notes)
    for mine, other in zip(plain.cohorts, found.cohorts, strict=True):
        assert mine.tolist() == other.tolist()
    grid = found.limited.problem.cost(list(found.cohorts))
    assert plain.saved == pytest.approx(grid - (found.objective or 0.0))
