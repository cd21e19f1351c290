"""Carbon to an accuracy: who misses it makes it dearer."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchmarks.to_target import ToTarget, in_grams, in_percent
from benchmarks.trainings import Curve

TARGET = 0.92
INFINITE = float("inf")


def curve(arrives: bool, grams: float, in_all: float) -> Curve:
    return Curve(
        accuracy=np.array([0.1, TARGET if arrives else 0.5, 0.6]),
        emissions_g=np.array([0.0, grams, in_all]),
        turns=np.ones(3),
    )


def trainings(*of: tuple[bool, float, float]) -> ToTarget:
    return ToTarget.of([curve(*one) for one in of], TARGET)


def test_a_miss_counts_with_all_that_it_emitted() -> None:
    found = trainings((True, 10.0, 50.0), (False, 20.0, 60.0), (True, 30.0, 70.0))
    assert found.expected_g == pytest.approx((10 + 60 + 30) / 2)
    assert found.of_arrivals_g == pytest.approx(20)
    assert found.without_arriving_g == pytest.approx(60)


def test_where_none_arrives_no_grams_are_enough() -> None:
    none = trainings((False, 1.0, 2.0), (False, 3.0, 4.0))
    some = trainings((True, 1.0, 2.0), (True, 3.0, 4.0))
    assert none.expected_g == INFINITE
    assert none.of_arrivals_g is None
    assert none.without_arriving_g == pytest.approx(6)
    assert in_grams(none.expected_g) == in_grams(none.of_arrivals_g) == "-"
    assert in_percent(none.against(some)) == in_percent(none.against(none)) == "never arrives"
    assert some.against(none)[0] == -100


SEED = st.tuples(st.booleans(), st.floats(1, 1e3), st.floats(0, 1e3)).map(
    lambda one: (one[0], one[1], one[1] + one[2])
)


@given(st.lists(SEED, min_size=1, max_size=12), st.data())
def test_survivors_cannot_flatter(
    seeds: list[tuple[bool, float, float]], data: st.DataObject
) -> None:
    found = trainings(*seeds)
    if found.of_arrivals_g is not None:
        assert found.expected_g >= found.of_arrivals_g * (1 - 1e-12)
    k = data.draw(st.integers(0, len(seeds) - 1))
    missed = [(arrives and i != k, *grams) for i, (arrives, *grams) in enumerate(seeds)]
    assert trainings(*missed).expected_g >= found.expected_g * (1 - 1e-12)  # type: ignore[arg-type]


def test_against_another_the_interval_holds_the_difference_and_pairs_seeds() -> None:
    rng = np.random.default_rng(3)
    theirs = rng.uniform(50, 500, 10)
    other = trainings(*[(True, grams, 2 * grams) for grams in theirs])
    mine = trainings(*[(True, 0.8 * grams, grams) for grams in theirs])
    # Seeds differ tenfold, and each seed's pair by the same fifth.
    assert mine.against(other) == pytest.approx((-20, -20, -20))
    noisy = trainings(
        *[(True, f * g, g) for f, g in zip(rng.uniform(0.6, 1, 10), theirs, strict=True)]
    )
    middle, low, high = noisy.against(other)
    assert low < middle < high < 0
    assert noisy.against(other) == (middle, low, high)


def test_an_interval_without_a_bound_says_so() -> None:
    other = trainings((True, 10.0, 20.0), (True, 10.0, 20.0), (True, 10.0, 20.0))
    once = trainings((True, 10.0, 20.0), (False, 10.0, 20.0), (False, 10.0, 20.0))
    middle, _, high = once.against(other)
    assert middle == pytest.approx(400)
    assert high == INFINITE
    assert in_percent(once.against(other)).startswith("+400 % (+")
    assert in_percent(once.against(other)).endswith("to no bound)")
