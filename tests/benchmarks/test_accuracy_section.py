"""What is said of trainings: rows of tables, and a verdict that counts those that miss."""

import numpy as np

from benchmarks.accuracy_figures import against_random
from benchmarks.accuracy_section import row, row_to_others, row_to_target, verdict
from benchmarks.accuracy_variants import ILP, RANDOM, VALUE
from benchmarks.trainings import Curve
from tests.helpers.accuracy_curves import curves


def test_a_target_is_reached_in_the_first_round_that_has_it() -> None:
    curve = Curve(
        accuracy=np.array([0.1, 0.9, 0.92, 0.8, 0.95]),
        emissions_g=np.array([0.0, 10.0, 30.0, 60.0, 100.0]),
        turns=np.ones(3),
    )
    assert curve.until(0.92) == (2, 30.0)
    assert curve.until(0.96) is None
    found = {
        RANDOM: [curve, curve],
        ILP: [curve, Curve(**{**vars(curve), "accuracy": np.zeros(5)})],
    }
    *_, turns, jain = row(found, ILP)
    assert (turns, jain) == ("1-1", "1.00")
    assert row(found, RANDOM)[3] == ""
    # The one that misses counts with all of its 100 g: (30 + 100) / 1 against (30 + 30) / 2.
    assert row_to_target(found, ILP)[2:] == [
        "130",
        against_random(found, ILP),
        "1 of 2",
        "100",
        "30",
        "2",
    ]
    assert against_random(found, ILP).startswith("+333 %")
    assert row_to_target(found, RANDOM)[2:] == ["30", "", "2 of 2", "0", "30", "2"]
    # To 86, 88 and 90 % all arrive a round earlier; to 94 % in the last one.
    assert row_to_others(found, RANDOM)[2:] == ["10 g; 2 of 2"] * 3 + ["100 g; 2 of 2"]
    assert row_to_others(found, ILP)[2].startswith("110 g; +1000 % (+0 to no bound); 1 of 2")


def test_the_verdict_counts_the_misses_and_says_how_many_arrive() -> None:
    found = curves()
    text = verdict(found)
    for variant, how in ((ILP, "By carbon alone:"), (VALUE, "With 10 % for losses, debiased:")):
        arrived = sum(curve.until(0.92) is not None for curve in found[variant])
        assert f"{how} {against_random(found, variant)}, {arrived} of 4 seeds arrive" in text
    assert text.startswith("Carbon to 92%, misses counted")
