"""What services remember, and the one deadline of a question, on the one ladder."""

import threading
import time
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.errors import ProviderUnavailableError
from lowcarb.providers import Answer, Composite
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.providers.forecast_view import ForecastView
from lowcarb.providers.http.deadline import Deadline
from lowcarb.providers.last_good import LAST_GOOD_FOR, WithLastGood
from lowcarb.providers.protocol import Remembers, Timed
from tests.helpers.forecast_services import BY_NAME, END, NOW
from tests.helpers.http_server import Say, Server, eventually_no, serving

MAPS = BY_NAME["Electricity Maps"]
HOUR = timedelta(hours=1)
SECOND = timedelta(seconds=1)


class Time:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Time:
    return Time()


def made(server: Server, folder: Path, clock: Time, **options: Any) -> Any:
    return MAPS.make(server.url, cache=folder / "cache", clock=clock, **options)


def answered(server: Server, folder: Path, clock: Time) -> None:
    """Let an earlier process fetch forecasts, and the service fail from then on."""
    found, _ = made(server, folder, clock).forecasts(["DE", "FR"], start=NOW, end=END)
    assert set(found) == {"DE", "FR"}
    server.handler = lambda _asked: Say(status=500)


def look(provider: Any, start: datetime, **options: Any) -> ForecastView:
    ladder = FallbackForecasts(provider=provider, **options)
    return ladder.get(["DE"], start, start + 12 * HOUR, HOUR)


def quality(view: ForecastView) -> Quality:
    return view.provenances["DE"].quality


class Flat:
    """A provider of one's own that knows every region, and may wait before it says so."""

    def __init__(self, level: float, wait: threading.Event | None = None) -> None:
        self.level, self.wait = level, wait
        self.thread: threading.Thread | None = None

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.thread = threading.current_thread()
        if self.wait is not None:
            self.wait.wait(30)
        times = np.arange(start.timestamp(), end.timestamp(), 3600)
        provenance = Provenance(provider="mine", zone="mine")
        series = Series(times=times, values=np.full(len(times), self.level), provenance=provenance)
        return dict.fromkeys(regions, series), {}


def test_a_training_that_begins_again_finds_the_last_good_answer_on_disk(
    tmp_path: Path, clock: Time, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(MAPS.say(MAPS.rows(300))) as server:
        answered(server, tmp_path, clock)
        clock.now += LAST_GOOD_FOR - SECOND
        view = look(made(server, tmp_path, clock), clock.now)
        assert quality(view) is Quality.LAST_GOOD
        assert view.provenances["DE"].fetched_at == NOW
        assert "the last good forecast stands in: Electricity Maps: region 'DE'" in caplog.text
        clock.now += SECOND
        assert quality(look(made(server, tmp_path, clock), clock.now)) is Quality.MISSING


def test_a_service_itself_gives_an_answer_or_an_error(tmp_path: Path, clock: Time) -> None:
    with serving(MAPS.say(MAPS.rows(300))) as server:
        answered(server, tmp_path, clock)
        clock.now += HOUR
        service = made(server, tmp_path, clock)
        found, failed = service.forecasts(["DE"], start=clock.now, end=END)
        assert found == {}
        assert isinstance(failed["DE"], ProviderUnavailableError)
        assert isinstance(service, Timed)
        assert isinstance(service, Remembers)
        remembered = service.remembered(["DE", "a\nb", "PL"])
        assert set(remembered) == {"DE"}
        provenance = remembered["DE"].provenance
        assert provenance is not None
        assert provenance.quality is Quality.FRESH


@pytest.mark.parametrize("oldest", [timedelta(minutes=30), 12 * HOUR])
def test_a_service_may_say_how_long_its_answers_stand_in(
    oldest: timedelta, tmp_path: Path, clock: Time
) -> None:
    """On disk and in the memory of a training alike."""
    with serving(MAPS.say(MAPS.rows(300))) as server:
        service = made(server, tmp_path, clock, last_good_for=oldest)
        ladder = FallbackForecasts(provider=service)
        ladder.get(["DE"], NOW, END, HOUR)
        server.handler = lambda _asked: Say(status=500)
        for age, expected in ((oldest - SECOND, Quality.LAST_GOOD), (oldest, Quality.TYPICAL)):
            clock.now = NOW + age
            view = ladder.get(["DE"], clock.now, clock.now + 3 * HOUR, HOUR)
            assert quality(view) is expected


def test_what_was_fetched_after_the_start_is_not_remembered(tmp_path: Path, clock: Time) -> None:
    with serving(MAPS.say(MAPS.rows(300, NOW - 2 * HOUR))) as server:
        answered(server, tmp_path, clock)
        clock.now += HOUR / 2
        service = made(server, tmp_path, clock)
        assert quality(look(service, NOW)) is Quality.LAST_GOOD
        assert quality(look(service, NOW - SECOND)) is Quality.MISSING


def test_regions_of_one_zone_are_said_once(
    tmp_path: Path, clock: Time, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(MAPS.say(MAPS.rows(300))) as server:
        answered(server, tmp_path, clock)
        clock.now += HOUR
        service = WithLastGood(made(server, tmp_path, clock))
        regions = ["DE", "eu-central-1", "FR", "PL"]
        found, failed = service.forecasts(regions, start=clock.now, end=END)
    assert {series.provenance.quality for series in found.values() if series.provenance} == {
        Quality.LAST_GOOD
    }
    assert (set(found), set(failed)) == (set(regions[:3]), {"PL"})
    assert caplog.text.count("the last good forecast stands in") == 2


def test_in_a_composite_it_comes_before_the_next_provider(tmp_path: Path, clock: Time) -> None:
    with serving(MAPS.say(MAPS.rows(300))) as server:
        answered(server, tmp_path, clock)
        clock.now += HOUR
        composite = Composite(made(server, tmp_path, clock), Flat(7))
        found, failed = composite.forecasts(["DE", "PL"], start=clock.now, end=END)
    assert failed == {}
    providers = {name: series.provenance.provider for name, series in found.items()}  # type: ignore[union-attr]
    assert providers == {"DE": "Electricity Maps", "PL": "mine"}


# --- one deadline


@pytest.mark.parametrize("several", [False, True])
def test_the_deadline_of_the_ladder_is_that_of_the_services(
    several: bool, caplog: pytest.LogCaptureFixture
) -> None:
    with serving(lambda _asked: Say(delay=9)) as server:
        slow = [MAPS.make(server.url, deadline=timedelta(seconds=30)) for _ in range(3)]
        began = time.monotonic()
        provider = Composite(*slow) if several else slow[0]
        view = look(provider, NOW, patience=timedelta(seconds=0.5))
        assert time.monotonic() - began < 3
    assert quality(view) is Quality.MISSING
    assert "no answer within 0.5 s" in caplog.text


def test_a_service_keeps_its_own_deadline_if_that_is_sooner() -> None:
    with serving(lambda _asked: Say(delay=9)) as server:
        service = MAPS.make(server.url, deadline=timedelta(seconds=0.3))
        _, failed = service.forecasts_by(Deadline.after(60), ["DE"], start=NOW, end=END)
    assert "no answer within 0.3 s" in str(failed["DE"])


def test_only_what_keeps_no_deadline_is_watched_from_outside() -> None:
    class Keeps(Flat):
        def forecasts_by(
            self, deadline: Deadline, regions: Sequence[str], *, start: datetime, end: datetime
        ) -> Answer:
            assert 0 < deadline.left_s <= 120
            return self.forecasts(regions, start=start, end=end)

    watched, keeps = Flat(1), Keeps(1)
    for provider in (watched, keeps):
        assert quality(look(provider, NOW)) is Quality.FRESH
    assert watched.thread is not threading.current_thread()
    assert keeps.thread is threading.current_thread()


def test_one_that_hangs_in_a_composite_loses_the_others_for_one_round_only() -> None:
    stuck = threading.Event()
    ladder = FallbackForecasts(
        provider=Composite(Flat(1, stuck), Flat(2)), patience=timedelta(seconds=0.2)
    )
    views = [ladder.get(["DE"], NOW, END, HOUR) for _ in range(2)]
    stuck.set()
    assert [quality(view) for view in views] == [Quality.MISSING, Quality.FRESH]
    assert views[1].mean("DE", NOW, 60) == 2
    eventually_no("lowcarb-fetch")
