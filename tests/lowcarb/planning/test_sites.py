"""Sites that share a cap and excess energy: a scenario of solar days, and what is refused."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lowcarb import Fairness, Fleet, Forecast, Series
from lowcarb.errors import CoverageError, InputError
from lowcarb.planning.asked_limits import AskedLimits
from lowcarb.planning.limits_toml import read_limits
from lowcarb.planning.planner import Planner
from lowcarb_solvers import chain
from tests.helpers import solar_sites
from tests.helpers.data import START

FLEET = solar_sites.solar_fleet()


def planner(limits: AskedLimits, rounds: int = solar_sites.ROUNDS, fleet: Fleet = FLEET) -> Planner:
    return Planner(
        fleet=fleet,
        cohort_size=solar_sites.COHORT,
        rounds=rounds,
        limits=limits,
        fairness=Fairness(min_share=0.5),
        solvers=chain(60, gap=0.005),
    )


@pytest.mark.parametrize("rounds", [10, pytest.param(24, marks=pytest.mark.slow)])
def test_solar_days(tmp_path: Path, rounds: int) -> None:
    """Floors are met, no site is above its cap, and excess comes before the grid."""
    limits = read_limits(solar_sites.write_sites(tmp_path))
    plan = planner(limits, rounds).plan(START, solar_sites.solar_forecast())
    assert plan.not_met == []
    fleet, sites = plan.fleet, plan.limits.sites if plan.limits else ()
    assert (plan.solution.turns >= solar_sites.COHORT * rounds // 200).all()
    group = np.array([int(name.partition("-")[2]) for name in fleet.attributes["group"]])
    used = np.zeros((solar_sites.SITES, rounds))
    for j, cohort in enumerate(plan.solution.cohorts):
        np.add.at(used[:, j], group[cohort], fleet.energy_kwh[cohort])
    assert (used <= solar_sites.cap_kwh()[:, None] + 1e-9).all()
    supply = solar_sites.excess_kwh()[:, :rounds]
    drawn = np.array([site.used_kwh for site in sites])
    assert drawn == pytest.approx(np.minimum(supply, used))
    region = np.array([fleet.regions[k % 2] for k in range(solar_sites.SITES)])
    series = solar_sites.solar_forecast().series
    intensity = np.array([series[name].values[:rounds] for name in region])
    grams = float(((used - drawn) * intensity).sum())
    assert plan.planned_g == pytest.approx(grams)
    assert sum(one.planned_g for one in plan.rounds) == pytest.approx(grams)
    rows = [row.split(",") for row in plan.to_csv().splitlines()[1:]]
    assert sum(float(row[4]) for row in rows) == pytest.approx(grams)
    for row in rows:
        assert float(row[4]) == pytest.approx(float(row[5]) * float(row[6]), abs=1e-5)
    # The others use it as well.
    assert plan.baselines["random"].planned_g < plan.problem.random_cost
    # Without the excess in its sight the plan would use less of it.
    blind = np.zeros_like(used)
    assert plan.limits is not None
    for j, cohort in enumerate(plan.limits.free.cohorts):
        np.add.at(blind[:, j], group[cohort], fleet.energy_kwh[cohort])
    assert drawn.sum() > np.minimum(supply, blind).sum()


def test_rounds_beyond_the_files_are_refused(tmp_path: Path) -> None:
    limits = read_limits(solar_sites.write_sites(tmp_path))
    hours = START.timestamp() + 3600.0 * np.arange(100.0)
    flat = Series(times=hours, values=np.full(100, 50.0))
    longer = Forecast(series={"DE": flat, "FR": flat}, source="made")
    with pytest.raises(CoverageError, match=r"csv: site 'site-0': .* add rows, or plan fewer"):
        planner(limits, rounds=90).plan(START, longer)


@pytest.mark.parametrize(
    ("column", "words"),
    [
        (
            "attr:place",
            "sites: column: expected a column of names of the clients, got 'attr:place'",
        ),
        ("region", "sites: no client has region=site-0; known are DE, FR"),
    ],
)
def test_columns_that_name_no_sites_are_refused(tmp_path: Path, column: str, words: str) -> None:
    path = solar_sites.write_sites(tmp_path)
    path.write_text(path.read_text().replace('"group"', f'"{column}"'))
    with pytest.raises(InputError) as caught:
        planner(read_limits(path))
    assert words in caught.value.message
    assert caught.value.file == str(path)


def test_a_site_in_two_regions_is_refused(tmp_path: Path) -> None:
    path = solar_sites.write_sites(tmp_path)
    for name in ("caps.csv", "excess.csv"):
        text = (tmp_path / name).read_text()
        header, *rows = text.splitlines()
        own = [row.replace("site-0", "hall") for row in rows if row.startswith("site-0,")]
        (tmp_path / name).write_text("\n".join([header, *own]) + "\n")
    whole = replace(FLEET, attributes={"group": ["hall"] * len(FLEET)})
    with pytest.raises(InputError, match="group=hall: expected clients of one region"):
        planner(read_limits(path), 2, whole).plan(START, solar_sites.solar_forecast())


def test_where_not_everyone_is_known_less_is_taken_for_granted(tmp_path: Path) -> None:
    """Beyond the files there is no excess, and a site may use the least that it ever may."""
    sites = read_limits(solar_sites.write_sites(tmp_path)).sites
    assert sites is not None
    late = START.timestamp() + 3600.0 * np.array([80.0, 81.0])
    rules = sites.rules(FLEET, late, 3600.0, known=False)
    assert [rule.at_most[0] for rule in rules] == pytest.approx(solar_sites.cap_kwh())
    problem = planner(read_limits(tmp_path / "limits.toml"), rounds=2).problem(
        START, solar_sites.solar_forecast()
    )
    found = sites.energies(problem, FLEET, late, 3600.0, known=False)
    assert not any(site.supply.any() for site in found)
