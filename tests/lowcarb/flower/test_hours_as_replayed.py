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
from lowcarb.planning.hours import Hours
from lowcarb.planning.patience import PatientSlots
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


def write(folder: Path, spoilt_from: datetime | None = None) -> tuple[str, str]:
    """Write the recorded days into CSV files; from a time on, what came true is made worse."""
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
            later = spoilt_from is not None and time >= spoilt_from.timestamp()
            values = [repr(float(one.values[k]) + (900.0 if later else 0.0)) for one in known]
            rows.writerow([to_iso(from_seconds(time)), *values])
    return str(issues), str(actuals)


def trained(files: tuple[str, str], within: timedelta) -> list[datetime]:
    issues, actuals = files
    strategy = carbon_aware(
        FedAvg(fraction_evaluate=0.0),
        provider=CsvProvider(issues),
        actuals=actuals,
        deadline=START + within,
        cohort_size=2,
        fairness=Fairness(min_share=0),
        policy=Planned(SOLVERS),
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
    before = PatientSlots.told

    def keeping(self: PatientSlots, usual: Any) -> PatientSlots:
        kept.append(usual)
        return before(self, usual)

    monkeypatch.setattr(PatientSlots, "told", keeping)
    return kept


def test_it_is_told_what_is_usual_as_the_replay_is(tmp_path: Path, told: list[Any]) -> None:
    files = write(tmp_path)
    trained(files, 30 * HOUR)
    mine, told[:] = list(told), []
    replayed(files, 30 * HOUR)
    assert len(mine) == len(told) > ROUNDS
    for one, other in zip(mine, told, strict=True):
        np.testing.assert_allclose(one, other)


def test_it_is_told_nothing_that_came_true_later(tmp_path: Path, told: list[Any]) -> None:
    spoilt = tmp_path / "spoilt"
    spoilt.mkdir()
    trained(write(tmp_path), 30 * HOUR)
    mine, told[:] = list(told), []
    trained(write(spoilt, spoilt_from=START), 30 * HOUR)
    # What came true in the first hour is known an hour after its end.
    for one, other in zip(mine[:2], told[:2], strict=True):
        assert one.tolist() == other.tolist()
    assert mine[2].tolist() != told[2].tolist()
