"""A comparison by what came true of a second signal."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb import CoverageError, Fairness, Forecast, InputError, Planner
from lowcarb.planning.policies import POLICIES
from lowcarb.replay import (
    Comparison,
    Recording,
    SecondComparison,
    by_second_signal,
    compare,
    draw_disruptions,
)
from lowcarb.replay.disruptions import Disruptions
from lowcarb.replay.second_signal import require_second
from tests.helpers.data import START
from tests.helpers.two_signals import AVERAGE, MARGINAL, fleet, intensities

HOURS = 24 * 5
ACTUAL = intensities(AVERAGE, "average", hours=HOURS)
OTHER = intensities(MARGINAL, "marginal", hours=HOURS)
PLANNER = Planner(fleet=fleet(), cohort_size=1, rounds=4, fairness=Fairness(min_share=0))
STARTS = [START + timedelta(days=day) for day in (1, 2, 3)]
RECORDING = Recording.of_history(ACTUAL, ("A", "B"))


def played(
    planner: Planner = PLANNER,
    disruptions: Disruptions | None = None,
    recording: Recording = RECORDING,
) -> Comparison:
    policies = {name: POLICIES[name] for name in ("random", "cheapest", "round-robin", "regret")}
    return compare(planner, recording, STARTS, policies, seeds=3, disruptions=disruptions)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    return played()


def second(comparison: Comparison, actual: Forecast = OTHER) -> SecondComparison:
    return by_second_signal(comparison, actual)


def test_what_the_first_signal_saves_the_second_may_cost(comparison: Comparison) -> None:
    found = second(comparison)
    # Four rounds, half of them in each region: by the first signal 800 g, by the second 2,400 g.
    assert comparison.expected_g == 800
    assert found.random.grams == 2400
    # Always A: 4 x 100 g, which is half, and 4 x 800 g, which is a third more.
    assert comparison.summaries["cheapest"].saved_g == 400
    cheapest = found.policies["cheapest"]
    assert (cheapest.realised.grams, cheapest.saved_g) == (3200, -800)
    assert cheapest.saved == pytest.approx(-1 / 3)
    assert cheapest.per_start_g is not None
    assert cheapest.per_start_g.tolist() == [3200] * 3
    # In turn: as random, by both.
    assert found.policies["round-robin"].saved_g == 0


def test_policies_stay_in_the_order_of_the_first_signal(comparison: Comparison) -> None:
    found = second(comparison)
    assert list(found.policies) == list(comparison.runs)
    assert repr(found) == "SecondComparison(marginal: 4 policies, from that file)"


def test_intervals_are_those_that_the_first_signal_would_have(comparison: Comparison) -> None:
    """The same intensities under another name give the same figures, seeds and all."""
    found = second(comparison, intensities(AVERAGE, "marginal", hours=HOURS))
    for name, one in found.policies.items():
        summary, interval = comparison.summaries[name], comparison.intervals[name]
        assert one.realised.grams == pytest.approx(summary.realised_g)
        assert one.saved_g == pytest.approx(summary.saved_g)
        assert one.saved == pytest.approx(summary.saved)
        assert interval.saved_g is not None
        assert interval.saved is not None
        assert one.saved_g_interval == pytest.approx(interval.saved_g)
        assert one.saved_interval == pytest.approx(interval.saved)


def test_seats_that_stay_empty_are_no_saving_by_either_signal() -> None:
    levels = {**AVERAGE, "C": 50.0}
    three = replace(
        PLANNER, fleet=fleet(*levels), fairness=Fairness(min_share=0, max_rounds=1), cohort_size=2
    )
    away = draw_disruptions(3, 4, seed=3, absence=0.4, dropout=0.3)
    actual = intensities(levels, "average", hours=HOURS)
    comparison = played(three, away, Recording.of_history(actual, tuple(levels)))
    found = second(comparison, intensities(levels, "marginal", hours=HOURS))
    assert any(one.left_empty for one in comparison.summaries.values())
    for name, one in found.policies.items():
        assert one.saved_g == pytest.approx(comparison.summaries[name].saved_g)
        assert one.saved == pytest.approx(comparison.summaries[name].saved)


def test_figures_of_some_regions_say_of_how_much_they_are(comparison: Comparison) -> None:
    found = second(comparison, intensities({"B": 400.0}, "marginal", hours=HOURS))
    assert found.missing == ("A",)
    assert (found.random.grams, found.random.share) == (800, 0.5)
    cheapest = found.policies["cheapest"]
    assert (cheapest.realised.grams, cheapest.realised.share) == (None, 0)
    for one in found.policies.values():
        assert (one.saved_g, one.saved, one.saved_interval, one.per_start_g) == (None,) * 4
    content = found.to_dict()
    assert content["policies"]["round-robin"]["known_share"] == 0.5
    assert content["policies"]["cheapest"]["interval95"]["saved_g"] is None


def test_what_is_no_second_signal_is_refused_before_any_is_played() -> None:
    with pytest.raises(InputError, match="average as well"):
        require_second(RECORDING, PLANNER, STARTS, ACTUAL)
    with pytest.raises(InputError, match="column issued_at"):
        require_second(RECORDING, PLANNER, STARTS, replace(OTHER, issued_at=START))
    late = {name: replace(one, times=one.times + 1e7) for name, one in OTHER.series.items()}
    with pytest.raises(CoverageError, match="covers none of the times that are played"):
        require_second(RECORDING, PLANNER, STARTS, replace(OTHER, series=late))
    silent = Recording.of_history(intensities(AVERAGE, None, hours=HOURS), ("A", "B"))
    with pytest.raises(InputError, match="what is planned by does not say"):
        require_second(silent, PLANNER, STARTS, OTHER)
    require_second(RECORDING, PLANNER, STARTS, OTHER)


def test_random_draws_are_charged_turn_by_turn(comparison: Comparison) -> None:
    found = second(comparison).policies["random"]
    levels = np.array([800.0, 400.0])
    drawn = [levels[np.concatenate(run.cohorts)].sum() for run in comparison.runs["random"]]
    assert found.realised.grams == pytest.approx(np.mean(drawn))
