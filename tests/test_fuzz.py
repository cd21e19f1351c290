"""Two thousand mutated files: a clean error or a correct plan, never a traceback."""

import math
from pathlib import Path

import numpy as np
import pytest

from lowcarb import (
    Fairness,
    InputError,
    Planner,
    read_availability,
    read_fleet,
    read_forecasts,
)
from lowcarb_solvers import Greedy, Status
from tests.helpers.data import ROOT
from tests.helpers.mutations import mutate
from tests.helpers.params import first_fast

CLIENTS = (ROOT / "examples" / "clients.csv").read_bytes()
FORECAST = (ROOT / "examples" / "forecast.csv").read_bytes()
LONG = b"issued_at,target_time,region,value\n" + b"".join(
    b"2022-06-30T%02d:00Z,2022-07-01T%02d:00Z,%s,%d\n" % (issue, hour, region, hour + issue)
    for issue in (0, 12)
    for region in (b"BPAT", b"CISO", b"ERCO", b"NYIS", b"PJM", b"SWPP")
    for hour in range(12)
)
ONLINE = b"client,from,until\n" + b"".join(
    b"%s,2022-07-01T0%d:00Z,2022-07-01T1%d:00+00:00\n" % (name, hour, hour)
    for hour, name in enumerate([b"berkeley-gpu", b"la-clinic", b"austin-gpu", b"la-clinic"])
)


@pytest.mark.parametrize("block", first_fast(range(8), 3))
def test_mutated_files(tmp_path: Path, block: int) -> None:
    planned = refused = 0
    for seed in range(250 * block, 250 * block + 250):
        rng = np.random.default_rng(seed)
        files = {
            "clients.csv": CLIENTS,
            "forecast.csv": LONG if seed % 2 else FORECAST,
            "online.csv": ONLINE,
        }
        chosen = list(files)[int(rng.integers(0, 3))]
        files[chosen] = mutate(files[chosen], rng)
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        message = attempt(tmp_path)
        planned += message is None
        refused += message is not None
        assert message is None or message.count("\n") == 0, seed
        assert message is None or 10 < len(message) < 1000, seed
    assert planned > 10
    assert refused > 100


def attempt(folder: Path) -> str | None:
    """Plan and check, or return the one error that is allowed."""
    try:
        check_plan(folder)
    except InputError as error:
        return str(error)
    return None


def check_plan(folder: Path) -> None:
    """Plan on the files of a folder and check the plan client by client."""
    fleet = read_fleet(str(folder / "clients.csv"))
    issues = read_forecasts(str(folder / "forecast.csv"))
    windows = read_availability(str(folder / "online.csv"), fleet)
    forecast = issues.newest
    planner = Planner(
        fleet=fleet, cohort_size=3, rounds=8, fairness=Fairness(), solvers=(Greedy(),)
    )
    online = windows.matrix(fleet, planner.starts(forecast.first_time))
    plan = planner.plan(forecast.first_time, forecast, online=online)
    assert plan.solution.status in (Status.OPTIMAL, Status.FEASIBLE)
    problem = plan.problem
    assert problem.violations(plan.solution.cohorts) == []
    grams = sum(
        fleet[fleet.position[name]].energy_kwh
        * forecast.mean(
            fleet[fleet.position[name]].region, one.start, fleet[fleet.position[name]].duration
        )
        for one in plan.rounds
        for name in one.clients
    )
    assert math.isclose(plan.planned_g, grams, rel_tol=1e-6, abs_tol=1e-9)
    plan.to_dict()
