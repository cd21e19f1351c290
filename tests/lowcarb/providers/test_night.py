"""CarbonAware through a night of outages of a real server, and what came true on the next day."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Ledger, WallClock
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.ledger.account import Account
from lowcarb.providers import Answer, Composite
from lowcarb.providers.services.client import ServiceClient
from lowcarb.report.account.as_json import account_to_dict
from tests.helpers.flower_app import carbon_aware, client_app, run
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.forecast_services import BY_NAME, NOW, Kind
from tests.helpers.http_server import Asked, Handler, Say, Server, eventually_no, serving

MAPS = BY_NAME["Electricity Maps"]
REGIONS = ("DE", "FR")


class Night:
    """Time that passes while nobody sleeps, and a server that follows a script by the hour."""

    def __init__(self, script: Sequence[Callable[["Night"], Handler]]) -> None:
        self.now = NOW
        self.script = script
        self.rested: ServiceClient | None = None

    def clock(self) -> WallClock:
        return WallClock(now=lambda: self.now, sleep=self.sleep)

    def sleep(self, seconds: float) -> None:
        # Whoever fetches what came true does so in this hour.
        eventually_no("lowcarb-actuals")
        self.now += timedelta(seconds=seconds)
        if self.rested is not None:
            # A service that wanted to be left alone forgets it, as if the real clock moved too.
            self.rested._http._rest_until = 0.0

    @property
    def hour(self) -> int:
        return round((self.now - NOW) / timedelta(hours=1))

    def __call__(self, asked: Asked) -> Say:
        return self.script[min(self.hour, len(self.script) - 1)](self)(asked)

    def service(self, server: Server, folder: Path) -> ServiceClient:
        return MAPS.make(
            server.url,
            clock=lambda: self.now,
            cache=folder / "cache",
            deadline=timedelta(seconds=0.4),
        )


def rows(night: Night, kind: Kind = MAPS) -> list[tuple[datetime, int]]:
    start = night.now - timedelta(hours=1)
    return [(start + i * kind.step, 100 + 7 * ((night.hour + i) % 24)) for i in range(26)]


def fine(night: Night) -> Handler:
    return MAPS.say(rows(night), issued=night.now)


def broken(say: Say) -> Callable[[Night], Handler]:
    return lambda _night: lambda _asked: say


def edited(value: Any) -> Callable[[Night], Handler]:
    return lambda night: MAPS.say([(at, value) for at, _ in rows(night)], issued=night.now)


def without_france(night: Night) -> Handler:
    def handler(asked: Asked) -> Say:
        if asked.query["zone"] == ["FR"]:
            return Say(status=404, body={"error": 'No recent data for zone "FR"'})
        return fine(night)(asked)

    return handler


def grid() -> InProcessGrid:
    nodes = {
        1000 + i: {
            "client-id": f"client-{i}",
            "region": REGIONS[i % 2],
            "energy-kwh": 0.1,
            "duration-min": 30.0,
        }
        for i in range(6)
    }
    return InProcessGrid(client_app(), nodes)


def train(night: Night, provider: Any, rounds: int, **options: Any) -> Account:
    strategy = carbon_aware(
        FedAvg(),
        provider=provider,
        clock=night.clock(),
        round_every="1h",
        cohort_size=2,
        **options,
    )
    result = run(strategy, grid(), rounds=rounds)
    assert len(result.train_metrics_clientapp) == rounds
    return strategy.account


def qualities(account: Account, region: str) -> list[str]:
    return [str(booked.provenances[region].quality) for booked in account.rounds]


def test_a_night_of_outages_stops_nothing_and_is_booked_as_it_was(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    script = [
        fine,
        broken(Say(status=500)),
        broken(Say(delay=5)),
        broken(Say(body="<html>Maintenance</html>")),
        edited(-3),
        broken(Say(hang_up=True)),
        # The last good forecast is six hours old from here on.
        broken(Say(status=429, headers={"Retry-After": "31536000"})),
        edited(None),
        broken(Say(status=302, headers={"Location": "http://localhost:1/"})),
        fine,
        without_france,
        fine,
    ]
    night = Night(script)
    with serving(night) as server:
        provider = night.service(server, tmp_path)
        ledger = Ledger(tmp_path / "run.db")
        night.rested = provider
        account = train(night, provider, len(script), ledger=ledger)
    good = ["fresh", *["last good"] * 5, *["typical"] * 3, "fresh"]
    assert qualities(account, "DE") == [*good, "fresh", "fresh"]
    assert qualities(account, "FR") == [*good, "last good", "fresh"]
    assert account_to_dict(ledger.account()) == account_to_dict(account)
    assert all(len(booked.turns) == 2 for booked in account.rounds)
    assert all(turn.intensity is not None for turn in account.work)
    for text in ("status 500", "no answer", "expected JSON, got HTML", "got -3", "asked too often"):
        assert text in caplog.text


def test_a_service_that_was_never_there_is_missing_in_every_round(tmp_path: Path) -> None:
    night = Night([broken(Say(status=503))])
    with serving(night) as server:
        account = train(night, Composite(night.service(server, tmp_path)), 3)
    assert {q for region in REGIONS for q in qualities(account, region)} == {Quality.MISSING}
    assert all(turn.intensity is None for turn in account.work)


# --- what came true


def with_past(night: Night) -> Handler:
    def handler(asked: Asked) -> Say:
        if asked.path != "/carbon-intensity/past-range":
            return fine(night)(asked)
        hours = [NOW + timedelta(hours=i) for i in range(night.hour)]
        data = [
            {"carbonIntensity": 500 + i, "datetime": at.isoformat()} for i, at in enumerate(hours)
        ]
        return Say(body={"zone": asked.one("zone"), "temporalGranularity": "hourly", "data": data})

    return handler


def test_what_came_true_is_booked_after_the_rounds(tmp_path: Path) -> None:
    night = Night([with_past])
    ledger = Ledger(tmp_path / "run.db")
    with serving(night) as server:
        account = train(night, night.service(server, tmp_path), 5, ledger=ledger)
    actual = [{turn.actual for turn in booked.turns} for booked in account.rounds]
    # The last hour is not over when the training ends.
    assert actual == [{500.0}, {501.0}, {502.0}, {503.0}, {None}]
    assert account_to_dict(ledger.account()) == account_to_dict(account)
    assert account.rounds[1].realised_g == pytest.approx(2 * 0.1 * 501)


def test_a_past_that_fails_stops_nothing(tmp_path: Path) -> None:
    def handler_of(night: Night) -> Handler:
        def handler(asked: Asked) -> Say:
            return Say(hang_up=True) if "past" in asked.path else fine(night)(asked)

        return handler

    night = Night([handler_of])
    with serving(night) as server:
        account = train(night, night.service(server, tmp_path), 4)
    assert {turn.actual for turn in account.work} == {None}
    assert {q for region in REGIONS for q in qualities(account, region)} == {"fresh"}


class Own:
    """A provider of one's own whose past is wrong in some way."""

    def __init__(self, past: Callable[[], Any]) -> None:
        self.past = past
        self.asked = 0

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        return {name: flat(start, end, 10, "average") for name in regions}, {}

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Any:
        assert set(regions) <= set(REGIONS)
        assert start < end
        self.asked += 1
        return self.past()


def flat(start: datetime, end: datetime, level: float, signal: str) -> Series:
    times = np.arange(start.timestamp() - 7200, end.timestamp() + 7200, 3600)
    provenance = Provenance(provider="mine", zone="mine", signal=signal)
    return Series(times=times, values=np.full(len(times), float(level)), provenance=provenance)


def test_a_past_of_another_signal_or_form_is_not_booked(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    day = (NOW - timedelta(days=1), NOW + timedelta(days=1))

    def fails() -> Any:
        raise RuntimeError("a fault of mine")

    pasts: list[Callable[[], Any]] = [
        lambda: ({"DE": flat(*day, 20, "marginal"), "FR": "nothing"}, {}),
        lambda: ({"DE": Series(times=np.array([0.0, 1e15]), values=np.ones(2))}, {}),
        lambda: ({"DE": Series(times=np.array([-np.inf, np.inf]), values=np.ones(2))}, {}),
        lambda: None,
        fails,
    ]
    for number, past in enumerate(pasts):
        night, provider = Night([fine]), Own(past)
        ledger = Ledger(tmp_path / f"{number}.db")
        account = train(night, provider, 3, ledger=ledger, correct=False)
        assert provider.asked == 2
        assert {turn.actual for turn in account.work} == {None}
    assert "a fault of mine" in caplog.text


def test_a_past_that_never_answers_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lowcarb.training.came_true._LAST_WAIT_S", 0.1)
    monkeypatch.setattr("tests.lowcarb.providers.test_night.eventually_no", lambda _name: None)
    stuck = threading.Event()
    provider = Own(lambda: stuck.wait(30))
    account = train(Night([fine]), provider, 4, correct=False)
    assert not stuck.is_set()
    stuck.set()
    assert provider.asked == 1
    assert len(account.rounds) == 4
    eventually_no("lowcarb-actuals")
