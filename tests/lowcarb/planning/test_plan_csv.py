"""A plan as CSV: a row for each turn, for spreadsheets, pandas and programs alike."""

import codecs
import csv
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from lowcarb import Client, Fleet, Plan, Planner
from lowcarb._util.csv_bytes import csv_bytes
from lowcarb._util.csv_table import read_table
from tests.helpers.data import START, invented_forecast, mixed_fleet

FOREIGN = ["Łódź, 1", "京都", 'a "quoted" one', "Ærø"]
FIGURES = ["emissions_g", "energy_kwh", "intensity_g_per_kwh", "random_cohort_g"]


def plan_of(names: list[str], cohort_size: int = 2) -> Plan:
    made = mixed_fleet([f"R{r:02d}" for r in range(4)], clients=len(names), distinct=True)
    clients = [
        Client(
            name=name,
            region=made.regions[made.region[i]],
            energy_kwh=float(made.energy_kwh[i]),
            duration=timedelta(minutes=40),
        )
        for i, name in enumerate(names)
    ]
    planner = Planner(fleet=Fleet.from_clients(clients), cohort_size=cohort_size, rounds=6)
    return planner.plan(START, invented_forecast(regions=4))


def test_energy_times_intensity_is_what_a_turn_emits() -> None:
    plan = plan_of(["a", "b", "c", "d"])
    frame = plan.to_frame()
    energies = dict(zip(plan.fleet.clients, plan.fleet.energy_kwh.tolist(), strict=True))
    assert frame["energy_kwh"].tolist() == [energies[name] for name in frame["client"]]
    product = frame["energy_kwh"] * frame["intensity_g_per_kwh"]
    assert product.to_numpy() == pytest.approx(frame["emissions_g"].to_numpy(), rel=1e-5)
    assert frame["emissions_g"].sum() == pytest.approx(plan.planned_g)


def test_the_random_cohort_of_each_round_adds_up_to_the_baseline() -> None:
    plan = plan_of([f"c{k}" for k in range(9)], cohort_size=3)
    by_round = plan.to_frame().groupby("round")["random_cohort_g"]
    assert (by_round.nunique() == 1).all()
    assert by_round.first().sum() == pytest.approx(plan.baselines["random"].planned_g)
    fleet, costs = plan.fleet, plan.problem.costs(slice(None), 0)
    assert by_round.first().iloc[0] == pytest.approx(3 * costs.sum() / len(fleet), abs=1e-5)


def test_who_is_away_is_in_no_random_cohort() -> None:
    problem = plan_of(["a", "b", "c", "d"]).problem
    online = np.ones((4, 6), dtype=np.bool_)
    online[1:, 2] = False
    online[:, 3] = False
    away = replace(problem, available=online, elastic=True)
    assert away.random_costs[2] == pytest.approx(problem.costs(slice(0, 1), 2)[0])
    assert away.random_costs[3] == 0
    everywhere = replace(problem, available=np.ones((4, 6), dtype=np.bool_))
    assert everywhere.random_costs == pytest.approx(problem.random_costs)
    assert problem.random_cost == pytest.approx(problem.random_costs.sum())


@pytest.mark.parametrize("names", [FOREIGN, ["a", "b", "c", "d"]], ids=["foreign", "ascii"])
def test_csv_pandas_and_our_own_reader_read_the_same(names: list[str], tmp_path: Path) -> None:
    plan, path = plan_of(names), tmp_path / "plan.csv"
    plan.write_csv(path)
    assert path.read_bytes().startswith(codecs.BOM_UTF8) == (names is FOREIGN)
    assert not plan.to_csv().startswith("\ufeff")
    frame = plan.to_frame()
    by_pandas = pd.read_csv(path)
    assert list(by_pandas.columns) == list(frame.columns)
    assert by_pandas["client"].tolist() == frame["client"].tolist()
    pd.testing.assert_frame_equal(by_pandas[FIGURES], frame[FIGURES])
    with path.open(encoding="utf-8-sig", newline="") as stream:
        by_csv = list(csv.DictReader(stream))
    assert [row["client"] for row in by_csv] == frame["client"].tolist()
    assert [int(row["round"]) for row in by_csv] == frame["round"].tolist()
    table = read_table(path)
    assert list(table.columns) == list(frame.columns)
    assert list(table.columns["client"]) == frame["client"].tolist()


def test_only_what_is_more_than_ascii_is_marked() -> None:
    assert csv_bytes("a,b\n") == b"a,b\n"
    assert csv_bytes("ö\n") == codecs.BOM_UTF8 + b"\xc3\xb6\n"
