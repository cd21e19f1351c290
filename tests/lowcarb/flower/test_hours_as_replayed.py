"""A training waits for the hours that a replay of the same days chooses, and knows no more."""

import csv
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Client, Fairness, Fleet, Planner
from lowcarb._util.times import from_seconds, to_iso
from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
from lowcarb.carbon.typical_day import TypicalDay
from lowcarb.planning.hours import Hours
from lowcarb.planning.partly_usual import PartlyUsual
from lowcarb.planning.policies import Planned
from lowcarb.planning.slot_policies import slot_policies
from lowcarb.providers import CsvProvider
from lowcarb.replay import Recording
from lowcarb.replay.hours_backtest import HoursBacktest, HoursRun
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.flower_app import carbon_aware, client_app, node_configs, run
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.recorded_days import RECORDING, REGIONS

HOUR = timedelta(hours=1)
SOLVERS = (Greedy(),)
NODES = node_configs(8, regions=len(REGIONS))
ROUNDS = 4


def write(folder: Path) -> tuple[str, str]:
    """Write the recorded days into CSV files."""
    issues, actuals = folder / "issues.csv", folder / "actuals.csv"
    with issues.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["issued_at", "target_time", *REGIONS])
        for issue in RECORDING.issues.forecasts:
            assert issue.issued_at is not None
            series = [issue.series[region] for region in REGIONS]
            for k, time in enumerate(series[0].times):
                values = [repr(float(one.values[k])) for one in series]
                rows.writerow([to_iso(issue.issued_at), to_iso(from_seconds(time)), *values])
    with actuals.open("w", newline="") as stream:
        rows = csv.writer(stream)
        rows.writerow(["time_utc", *REGIONS])
        known = [RECORDING.actual.series[region] for region in REGIONS]
        for k, time in enumerate(known[0].times):
            values = [repr(float(one.values[k])) for one in known]
            rows.writerow([to_iso(from_seconds(time)), *values])
    return str(issues), str(actuals)


def trained(files: tuple[str, str], within: timedelta, **options: Any) -> list[datetime]:
    issues, actuals = files
    strategy = carbon_aware(
        FedAvg(fraction_evaluate=0.0),
        provider=CsvProvider(issues),
        actuals=actuals,
        deadline=START + within,
        cohort_size=2,
        fairness=Fairness(min_share=0),
        policy=Planned(SOLVERS),
        **options,
    )
    run(strategy, InProcessGrid(client_app(), NODES), rounds=ROUNDS)
    return [booked.start for booked in strategy.account.rounds]


def replayed(files: tuple[str, str], within: timedelta) -> HoursRun:
    issues, actuals = files
    clients = [
        Client(
            name=str(node["client-id"]),
            region=str(node["region"]),
            energy_kwh=float(node["energy-kwh"]),
            duration=timedelta(minutes=float(node["duration-min"])),
        )
        for node in NODES.values()
    ]
    backtest = HoursBacktest(
        planner=Planner(
            fleet=Fleet.from_clients(clients),
            cohort_size=2,
            rounds=ROUNDS,
            fairness=Fairness(min_share=0),
            solvers=SOLVERS,
            hours=Hours(deadline=START + within),
        ),
        recording=Recording(issues=read_forecasts(issues), actual=read_actuals(actuals)),
        start=START,
    )
    return backtest.run("ilp", slot_policies(SOLVERS)["ilp"])


@pytest.mark.parametrize("hours", [30, pytest.param(60, marks=pytest.mark.slow)])
def test_a_training_begins_its_rounds_when_the_replay_does(tmp_path: Path, hours: int) -> None:
    files = write(tmp_path)
    found = trained(files, hours * HOUR)
    assert found == list(replayed(files, hours * HOUR).starts)
    assert found != [START + k * HOUR for k in range(ROUNDS)]


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What is told to be usual, each time that hours are chosen."""
    kept: list[Any] = []
    before = PartlyUsual.told

    def keeping(self: PartlyUsual, usual: Any) -> PartlyUsual:
        kept.append(usual)
        return before(self, usual)

    monkeypatch.setattr(PartlyUsual, "told", keeping)
    return kept


@pytest.mark.slow
def test_of_corrected_forecasts_nothing_more_is_told(tmp_path: Path, told: list[Any]) -> None:
    files = write(tmp_path)
    trained(files, 30 * HOUR)
    mine, told[:] = list(told), []
    replayed(files, 30 * HOUR)
    assert len(mine) == len(told) > ROUNDS
    assert {one is None for one in (*mine, *told)} == {True}


def test_of_forecasts_as_issued_it_is_told_what_is_usual(tmp_path: Path, told: list[Any]) -> None:
    days = TypicalDay(regions=tuple(REGIONS), intensity=np.full((len(REGIONS), 24), 50.0))
    trained(write(tmp_path), 30 * HOUR, correct=False, typical=days)
    assert len(told) > ROUNDS
    assert {float(value) for one in told for value in np.unique(one)} == {50.0}
