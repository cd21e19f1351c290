"""Three sites with a made signal: cohorts of 0 to 2 of them against one in every slot."""

from itertools import groupby

import pytest

from benchmarks.three_sites import PAST, SLOTS, played, shares, signal


def test_each_site_is_clean_for_its_share_of_the_time() -> None:
    for row in signal(3)[:, PAST:]:
        clean = row < 20
        assert clean.sum() == round(0.35 * SLOTS)
        assert row[~clean].min() >= 300
        assert row.max() <= 600
        stretches = [len(list(run)) for is_clean, run in groupby(clean) if is_clean]
        # Two stretches may meet.
        assert min(stretches) >= 4


def check(seeds: range, slots: int = SLOTS) -> None:
    """Fail where known hours or the last value save too little, or floors are missed."""
    found = [played(seed, slots) for seed in seeds]
    known, last_value = shares(found)
    assert known <= 1 / 3
    assert last_value <= 2 / 3
    assert {one.floors_met for one in found} == {1.0}


def test_cohorts_of_two_in_clean_slots_emit_less() -> None:
    check(range(2), slots=48)


@pytest.mark.slow
def test_cohorts_of_two_in_clean_slots_emit_a_third_and_less_than_two_thirds() -> None:
    check(range(20))
