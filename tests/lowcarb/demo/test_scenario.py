"""The embedded scenario has the size of the real thing, and one seed makes one scenario."""

from datetime import timedelta

import numpy as np
import pytest

from lowcarb import CoverageError
from lowcarb.demo.grid_statistics import us_summer_2022
from lowcarb.demo.scenario import HARDWARE, START, Scenario
from lowcarb_solvers.arrays import FloatArray
from tests.helpers.data import RECORDED


@pytest.fixture(scope="module")
def long() -> Scenario:
    return Scenario(days=300)


def levels(scenario: Scenario) -> FloatArray:
    return np.stack(
        [scenario.actual.series[r].values for r in scenario.grid_statistics.typical.regions]
    )


def test_typical_days_are_the_published_figures() -> None:
    statistics = us_summer_2022()
    typical = statistics.typical
    assert len(typical.regions) == 26
    ciso = typical.intensity[typical.regions.index("CISO")]
    assert ciso[[0, 4, 18, 23]].tolist() == [236, 337, 199, 225]
    assert statistics.error_day1[typical.regions.index("BPAT")] == pytest.approx(0.077)
    if RECORDED.exists():
        published = (RECORDED.parent / "typical_day.csv").read_text().splitlines()[1:]
        for line, region, day in zip(published, typical.regions, typical.intensity, strict=True):
            cells = line.split(",")
            assert cells[0] == region
            assert [float(c) for c in cells[1:25]] == day.tolist()


def test_days_vary_as_much_as_they_did(long: Scenario) -> None:
    daily = levels(long).reshape(26, -1, 24).mean(axis=2)
    assert daily.std(axis=1) / long.grid_statistics.day_sd == pytest.approx(np.ones(26), abs=0.3)
    assert (daily.std(axis=1) / long.grid_statistics.day_sd).mean() == pytest.approx(1, abs=0.05)
    means = long.grid_statistics.typical.intensity.mean(axis=1)
    assert daily.mean(axis=1) / means == pytest.approx(np.ones(26), abs=0.12)
    assert daily.min() > 0


def test_forecasts_err_as_much_as_they_did(long: Scenario) -> None:
    actual = levels(long)
    first, last = [], []
    for issue, forecast in enumerate(long.issues.forecasts):
        values = np.stack([forecast.series[r].values for r in long.grid_statistics.typical.regions])
        error = np.abs(values / actual[:, 24 * issue : 24 * issue + 96] - 1)
        first.append(error[:, :24].mean(axis=1))
        last.append(error[:, 72:].mean(axis=1))
    assert np.mean(first, axis=0) / long.grid_statistics.error_day1 == pytest.approx(
        np.ones(26), abs=0.15
    )
    assert np.mean(last, axis=0) / long.grid_statistics.error_day4 == pytest.approx(
        np.ones(26), abs=0.15
    )


def test_one_seed_one_scenario() -> None:
    one, same, other = Scenario(seed=5), Scenario(seed=5), Scenario(seed=6)
    assert (levels(one) == levels(same)).all()
    assert (levels(one) != levels(other)).all()
    assert (one.fleet.energy_kwh == same.fleet.energy_kwh).all()
    assert (one.fleet.energy_kwh != other.fleet.energy_kwh).any()


def test_issues_reach_four_days_and_no_further() -> None:
    scenario = Scenario()
    assert [f.issued_at for f in scenario.issues.forecasts] == [
        START + timedelta(days=d) for d in range(7)
    ]
    first = scenario.issues.forecasts[0]
    assert first.mean("CISO", START + timedelta(hours=95), timedelta(hours=1)) > 0
    with pytest.raises(CoverageError):
        first.mean("CISO", START + timedelta(hours=95), timedelta(minutes=61))


def test_the_fleet_is_spread_and_its_energy_is_power_times_time() -> None:
    scenario = Scenario()
    fleet = scenario.fleet
    assert np.bincount(fleet.region).tolist() == [4] * 22 + [3] * 4
    assert {machine.name for machine in scenario.hardware} == {m.name for m in HARDWARE}
    for i in range(len(fleet)):
        machine = scenario.hardware[i]
        compute = machine.power_w / 1000 * machine.duration_min / 60 * machine.pue
        assert fleet[i].energy_kwh == pytest.approx(compute + 0.09 * 0.06)
        assert fleet[i].duration == timedelta(minutes=machine.duration_min)
