"""What remains to the oracle: parts that add up, by cause, region and hour."""

from dataclasses import replace
from datetime import timedelta, timezone

import numpy as np
import pytest

from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.replay import (
    Comparison,
    Disruptions,
    Run,
    compare,
    draw_disruptions,
    gap_to_oracle,
    starts_within,
)
from lowcarb.replay.gap import where
from lowcarb_solvers import Problem
from lowcarb_solvers.arrays import IntArray
from tests.helpers.data import START
from tests.helpers.recorded_days import RECORDING, ROUNDS, backtest

PLANNER = backtest().planner


def played(disruptions: Disruptions | None = None, *, split: bool = True) -> Comparison:
    starts = starts_within(RECORDING, PLANNER, 2)
    return compare(
        backtest().planner,
        RECORDING,
        starts,
        {"ilp": POLICIES["ilp"]},
        oracle=Planned(),
        disruptions=disruptions,
        split=split,
    )


@pytest.mark.parametrize("chances", [{"dropout": 0.2}, {"absence": 0.3}])
def test_the_parts_add_up_and_what_nobody_announced_costs_planning(
    chances: dict[str, float],
) -> None:
    disruptions = draw_disruptions(20, ROUNDS, seed=3, **chances)
    found = played(disruptions)
    gap = gap_to_oracle(found)
    assert gap is not None
    ilp, oracle = (found.summaries[name].realised_g for name in ("ilp", "oracle"))
    assert gap.distance_g == pytest.approx(ilp - oracle)
    assert gap.forecast_g + gap.planning_g == pytest.approx(gap.distance_g)
    assert sum(gap.by_region.values()) == pytest.approx(gap.distance_g)
    assert gap.by_hour.sum() == pytest.approx(gap.distance_g)
    assert list(gap.by_region.values()) == sorted(gap.by_region.values(), reverse=True)
    assert gap.planning_g > 0


def test_without_surprises_all_of_it_is_forecast_error_and_no_part_is_a_gain() -> None:
    found = played()
    gap = gap_to_oracle(found)
    assert gap is not None
    assert gap.distance_g > 0
    assert gap.planning_g == 0
    assert sum(gap.by_region.values()) == pytest.approx(gap.distance_g)
    assert gap.by_hour.sum() == pytest.approx(gap.forecast_g)
    lost = where(found.backtests[0].truth, found.runs["ilp"][0], found.runs["oracle"][0])
    assert lost.min() > -1e-9
    same = found.runs["oracle"][0]
    assert not where(found.backtests[0].truth, same, same).any()
    # What `_foreseen` takes for granted: on true intensities the rolling plan is the oracle's.
    known = found.backtests[0].run("foreseen", POLICIES["ilp"], clairvoyant=True)
    assert known.realised_g == pytest.approx(same.realised_g)


def test_regions_and_hours_are_those_of_the_turns() -> None:
    # In a zone of its own; hours are those of the UTC day all the same.
    start = (START + timedelta(hours=20)).astimezone(timezone(timedelta(hours=-7)))
    found = compare(
        backtest().planner,
        RECORDING,
        [start],
        {"ilp": POLICIES["ilp"]},
        oracle=Planned(),
        split=True,
    )
    gap = gap_to_oracle(found)
    assert gap is not None
    lost = where(found.backtests[0].truth, found.runs["ilp"][0], found.runs["oracle"][0])
    fleet = found.planner.fleet
    hours, regions = np.zeros(24), dict.fromkeys(fleet.regions, 0.0)
    for i, j in np.argwhere(lost).tolist():
        hours[(20 + j) % 24] += lost[i, j]
        regions[fleet[i].region] += lost[i, j]
    assert gap.by_hour == pytest.approx(hours)
    assert gap.by_region == pytest.approx(regions)


def test_nobody_asked() -> None:
    assert gap_to_oracle(played(split=False)) is None


def run(*cohorts: int) -> Run:
    none: IntArray = np.zeros(2, dtype=np.int64)
    return Run(
        policy="",
        start=START,
        cohorts=tuple(np.array([client]) for client in cohorts),
        planned_g_by_round=np.zeros(2),
        realised_g_by_round=np.zeros(2),
        turns=none,
        at_least=none,
        at_most=none,
        seconds=np.zeros(2),
        fallbacks=0,
    )


def test_by_hand() -> None:
    one = np.ones(2, dtype=np.int64)
    truth = Problem.from_costs([[1.0, 5.0], [2.0, 3.0]], cohort_size=one, at_least=one)
    # The oracle's 1 + 3 against 2 + 5: three grams, which no single turn is to blame for alone.
    lost = where(truth, run(1, 0), run(0, 1))
    assert lost.sum() == pytest.approx(3)
    assert lost.min() >= 0
    # Without floors the clean client takes both: 1 + 5 is beaten by 1 + 3, at no loss in round 1.
    free = replace(truth, at_least=0 * one)
    lost = where(free, run(0, 0), run(0, 1))
    assert lost[:, 1].sum() == pytest.approx(2)
    assert not lost[:, 0].any()
