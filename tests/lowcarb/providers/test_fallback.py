"""The ladder fresh, last good, typical, missing, whatever a provider does."""

import logging
import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import Provenance, ProviderError, Series, TypicalDay
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import NoDataError
from lowcarb.providers import TypicalDays
from lowcarb.providers.fallback import UNKNOWN, FallbackForecasts, ForecastView
from tests.helpers.data import START
from tests.helpers.processes import eventually

HOUR = timedelta(hours=1)
END = START + 60 * HOUR
RAMP = 10.0 * np.arange(24)
TYPICAL = TypicalDay(regions=("DE", "FR"), intensity=np.stack([RAMP, RAMP + 500]))


class Answers:
    """Gives one answer after the other; one that is an exception is raised."""

    def __init__(self, *answers: Any) -> None:
        self.answers = list(answers)
        self.asked: list[list[str]] = []

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Any:  # noqa: ARG002
        self.asked.append(list(regions))
        answer = self.answers.pop(0)
        if isinstance(answer, BaseException):
            raise answer
        return answer


def good(**series: Series) -> tuple[Mapping[str, Series], Mapping[str, ProviderError]]:
    return series, {}


def hourly(
    values: Sequence[float], begin: datetime = START, *, signal: str | None = None, step: float = 1
) -> Series:
    times = begin.timestamp() + 3600.0 * step * np.arange(len(values), dtype=np.float64)
    provenance = None if signal is None else Provenance(provider="mine", zone="DE", signal=signal)
    return Series(times=times, values=np.array(values, float), provenance=provenance)


def scaled(factor: float) -> Series:
    """Make a series whose times are no seconds."""
    series = hourly([1] * 48)
    return replace(series, times=factor * series.times)


def look(
    ladder: FallbackForecasts,
    regions: Sequence[str] = ("DE",),
    start: datetime = START,
    longest: timedelta = HOUR,
) -> ForecastView:
    return ladder.get(regions, start, END, longest)


def qualities(view: ForecastView) -> dict[str, Quality]:
    return {region: provenance.quality for region, provenance in view.provenances.items()}


def mean(view: ForecastView, hour: float, region: str = "DE", length: float = 1) -> float:
    found = view.mean(region, START + hour * HOUR, 3600 * length)
    assert found is not None
    return found


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


@pytest.mark.parametrize(
    "failure",
    [
        ProviderError("no network"),
        RuntimeError("a fault of its own"),
        None,
        ({"DE": hourly([1, 2])},),
        ([], {}),
        (["DE"], {}),
        ({"DE": None}, {}),
        ({"DE": [1, 2, 3]}, {}),
        ({"DE": Series(times=np.arange(2.0), values=np.ones(2), provenance="x")}, {}),  # type: ignore[arg-type]
        good(DE=scaled(1e3)),
        good(DE=scaled(1e9)),
        good(DE=Series(times=np.array([START.timestamp(), np.inf]), values=np.ones(2))),
        good(DE=Series(times=np.array([-np.inf, START.timestamp()]), values=np.ones(2))),
        good(DE=Series(times=START.timestamp() + np.array([0, 1e15]), values=np.ones(2))),
        ({}, {}),
        ({}, None),
        ({}, {"DE": None}),
        ({}, {"DE": NoDataError("nothing today")}),
        good(DE=hourly([1, 2], END)),
        good(DE=hourly([1, 2], START - 30 * HOUR)),
        good(DE=hourly([1, 2], START + timedelta(minutes=61))),
    ],
)
def test_whatever_the_provider_does_the_last_good_forecast_stands_in(failure: Any) -> None:
    ladder = FallbackForecasts(
        provider=Answers(good(DE=hourly([700] * 3)), failure), typical=TYPICAL
    )
    look(ladder)
    view = look(ladder, start=START + HOUR)
    assert qualities(view) == {"DE": Quality.LAST_GOOD}
    assert view.summary == "last good for DE"
    assert [mean(view, h) for h in (1, 2, 3, 27)] == [700, 700, 30, 30]


def test_times_that_are_no_seconds_are_said(caplog: pytest.LogCaptureFixture) -> None:
    look(FallbackForecasts(provider=Answers(good(DE=scaled(1e3))), typical=TYPICAL))
    assert "'DE': expected times in seconds since 1970, got 1.65" in caplog.text


def test_a_provider_that_hangs_is_given_up_on_and_asked_again_when_it_is_done(
    caplog: pytest.LogCaptureFixture,
) -> None:
    stuck, threads = threading.Event(), threading.active_count()

    class Slow(Answers):
        def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Any:
            answer = super().forecasts(regions, start=start, end=end)
            if len(self.asked) == 2:
                stuck.wait(60)
            return answer

    provider = Slow(good(DE=hourly([700] * 9)), good(DE=hourly([1] * 9)), good(DE=hourly([5] * 9)))
    ladder = FallbackForecasts(provider=provider, patience=timedelta(seconds=0.2))
    assert qualities(look(ladder)) == {"DE": Quality.FRESH}
    for text in ("no answer within 0.2 s", "still busy with an earlier question"):
        assert qualities(look(ladder)) == {"DE": Quality.LAST_GOOD}
        assert text in caplog.text
    assert len(provider.asked) == 2
    stuck.set()
    assert eventually(lambda: threading.active_count() == threads)
    view = look(ladder)
    assert qualities(view) == {"DE": Quality.FRESH}
    # What came too late is not used.
    assert mean(view, 0) == 5


def test_a_last_good_forecast_stands_in_for_less_than_six_hours() -> None:
    series = hourly([700] * 30, signal="average")
    assert series.provenance is not None
    fetched = replace(series, provenance=replace(series.provenance, fetched_at=START))
    failures = [ProviderError("x")] * 2
    ladder = FallbackForecasts(provider=Answers(good(DE=fetched), *failures), typical=TYPICAL)
    look(ladder)
    almost = START + 6 * HOUR - timedelta(seconds=1)
    assert qualities(look(ladder, start=almost)) == {"DE": Quality.LAST_GOOD}
    view = look(ladder, start=START + 6 * HOUR)
    assert qualities(view) == {"DE": Quality.TYPICAL}
    # What is called typical is.
    assert [mean(view, h) for h in (6, 7, 23)] == [60, 70, 230]


@pytest.mark.parametrize(
    "failure", [ProviderError("x"), ValueError("x"), None, ({"DE": 1}, {}), ({}, {})]
)
def test_without_anything_known_the_typical_day_stands_in_or_nothing(
    failure: Any, caplog: pytest.LogCaptureFixture
) -> None:
    view = look(FallbackForecasts(provider=Answers(failure), typical=TYPICAL))
    assert qualities(view) == {"DE": Quality.TYPICAL}
    assert [mean(view, h) for h in range(59)] == [10 * (h % 24) for h in range(59)]
    assert "lowcarb:" in caplog.text

    view = look(FallbackForecasts(provider=Answers(failure)))
    assert qualities(view) == {"DE": Quality.MISSING}
    assert view.forecast is None
    assert view.missing == {"DE"}
    assert view.mean("DE", START, 60) is None


def test_each_region_has_its_own_ladder(caplog: pytest.LogCaptureFixture) -> None:
    ladder = FallbackForecasts(
        provider=Answers(
            good(NO=hourly([20] * 9), PL=hourly([900] * 9)),
            ({"PL": hourly([800] * 9)}, {"NO": NoDataError("HTTP 503")}),
        ),
        typical=TYPICAL,
    )
    regions = ["DE", "NO", "PL", "XX", UNKNOWN]
    look(ladder, regions)
    view = look(ladder, regions)
    assert qualities(view) == {
        "DE": Quality.TYPICAL,
        "NO": Quality.LAST_GOOD,
        "PL": Quality.FRESH,
        "XX": Quality.MISSING,
        UNKNOWN: Quality.MISSING,
    }
    assert view.summary == "last good for NO, typical for DE, missing for 2 regions"
    assert view.missing == {"XX", UNKNOWN}
    assert view.mean("XX", START, 60) is None
    assert view.mean(None, START, 60) is None
    assert "no forecast of region 'NO': HTTP 503" in caplog.text
    assert "no forecast of region 'DE': the provider says nothing of it" in caplog.text
    # Planned like the dirtiest one.
    assert view.forecast is not None
    whole = view.forecast.mean("XX", START, 60 * HOUR)
    assert whole == pytest.approx(view.forecast.mean("PL", START, 60 * HOUR))
    assert UNKNOWN not in ladder.provider.asked[0]  # type: ignore[attr-defined]


def test_clients_that_do_not_say_where_they_are_cost_no_question() -> None:
    provider = Answers()
    assert look(FallbackForecasts(provider=provider), [UNKNOWN]).forecast is None
    assert provider.asked == []


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


def test_another_signal_is_never_ranked_against_the_first(
    caplog: pytest.LogCaptureFixture,
) -> None:
    average, marginal = (hourly([v] * 9, signal=s) for v, s in ((1, "average"), (2, "marginal")))
    ladder = FallbackForecasts(
        provider=Answers(
            # Nobody asked for XX, so it decides nothing.
            good(XX=marginal, DE=average, FR=marginal, NO=hourly([3] * 9)),
            good(DE=marginal, FR=average, NO=hourly([3] * 9)),
        )
    )
    view = look(ladder, ["DE", "FR", "NO"])
    assert qualities(view) == {
        "DE": Quality.FRESH,
        "FR": Quality.MISSING,
        "NO": Quality.FRESH,
    }
    assert "the forecast of region 'FR' is marginal where the others are average" in caplog.text
    view = look(ladder, ["DE", "FR", "NO"])
    assert qualities(view)["DE"] is Quality.LAST_GOOD
    assert mean(view, 0, "FR") == 1


def test_typical_days_of_a_provider_are_not_called_a_last_good_forecast() -> None:
    days = TypicalDays(TYPICAL).forecasts(["DE"], start=START, end=END)
    ladder = FallbackForecasts(provider=Answers(days, NoDataError()))
    assert qualities(look(ladder)) == {"DE": Quality.TYPICAL}
    assert qualities(look(ladder)) == {"DE": Quality.TYPICAL}


def test_typical_days_of_a_provider_stand_below_the_last_good_forecast() -> None:
    typical, _ = TypicalDays(TYPICAL).forecasts(["DE"], start=START, end=END)
    ladder = FallbackForecasts(
        provider=Answers(good(DE=hourly([700] * 4)), good(DE=typical["DE"]), good(DE=typical["DE"]))
    )
    look(ladder)
    view = look(ladder, start=START + HOUR)
    assert qualities(view) == {"DE": Quality.LAST_GOOD}
    assert mean(view, 1) == 700
    # Once that is over, they are all there is.
    view = look(ladder, start=START + 4 * HOUR)
    assert qualities(view) == {"DE": Quality.TYPICAL}
    assert mean(view, 4) == 40


def test_a_forecast_that_does_not_say_when_it_was_fetched_is_as_old_as_its_round() -> None:
    failures = [ProviderError("x")] * 2
    ladder = FallbackForecasts(
        provider=Answers(good(DE=hourly([700] * 30)), *failures), typical=TYPICAL
    )
    look(ladder)
    almost = START + 6 * HOUR - timedelta(seconds=1)
    assert qualities(look(ladder, start=almost)) == {"DE": Quality.LAST_GOOD}
    view = look(ladder, start=START + 6 * HOUR)
    assert qualities(view) == {"DE": Quality.TYPICAL}
    # What is called typical is.
    assert [mean(view, h) for h in (6, 7, 23)] == [60, 70, 230]


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
