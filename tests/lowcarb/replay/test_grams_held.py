"""How often intervals known at the starts held what was emitted."""

from datetime import timedelta

import pytest

from lowcarb import Fairness, Planner
from lowcarb.planning.policies import POLICIES
from lowcarb.replay import Recording, compare
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START, mixed_fleet

DAY = timedelta(days=1)


@pytest.mark.parametrize("correct", [True, False])
def test_comparisons_say_it_where_intervals_are_known(correct: bool) -> None:
    issues, actual = biased_days(days=40, factor=1.1)
    found = compare(
        Planner(
            fleet=mixed_fleet(["R0", "R1", "R2"], clients=6),
            cohort_size=2,
            rounds=6,
            fairness=Fairness(min_rounds=1),
        ),
        Recording(issues=issues, actual=actual, correct=correct),
        starts=[START - n * DAY for n in (6, 4, 2)],
        policies={"greedy": POLICIES["greedy"]},
        seeds=1,
    )
    held, there = found.grams_held
    said = [note for note in found.to_dict()["notes"] if "90% interval" in note]
    if correct:
        assert there == 3
        assert held >= 2
        assert said[0].endswith(f"held what greedy emitted from {held} of 3 starts")
    else:
        assert (held, there, said) == (0, 0, [])
