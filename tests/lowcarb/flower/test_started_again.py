"""One object whose start is called again and again."""

import logging
from pathlib import Path

import pytest
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, Ledger, LedgerError
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.flower_app import carbon_aware, grid, initial_arrays, run

FAIRNESS = Fairness(min_rounds=1)


@pytest.mark.parametrize("with_ledger", [True, False])
@pytest.mark.parametrize("whole", [True, False])
def test_the_same_object_started_again_goes_on_with_turns(
    tmp_path: Path, with_ledger: bool, whole: bool
) -> None:
    on = grid()
    strategy = carbon_aware(
        FedAvg(),
        ledger=tmp_path / "run.db" if with_ledger else None,
        rounds=4 if whole else None,
        fairness=Fairness(max_rounds=1),
    )
    model = initial_arrays()
    for number in range(1, 5):
        result = strategy.start(grid=on, initial_arrays=model, num_rounds=1)
        model = result.arrays
        assert list(result.train_metrics_clientapp) == [1]
        assert len(strategy.account.rounds) == number
    account = strategy.account
    assert (account.number, account.training.rounds) == (1, 4)
    # With one turn each, four cohorts of five are all twenty.
    assert sorted(account.turns.values()) == [1] * 20
    questions = [kind for kind, _ in on.sent if kind not in ("train", "evaluate")]
    assert questions == ["query.lowcarb"] * 20
    if with_ledger:
        assert Ledger(tmp_path / "run.db").account().turns == account.turns


def test_the_model_goes_on_as_the_user_hands_it_over(tmp_path: Path) -> None:
    whole = run(carbon_aware(FedAvg(), rounds=3), grid(), rounds=3)
    strategy = carbon_aware(FedAvg(), ledger=tmp_path / "run.db", rounds=3)
    model = initial_arrays()
    for _ in range(3):
        model = strategy.start(grid=grid(), initial_arrays=model, num_rounds=1).arrays
    # The clients are told round 1 each time, as without Lowcarb, so their steps are other ones.
    assert [name for name, _ in whole.arrays.items()] == [name for name, _ in model.items()]
    assert Ledger(tmp_path / "run.db").account().rounds_over == 3


def test_floors_of_a_loop_that_says_its_rounds_are_met() -> None:
    strategy = carbon_aware(FedAvg(), rounds=8, fairness=FAIRNESS)
    for _ in range(8):
        strategy.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=1)
    assert min(strategy.account.turns.values()) >= 1
    assert not strategy.account.owed


def test_no_round_is_trained_beyond_the_length_that_was_said() -> None:
    strategy = carbon_aware(FedAvg(), rounds=3)
    for expected in (2, 3, 3):
        strategy.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=2)
        assert len(strategy.account.rounds) == expected


def test_a_loop_that_was_cut_off_goes_on_in_another_process(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    first = carbon_aware(FedAvg(), ledger=path, rounds=6, fairness=FAIRNESS)
    model = initial_arrays()
    for _ in range(2):
        model = first.start(grid=grid(), initial_arrays=model, num_rounds=1).arrays
    with pytest.raises(Crash):
        first.start(grid=grid(), initial_arrays=model, num_rounds=1, evaluate_fn=crash_in(1))
    assert Ledger(path).account().rounds_over == 3

    second = carbon_aware(FedAvg(), ledger=path, rounds=6, fairness=FAIRNESS)
    for _ in range(6):
        second.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=1)
    account = Ledger(path).account()
    assert [booked.number for booked in account.rounds] == [1, 2, 3, 4, 5, 6]
    assert not account.owed


def test_a_start_that_failed_is_made_good_by_the_next(tmp_path: Path) -> None:
    expected = run(carbon_aware(FedAvg()), grid(), rounds=6)
    strategy = carbon_aware(FedAvg(), ledger=tmp_path / "run.db")
    with pytest.raises(Crash):
        run(strategy, grid(), rounds=6, evaluate_fn=crash_in(4))
    result = run(strategy, grid(), rounds=6)
    assert len(strategy.account.rounds) == 6
    assert arrays(result) == arrays(expected)


def test_a_start_that_failed_without_a_ledger_goes_on_with_its_model() -> None:
    expected = run(carbon_aware(FedAvg()), grid(), rounds=6)
    strategy = carbon_aware(FedAvg())
    on = grid()
    with pytest.raises(Crash):
        run(strategy, on, rounds=6, evaluate_fn=crash_in(4))
    assert arrays(run(strategy, on, rounds=6)) == arrays(expected)


def test_fewer_rounds_than_are_booked_are_refused_with_the_ways_out(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    strategy = carbon_aware(FedAvg(), ledger=path)
    for _ in range(3):
        run(strategy, grid(), rounds=1)
    with pytest.raises(
        LedgerError, match=r"at least 3 rounds, .* got 1: .*CarbonAware\(rounds="
    ) as caught:
        run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=1)
    assert str(path) in str(caught.value)


def test_that_nothing_is_left_to_train_is_said(caplog: pytest.LogCaptureFixture) -> None:
    strategy = carbon_aware(FedAvg(), rounds=2)
    run(strategy, grid(), rounds=2)
    caplog.clear()
    run(strategy, grid(), rounds=2)
    assert "training 1 is over: all 2 rounds are trained already" in caplog.text


def test_a_new_training_is_begun_once_by_an_object(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=2)
    strategy = carbon_aware(FedAvg(), ledger=path, resume=False)
    for _ in range(3):
        run(strategy, grid(), rounds=1)
    assert [entry.rounds_booked for entry in Ledger(path).trainings()] == [2, 3]


def test_that_the_training_grows_is_said_once_more_than_planned(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strategy = carbon_aware(FedAvg())
    with caplog.at_level(logging.INFO):
        run(strategy, grid(), rounds=2)
        run(strategy, grid(), rounds=2)
    assert (
        "is 4 rounds long now; CarbonAware(rounds=...) plans all rounds from the first"
        in caplog.text
    )
