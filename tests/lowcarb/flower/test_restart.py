"""A training that is cut off and started again: turns, rounds, energies and model go on."""

import logging
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.serverapp.strategy import FedAdam, FedAvg

from lowcarb import Fairness, InputError, Ledger
from lowcarb.flower.model import load_model
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from tests.helpers.counting_server import COUNTING
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.flower_app import carbon_aware, cohorts, grid, run
from tests.helpers.processes import eventually

ROUNDS = 8
FAIRNESS = Fairness(min_rounds=2)


def test_a_training_that_was_cut_off_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    whole = carbon_aware(FedAvg(), fairness=FAIRNESS)
    expected = run(whole, grid(), rounds=ROUNDS)

    path = tmp_path / "run.db"
    for number in (3, 5):
        with pytest.raises(Crash):
            run(
                carbon_aware(FedAvg(), fairness=FAIRNESS, ledger=path),
                grid(),
                rounds=ROUNDS,
                evaluate_fn=crash_in(number),
            )
        assert len(Ledger(path).account().rounds) == number
    last = carbon_aware(FedAvg(), fairness=FAIRNESS, ledger=path)
    result = run(last, grid(), rounds=ROUNDS)

    assert arrays(result) == arrays(expected)
    assert cohorts(last) == cohorts(whole)
    assert sorted(result.train_metrics_clientapp) == [6, 7, 8]
    account = Ledger(path).account()
    assert account.turns == whole.account.turns
    assert account.turns == last.account.turns
    assert not account.owed
    assert [p.name for p in sorted(tmp_path.glob("*.npz"))] == ["run.db.training1.round8.npz"]


def test_a_training_that_is_done_is_not_repeated(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    first = run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=3)
    on = grid()
    logging.getLogger("flwr.lowcarb").warning("lowcarb: after the first")
    again = run(carbon_aware(FedAvg(), ledger=path), on, rounds=3)
    assert on.sent == []
    assert arrays(again) == arrays(first)
    first_line = caplog.messages[caplog.messages.index("lowcarb: after the first") + 1]
    assert (
        "is over: all 3 rounds are in the ledger already; resume=False begins a new" in first_line
    )


def test_a_training_that_never_came_to_a_round_takes_what_is_asked_for_now(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    with pytest.raises(InputError, match="min_rounds: expected at most the 4 rounds"):
        run(carbon_aware(FedAvg(), ledger=path, fairness=Fairness(min_rounds=9)), grid(), rounds=4)
    run(carbon_aware(FedAvg(), ledger=path, fairness=Fairness(min_rounds=1)), grid(), rounds=4)
    account = Ledger(path).account()
    assert (account.number, account.training.fairness) == (1, "min_rounds 1")


def test_a_new_training_can_be_begun_in_the_same_ledger(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=3)
    run(carbon_aware(FedAvg(), ledger=path, resume=False), grid(), rounds=2)
    assert len(Ledger(path).account(1).rounds) == 3
    assert len(Ledger(path).account(2).rounds) == 2
    assert len(list(tmp_path.glob("*.npz"))) == 2


def test_what_cannot_be_gone_on_with_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    with pytest.raises(Crash):
        run(carbon_aware(FedAdam(), ledger=path), grid(), rounds=3, evaluate_fn=crash_in(1))
    run(carbon_aware(FedAdam(), ledger=path), grid(), rounds=3)
    assert "the momentum of FedAdam is not in the ledger and begins anew" in caplog.text


def test_what_is_asked_for_differently_is_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    with pytest.raises(Crash):
        run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=8, evaluate_fn=crash_in(1))
    before = Ledger(path).account()
    other = carbon_aware(FedAvg(), ledger=path, cohort_size=4, fairness=Fairness(min_rounds=3))
    run(other, grid(), rounds=8)
    account = Ledger(path).account()
    assert account.members == before.members
    assert account.training == before.training
    assert [len(booked.turns) for booked in account.rounds] == [5] + [4] * 7
    for text in (
        "fairness is now min_rounds 3, and was min_share 0.5",
        "cohort_size is now 4, and was 5",
        "; floors and caps stay as they are",
    ):
        assert text in caplog.text


def test_a_model_is_kept_where_no_later_round_makes_one(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with pytest.raises(Crash):
        run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=3, evaluate_fn=crash_in(2))
    saved = load_model(str(next(tmp_path.glob("*.npz"))))

    def fault(_node: int, message: Any) -> str | None:
        return "error" if "arrays" in message.content else None

    result = run(carbon_aware(FedAvg(), ledger=path), grid(fault=fault), rounds=3)
    assert [(k, a.data) for k, a in saved.items()] == arrays(result)


def test_failures_before_a_restart_are_remembered(tmp_path: Path) -> None:
    def fault(node: int, message: Any) -> str | None:
        return "dead" if node == 1003 and "arrays" in message.content else None

    path = tmp_path / "run.db"
    options: dict[str, Any] = {"ledger": path, "fairness": Fairness(min_share=1)}
    with pytest.raises(Crash):
        run(
            carbon_aware(FedAvg(), **options),
            grid(6, fault=fault),
            rounds=20,
            evaluate_fn=crash_in(6),
        )
    before = _asked(Ledger(path).account())
    assert before
    run(carbon_aware(FedAvg(), **options), grid(6, fault=fault), rounds=20)
    after = _asked(Ledger(path).account())
    assert after[: len(before)] == before
    assert after[len(before)] - before[-1] > 2 ** len(before)


def _asked(account: Account) -> list[int]:
    return [
        booked.number
        for booked in account.rounds
        for turn in booked.turns
        if turn.client == "client-03" and turn.outcome is Outcome.FAILED
    ]


@pytest.mark.slow
def test_a_server_killed_again_and_again_loses_nothing_and_counts_nothing_twice(
    tmp_path: Path,
) -> None:
    rng = np.random.default_rng(5)
    path = tmp_path / "run.db"
    printed = tmp_path / "printed"
    for attempt in range(20):
        with printed.open("w") as output, (tmp_path / "log").open("a") as log:
            process = subprocess.Popen(
                [sys.executable, "-c", COUNTING, str(path), "2"],
                cwd=ROOT,
                env=ENVIRONMENT,
                stdout=output,
                stderr=log,
            )
            if attempt < 3:
                # Killed somewhere in its second round or a later one.
                assert eventually(lambda: len(printed.read_text().splitlines()) > 2, 40)
                time.sleep(rng.uniform(0, 0.15))
                process.kill()
            process.wait(60)
        if "model" in printed.read_text():
            break
    assert attempt >= 3
    assert printed.read_text().splitlines()[-1] == "model 40.0 40.0", (tmp_path / "log").read_text()
    account = Ledger(path).account()
    assert [booked.number for booked in account.rounds] == list(range(1, 41))
    assert not account.owed
    assert sum(account.turns.values()) == 40 * 5
    assert np.isfinite(sum(booked.planned_g or np.nan for booked in account.rounds))
