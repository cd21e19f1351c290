"""What a training says of limits that a plan does not keep."""

import logging

import numpy as np
import pytest

from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.training.limits import TrainingLimits
from lowcarb_solvers import LimitedProblem, Limits, Problem, cover, solve_limited

ASKED = AskedLimits.of(["samples >= 9"])


@pytest.mark.parametrize(
    ("solver", "said"),
    [
        ("cbc", "cannot be kept: limit 'samples >= 9': all rounds have 78 samples too little"),
        ("greedy", "not kept by this plan: limit 'samples >= 9': all rounds have "),
    ],
)
def test_what_cannot_be_kept_and_what_this_plan_does_not_keep(
    caplog: pytest.LogCaptureFixture, solver: str, said: str
) -> None:
    costs = np.arange(1.0, 7)[:, None] * np.array([1.0, 2.0, 3.0])
    problem = Problem.from_costs(costs, 2, at_most=1, elastic=True)
    rule = cover("samples >= 9", np.arange(1.0, 7), 99, rounds=3, whole=True)
    limited = LimitedProblem(problem=problem, limits=Limits(rules=(rule,)))
    assert ASKED is not None
    with caplog.at_level(logging.WARNING):
        notes = TrainingLimits(asked=ASKED).notes_on(solve_limited(limited, solver=solver), 1)
    assert len(notes) == 1
    assert any(said in text for text in caplog.messages)
