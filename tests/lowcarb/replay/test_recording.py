"""What could be known of recorded days at a time."""

from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Corrector, Forecast, Issues, Series
from lowcarb.carbon.correction_measured import Corrected
from lowcarb.carbon.last_days import LEARNT_DAYS
from lowcarb.carbon.typical_day import hourly_means
from lowcarb.replay import Recording
from tests.helpers.biased_days import biased_days
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

DAY = timedelta(days=1)


def recording(seed: int, step_min: int, gaps: float, delay: timedelta) -> Recording:
    """Make thirty days of actual values with gaps, and one issue of two hours."""
    rng = np.random.default_rng(seed)
    steps = np.arange(30 * 1440 // step_min, dtype=np.float64)
    steps = steps[rng.random(len(steps)) >= gaps] + 0.5 * int(rng.integers(2))
    times = START.timestamp() - 25 * 86_400.0 + 60.0 * step_min * steps
    actual = Forecast(
        series={"R": Series(times=times, values=rng.uniform(0, 900, len(times)))}, source="actuals"
    )
    hours = np.arange(2, dtype=np.float64)
    ahead = Series(times=START.timestamp() + 3600.0 * hours, values=np.array([50.0, 70.0]))
    issue = Forecast(series={"R": ahead, "S": ahead}, source="issue", issued_at=START)
    return Recording(issues=Issues(forecasts=(issue,), source="i"), actual=actual, delay=delay)


@given(
    seed=st.integers(0, 99),
    step_min=st.sampled_from([15, 30, 60, 180]),
    gaps=st.sampled_from([0.0, 0.1, 0.9]),
    delay=st.sampled_from([timedelta(0), timedelta(minutes=70), timedelta(days=5)]),
    later=st.integers(-200, 300),
)
def test_typical_days_are_those_of_the_values_that_are_known(
    seed: int, step_min: int, gaps: float, delay: timedelta, later: int
) -> None:
    one = recording(seed, step_min, gaps, delay)
    start = START + timedelta(minutes=37 * later)
    learnt, known = one._learnt("R", start), one.known(start)
    if "R" not in known:
        assert learnt is None
        return
    assert known["R"].ends[-1] <= (start - delay).timestamp()
    assert known["R"].times[0] >= (start - delay - timedelta(days=LEARNT_DAYS)).timestamp()
    assert learnt is not None
    assert learnt.typical == pytest.approx(hourly_means(known["R"]), nan_ok=True)
    days = one.typical(["R"], start)
    if np.isnan(learnt.typical).any():
        assert days is None
    else:
        assert days is not None
        assert days.intensity[0] == pytest.approx(learnt.typical)
    # Of a region that nothing is known of no day is typical; the others are told all the same.
    both = one.typical(["R", "S"], start)
    if days is None:
        assert both is None
    else:
        assert both is not None
        assert both.regions == ("R",)
        assert both.intensity.tolist() == days.intensity.tolist()


def test_where_nothing_is_known_the_forecasts_own_hours_stand_in() -> None:
    one = recording(0, 60, 0.0, timedelta(days=60))
    view = one.view(START, START.timestamp() + 86_400)
    assert set(view.series) == {"R", "S"}
    for series in view.series.values():
        hour = int(START.timestamp() // 3600 % 24)
        day = hourly_means(series)
        assert day[hour] == 50
        assert day[(hour + 1) % 24] == 70
        # The mean of the two, where not even they say anything.
        assert day[(hour + 2) % 24] == 60


def test_what_is_seen_is_corrected_by_what_is_known() -> None:
    issues, actual = biased_days(days=12)
    end = START.timestamp() + 6 * 86_400.0
    ways: dict[str, dict[str, Any]] = {
        "default": {},
        "raw": {"correct": False},
        "never": {"delay": None},
    }
    views = {
        name: Recording(issues=issues, actual=actual, **options).view(START, end)
        for name, options in ways.items()
    }
    ahead = issues.at(START).series["R0"]
    known = Corrector(issues=issues, actual=actual).at(START).series["R0"]
    assert views["default"].series["R0"].values[:96].tolist() == known.values.tolist()
    for name in ("raw", "never"):
        assert views[name].series["R0"].values[:96].tolist() == ahead.values.tolist()
    # Typical days of what came true follow, or those of the forecast where nothing is known.
    tails = {name: view.series["R0"].values[96:].tolist() for name, view in views.items()}
    assert tails["default"] == tails["raw"] != tails["never"]


def test_yesterdays_values_are_corrected_too() -> None:
    actual = biased_days(days=20)[1]
    history = Recording.of_history(actual, ("R0", "R1", "R2"))
    assert history.corrector is not None
    changed = Corrected.of(history.corrector, ("R0", "R1", "R2"), [START, START - DAY])
    assert changed.before.mape is not None
    assert changed.after.mape is not None
    assert changed.after.mape < changed.before.mape


def test_a_region_whose_forecasts_fail_is_seen_by_typical_days_and_said_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    issues, actual = biased_days(days=24, factor=1.05, noise=0.03)
    bad = failing(issues, "R1", "random", START - timedelta(days=14))
    end = START.timestamp() + 6 * 86_400
    recording = Recording(issues=bad, actual=actual)
    for hour in range(0, 240, 12):
        recording.view(START - timedelta(days=14) + timedelta(hours=hour), end)
    assert len([one for one in caplog.messages if " of R1 " in one]) == 1
    view, good = (
        one.view(START, end).series["R1"].values
        for one in (recording, Recording(issues=issues, actual=actual))
    )
    assert np.abs(np.log(view / good)).mean() < 0.15
    caplog.clear()
    plain = Recording(issues=bad, actual=actual, correct=False)
    assert plain.view(START, end).series["R1"].values[:96].tolist() == (
        bad.at(START).series["R1"].values.tolist()
    )
    assert caplog.messages == []
