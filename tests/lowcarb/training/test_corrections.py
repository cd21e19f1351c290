"""A training's forecasts, corrected by what came true: never waited for, never a reason to fail."""

import logging
import threading
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

import numpy as np
import pytest

from lowcarb import Forecast, Issues
from lowcarb.carbon.correction import Corrector
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.carbon.typical_day import hourly_means
from lowcarb.errors import NoDataError
from lowcarb.providers import Answer
from lowcarb.providers.csv_actuals import CsvActuals
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.corrections import Corrections
from lowcarb.training.one_question import OneQuestion
from tests.helpers.biased_days import biased_days, spoilt_after
from tests.helpers.data import START
from tests.helpers.failing_forecasts import failing

HOUR = timedelta(hours=1)
ISSUES, ACTUAL = biased_days(days=12)
REGIONS = ["R0", "R1", "R2"]


class Days:
    """Gives the issue of a time, and what came true by its end."""

    def __init__(self, actual: Forecast = ACTUAL) -> None:
        self.known = actual
        self.asked: list[tuple[datetime, datetime]] = []

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        del end
        issue = ISSUES.at(start)
        return {
            region: replace(
                issue.series[region],
                provenance=Provenance(provider="p", zone=region, issued_at=issue.issued_at),
            )
            for region in regions
        }, {}

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.asked.append((start, end))
        found = {}
        for region in regions:
            one = self.known.series[region]
            some = (one.times >= start.timestamp()) & (one.ends <= end.timestamp())
            found[region] = replace(
                one, times=one.times[some], values=one.values[some], until=one.ends[some]
            )
        return found, {}


class Remembered(Days):
    """Has its past issues, too."""

    def issued(self) -> Issues:
        return ISSUES


def rounds(corrections: Corrections, provider: Days, hours: int, begin: datetime) -> bool:
    """Play hourly rounds; say whether the last one was corrected."""
    changed = False
    for hour in range(hours):
        now = begin + hour * HOUR
        series, _ = provider.forecasts(REGIONS, start=now, end=now)
        found = corrections(series, now)
        settled(corrections)
        changed = any(
            found[region].values.tolist() != series[region].values.tolist() for region in REGIONS
        )
    return changed


def settled(corrections: Corrections) -> None:
    """Wait for what is under way, as a round would not."""
    if corrections._thread is not None:
        corrections._thread.join(20)


def test_forecasts_that_were_fetched_correct_the_next_ones(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    provider = Days()
    corrections = Corrections(provider, provider)
    begin = START - timedelta(days=4)
    assert not rounds(corrections, provider, 20, begin)
    assert rounds(corrections, provider, 40, begin + 20 * HOUR)
    said = [one for one in caplog.messages if "are corrected" in one]
    assert said == ["lowcarb: forecasts are corrected by what came true on 1 day"]
    # Days once, and then only what is new; never what is later.
    assert {end - start for start, end in provider.asked[1:]} == {timedelta(days=2)}
    assert provider.asked[0][1] - provider.asked[0][0] == timedelta(days=14)


def test_past_issues_of_the_provider_serve_from_the_second_round_on() -> None:
    provider = Remembered()
    corrections = Corrections(provider, provider)
    assert not rounds(corrections, provider, 1, START)
    now = START + HOUR
    series, _ = provider.forecasts(REGIONS, start=now, end=now)
    found = corrections(series, now)
    known = Corrector(issues=ISSUES, actual=ACTUAL, delay=HOUR).correct(ISSUES.at(now), now)
    for region in REGIONS:
        # What the first round fetched ended when it began, an hour ago.
        assert found[region].values == pytest.approx(known.series[region].values, rel=0.02)


def test_a_file_serves_at_once_and_always_alike(tmp_path: Path) -> None:
    file = tmp_path / "actuals.csv"
    times = ACTUAL.series["R0"].times.astype(np.int64).astype("datetime64[s]")
    rows = np.stack([ACTUAL.series[region].values for region in REGIONS], axis=1).tolist()
    lines = [f"{t}Z,{','.join(map(repr, row))}" for t, row in zip(times, rows, strict=True)]
    file.write_text("\n".join(["time_utc,R0,R1,R2", *lines]) + "\n")
    provider = Remembered()
    series, _ = provider.forecasts(REGIONS, start=START, end=START)
    found = Corrections(provider, CsvActuals(file), delay=HOUR, waits=True)(series, START)
    known = Corrector(issues=ISSUES, actual=ACTUAL).at(START)
    for region in REGIONS:
        assert found[region].values == pytest.approx(known.series[region].values)
        assert found[region].provenance == series[region].provenance


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(NoDataError, match=r"none\.csv: there is no such file of actual"):
        CsvActuals(tmp_path / "none.csv").check()
    (tmp_path / "bad.csv").write_text("a,b\n1,2\n")
    with pytest.raises(NoDataError, match=r"bad\.csv: this file of actual intensities cannot be"):
        CsvActuals(tmp_path / "bad.csv").check()


def test_no_fault_and_no_delay_reaches_the_training(caplog: pytest.LogCaptureFixture) -> None:
    release = threading.Event()

    class Slow(Remembered):
        def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            release.wait(30)
            return super().actuals(regions, start=start, end=end)

    class Broken(Remembered):
        def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            raise ZeroDivisionError(len(regions), start, end)

    class Nonsense(Remembered):
        def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            del start, end
            nonsense: Answer = (dict.fromkeys(regions, "high"), {})  # type: ignore[arg-type]
            return nonsense

    for provider in (Slow(), Broken(), Nonsense()):
        corrections = Corrections(provider, provider)
        series, _ = provider.forecasts(REGIONS, start=START, end=START)
        began = perf_counter()
        assert corrections(series, START) is series
        assert perf_counter() - began < 5
        release.set()
        settled(corrections)
    assert any("forecasts are not corrected" in one for one in caplog.messages)


def test_what_came_true_in_another_kind_corrects_nothing() -> None:
    direct = {
        region: replace(series, provenance=Provenance(provider="p", zone=region, signal="marginal"))
        for region, series in ACTUAL.series.items()
    }
    provider = Remembered(replace(ACTUAL, series=direct))
    corrections = Corrections(provider, provider)
    now = START + HOUR
    series, _ = provider.forecasts(REGIONS, start=now, end=now)
    average = {
        region: replace(one, provenance=Provenance(provider="p", zone=region, signal="average"))
        for region, one in series.items()
    }
    for hour in range(3):
        assert corrections(average, now + hour * HOUR) is average
        settled(corrections)


def test_beyond_the_reach_of_forecasts_stand_the_last_days_where_they_are_known() -> None:
    provider = Remembered()
    corrections = Corrections(provider, provider)
    rounds(corrections, provider, 1, START)
    now, end = START + HOUR, START + timedelta(days=30)
    ways: dict[str, dict[str, Any]] = {
        "raw": {},
        "corrected": {"correct": corrections},
        "both": {"correct": corrections, "learnt": corrections.last_days},
    }
    views = {
        name: FallbackForecasts(provider=provider, **options).get(REGIONS, now, end, HOUR)
        for name, options in ways.items()
    }
    for region in REGIONS:
        raw, corrected, both = (
            view.forecast.series[region] for view in views.values() if view.forecast is not None
        )
        known = raw.times < (START + timedelta(days=4)).timestamp()
        assert raw.times.tolist() == corrected.times.tolist() == both.times.tolist()
        assert raw.values[known].tolist() != corrected.values[known].tolist()
        assert corrected.values[known].tolist() == both.values[known].tolist()
        # Without days that came true: typical ones of what was corrected.
        hours = hourly_means(
            replace(
                corrected,
                times=corrected.times[known],
                values=corrected.values[known],
                until=corrected.ends[known],
            )
        )
        at = (corrected.times[~known] // 3600 % 24).astype(int)
        assert corrected.values[~known] == pytest.approx(hours[at])
        seen = ACTUAL.series[region]
        seen_by_now = seen.values[seen.ends <= now.timestamp()].tolist()
        assert set(both.values[~known].tolist()) <= set(seen_by_now)
        assert len(set(both.values[~known].tolist())) > 7 * 24
    assert views["both"].provenances == views["raw"].provenances


def test_what_stands_in_knows_nothing_of_the_future() -> None:
    now, end = START + HOUR, START + timedelta(days=30)

    class AllAtOnce(Remembered):
        """Answers with what will come true, too."""

        def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            del start, end
            return {region: self.known.series[region] for region in regions}, {}

    found = []
    for actual in (ACTUAL, spoilt_after(ISSUES, ACTUAL, now, HOUR)[1]):
        provider = AllAtOnce(actual)
        corrections = Corrections(provider, provider, delay=HOUR, waits=True)
        rounds(corrections, provider, 1, START)
        ladder = FallbackForecasts(
            provider=provider, correct=corrections, learnt=corrections.last_days
        )
        forecast = ladder.get(REGIONS, now, end, HOUR).forecast
        assert forecast is not None
        found.append({region: forecast.series[region].values.tolist() for region in REGIONS})
    assert found[0] == found[1]


def test_a_region_whose_forecasts_fail_is_planned_and_booked_on_typical_days(
    caplog: pytest.LogCaptureFixture,
) -> None:
    class Fails(Remembered):
        def issued(self) -> Issues:
            return failing(ISSUES, "R1", "random", START - timedelta(days=8))

    provider = Fails()
    corrections = Corrections(provider, provider)
    rounds(corrections, provider, 4, START)
    now, end = START + 4 * HOUR, START + timedelta(days=8)
    view = FallbackForecasts(provider=provider, correct=corrections).get(REGIONS, now, end, HOUR)
    qualities = {region: one.quality for region, one in view.provenances.items()}
    assert qualities == {"R0": Quality.FRESH, "R1": Quality.TYPICAL, "R2": Quality.FRESH}
    assert view.summary == "typical for R1"
    said = [one for one in caplog.messages if " of R1 " in one]
    assert len(said) == 1
    assert said[0].endswith("typical days and yesterday's values stand in")
    assert view.forecast is not None
    ahead = view.forecast.series["R1"]
    assert (ahead.values[ahead.ends > now.timestamp()] < 620).all()


def test_one_question_is_asked_at_a_time() -> None:
    inside, most = 0, 0

    class Counts(Days):
        def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
            nonlocal inside, most
            inside += 1
            most = max(most, inside)
            sleep(0.01)
            inside -= 1
            return super().actuals(regions, start=start, end=end)

    source = OneQuestion(Counts())
    threads = [
        threading.Thread(
            target=source.actuals, args=(REGIONS,), kwargs={"start": START, "end": START + 5 * HOUR}
        )
        for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert most == 1
