"""A training whose ledger is kept elsewhere: its server's disk may be wiped, its store may fail."""

import shutil
import subprocess
import sys
import time
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, Ledger, LedgerError
from lowcarb.errors import LedgerTakenOverError
from lowcarb.planning.policies import Planned
from lowcarb_solvers import Greedy
from tests.helpers.counting_server import COUNTING
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.data import ENVIRONMENT
from tests.helpers.flower_app import carbon_aware, cohorts, grid, run
from tests.helpers.object_stores import Faulty, MemoryStore, folder_store
from tests.helpers.processes import eventually

ROUNDS = 8
# CBC's child has a folder of its own in this process, which outlives a training.
OPTIONS: dict[str, Any] = {
    "fairness": Fairness(min_rounds=2),
    "policy": Planned(solvers=(Greedy(),)),
}


def test_a_training_goes_on_on_another_disk_with_its_turns_and_its_exact_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = carbon_aware(FedAvg(), **OPTIONS)
    expected = run(whole, grid(), rounds=ROUNDS)

    address = f"file://{tmp_path}/run.db"
    for number in (3, 5, None):
        server = tmp_path / "server"
        server.mkdir()
        monkeypatch.chdir(server)
        monkeypatch.setattr("tempfile.tempdir", str(server))
        strategy = carbon_aware(FedAvg(), ledger=address, **OPTIONS)
        if number is None:
            result = run(strategy, grid(), rounds=ROUNDS)
        else:
            with pytest.raises(Crash):
                run(strategy, grid(), rounds=ROUNDS, evaluate_fn=crash_in(number))
            assert len(Ledger(address).account().rounds) == number
        monkeypatch.chdir(tmp_path)
        monkeypatch.setattr("tempfile.tempdir", None)
        shutil.rmtree(server)

    assert arrays(result) == arrays(expected)
    assert cohorts(strategy) == cohorts(whole)
    assert sorted(result.train_metrics_clientapp) == [6, 7, 8]
    account = Ledger(address).account()
    assert account.turns == whole.account.turns
    assert not account.owed
    assert [name.split("-")[0] for name in sorted(folder_store(address).names())] == [
        "generation",
        "model",
    ]
    assert repr(strategy).endswith(f"ledger {address[-60:]})")


def test_a_store_that_fails_for_some_rounds_does_not_stop_a_training(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    unplugged = [False]

    def fail(call: str, _name: str) -> None:
        if unplugged[0] and call == "create":
            raise ConnectionError("unplugged")

    def unplug_in(number: int, _arrays: Any) -> None:
        unplugged[0] = number in (2, 3, 4)

    ledger = Ledger("run.db", store=Faulty(store, fail))
    strategy = carbon_aware(FedAvg(), ledger=ledger, **OPTIONS)
    run(strategy, grid(), rounds=ROUNDS, evaluate_fn=unplug_in)
    text = "the ledger cannot be written, 3 entries wait: run.db: cannot be written: unplugged"
    assert text in caplog.text
    assert "incomplete" not in caplog.text
    account = Ledger("run.db", store=store).account()
    assert [one.number for one in account.rounds] == list(range(1, ROUNDS + 1))
    assert account.turns == strategy.account.turns


def test_a_store_that_cannot_be_written_is_found_before_a_message_is_sent() -> None:
    def fail(call: str, _name: str) -> None:
        if call == "create":
            raise PermissionError("not allowed")

    ledger = Ledger("run.db", store=Faulty(MemoryStore(), fail))
    on = grid()
    with pytest.raises(LedgerError, match=r"^run.db: cannot be written: not allowed"):
        run(carbon_aware(FedAvg(), ledger=ledger), on)
    assert on.sent == []


def test_of_two_servers_the_one_that_began_last_goes_on_and_the_other_ends() -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    second = carbon_aware(FedAvg(), ledger=ledger, **OPTIONS)
    results = []

    def begin_second_in(number: int, _arrays: Any) -> None:
        if number == 3:
            results.append(run(second, grid(), rounds=ROUNDS))

    first = carbon_aware(FedAvg(), ledger=ledger, **OPTIONS)
    on = grid()
    with pytest.raises(LedgerTakenOverError, match=r"run.db: process \d+ .* has taken the ledger"):
        run(first, on, rounds=ROUNDS, evaluate_fn=begin_second_in)
    # It found out when it booked its next round, and began no other.
    assert len(first.account.rounds) == 4

    whole = carbon_aware(FedAvg(), **OPTIONS)
    assert arrays(results[0]) == arrays(run(whole, grid(), rounds=ROUNDS))
    account = Ledger("run.db", store=store).account()
    assert [one.number for one in account.rounds] == list(range(1, ROUNDS + 1))
    assert account.turns == whole.account.turns


def test_a_model_that_is_lost_in_the_store_is_not_replaced_in_silence() -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    run(carbon_aware(FedAvg(), ledger=ledger, **OPTIONS), grid(), rounds=2)
    (name,) = [name for name in store.objects if name.startswith("model")]
    model = store.read(name)
    for harm in (None, model[:-1]):
        store.delete(name)
        if harm is not None:
            store.create(name, harm)
        text = r"^run.db: expected the model of round 2 in ledger.db.training1.round2.npz, got no"
        with pytest.raises(LedgerError, match=text):
            run(carbon_aware(FedAvg(), ledger=ledger, **OPTIONS), grid(), rounds=3)
    # It may be restored, or read better the next time.
    store.objects[name] = model
    run(carbon_aware(FedAvg(), ledger=ledger, **OPTIONS), grid(), rounds=3)
    for name in [name for name in store.objects if name.startswith("model")]:
        store.delete(name)
    run(carbon_aware(FedAvg(), ledger=ledger, resume="turns", **OPTIONS), grid(), rounds=4)
    assert ledger.account().rounds_over == 4
    run(carbon_aware(FedAvg(), ledger=ledger, **OPTIONS), grid(), rounds=5)


def test_a_server_that_ended_by_itself_leaves_nothing_to_take_over(
    caplog: pytest.LogCaptureFixture,
) -> None:
    store = MemoryStore()
    ledger = Ledger("run.db", store=store)
    run(carbon_aware(FedAvg(), ledger=ledger), grid(), rounds=2)
    run(carbon_aware(FedAvg(), ledger=ledger), grid(), rounds=3)
    assert "taken over" not in caplog.text
    assert "going on with training 1 of run.db: 2 of 3 rounds are done" in caplog.text


def wiped(folder: Path) -> bool:
    """Take a folder away, from which a killed server's solver may still take its own files."""
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


@pytest.mark.slow
def test_servers_killed_and_wiped_again_and_again_lose_nothing_and_count_nothing_twice(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(5)
    address = f"file://{tmp_path}/run.db"
    printed, log = tmp_path / "printed", tmp_path / "log"
    for attempt in range(20):
        server = tmp_path / "server"
        server.mkdir()
        with printed.open("w") as output, log.open("a") as errors:
            process = subprocess.Popen(
                [sys.executable, "-c", COUNTING, address, "200_000"],
                cwd=server,
                env=ENVIRONMENT | {"TMPDIR": str(server)},
                stdout=output,
                stderr=errors,
            )
            if attempt < 3:
                # Killed somewhere in its second round or a later one, perhaps while it uploads.
                assert eventually(lambda: len(printed.read_text().splitlines()) > 2, 40)
                time.sleep(rng.uniform(0, 0.15))
                process.kill()
            process.wait(60)
        assert eventually(partial(wiped, server))
        if "model" in printed.read_text():
            break
    assert attempt >= 3
    assert printed.read_text().splitlines()[-1] == "model 40.0 40.0", log.read_text()
    assert "is taken over from process" in log.read_text()
    account = Ledger(address).account()
    assert [booked.number for booked in account.rounds] == list(range(1, 41))
    assert not account.owed
    assert sum(account.turns.values()) == 40 * 5
