"""The README's diffs make the plain app of examples/quickstart carbon-aware, and it runs."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lowcarb import Ledger
from lowcarb.carbon.provenance import Quality
from tests.helpers.data import ENVIRONMENT, ROOT

DIFFS = re.findall(r"```diff\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)

_RUN = """
from flwr.app import Context, RecordDict
from quickstart.client_app import app as client_app
from quickstart.server_app import app as server_app
from tests.helpers.flower_grid import InProcessGrid

regions = ["CISO", "BPAT", "ERCO", "SWPP", "NYIS", "PJM"]
nodes = {
    1000 + i: {
        "client-id": f"hospital-{i}",
        "region": regions[i % 6],
        "power-w": 250,
        "duration-min": 20,
    }
    for i in range(12)
}
config = {"num-server-rounds": 3, "local-epochs": 20}
context = Context(run_id=1, node_id=0, node_config={}, state=RecordDict(), run_config=config)
server_app(InProcessGrid(client_app, nodes, run_config=config), context)
"""


def changed(diff: str, sign: str) -> list[str]:
    return [
        line for line in diff.splitlines() if re.match(rf"\{sign}(?!{re.escape(sign * 2)})", line)
    ]


@pytest.fixture(name="app")
def carbon_aware_app(tmp_path: Path) -> Path:
    """Copy the app and apply the README's diffs to it."""
    app = tmp_path / "quickstart"
    shutil.copytree(ROOT / "examples" / "quickstart", app)
    shutil.copy(ROOT / "examples" / "forecast.csv", app)
    for diff in DIFFS:
        subprocess.run(["git", "apply", "-"], input=diff, text=True, cwd=app, check=True)
    return app


def run(app: Path) -> str:
    done = subprocess.run(
        [sys.executable, "-c", _RUN],
        cwd=app,
        env={**ENVIRONMENT, "PYTHONPATH": f"{app}:{ENVIRONMENT['PYTHONPATH']}"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == "weights: 1.5 -2.0 0.5"
    return done.stderr


def test_it_takes_five_lines_on_the_server_and_two_on_the_client() -> None:
    server, client = DIFFS
    assert "server_app" in server
    assert max(len(changed(server, "+")), len(changed(server, "-"))) <= 5
    assert "client_app" in client
    assert max(len(changed(client, "+")), len(changed(client, "-"))) <= 2


def test_the_plain_app_runs(tmp_path: Path) -> None:
    app = tmp_path / "quickstart"
    shutil.copytree(ROOT / "examples" / "quickstart", app)
    assert "lowcarb" not in run(app)


def test_the_carbon_aware_app_runs(app: Path) -> None:
    log = run(app)
    assert "lowcarb: round 3/3, " in log
    account = Ledger(app / "quickstart.db").account()
    assert [len(booked.turns) for booked in account.rounds] == [4, 4, 4]
    assert {booked.status for booked in account.rounds} == {"optimal"}
    # The example's forecast is of 2022: its hours stand for typical days.
    provenances = [
        provenance for booked in account.rounds for provenance in booked.provenances.values()
    ]
    assert {provenance.quality for provenance in provenances} == {Quality.TYPICAL}
    assert all((booked.planned_g or 0) < (booked.random_g or 0) for booked in account.rounds)
    assert {turn.measured for booked in account.rounds for turn in booked.turns} <= {
        "power",
        "codecarbon",
    }
