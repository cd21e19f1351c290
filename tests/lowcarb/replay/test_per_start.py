"""Figures of a policy from each start, and their intervals."""

from datetime import timedelta

import numpy as np
import pytest
from scipy import stats

from lowcarb.planning.policies import POLICIES, Planned
from lowcarb.replay import Comparison, compare
from lowcarb.report.comparison.savings import about_intervals, saved
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.recorded_days import RECORDING, backtest

SEEDS = 4


def compared(*days: float) -> Comparison:
    names = ("random", "regret")
    return compare(
        backtest().planner,
        RECORDING,
        [START + timedelta(days=day) for day in days],
        {name: POLICIES[name] for name in names},
        seeds=SEEDS,
        oracle=Planned((Greedy(),)),
    )


@pytest.fixture(scope="module")
def found() -> Comparison:
    return compared(0, 1, 2)


def test_means_of_the_starts_are_the_figures(found: Comparison) -> None:
    for name, one in found.per_start.items():
        summary = found.summaries[name]
        assert one.realised_g.shape == (3,)
        assert one.realised_g.mean() == pytest.approx(summary.realised_g)
        assert one.saved_g.mean() == pytest.approx(summary.saved_g)
        assert one.saved_g.sum() / one.due_g.sum() == pytest.approx(summary.saved)


def test_intervals_are_those_of_students_t(found: Comparison) -> None:
    interval, one = found.intervals["regret"], found.per_start["regret"]
    assert found.independent == 3
    half = stats.sem(one.saved_g) * stats.t.ppf(0.975, 2)
    assert interval.saved_g == pytest.approx((one.saved_g.mean() - half, one.saved_g.mean() + half))
    assert interval.saved is not None
    assert sum(interval.saved) / 2 == pytest.approx(found.summaries["regret"].saved)
    assert interval.share_of_oracle is not None
    assert sum(interval.share_of_oracle) / 2 == pytest.approx(
        found.summaries["regret"].share_of_oracle
    )


def test_the_interval_of_random_is_over_its_seeds(found: Comparison) -> None:
    by_seed = np.array([run.realised_g for run in found.runs["random"]]).reshape(SEEDS, 3)
    means = by_seed.mean(axis=1)
    half = stats.sem(means) * stats.t.ppf(0.975, SEEDS - 1)
    expected = (means.mean() - half, means.mean() + half)
    assert found.intervals["random"].realised_g == pytest.approx(expected)
    assert found.intervals["random"].share_of_oracle is None


def test_starts_that_overlap_count_once() -> None:
    overlapping = compared(0, 0.25, 1)
    assert overlapping.independent == 2
    assert "Starts overlap: they count as 2, which do not." in about_intervals(overlapping)
    assert not any("trainings together" in text for text in saved(overlapping))
    one = compared(0)
    assert set(one.intervals["regret"].to_dict().values()) == {None}
    assert "One start" in about_intervals(one)


def test_json_has_every_figure_of_every_start(found: Comparison) -> None:
    content = found.to_dict()
    for name, policy in content["policies"].items():
        per_start, bounds = policy["per_start"], policy["interval95"]
        assert per_start["saved_g"] == found.per_start[name].saved_g.tolist()
        assert set(per_start) == set(bounds) - {"share_of_oracle_pct"}
    low, high = content["policies"]["regret"]["interval95"]["saved_vs_random_pct"]
    assert low < content["policies"]["regret"]["saved_vs_random_pct"] < high
    assert content["expected_g"] == found.random_g.tolist()
