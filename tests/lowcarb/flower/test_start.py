"""What a user sees before the first round, and what does not start at all."""

import logging
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import SimulatedClock, TypicalDay
from lowcarb.errors import InputError, LedgerError, ProviderError, StrategyError
from lowcarb.providers import Composite, CsvProvider
from tests.helpers.data import START
from tests.helpers.flower_app import Invented, carbon_aware, client_app, grid, node_configs, run
from tests.helpers.flower_grid import InProcessGrid


def without(key: str, node: int = 1000) -> InProcessGrid:
    configs = node_configs(6)
    del configs[node][key]
    return InProcessGrid(client_app(), configs)


def trained(on: InProcessGrid) -> int:
    return sum(kind.startswith("train") for kind, _ in on.sent)


def test_the_log_has_one_table_before_the_first_round(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO):
        run(carbon_aware(FedAvg()), grid(6), rounds=2)
    texts = [record.getMessage() for record in caplog.records]
    (table,) = [text for text in texts if "the training starts with" in text]
    assert texts.index(table) < next(i for i, text in enumerate(texts) if "round 1/2" in text)
    assert "client-05" in table
    assert "nodes: 6 online, 5 wanted; to have another number:\n  start SuperNodes" in table


def test_who_calls_start_again_and_again_sees_the_table_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strategy, on = carbon_aware(FedAvg(), rounds=3), grid(6)
    with caplog.at_level(logging.INFO):
        for _ in range(3):
            run(strategy, on, rounds=1)
    assert caplog.text.count("the training starts with") == 1


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("region", "no region is known of client-00"),
        ("energy-kwh", "no energy of a round is known of client-00"),
        ("duration-min", "no duration of a round is known of client-00"),
    ],
)
def test_a_strict_training_does_not_start_on_what_nobody_said(key: str, said: str) -> None:
    on = without(key)
    with pytest.raises(StrategyError, match=f"strict=True, and so .*{said}"):
        run(carbon_aware(FedAvg(), strict=True), on)
    assert not trained(on)
    run(carbon_aware(FedAvg()), on, rounds=1)
    assert trained(on) == 5


def test_a_strict_training_wants_forecasts() -> None:
    late = SimulatedClock(START + timedelta(days=400), sleep=lambda _seconds: None)
    on = grid(6)
    with pytest.raises(StrategyError, match=r"no forecast of region 'R00' .* typical"):
        run(carbon_aware(FedAvg(), strict=True, clock=late), on)
    assert not trained(on)


def test_a_strict_training_starts_where_all_is_known() -> None:
    on = grid(6)
    run(carbon_aware(FedAvg(), strict=True), on, rounds=1)
    assert trained(on) == 5


def test_strict_is_a_truth() -> None:
    with pytest.raises(InputError, match="strict: expected True or False, got 'yes'"):
        carbon_aware(FedAvg(), strict="yes")


@pytest.mark.parametrize("several", [False, True])
def test_a_missing_forecast_file_stops_before_a_message_is_sent(
    tmp_path: Path, several: bool
) -> None:
    missing = CsvProvider(tmp_path / "forecast.csv")
    provider: Any = Composite(Invented(), missing) if several else missing
    on = grid(6)
    with pytest.raises(ProviderError) as error:
        run(carbon_aware(FedAvg(), provider=provider), on)
    assert str(tmp_path / "forecast.csv") in str(error.value)
    assert "put it there, or give the path of another" in str(error.value)
    assert not on.sent


def test_a_forecast_file_that_makes_no_sense_stops_it_too(tmp_path: Path) -> None:
    path = tmp_path / "forecast.csv"
    path.write_text("time_utc,DE\n2022-07-01T00:00:00Z,many\n")
    on = grid(6)
    with pytest.raises(ProviderError, match=r"forecast.csv:2: .* got 'many'"):
        run(carbon_aware(FedAvg(), provider=CsvProvider(path)), on)
    assert not on.sent


def test_a_file_that_vanishes_later_stops_nothing(tmp_path: Path) -> None:
    path = tmp_path / "forecast.csv"
    hours = [datetime(2022, 7, 15, hour, tzinfo=UTC) for hour in range(24)]
    names = [f"R{i:02d}" for i in range(6)]
    path.write_text(
        "\n".join(
            [",".join(["time_utc", *names]), *(f"{t.isoformat()}{',300' * 6}" for t in hours)]
        )
    )
    strategy = carbon_aware(FedAvg(), provider=CsvProvider(path))

    def lose(number: int, _arrays: Any) -> None:
        if number == 1:
            path.unlink()

    run(strategy, grid(6), rounds=3, evaluate_fn=lose)
    assert len(strategy.account.rounds) == 3


def test_a_missing_folder_of_the_ledger_stops_before_a_message_is_sent(tmp_path: Path) -> None:
    on = grid(6)
    with pytest.raises(LedgerError, match=r"the folder .*/none does not exist: make it"):
        run(carbon_aware(FedAvg(), ledger=tmp_path / "none" / "run.db"), on)
    assert not on.sent


def test_given_typical_days_are_no_forecast_either() -> None:
    day = TypicalDay(regions=("R00",), intensity=Invented().forecast.of("R00").values[None, :24])
    late = SimulatedClock(START + timedelta(days=400), sleep=lambda _seconds: None)
    with pytest.raises(StrategyError, match="'R00'"):
        run(carbon_aware(FedAvg(), strict=True, clock=late, typical=day), grid(6))


@pytest.mark.parametrize(
    ("strategy", "options", "said"),
    [
        (FedAvg(), {}, "evaluation: on 6 clients after each round, where 2 train"),
        (FedAvg(fraction_evaluate=0.5), {}, "evaluation: on 3 clients after"),
        (FedAvg(), {"evaluate": "cohort"}, "evaluation: on 2 clients after"),
        (FedAvg(fraction_evaluate=0.0), {}, "evaluation: none on the clients"),
    ],
)
def test_where_evaluation_burns_energy_is_said_before_the_first_round(
    strategy: FedAvg, options: dict[str, Any], said: str, caplog: pytest.LogCaptureFixture
) -> None:
    on = grid(6)
    with caplog.at_level(logging.INFO):
        run(carbon_aware(strategy, cohort_size=2, **options), on, rounds=1)
    assert said in caplog.text
    evaluated = sum(kind.startswith("evaluate") for kind, _ in on.sent)
    assert f"on {evaluated} clients" in caplog.text or not evaluated
    assert ('evaluate="cohort" keeps it' in caplog.text) == (evaluated > 2)
