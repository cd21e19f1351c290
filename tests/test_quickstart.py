"""The README's diffs make the plain app of examples/quickstart carbon-aware, and it runs."""

import importlib.metadata
import itertools
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from lowcarb import Ledger
from lowcarb.carbon.provenance import Quality
from lowcarb.demo.process_guard import guarded
from lowcarb.demo.simulation import environment
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.readme_app import COMMANDS, DIFFS, SHOWN, changed_app

FLOWER = tuple(map(int, importlib.metadata.version("flwr").split(".")[:2]))

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
    app = changed_app(tmp_path)
    shutil.copy(ROOT / "examples" / "forecast.csv", app)
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
    server, client, _ = DIFFS
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


def test_the_partitions_are_the_clients_by_the_names_of_simulated_nodes() -> None:
    clients, partitions = (
        (ROOT / "examples" / f"{name}.csv").read_text() for name in ("clients", "partitions")
    )
    numbers = itertools.count()
    renamed = re.sub(r"(?m)^[^,]+(?=,[A-Z])", lambda _: f"partition-{next(numbers)}", clients)
    assert partitions == renamed


@pytest.mark.slow
@pytest.mark.timeout(500)
@pytest.mark.skipif(FLOWER < (1, 28), reason="flwr run takes no number of nodes")
def test_the_readmes_simulation_runs_word_for_word(tmp_path: Path) -> None:
    app = changed_app(tmp_path, simulated=True)
    log = tmp_path / "log"
    with (
        tempfile.TemporaryDirectory(prefix="lowcarb-", dir="/tmp", ignore_cleanup_errors=True) as t,
        log.open("wb") as output,
    ):
        # Sockets of Ray must have short names.
        env = environment(t) | {"PYTHONPATH": ENVIRONMENT["PYTHONPATH"]}
        command = " && ".join([f"cd {app}", *COMMANDS])
        with guarded(["sh", "-c", command], env=env, output=output) as guard:
            assert guard.wait(450) == 0, log.read_text()
    said = log.read_text()
    # The table stands before the first round, the block behind the last one.
    order = ["the training starts with", "nodes: 12 online, 4 wanted", "round 1/12", "round 12/12"]
    order += ["the training is over, after 12 rounds", "weights: 1.5 -2.0 0.5"]
    assert [text for text in sorted(order, key=said.find) if text in said] == order, said
    for line in SHOWN:
        assert line in said
    account = Ledger(app / "quickstart.db").account()
    assert sum(account.turns.values()) == 48
    assert not account.owed
    assert (account.saved_share or 0) > 0.2
    origins = [one for booked in account.rounds for one in booked.provenances.values()]
    assert {one.quality for one in origins} == {Quality.FRESH}
