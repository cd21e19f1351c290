"""Carbon-aware trainings in a real federation, with its processes killed in the middle."""

from pathlib import Path

import pytest

from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import Outcome
from lowcarb.units import WATT_SECONDS_PER_KWH
from tests.deployment.certificates import make_node_key
from tests.deployment.federation import Federation
from tests.deployment.hospitals import INTENSITY, POWER_W, REGIONS, write_forecast
from tests.deployment.run import Run

pytestmark = [pytest.mark.slow, pytest.mark.timeout(400)]

COHORT = 2
# Ten times as long as a run takes where nothing else runs.
LONG_S = 300.0


def start(federation: Federation, ledger: Path, *, rounds: int, floor: int) -> Run:
    return federation.run(
        ledger=str(ledger),
        forecast=str(write_forecast(ledger.with_suffix(".csv"))),
        cohort=COHORT,
        rounds=rounds,
        floor=floor,
    )


def booked(ledger: Path) -> int:
    """Count the rounds in a ledger that may not be there yet."""
    try:
        return len(Ledger(ledger).account().rounds)
    except LedgerError:
        return 0


def credited(account: Account) -> set[tuple[int, str]]:
    """Round and client of every turn that counts."""
    return {(r.number, turn.client) for r in account.rounds for turn in r.turns if turn.counts}


def trained(account: Account) -> list[float]:
    """The model that the turns in a ledger must have led to.

    Each aggregation is the mean of what came back, and each client adds one to the first entry and
    to its own.
    """
    model = dict.fromkeys(REGIONS, 0.0)
    for booked_round in account.rounds:
        counted = [turn.client for turn in booked_round.turns if turn.counts]
        for client in counted:
            model[client] += 1 / len(counted)
    return [sum(r.aggregated for r in account.rounds), *model.values()]


def check_complete(account: Account, rounds: int) -> None:
    assert account.number == 1
    assert [r.number for r in account.rounds] == list(range(1, rounds + 1))
    assert {member.name: member.region for member in account.members} == REGIONS
    assert account.unproven == []
    assert not account.owed


def test_cohorts_are_fair_and_the_ledger_is_complete(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = tmp_path / "run.db"
    run = start(federation, ledger, rounds=4, floor=1)
    run.program.wait_for(lambda: bool(run.trainings), "first training", LONG_S)
    # A stranger who knocks in the middle disturbs nobody.
    make_node_key(federation.folder / "intruder")
    assert federation.start_supernode("intruder").wait(60) == 1
    model = run.result(LONG_S)

    account = Ledger(ledger).account()
    check_complete(account, rounds=4)
    assert credited(account) == run.trainings
    assert model == pytest.approx(trained(account))
    for booked_round in account.rounds:
        assert [turn.outcome for turn in booked_round.turns] == [Outcome.TRAINED] * COHORT
        assert len({turn.client for turn in booked_round.turns}) == COHORT
        for turn in booked_round.turns:
            assert turn.intensity == pytest.approx(INTENSITY[REGIONS[turn.client]])
            assert turn.measured == "power"
            assert turn.seconds is not None
            assert turn.energy_kwh == pytest.approx(POWER_W * turn.seconds / WATT_SECONDS_PER_KWH)
    # Turns beyond the floors go to clean regions, never to the dirtiest one.
    assert account.turns[list(REGIONS)[-1]] == 1


def test_a_killed_supernode_fails_once_and_gets_its_turns_later(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = tmp_path / "run.db"
    with federation.holding(1):
        run = start(federation, ledger, rounds=7, floor=2)
        run.program.wait_for(lambda: len(run.training(1)) == COHORT, "first round", LONG_S)
        victim = min(run.training(1))
        federation.cut_power(victim)
    # It goes on without the one that was killed ...
    run.program.wait_for(lambda: booked(ledger) >= 2, "second round", LONG_S)
    federation.revive_supernode(victim, 90.0)
    model = run.result(LONG_S)

    account = Ledger(ledger).account()
    check_complete(account, rounds=7)
    first = {turn.client: turn for turn in account.rounds[0].turns}
    assert first[victim].outcome in (Outcome.FAILED, Outcome.SILENT)
    assert first[victim].energy_kwh > 0
    # ... and with it again.
    assert account.turns[victim] >= 2
    assert credited(account) == run.trainings
    assert model == pytest.approx(trained(account))


def test_a_killed_server_goes_on_where_it_was(federation: Federation, tmp_path: Path) -> None:
    ledger = tmp_path / "run.db"
    with federation.holding(3):
        run = start(federation, ledger, rounds=6, floor=2)
        run.program.wait_for(lambda: len(run.training(3)) == COHORT, "third round", LONG_S)
        rival = start(federation, ledger, rounds=6, floor=2)
        rival.program.wait(LONG_S)
        assert "is being written by another process" in rival.program.output
        federation.kill_server_app()
        before = Ledger(ledger).account()
        assert [r.number for r in before.rounds] == [1, 2]
        again = start(federation, ledger, rounds=6, floor=2)
    model = again.result(LONG_S)

    account = Ledger(ledger).account()
    check_complete(account, rounds=6)
    assert list(account.rounds[:2]) == list(before.rounds)
    assert credited(account) == credited(before) | again.trainings
    # What was trained while the server died is lost, and nothing else.
    lost = run.trainings - credited(before)
    assert {number for number, _ in lost} <= {3}
    assert len(lost) <= COHORT
    assert model == pytest.approx(trained(account))
    assert model[0] == 6


def test_a_server_that_loses_power_goes_on_where_it_was(
    federation: Federation, tmp_path: Path
) -> None:
    ledger = tmp_path / "run.db"
    with federation.holding(2):
        run = start(federation, ledger, rounds=3, floor=1)
        run.program.wait_for(lambda: len(run.training(2)) == COHORT, "second round", LONG_S)
        federation.cut_power("superlink")
    federation.start_superlink()
    again = start(federation, ledger, rounds=3, floor=1)
    model = again.result(LONG_S)

    account = Ledger(ledger).account()
    check_complete(account, rounds=3)
    assert again.trainings == {turn for turn in credited(account) if turn[0] > 1}
    assert model == pytest.approx(trained(account))
    assert model[0] == 3
