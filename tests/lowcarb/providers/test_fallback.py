"""The ladder fresh, last good, typical, missing, whatever a provider does."""

import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from lowcarb import ProviderError, Series
from lowcarb.carbon.provenance import Quality
from lowcarb.errors import NoDataError
from lowcarb.providers import TypicalDays
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.forecast_view import UNKNOWN
from tests.helpers.data import START
from tests.helpers.ladder import END, HOUR, TYPICAL, Answers, good, hourly, look, mean, qualities
from tests.helpers.processes import eventually


def scaled(factor: float) -> Series:
    """Make a series whose times are no seconds."""
    series = hourly([1] * 48)
    return replace(series, times=factor * series.times)


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
    # Threads that other tests left behind may end meanwhile.
    stuck, before = threading.Event(), set(threading.enumerate())

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
    assert set(threading.enumerate()) - before
    stuck.set()
    assert eventually(lambda: not set(threading.enumerate()) - before)
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
    assert view.summary == "last good for NO, typical for DE, no forecast for 2 regions"
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
