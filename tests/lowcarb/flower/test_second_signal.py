"""CarbonAware with a second signal: booked beside, never waited for, never in the way."""

import logging
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Forecast, InputError, Ledger, ProviderError, Series
from lowcarb.carbon.kinds import Kind
from lowcarb.providers import Answer, CsvProvider
from tests.helpers.data import START
from tests.helpers.flower_app import FORECAST, Invented, carbon_aware, grid, run
from tests.helpers.two_signals import intensities

ROUNDS = 3
FIRST = intensities({f"R{r:02d}": 100.0 + 40 * r for r in range(26)}, "average")
OTHER = intensities({f"R{r:02d}": 800.0 - 30 * r for r in range(26)}, "marginal")


class Past(Invented):
    """Gives what came true, too: half of the forecast."""

    def actuals(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        del start, end
        series = self.forecast.series
        return {name: replace(series[name], values=series[name].values / 2) for name in regions}, {}


class Answers:
    """Answers as a function of the regions does; and may say its signal."""

    def __init__(
        self, answer: Callable[[Sequence[str]], Answer], signal: str | None = None
    ) -> None:
        self.answer = answer
        self.signal = signal

    def forecasts(self, regions: Sequence[str], **_times: datetime) -> Answer:
        return self.answer(regions)


def trained(
    also: Any, *, ledger: Path | None = None, rounds: int = ROUNDS, **more: Any
) -> CarbonAware:
    options: dict[str, Any] = {"provider": Invented(FIRST), "also": also, "ledger": ledger}
    strategy = carbon_aware(FedAvg(), **(options | more))
    run(strategy, grid(), rounds=rounds)
    return strategy


def test_each_round_is_booked_by_both_signals(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    account = trained(Invented(OTHER), ledger=path).account
    assert Ledger(path).account().to_dict() == account.to_dict()
    assert sorted(account.second) == [1, 2, 3]
    other = account.by_second
    assert other is not None
    assert (account.kinds, other.kinds) == ((Kind("average"),), (Kind("marginal"),))
    for booked, second in zip(account.rounds, other.rounds, strict=True):
        for turn, seen in zip(booked.turns, second.turns, strict=True):
            assert turn.region is not None
            r = int(turn.region[1:])
            assert (turn.intensity, seen.intensity) == (100 + 40 * r, 800 - 30 * r)
            assert seen.planned_g == pytest.approx(turn.planned_kwh * (800 - 30 * r))
        # A random cohort of five among all twenty, by each signal.
        kwh = np.array([0.1 + 0.01 * (i % 7) for i in range(20)])
        levels = np.arange(20)
        assert booked.random_g == pytest.approx(5 * np.mean(kwh * (100 + 40 * levels)))
        assert second.random_g == pytest.approx(5 * np.mean(kwh * (800 - 30 * levels)))
    # What the first signal saves the second costs.
    assert account.saved_share is not None
    assert other.saved_share is not None
    assert account.saved_share > 0 > other.saved_share


def test_cohorts_are_those_without_a_second_signal() -> None:
    alone, beside = trained(None).account, trained(Invented(OTHER)).account
    assert alone.second == {}
    assert alone.by_second is None
    assert "also" not in alone.to_dict()
    assert [[t.client for t in b.turns] for b in alone.rounds] == [
        [t.client for t in b.turns] for b in beside.rounds
    ]


def test_what_came_true_is_booked_by_each_signal(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    trained(Past(OTHER), ledger=path)
    account = Ledger(path).account()
    other = account.by_second
    assert other is not None
    known = [(turn.intensity, turn.actual) for turn in other.work if turn.actual is not None]
    assert known
    assert all(actual == (planned or 0) / 2 for planned, actual in known)
    # The provider of the first signal does not know what came true.
    assert all(turn.actual is None for turn in account.work)


def test_a_training_goes_on_with_its_second_signal(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    trained(Invented(OTHER), ledger=path, rounds=2)
    trained(Invented(OTHER), ledger=path, rounds=4)
    assert sorted(Ledger(path).account().second) == [1, 2, 3, 4]


def test_a_training_that_goes_on_keeps_to_one_kind(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    levels = {f"R{r:02d}": 9.0 for r in range(26)}
    trained(Invented(intensities(levels, "marginal", accounting="direct")), ledger=path, rounds=2)
    other = intensities(levels, "average", accounting="direct")
    first = Invented(intensities(levels, "average", accounting="lifecycle"))
    trained(Invented(other), ledger=path, rounds=4, provider=first)
    assert sorted(Ledger(path).account().second) == [1, 2]
    assert said(caplog) == 1
    assert "it has average, direct intensities, where earlier rounds have marginal" in caplog.text


def said(caplog: pytest.LogCaptureFixture) -> int:
    return caplog.text.count("the second signal (also=) is not booked")


def fails(error: Exception) -> Answer:
    raise error


BROKEN = RuntimeError("a fault of the user's own code")
HOLIDAY = ProviderError("the service is on holiday")
SENSELESS: Any = 7


@pytest.mark.parametrize(
    ("also", "why"),
    [
        (Answers(lambda _: fails(HOLIDAY)), "the service is on holiday"),
        (Answers(lambda _: fails(BROKEN)), "a fault of the user's own code"),
        (Answers(lambda _: SENSELESS), "the provider failed"),
        (Answers(lambda _: ({}, {})), "the provider says nothing of it"),
        (Invented(FIRST), "average as well"),
        (Invented(FORECAST), "does not say whether its intensities are average or marginal"),
    ],
)
def test_what_fails_is_said_once_and_costs_nothing_else(
    also: Any, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        account = trained(also).account
    assert (said(caplog), account.second) == (1, {})
    assert why in caplog.text
    assert account.complete


def test_a_provider_that_hangs_delays_no_round(
    caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowcarb.training.came_true._LAST_WAIT_S", 0.05)
    hang = threading.Event()

    def answer(_regions: Sequence[str]) -> Answer:
        hang.wait(60)
        return {}, {}

    account = trained(Answers(answer)).account
    hang.set()
    assert (len(account.rounds), account.second) == (ROUNDS, {})
    assert "no answer yet about the last 3 rounds" in caplog.text


def test_an_answer_that_comes_late_is_booked_later(tmp_path: Path) -> None:
    gate = threading.Event()

    def answer(regions: Sequence[str]) -> Answer:
        gate.wait(60)
        return {name: OTHER.series[name] for name in regions}, {}

    class Opens(FedAvg):
        def aggregate_train(self, server_round: int, replies: Any) -> Any:
            if server_round == ROUNDS:
                gate.set()
            return super().aggregate_train(server_round, replies)

    strategy = carbon_aware(
        Opens(), provider=Invented(FIRST), also=Answers(answer), ledger=tmp_path / "run.db"
    )
    run(strategy, grid(), rounds=ROUNDS)
    account = Ledger(tmp_path / "run.db").account()
    assert sorted(account.second) == [1, 2, 3]
    assert account.to_dict() == strategy.account.to_dict()


def test_regions_that_it_does_not_know_are_unknown_by_it_alone(
    caplog: pytest.LogCaptureFixture,
) -> None:
    some = {name: one for name, one in OTHER.series.items() if name != "R01"}
    account = trained(Answers(lambda _: (some, {}))).account
    other = account.by_second
    assert other is not None
    assert {turn.region for turn in other.work if turn.intensity is None} == {"R01"}
    assert {booked.random_g for booked in other.rounds} == {None}
    assert said(caplog) == 1
    assert all(turn.intensity is not None for turn in account.work)


def csv(path: Path, forecast: Forecast = OTHER) -> Path:
    names = list(forecast.series)
    rows = [",".join(["time_utc", *names])]
    for j in range(48):
        time = datetime.fromtimestamp(START.timestamp() + 3600 * j, START.tzinfo)
        values = (f"{forecast.series[name].values[j]:g}" for name in names)
        rows.append(",".join([time.isoformat(), *values]))
    path.write_text("\n".join(rows))
    return path


def test_a_csv_is_a_provider_once_its_signal_is_said(tmp_path: Path) -> None:
    path = csv(tmp_path / "m.csv")
    account = trained(CsvProvider(path, signal="marginal")).account
    assert sorted(account.second) == [1, 2, 3]


@pytest.mark.parametrize("kind", [str, Path])
def test_a_file_that_does_not_say_its_signal_is_refused_before_the_first_round(
    tmp_path: Path, kind: type
) -> None:
    path = csv(tmp_path / "m.csv")
    with pytest.raises(InputError, match=r"m\.csv: does not say whether.*signal= of a provider"):
        trained(kind(path))
    with pytest.raises(ProviderError, match="there is no such forecast file"):
        trained(kind(tmp_path / "none.csv"))
    first = CsvProvider(csv(tmp_path / "a.csv", FIRST), signal="average")
    with pytest.raises(InputError, match="average as well"):
        trained(CsvProvider(path, signal="average"), provider=first)


@pytest.mark.parametrize("wrong", ["", 7, Invented])
def test_what_is_no_provider_is_refused_at_once(wrong: Any) -> None:
    with pytest.raises(InputError, match="also: expected a provider of another signal"):
        carbon_aware(FedAvg(), also=wrong)


def test_a_series_without_a_place_of_its_own_is_of_its_providers_signal() -> None:
    one = OTHER.series["R00"]
    plain = Series(times=one.times, values=one.values)
    also = Answers(lambda regions: (dict.fromkeys(regions, plain), {}), "marginal")
    other = trained(also).account.by_second
    assert other is not None
    assert other.kinds == (Kind("marginal"),)
