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
NASTY = (
    *(
        b"",
        b" ",
        b"0",
        b"-0",
        b"-1",
        b"1e308",
        b"1e-320",
        b"1e999",
        b"nan",
        b"NaN",
        b"inf",
        b"-inf",
    ),
    *(b"1_000", b"0x10", b"1,5", b'"', b'""', b"'", b";", b"\t", b"\n", b"\r", b"\r\n", b"\0"),
    *(b"\xff", b"\xef\xbb\xbf", b"\xc3\xa9", b"\xe2\x80\xae", b"BPAT", b"region", b"=1+1", b"None"),
    *(b"2022-07-01T00:00Z", b"2022-07-01", b"0001-01-01T00:00Z", b"9999-12-31T23:59:59Z"),
    *(b"2022-07-01T00:00+25:00", b"2022-13-01T00:00Z", b"0001-01-01T00:00+14:00", b"99" * 200),
)


def mutate(content: bytes, rng: np.random.Generator) -> bytes:
    """Change one to three things: bytes, cells, lines, columns, or the end."""
    for _ in range(int(rng.integers(1, 4))):
        kind = rng.integers(0, 8)
        lines = content.split(b"\n")
        line = int(rng.integers(0, len(lines)))
        at = int(rng.integers(0, len(content) + 1))
        nasty = NASTY[int(rng.integers(0, len(NASTY)))]
        if kind == 0:
            content = content[:at] + nasty + content[at:]
        elif kind == 1:
            content = content[:at] + content[at + int(rng.integers(1, 9)) :]
        elif kind == 2:
            content = content[:at]
        elif kind == 3:
            content = content[:at] + bytes([int(rng.integers(0, 256))]) + content[at + 1 :]
        elif kind in (4, 5):
            cells = lines[line].split(b",")
            cells[int(rng.integers(0, len(cells)))] = nasty
            lines[line] = b",".join(cells)
            content = b"\n".join(lines)
        elif kind == 6:
            other = int(rng.integers(0, len(lines)))
            lines[line], lines[other] = lines[other], lines[line]
            content = b"\n".join(lines)
        else:
            lines.insert(line, lines[int(rng.integers(0, len(lines)))])
            content = b"\n".join(lines)
    return content


@pytest.mark.parametrize("block", range(8))
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
