"""Hours that a forecast leaves open are filled: by those seen, by typical ones or by a mean."""

import logging
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Series
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import NoDataError
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.forecast_view import UNKNOWN
from tests.helpers.data import START
from tests.helpers.ladder import END, HOUR, TYPICAL, Answers, good, hourly, look, mean, qualities


def test_fresh_is_best_and_typical_days_follow_it() -> None:
    view = look(FallbackForecasts(provider=Answers(good(DE=hourly([700] * 5))), typical=TYPICAL))
    assert qualities(view) == {"DE": Quality.FRESH}
    assert view.provenances["DE"].provider == "the provider"
    assert [mean(view, h) for h in range(7)] == [700] * 5 + [50, 60]
    assert [mean(view, h) for h in range(24, 59)] == [10 * (h % 24) for h in range(24, 59)]
    assert view.summary == ""


def test_without_typical_days_the_hours_seen_stand_in() -> None:
    seen = [float(h) for h in range(30)]
    view = look(FallbackForecasts(provider=Answers(good(DE=hourly(seen)))))
    # Hours 0 to 5 were seen twice.
    assert [mean(view, h) for h in (30, 48, 53)] == [6, 12, 17]


def test_hours_that_no_forecast_reached_take_its_mean() -> None:
    view = look(FallbackForecasts(provider=Answers(good(DE=hourly([100, 300])))))
    assert [mean(view, h) for h in (2, 23, 24, 25)] == [200, 200, 100, 300]


def test_hours_seen_earlier_are_remembered() -> None:
    later = START + 6 * HOUR
    ladder = FallbackForecasts(
        provider=Answers(good(DE=hourly([1] * 6)), good(DE=hourly([5] * 6, later)), NoDataError())
    )
    look(ladder)
    view = look(ladder, start=later)
    assert [mean(view, h) for h in (23, 24, 29, 30, 35, 36)] == [1, 1, 1, 5, 5, 1]
    view = look(ladder, start=later + 6 * HOUR)
    assert qualities(view) == {"DE": Quality.TYPICAL}
    assert [mean(view, h) for h in (24, 30)] == [1, 5]


def test_a_forecast_too_short_for_the_longest_workload_is_still_used_as_far_as_it_goes() -> None:
    ladder = FallbackForecasts(provider=Answers(good(DE=hourly([700] * 5))), typical=TYPICAL)
    view = look(ladder, longest=6 * HOUR)
    assert qualities(view) == {"DE": Quality.TYPICAL}
    assert [mean(view, h) for h in range(7)] == [700] * 5 + [50, 60]


def test_a_forecast_that_starts_later_than_now_is_still_used_from_then_on() -> None:
    late = hourly([700] * 5, START + HOUR / 2)
    view = look(FallbackForecasts(provider=Answers(good(DE=late)), typical=TYPICAL))
    assert qualities(view) == {"DE": Quality.TYPICAL}
    assert [mean(view, h, length=0.5) for h in (0, 0.5, 5, 5.5, 6)] == [0, 700, 700, 50, 60]


def test_a_short_forecast_is_better_than_nothing_without_typical_days() -> None:
    view = look(FallbackForecasts(provider=Answers(good(DE=hourly([100, 300])))), longest=6 * HOUR)
    assert qualities(view) == {"DE": Quality.TYPICAL}
    assert [mean(view, h) for h in range(3)] == [100, 300, 200]


def test_gaps_are_filled_and_only_gaps() -> None:
    whole = hourly([700] * 12)
    keep = np.array([0, 1, 2, 3, 6, 7, 8, 9, 10, 11])
    gappy = Series(times=whole.times[keep], values=whole.values[keep])
    view = look(FallbackForecasts(provider=Answers(good(DE=gappy)), typical=TYPICAL))
    assert [mean(view, h) for h in range(13)] == [700] * 4 + [40, 50] + [700] * 6 + [120]


def test_means_outside_of_what_is_known_are_unknown() -> None:
    view = look(FallbackForecasts(provider=Answers(good(DE=hourly([1] * 5)))))
    assert view.mean("DE", START - HOUR, 60) is None
    assert view.mean("DE", END, 60) is None
    assert view.mean("XX", START, 60) is None
    assert view.mean("DE", START, None) == 1
    assert view.mean("DE", START, 0) == 1


class Clumsy:
    """Answers anything that Hypothesis thinks of."""

    def __init__(self, draw: Callable[[st.SearchStrategy[Any]], Any]) -> None:
        self.draw = draw
        self.gave: dict[str, Series] = {}

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Any:  # noqa: ARG002
        self.gave = {}
        for region in regions:
            what = self.draw(st.sampled_from(["series", "nothing", "error", "raise"]))
            if what == "raise":
                self.gave = {}
                raise self.draw(st.sampled_from([NoDataError("none"), OSError("gone")]))
            if what == "series":
                self.gave[region] = self.series(start)
        return self.gave, {}

    def series(self, start: datetime) -> Series:
        steps = self.draw(
            st.lists(st.sampled_from([300.0, 1800.0, 3600.0, 7000.0, 90000.0]), min_size=1)
        )
        first = start.timestamp() + self.draw(st.floats(-50000, 50000))
        times = np.cumsum(np.array([first, *steps]))
        values = self.draw(st.lists(st.floats(0, 900), min_size=len(times), max_size=len(times)))
        return Series(times=times, values=np.array(values))


@given(st.data())
def test_the_forecast_covers_all_and_alters_nothing_fresh(data: st.DataObject) -> None:
    provider = Clumsy(data.draw)
    known = data.draw(st.sampled_from([None, TYPICAL]))
    ladder = FallbackForecasts(provider=provider, typical=known)
    regions = ["DE", "NO", UNKNOWN]
    logging.disable()
    try:
        for shift in data.draw(st.lists(st.floats(0, 40), min_size=1, max_size=4).map(sorted)):
            start = START + shift * HOUR + timedelta(microseconds=123456)
            longest = timedelta(seconds=data.draw(st.floats(1, 20000)))
            view = ladder.get(regions, start, END, longest)
            assert set(view.provenances) == set(regions)
            if view.forecast is None:
                assert view.missing == set(regions)
                continue
            begin, length = start.timestamp(), (END - start).total_seconds()
            windows = begin + np.linspace(0, 1, 30) * (length - 1)
            for region in regions:
                series = view.forecast.series[region]
                assert not np.isnan(series.means(np.array([begin]), length)).any()
                assert not np.isnan(series.means(windows, 1.0)).any()
                quality = view.provenances[region].quality
                if region not in provider.gave:
                    assert quality is not Quality.FRESH
                    continue
                fits = provider.gave[region].means(np.array([begin]), longest.total_seconds())
                assert (quality is Quality.FRESH) == (not np.isnan(fits)[0])
                if quality is Quality.LAST_GOOD:
                    continue
                given = provider.gave[region].means(windows, 1.0)
                covered = ~np.isnan(given)
                got = series.means(windows, 1.0)[covered]
                np.testing.assert_allclose(got, given[covered], atol=1e-2)
    finally:
        logging.disable(logging.NOTSET)


@given(st.timedeltas(timedelta(), timedelta(days=365)))
def test_the_typical_tail_is_the_typical_day(later: timedelta) -> None:
    start = START + later
    view = FallbackForecasts(
        provider=Answers(good(DE=hourly([700] * 3, start))), typical=TYPICAL
    ).get(["DE"], start, start + 80 * HOUR, HOUR)
    whole = start.replace(minute=0, second=0, microsecond=0) + 4 * HOUR
    assert view.forecast is not None
    for hour in range(70):
        begin = whole + hour * HOUR
        assert view.forecast.mean("DE", begin, HOUR) == pytest.approx(10.0 * begin.hour)


def test_usual_are_given_days_and_no_forecast() -> None:
    regions = ["DE", "SE", UNKNOWN]
    answers = Answers(good(**{name: hourly([700] * 48) for name in regions[:2]}))
    ladder = FallbackForecasts(provider=answers, typical=TYPICAL)
    look(ladder)
    usual = ladder.usual(regions)
    assert usual is not None
    assert usual.regions == ("DE",)
    assert usual.intensity[0].tolist() == TYPICAL.intensity[0].tolist()
    assert FallbackForecasts(provider=answers).usual(regions) is None
    # Correction has moved forecasts towards what is usual already.
    corrected = FallbackForecasts(provider=answers, typical=TYPICAL, correct=lambda good, _: good)
    assert corrected.usual(regions) is None
