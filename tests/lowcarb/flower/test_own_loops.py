"""Loops of one's own: start with other parameters, start again and again, hooks without start."""

import logging
from pathlib import Path
from typing import Any

import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, RecordDict
from flwr.serverapp import Grid
from flwr.serverapp.strategy import FedAvg, Result

from lowcarb import Fairness, Ledger, StrategyError
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.flower_app import (
    carbon_aware,
    cohorts,
    grid,
    initial_arrays,
    node_configs,
    nodes_of,
    run,
)

FAIRNESS = Fairness(min_rounds=1)


# --- start with parameters of its own


class Short(FedAvg):
    """Its loop has fewer parameters than Flower's."""

    def start(self, grid: Grid, initial_arrays: ArrayRecord, num_rounds: int = 3) -> Result:  # type: ignore[override]
        return super().start(grid, initial_arrays, num_rounds, timeout=5)


class Renamed(FedAvg):
    """Its loop has other parameters, in another order, and more."""

    def start(  # type: ignore[override]
        self, model: ArrayRecord, bus: Grid, *, num_rounds: int, note: str = "none"
    ) -> Result:
        self.note = note
        return super().start(bus, model, num_rounds, timeout=5)


class Keywords(FedAvg):
    """Its loop takes anything."""

    def start(self, grid: Grid, **rest: Any) -> Result:  # type: ignore[override]
        self.rest = sorted(rest)
        return super().start(grid, **rest)


class Silent(FedAvg):
    """Its loop does not say how many rounds it has."""

    def start(self, grid: Grid, initial_arrays: ArrayRecord) -> Result:  # type: ignore[override]
        return super().start(grid, initial_arrays, 4, timeout=5)


def test_a_loop_with_fewer_parameters_is_called_as_without_lowcarb() -> None:
    strategy = carbon_aware(Short())
    strategy.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=2)
    assert len(strategy.account.rounds) == 2
    with pytest.raises(TypeError, match="timeout"):
        strategy.start(grid=grid(), initial_arrays=initial_arrays(), num_rounds=2, timeout=5)


def test_its_own_number_of_rounds_is_the_default() -> None:
    for strategy in (carbon_aware(Short()), carbon_aware(FedAvg())):
        strategy.start(grid(), initial_arrays())
        assert len(strategy.account.rounds) == 3


def test_a_loop_with_other_parameters_is_understood(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    for rounds in (2, 5):
        inside = Renamed()
        strategy = carbon_aware(inside, ledger=path)
        strategy.start(initial_arrays(), grid(), num_rounds=rounds, note="mine")
        assert inside.note == "mine"
        assert len(strategy.account.rounds) == rounds


def test_a_loop_that_takes_anything_gets_what_was_given(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    for rounds in (2, 5):
        inside = Keywords()
        strategy = carbon_aware(inside, ledger=path)
        strategy.start(grid(), initial_arrays=initial_arrays(), num_rounds=rounds)
        assert inside.rest == ["initial_arrays", "num_rounds"]
        assert len(strategy.account.rounds) == rounds


def test_a_loop_that_does_not_say_its_rounds_needs_them_said(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with pytest.raises(StrategyError, match=r"Silent does not say .* say CarbonAware\(rounds="):
        carbon_aware(Silent()).start(grid(), initial_arrays())
    strategy = carbon_aware(Silent(), rounds=4)
    strategy.start(grid(), initial_arrays())
    assert len(strategy.account.rounds) == 4
    path = tmp_path / "run.db"
    again = carbon_aware(Silent(), rounds=3, ledger=path)
    again.start(grid(), initial_arrays())
    assert len(again.account.rounds) == 3
    assert "all 3 rounds of the training are over" in caplog.text


# --- start again and again


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


# --- hooks without start


def trained(strategy: Any, on: Any, numbers: Any) -> ArrayRecord:
    """Train as a loop of one's own does, by the methods of any strategy."""
    model = initial_arrays()
    for number in numbers:
        messages = strategy.configure_train(number, model, ConfigRecord(), on)
        new, _ = strategy.aggregate_train(number, on.send_and_receive(messages, timeout=5))
        model = new or model
        messages = strategy.configure_evaluate(number, model, ConfigRecord(), on)
        strategy.aggregate_evaluate(number, on.send_and_receive(messages, timeout=5))
    return model


def test_hooks_without_start_need_the_number_of_rounds() -> None:
    strategy = carbon_aware(FedAvg())
    with pytest.raises(StrategyError, match=r"call start or, .* say CarbonAware\(rounds=\.\.\.\)"):
        strategy.configure_train(1, initial_arrays(), ConfigRecord(), grid())
    with pytest.raises(StrategyError, match=r"CarbonAware\(rounds"):
        strategy.cohort(1, grid())


def test_a_loop_of_hooks_is_as_good_as_start(tmp_path: Path) -> None:
    started = carbon_aware(FedAvg(), fairness=FAIRNESS)
    expected = run(started, grid(), rounds=6)
    with carbon_aware(
        FedAvg(), fairness=FAIRNESS, rounds=6, ledger=tmp_path / "run.db"
    ) as strategy:
        model = trained(strategy, grid(), range(1, 7))
    assert [(name, array.data) for name, array in model.items()] == arrays(expected)
    assert cohorts(strategy) == cohorts(started)
    assert Ledger(tmp_path / "run.db").account().turns == started.account.turns


@pytest.mark.parametrize(
    "numbers", [range(1, 5), range(3, 7)], ids=["from one", "from where it was"]
)
def test_a_loop_of_hooks_goes_on(tmp_path: Path, numbers: range) -> None:
    path = tmp_path / "run.db"
    with carbon_aware(FedAvg(), rounds=6, ledger=path) as strategy:
        trained(strategy, grid(), range(1, 3))
    with carbon_aware(FedAvg(), rounds=6, ledger=path) as strategy:
        trained(strategy, grid(), numbers)
    account = Ledger(path).account()
    assert [booked.number for booked in account.rounds] == [1, 2, 3, 4, 5, 6]


def test_a_loop_of_hooks_ends_where_the_training_does(caplog: pytest.LogCaptureFixture) -> None:
    strategy = carbon_aware(FedAvg(), rounds=2)
    on = grid()
    trained(strategy, on, range(1, 4))
    assert len(strategy.account.rounds) == 2
    assert [kind for kind, _ in on.sent].count("train") == 10
    assert "nobody is asked: all 2 rounds of the training are over" in caplog.text


def test_a_loop_may_be_closed_and_gone_on_with(tmp_path: Path) -> None:
    strategy = carbon_aware(FedAvg(), rounds=4, ledger=tmp_path / "run.db")
    trained(strategy, grid(), range(1, 3))
    strategy.close()
    with Ledger(tmp_path / "run.db").writing() as book:
        before = book.account()
        assert before is not None
        assert before.turns == strategy.account.turns
    trained(strategy, grid(), range(1, 3))
    strategy.close()
    assert [booked.number for booked in strategy.account.rounds] == [1, 2, 3, 4]


# --- a round's cohort


def test_a_query_asks_the_cohort_and_is_booked(tmp_path: Path) -> None:
    on = grid()
    path = tmp_path / "run.db"
    with carbon_aware(FedAvg(), rounds=4, ledger=path, fairness=FAIRNESS) as strategy:
        for number in range(1, 5):
            with strategy.cohort(number, on) as cohort:
                assert nodes_of(cohort.clients, node_configs(20)) == cohort.nodes
                assert list(cohort.grid.get_node_ids()) == cohort.nodes
                content = RecordDict(
                    {"arrays": initial_arrays(), "config": ConfigRecord({"server-round": 1})}
                )
                messages = [Message(content, node, "train") for node in cohort.nodes]
                cohort.replies = on.send_and_receive(messages)
    account = Ledger(path).account()
    assert sorted(account.turns.values()) == [1] * 20
    assert all(booked.aggregated for booked in account.rounds)


def test_without_replies_all_took_part() -> None:
    strategy = carbon_aware(FedAvg(), rounds=2)
    with strategy.cohort(1, grid()) as cohort:
        assert len(cohort.nodes) == 5
    assert sum(strategy.account.turns.values()) == 5


def test_who_has_no_valid_reply_took_no_part() -> None:
    on = grid(
        fault=lambda node, message: (
            {1002: "error", 1003: "dead"}.get(node) if "arrays" in message.content else None
        )
    )
    strategy = carbon_aware(FedAvg(), rounds=1)
    with strategy.cohort(1, on) as cohort:
        content = RecordDict(
            {"arrays": initial_arrays(), "config": ConfigRecord({"server-round": 1})}
        )
        cohort.replies = on.send_and_receive(
            [Message(content, node, "train") for node in cohort.nodes]
        )
    assert {1002, 1003} <= set(cohort.nodes)
    outcomes = {turn.client: str(turn.outcome) for turn in strategy.account.rounds[0].turns}
    assert outcomes.pop("client-02") == "failed"
    assert outcomes.pop("client-03") == "silent"
    assert set(outcomes.values()) == {"trained"}


def test_a_round_whose_block_raises_is_booked_without_turns() -> None:
    strategy = carbon_aware(FedAvg(), rounds=2)
    with pytest.raises(Crash), strategy.cohort(1, grid()):
        raise Crash
    assert len(strategy.account.rounds) == 1
    assert sum(strategy.account.turns.values()) == 0


def test_a_round_in_which_nobody_can_be_asked_is_empty() -> None:
    strategy = carbon_aware(FedAvg(), rounds=1, wait="1s")
    with strategy.cohort(1, grid(0)) as cohort:
        assert cohort.nodes == []
    assert strategy.account.rounds[0].notes == ("left out: nobody is online",)


# --- what is not of the Message API


@pytest.mark.parametrize("name", ["initialize_parameters", "configure_fit", "num_fit_clients"])
def test_what_the_wrapper_lacks_is_not_laid_at_the_strategys_door(name: str) -> None:
    with pytest.raises(AttributeError, match=f"CarbonAware has no attribute '{name}'.*Message API"):
        getattr(carbon_aware(FedAvg()), name)
