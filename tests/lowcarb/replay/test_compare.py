"""Policies side by side: sums, seeds, starts."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb import Fairness, InputError, Planner
from lowcarb.planning.policies import POLICIES, Choice, Planned
from lowcarb.replay import Comparison, Disruptions, compare, draw_disruptions, starts_within
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.recorded_days import HOUR, RECORDING, ROUNDS, backtest

PLANNER = backtest().planner


def lasting(longest: timedelta) -> Planner:
    """120 rounds, the longest workload of which takes as long as is said."""
    fleet = PLANNER.fleet
    durations = np.append(fleet.duration_s[:-1], longest.total_seconds())
    longer = replace(fleet, duration_s=durations)
    return replace(PLANNER, fleet=longer, rounds=120, every=max(HOUR, longest))


def compared(seeds: int = 3, names: tuple[str, ...] = ("random", "ilp", "regret")) -> Comparison:
    on = backtest()
    starts = starts_within(RECORDING, PLANNER, 2)
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
    expected = 1 - ilp.realised_g / found.random_g.mean()
    assert ilp.saved == pytest.approx(expected)
    assert ilp.share_of_oracle == pytest.approx(ilp.saved / oracle.saved)
    assert 0 < ilp.saved < oracle.saved
    assert (ilp.floors_met, ilp.empty_seats, ilp.fallbacks) == (1, 0, 0)
    assert ilp.turns_min >= 2
    assert ilp.turns_max <= 6


def test_spread_is_over_starts_and_that_of_random_over_its_seeds() -> None:
    found = compared()
    expected = found.random_g.mean()
    # Seeds together: both starts of the first seed, then those of the second.
    grams = [run.realised_g for run in found.runs["random"]]
    by_seed = [(grams[2 * seed] + grams[2 * seed + 1]) / 2 for seed in range(3)]
    assert found.summaries["random"].spread == pytest.approx(np.std(by_seed) / expected)
    saved = [
        1 - run.realised_g / random
        for run, random in zip(found.runs["ilp"], found.random_g.tolist(), strict=True)
    ]
    assert found.summaries["ilp"].spread == pytest.approx(np.std(saved))


def test_trainings_of_other_seeds_draw_other_random_cohorts() -> None:
    drawn = []
    for seed in range(3):
        planner = replace(backtest().planner, seed=seed)
        starts = starts_within(RECORDING, PLANNER, 1)
        found = compare(planner, RECORDING, starts, {"random": POLICIES["random"]}, seeds=3)
        drawn += [run.realised_g for run in found.runs["random"]]
    assert len(set(drawn)) == 9


def test_where_there_is_nothing_to_save_nobody_has_a_share_of_it() -> None:
    # With all clients in each round every policy is the oracle, but for the order of its sums.
    planner = replace(backtest().planner, cohort_size=20, fairness=Fairness(min_rounds=0))
    players = {name: POLICIES[name] for name in ("random", "regret")}
    disruptions = draw_disruptions(20, ROUNDS, seed=2, absence=0.2)
    oracle = Planned((Greedy("regret"),))
    for start in starts_within(RECORDING, PLANNER, 8):
        found = compare(
            planner, RECORDING, [start], players, seeds=1, oracle=oracle, disruptions=disruptions
        )
        assert found.summaries["random"].saved == pytest.approx(0, abs=1e-12)
        assert {one.share_of_oracle for one in found.summaries.values()} == {None}


def test_one_seed_gives_the_same_comparison_twice() -> None:
    one, other = compared(), compared()
    for name, runs in one.runs.items():
        for mine, theirs in zip(runs, other.runs[name], strict=True):
            assert mine.realised_g == theirs.realised_g
            assert mine.turns.tolist() == theirs.turns.tolist()


def test_starts_are_spread_over_the_issues_that_can_be_played() -> None:
    starts = starts_within(RECORDING, PLANNER, 3)
    first = RECORDING.issues.forecasts[10].issued_at
    assert first is not None
    assert starts[0] == first
    assert len(set(starts)) == 3
    assert starts_within(RECORDING, PLANNER, 99)[-1] == starts[-1]
    with pytest.raises(InputError, match="10 issues before it and actual intensities for 999"):
        starts_within(RECORDING, replace(PLANNER, rounds=999), 3)


def test_the_last_workload_must_have_come_true_to_its_end() -> None:
    # From the last issue on there are five days of actual intensities.
    last = RECORDING.issues.forecasts[-1].issued_at
    assert starts_within(RECORDING, replace(PLANNER, rounds=120), 99)[-1] == last
    assert starts_within(RECORDING, lasting(2 * HOUR), 99)[-1] != last
    assert starts_within(RECORDING, replace(PLANNER, rounds=121), 99)[-1] != last


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"seeds": 1.5}, "seeds: expected a whole number, got 1.5"),
        ({"seeds": True}, "seeds: expected a whole number, got True"),
        ({"seeds": 0}, "seeds: expected 1 or more, got 0"),
        ({"policies": [POLICIES["ilp"]]}, "policies: expected a mapping from names to policies"),
        (
            {"policies": {"random": POLICIES["greedy"]}},
            "policies: 'random' is the name of random cohorts, which are drawn over seeds",
        ),
        ({"starts": START}, "starts: expected at least one start, in a sequence"),
        ({"starts": []}, r"starts: expected at least one start, in a sequence, got \[\]"),
        (
            {"policies": {"mine": lambda p, _: Choice(cohort=p.level_of, by="mine")}, "workers": 2},
            "policy 'mine' cannot be sent to another process: define the policy in a module, or",
        ),
    ],
)
def test_arguments_that_cannot_work_are_refused_at_once(
    wrong: dict[str, Any], message: str
) -> None:
    starts = starts_within(RECORDING, PLANNER, 2)
    good: dict[str, Any] = {"starts": starts, "policies": {"greedy": POLICIES["greedy"]}}
    with pytest.raises(InputError, match=message):
        compare(PLANNER, RECORDING, **(good | wrong))


@pytest.mark.parametrize("name", ["online", "drops"])
@pytest.mark.parametrize("shape", [(3, ROUNDS), (50, 99), (20, ROUNDS - 1)])
def test_disruptions_of_another_shape_are_refused(name: str, shape: tuple[int, int]) -> None:
    other: Any = {name: np.ones(shape, dtype=np.bool_)}
    with pytest.raises(InputError, match=rf"{name}: expected shape \(20, {ROUNDS}\), got \("):
        backtest(Disruptions(**other))
