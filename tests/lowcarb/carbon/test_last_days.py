"""The last days over again, beyond a forecast's reach."""

from datetime import timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Series
from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.last_days import LEARNT_DAYS, LastDays
from lowcarb.carbon.typical_day import by_hour, hourly_means
from tests.helpers.data import START

DAY_S = 86_400.0
BEGIN = START.timestamp()


def hours(values: FloatArray, begin: float = BEGIN) -> Series:
    return Series(times=begin + 3600.0 * np.arange(len(values), dtype=np.float64), values=values)


def past(days: float, seed: int = 0, gaps: float = 0.0) -> tuple[FloatArray, FloatArray]:
    """Make hours before `START`, and the mean of each."""
    rng = np.random.default_rng(seed)
    count = round(24 * days)
    means = rng.uniform(0, 900, count)
    means[rng.random(count) < gaps] = np.nan
    return BEGIN - 3600.0 * np.arange(count, 0, -1, dtype=np.float64), means


@pytest.mark.parametrize("days", [1, 3, 7, LEARNT_DAYS])
def test_whole_days_come_again_in_their_order(days: int) -> None:
    starts, means = past(days)
    again = LastDays.of(starts, means).beyond(hours(np.full(96, 7.0)), BEGIN, BEGIN + 60 * DAY_S)
    assert again.values[:96].tolist() == [7.0] * 96
    tail = again.values[96:]
    assert len(tail) == (60 - 4) * 24
    for k, value in enumerate(tail.tolist()):
        # The newest known hour that lies whole cycles before.
        back = (96 + k) % (24 * days)
        assert value == means[back]


def test_whole_weeks_keep_the_day_of_the_week() -> None:
    starts, means = past(LEARNT_DAYS)
    weekday = ((starts // DAY_S) % 7).astype(float)
    again = LastDays.of(starts, weekday + 0 * means).beyond(
        hours(np.zeros(30)), BEGIN, BEGIN + 30 * DAY_S
    )
    far = again.times >= BEGIN + 2 * DAY_S
    assert again.values[far].tolist() == ((again.times[far] // DAY_S) % 7).tolist()


@given(
    days=st.floats(0.1, LEARNT_DAYS),
    gaps=st.sampled_from([0.0, 0.3, 0.95]),
    seed=st.integers(0, 99),
    reach=st.integers(2, 200),
    now_h=st.floats(0, 300),
)
def test_all_hours_are_covered_by_what_was_seen_at_their_hour_of_the_day(
    days: float, gaps: float, seed: int, reach: int, now_h: float
) -> None:
    starts, means = past(days, seed, gaps)
    stand_in = np.arange(24, dtype=np.float64) + 1000.0
    learnt = LastDays.of(starts, means).completed(stand_in)
    typical = by_hour(starts, means)
    now_s, end_s = BEGIN + 3600 * now_h, BEGIN + 3600 * now_h + 20 * DAY_S
    ahead = hours(np.full(reach, -1.0) + 1.0)
    found = learnt.beyond(ahead, now_s, end_s)
    assert found.values[:reach].tolist() == ahead.values.tolist()
    assert not np.isnan(found.means(np.array([now_s]), end_s - now_s)).any()
    of_day = (starts % DAY_S // 3600).astype(int)
    seen = [set(means[(of_day == hour) & ~np.isnan(means)].tolist()) for hour in range(24)]
    usual = np.where(np.isnan(typical), stand_in, typical).tolist()
    for begin, value in zip(
        found.times[reach:].tolist(), found.values[reach:].tolist(), strict=True
    ):
        hour = int(begin % DAY_S // 3600)
        assert value == usual[hour] or (value in seen[hour] and begin >= now_s + DAY_S)


def test_what_is_less_than_a_day_ahead_is_typical() -> None:
    starts, means = past(LEARNT_DAYS)
    learnt = LastDays.of(starts, means)
    stale = hours(np.full(6, 7.0))
    found = learnt.beyond(stale, BEGIN + 12 * 3600, BEGIN + 5 * DAY_S)
    values = dict(zip(found.times.tolist(), found.values.tolist(), strict=True))
    for hour in range(12, 36):
        assert values[BEGIN + 3600.0 * hour] == learnt.typical[hour % 24]
    assert values[BEGIN + 36 * 3600.0] == means[36]


def test_gaps_within_a_forecast_are_typical() -> None:
    learnt = LastDays.of(*past(LEARNT_DAYS))
    keep = np.delete(np.arange(96), slice(50, 60))
    gappy = hours(np.full(96, 7.0))
    gappy = Series(
        times=gappy.times[keep], values=gappy.values[keep], until=gappy.times[keep] + 3600.0
    )
    found = learnt.beyond(gappy, BEGIN, BEGIN + 96 * 3600)
    assert found.values[50:60].tolist() == [learnt.typical[h % 24] for h in range(50, 60)]


def test_what_was_not_over_yet_is_not_learnt() -> None:
    values = np.random.default_rng(3).uniform(0, 900, 24 * 30)
    series = hours(values, BEGIN - 29 * DAY_S)
    later = replace_after(series, BEGIN)
    until_s = BEGIN - 3600.0
    one, other = (LastDays.of_series(each, until_s) for each in (series, later))
    assert one.again.tolist() == other.again.tolist()
    assert one.typical.tolist() == other.typical.tolist()
    assert len(one.again) == 24 * LEARNT_DAYS
    known = slice(24 * 29 - 1 - 24 * LEARNT_DAYS, 24 * 29 - 1)
    assert sorted(one.again.tolist()) == sorted(values[known].tolist())
    assert LastDays.of_series(later, BEGIN + DAY_S).again.tolist() != one.again.tolist()


def replace_after(series: Series, when: float) -> Series:
    values = np.where(series.ends > when, 0.0, series.values)
    return Series(times=series.times, values=values, until=series.ends)


def test_of_less_than_a_day_other_hours_are_completed() -> None:
    learnt = LastDays.of(*past(0.5))
    assert np.isnan(learnt.typical).sum() == 12
    whole = learnt.completed(np.full(24, 5.0))
    assert (whole.again == 5.0).sum() == 12
    nothing = LastDays.unknown().completed(np.arange(24.0))
    found = nothing.beyond(
        hours(np.full(24, 7.0)), BEGIN, BEGIN + timedelta(days=9).total_seconds()
    )
    assert hourly_means(found)[5] == pytest.approx((7 + 8 * 5) / 9)
