"""Policies side by side: sums, seeds, starts."""

import pytest

from lowcarb import InputError
from lowcarb.policies import POLICIES, Planned
from lowcarb.replay import Comparison, compare, starts_within
from tests.lowcarb.replay.recorded import HOUR, RECORDING, ROUNDS, stage


def compared(seeds: int = 3, names: tuple[str, ...] = ("random", "ilp", "regret")) -> Comparison:
    on = stage()
    starts = starts_within(RECORDING, ROUNDS, HOUR, HOUR, 2)
    return compare(
        on.planner,
        RECORDING,
        starts,
        {name: POLICIES[name] for name in names},
        seeds=seeds,
        oracle=Planned(),
    )


def test_a_comparison_sums_up() -> None:
    found = compared()
    assert {name: len(runs) for name, runs in found.runs.items()} == {
        "random": 6,
        "ilp": 2,
        "regret": 2,
        "oracle": 2,
    }
    ilp, oracle = found.summaries["ilp"], found.summaries["oracle"]
    assert oracle.share_of_oracle == pytest.approx(1)
    expected = 1 - ilp.emissions_g / found.random_g.mean()
    assert ilp.saved == pytest.approx(expected)
    assert ilp.share_of_oracle == pytest.approx(ilp.saved / oracle.saved)
    assert 0 < ilp.saved < oracle.saved
    assert (ilp.floors_met, ilp.empty_seats, ilp.fallbacks) == (1, 0, 0)
    assert ilp.turns_min >= 2
    assert ilp.turns_max <= 6


def test_one_seed_gives_the_same_comparison_twice() -> None:
    one, other = compared(), compared()
    for name, runs in one.runs.items():
        for mine, theirs in zip(runs, other.runs[name], strict=True):
            assert mine.emissions_g == theirs.emissions_g
            assert mine.turns.tolist() == theirs.turns.tolist()


def test_starts_are_spread_over_the_issues_that_can_be_played() -> None:
    starts = starts_within(RECORDING, ROUNDS, HOUR, HOUR, 3)
    first = RECORDING.issues.forecasts[10].issued_at
    assert first is not None
    assert starts[0] == first
    assert len(set(starts)) == 3
    assert starts_within(RECORDING, ROUNDS, HOUR, HOUR, 99)[-1] == starts[-1]
    with pytest.raises(InputError, match="10 issues before it and actual intensities for 999"):
        starts_within(RECORDING, 999, HOUR, HOUR, 3)
