"""What a training learns of its forecasts is there after a restart, also after a kill."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from lowcarb import Ledger
from lowcarb.ledger.account import Account
from tests.helpers.crashes import Crash, crash_in
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.learning_server import ROUNDS, learning, train
from tests.helpers.live_service import SPOILT


def planned(account: Account) -> list[tuple[object, ...]]:
    """All that a plan rests on and comes to, by round."""
    return [
        (
            [(turn.client, turn.intensity) for turn in booked.turns],
            booked.random_g,
            booked.least_g,
            booked.most_g,
            {region: (one.provider, one.quality) for region, one in booked.provenances.items()},
        )
        for booked in account.rounds
    ]


@pytest.mark.slow
def test_a_server_killed_again_and_again_corrects_and_believes_as_if_it_never_was(
    tmp_path: Path,
) -> None:
    whole = learning(None)
    train(whole)
    path = tmp_path / "run.db"
    kills = (15, 21, 25, ROUNDS + 1)
    ends = [
        subprocess.run(
            [sys.executable, "-m", "tests.helpers.learning_server", path, str(number)],
            cwd=ROOT,
            env=ENVIRONMENT,
            check=False,
        ).returncode
        for number in kills
    ]
    assert ends == [-signal.SIGKILL] * 3 + [0]
    account = Ledger(path).account()
    assert planned(account) == planned(whole.account)
    (finding,) = account.findings
    assert finding.region == SPOILT
    assert account.findings == whole.account.findings
    # One region is planned by what stands in before and after the last two kills.
    qualities = [str(one.provenances[SPOILT].quality) for one in account.rounds]
    assert qualities[20:] == ["typical"] * (ROUNDS - 20)


@pytest.mark.slow
def test_so_it_is_where_the_ledger_is_kept_elsewhere(tmp_path: Path) -> None:
    rounds = 24
    whole = learning(None)
    train(whole, rounds=rounds)
    address = f"file://{tmp_path}/run.db"
    with pytest.raises(Crash):
        train(learning(address), crash_in(22), rounds)
    train(learning(address), rounds=rounds)
    account = Ledger(address).account()
    assert planned(account) == planned(whole.account)
    assert account.findings == whole.account.findings
