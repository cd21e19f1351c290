"""From where recorded days are played, and what is said of it."""

from dataclasses import replace
from datetime import timedelta
from itertools import pairwise

import numpy as np
import pytest

from lowcarb import Fairness, InputError, Planner, Series
from lowcarb.replay import Recording, choose_starts, starts_within
from tests.helpers.recorded_days import HOUR, RECORDING, backtest

PLANNER = replace(backtest().planner, rounds=24, fairness=Fairness(min_share=0))
DAY = timedelta(days=1)
HISTORY = Recording.of_history(RECORDING.actual, PLANNER.fleet.regions)
BEGIN = RECORDING.issues.forecasts[0].issued_at


def lacking(recording: Recording, hours: slice) -> Recording:
    """Take some hours of what came true from the first region."""
    region, series = next(iter(recording.actual.series.items()))
    kept = np.ones(len(series.times), dtype=bool)
    kept[hours] = False
    gappy = Series(times=series.times[kept], values=series.values[kept], until=series.ends[kept])
    actual = replace(recording.actual, series={**recording.actual.series, region: gappy})
    return Recording.of_history(actual, PLANNER.fleet.regions)


def test_a_history_is_played_in_full() -> None:
    assert BEGIN is not None
    found = choose_starts(HISTORY, PLANNER, None)
    assert list(found.times) == [BEGIN + k * DAY for k in range(1, 20)]
    text = " ".join(found.notes)
    assert "Used: 19 of 19 possible starts, one after another" in text
    assert "needs one whole day before it" in text
    assert "Not used" not in text


@pytest.mark.parametrize("rounds", [1, 24, 25, 48, 100, 19 * 24])
def test_starts_one_after_another_do_not_overlap(rounds: int) -> None:
    planner: Planner = replace(PLANNER, rounds=rounds)
    times = choose_starts(HISTORY, planner, None).times
    assert all(
        after - before >= (rounds - 1) * HOUR + timedelta(seconds=planner.fleet.duration_s.max())
        for before, after in pairwise(times)
    )
    assert len(times) == 19 // -(-rounds // 24)


def test_days_with_a_gap_are_left_out_and_said() -> None:
    assert BEGIN is not None
    found = choose_starts(lacking(HISTORY, slice(130, 132)), PLANNER, None)
    day = BEGIN + 5 * DAY
    assert day not in found.times
    assert len(found.times) == 18
    assert f"values are missing within them: starts at {day:%Y-%m-%d} 00:00" in found.notes[-1]


def test_of_forecasts_ten_issues_and_those_too_late_are_named() -> None:
    found = choose_starts(RECORDING, PLANNER, 2)
    issued = [issue.issued_at for issue in RECORDING.issues.forecasts]
    assert found.times == (issued[10], issued[-1])
    text = " ".join(found.notes)
    assert "Used: 2 of 6 possible starts, evenly spread" in text
    assert "the first 10 of 16 are no starts" in text
    late = choose_starts(RECORDING, replace(PLANNER, rounds=121), 1)
    assert "Not used: the last 1 issue, since actual values end" in late.notes[-1]
    assert starts_within(RECORDING, PLANNER, 2) == found.times


def test_what_cannot_be_played_is_an_error() -> None:
    with pytest.raises(InputError, match=r"no midnight .* and actual intensities for 480 rounds"):
        choose_starts(HISTORY, replace(PLANNER, rounds=480), None)
    with pytest.raises(InputError, match="starts: expected 1 or more"):
        choose_starts(HISTORY, PLANNER, 0)
