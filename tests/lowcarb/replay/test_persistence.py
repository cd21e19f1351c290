"""Yesterday's values as the forecast."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import CoverageError, Forecast, InputError, Series
from lowcarb.replay import Recording
from lowcarb.replay.persistence import persistence

MIDNIGHT = datetime(2022, 10, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)


def history(
    hours: int = 96, begin: datetime = MIDNIGHT, step_s: float = 3600.0, name: str = "DE"
) -> Forecast:
    """Values that count the steps from the begin on."""
    steps = np.arange(hours * 3600 / step_s, dtype=np.float64)
    series = Series(times=begin.timestamp() + step_s * steps, values=steps)
    return Forecast(series={name: series}, source="history.csv")


def test_each_midnight_issues_the_values_of_the_day_before() -> None:
    issues = persistence(history(), ("DE",), timedelta())
    assert [f.issued_at for f in issues.forecasts] == [MIDNIGHT + k * DAY for k in (1, 2, 3)]
    second = issues.at(MIDNIGHT + 2 * DAY).of("DE")
    assert second.values.tolist() == list(range(24, 48))
    assert second.times[0] == (MIDNIGHT + 2 * DAY).timestamp()
    assert second.ends[-1] == (MIDNIGHT + 3 * DAY).timestamp()


def test_what_is_not_known_yet_comes_from_the_day_before() -> None:
    issues = persistence(history(), ("DE",), 3 * HOUR)
    second = issues.at(MIDNIGHT + 2 * DAY).of("DE")
    # The last three hours before midnight are not known at midnight.
    assert second.values.tolist() == [*range(24, 45), *range(21, 24)]


@given(
    delay=st.integers(0, 80),
    step=st.sampled_from([300.0, 900.0, 1800.0, 3600.0, 7200.0]),
    first=st.integers(0, 30),
)
def test_nothing_is_used_before_it_is_known(delay: int, step: float, first: int) -> None:
    begin = MIDNIGHT + first * HOUR
    actual = history(hours=150, begin=begin, step_s=step)
    issues = persistence(actual, ("DE",), delay * HOUR)
    true = actual.of("DE")
    for issue in issues.forecasts:
        assert issue.issued_at is not None
        ahead = issue.of("DE")
        index = ahead.values.astype(np.int64)
        assert (true.ends[index] <= (issue.issued_at - delay * HOUR).timestamp()).all()
        moved = ahead.times - true.times[index]
        assert np.allclose(moved % 86400.0, 0)
        assert (moved > 0).all()
        assert (ahead.times >= issue.issued_at.timestamp()).all()
        assert (ahead.times < (issue.issued_at + DAY).timestamp()).all()


def test_a_day_that_is_missing_is_the_newest_one_before() -> None:
    whole = history(hours=120).of("DE")
    kept = (whole.values < 48) | (whole.values >= 72)
    gappy = Series(times=whole.times[kept], values=whole.values[kept], until=whole.ends[kept])
    actual = Forecast(series={"DE": gappy}, source="history.csv")
    after = persistence(actual, ("DE",), timedelta()).at(MIDNIGHT + 3 * DAY).of("DE")
    assert after.values.tolist() == list(range(24, 48))


def test_too_short_a_history_says_what_is_needed() -> None:
    with pytest.raises(CoverageError, match="a whole day of values before it; there are those of"):
        persistence(history(hours=24), ("DE",), HOUR)
    with pytest.raises(InputError, match="region 'FR'"):
        persistence(history(), ("FR",), HOUR)


def test_only_the_regions_of_clients_count() -> None:
    late = history(hours=2, begin=MIDNIGHT + 90 * HOUR, name="FR")
    actual = history()
    actual = replace(actual, series={**actual.series, **late.series})
    recording = Recording.of_history(actual, ("DE",))
    assert recording.persistent
    assert len(recording.issues.forecasts) == 3
    assert set(recording.issues.newest.series) == {"DE"}
    assert "FR" in recording.actual.series
