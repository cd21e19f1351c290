"""Ledgers that cannot be written or read: said at the start, and no reason to stop later."""

from pathlib import Path

import pytest
from flwr.app import ArrayRecord
from flwr.serverapp.strategy import FedAvg

from lowcarb import Ledger, LedgerError
from tests.helpers.flower_app import carbon_aware, grid, run
from tests.helpers.mounts import run_on_tmpfs


def test_a_ledger_that_cannot_be_written_is_found_at_the_start(tmp_path: Path) -> None:
    on = grid()
    with pytest.raises(LedgerError):
        run(carbon_aware(FedAvg(), ledger=tmp_path / "missing" / "run.db"), on, rounds=3)
    with Ledger(tmp_path / "run.db").writing(), pytest.raises(LedgerError, match=r"run\.db"):
        run(carbon_aware(FedAvg(), ledger=tmp_path / "run.db"), on, rounds=3)
    assert on.sent == []


def test_a_ledger_that_fails_later_does_not_stop_the_training(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"

    def in_the_way(number: int, _arrays: ArrayRecord) -> None:
        """Put something where the model of round 2 or 3 belongs, and take it away again."""
        for blocked in (2, 3):
            model = tmp_path / f"run.db.training1.round{blocked}.npz"
            if number == blocked - 1:
                model.mkdir()
                (model / "x").touch()
            elif number == 3 and model.is_dir():
                (model / "x").unlink()
                model.rmdir()

    strategy = carbon_aware(FedAvg(), ledger=path)
    run(strategy, grid(), rounds=5, evaluate_fn=in_the_way)
    assert "the ledger cannot be written, 1 entries wait" in caplog.text
    assert len(Ledger(path).account().rounds) == 5
    assert Ledger(path).account().turns == strategy.account.turns


_FULL = """
from pathlib import Path
from flwr.serverapp.strategy import FedAvg
from lowcarb import Ledger
from tests.helpers.flower_app import carbon_aware, grid, run
folder = Path(sys.argv[1])
path, ballast = folder / "run.db", folder / "ballast"

def fill():
    with ballast.open("wb", buffering=0) as stream:
        try:
            while True:
                stream.write(bytes(1024))
        except OSError:
            pass

def train(rounds, full, free):
    def evaluate(number, arrays):
        if number == full:
            fill()
        if number == free:
            ballast.unlink()

    strategy = carbon_aware(FedAvg(fraction_evaluate=0.0), ledger=path)
    result = run(strategy, grid(), rounds=rounds, evaluate_fn=evaluate)
    assert len(strategy.account.rounds) == rounds
    return [array.data for array in result.arrays.values()]

train(6, full=2, free=4)
assert Ledger(path).account().complete
model = train(9, full=7, free=None)
ballast.unlink()
account = Ledger(path).account()
assert not account.complete
assert (len(account.rounds), account.rounds_left) == (7, 2)
assert train(9, full=None, free=None) == model
assert Ledger(path).account().complete
"""


@pytest.mark.slow
def test_a_full_disk_stops_no_training(tmp_path: Path) -> None:
    log = run_on_tmpfs(tmp_path, "400k", _FULL)
    assert "1 entries wait: " in log
    assert "run.db.training1.round3.npz: cannot be written: No space left on device" in log
    assert log.count("the ledger is incomplete: 2 entries could not be written") == 1
