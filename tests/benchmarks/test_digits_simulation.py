"""`flwr run benchmarks/learning` for real: fifty nodes on Ray, and nothing left behind."""

import json
from pathlib import Path

import psutil
import pytest

from lowcarb import Ledger
from lowcarb.demo.simulation import simulate
from tests.helpers.digits_run import APP, events

CLIENTS, COHORT_SIZE, ROUNDS = 50, 10, 10


def _running() -> dict[int, str]:
    """Commands of all processes by their id."""
    return {pid: _command(pid) for pid in psutil.pids()}


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()
    except OSError:
        return ""


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_fifty_nodes_train_with_floors_kept(tmp_path: Path) -> None:
    ledger, log = tmp_path / "run.db", tmp_path / "log"
    scratch: set[str] = set()

    def beat() -> None:
        # The run's own folder stands in the command lines of Flower and Ray.
        for line in log.read_text(errors="replace").splitlines():
            if "Created default configuration at " in line:
                scratch.add(line.split(" at ")[1].split("/flwr/")[0])

    simulate(
        APP,
        clients=CLIENTS,
        config={
            "policy": "regret",
            "rounds": ROUNDS,
            "cohort-size": COHORT_SIZE,
            "ledger": str(ledger),
            "report": str(tmp_path / "report.jsonl"),
        },
        log=log,
        time_limit_s=550,
        beat=beat,
    )
    text = log.read_text(errors="replace")
    trainings = events(tmp_path, "training")
    assert len(trainings) == 1, text
    assert trainings[0]["accuracy"] > 0.5

    account = Ledger(ledger).account()
    assert len(account.members) == CLIENTS
    assert [len(booked.turns) for booked in account.rounds] == [COHORT_SIZE] * ROUNDS
    assert all(booked.aggregated for booked in account.rounds)
    # Half of an equal share of 10 x 10 / 50 turns.
    assert {member.min_rounds for member in account.members} == {1}
    assert min(account.turns.values()) >= 1
    assert not account.owed
    assert [account.turns[f"partition-{i}"] for i in range(CLIENTS)] == trainings[0]["turns"]

    (folder,) = scratch
    assert not Path(folder).exists()
    left = {pid: command for pid, command in _running().items() if folder in command}
    assert not left, json.dumps(left)
