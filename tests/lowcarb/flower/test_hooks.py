"""Loops of one's own that call a strategy's methods without start, or ask for cohorts."""

from pathlib import Path
from typing import Any

import pytest
from flwr.app import ArrayRecord, ConfigRecord, Message, RecordDict
from flwr.serverapp.strategy import FedAvg

from lowcarb import CarbonAware, Fairness, Ledger, StrategyError
from tests.helpers.crashes import Crash, arrays
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


def test_a_loop_of_hooks_goes_on_with_the_model_of_the_ledger(tmp_path: Path) -> None:
    expected = run(carbon_aware(FedAvg(), rounds=6), grid(), rounds=6)
    path = tmp_path / "run.db"
    with carbon_aware(FedAvg(), rounds=6, ledger=path) as strategy:
        trained(strategy, grid(), range(1, 3))
    with carbon_aware(FedAvg(), rounds=6, ledger=path) as strategy:
        model = trained(strategy, grid(), range(3, 7))
    assert [(name, array.data) for name, array in model.items()] == arrays(expected)


@pytest.mark.parametrize(
    "numbers", [[1, 2, 1, 2], [1, 1, 1, 1], [4, 3, 2, 1], [0, 1, 2, 3], [5, 7, 9, 20]], ids=str
)
def test_however_a_loop_counts_its_rounds_are_booked_one_by_one(
    numbers: list[int], tmp_path: Path
) -> None:
    path = tmp_path / "run.db"
    with carbon_aware(FedAvg(), rounds=4, ledger=path) as strategy:
        trained(strategy, grid(), numbers)
    account = Ledger(path).account()
    assert [booked.number for booked in account.rounds] == [1, 2, 3, 4]
    assert account.turns == strategy.account.turns
    assert len(list(tmp_path.glob("*.npz"))) == 1


def test_evaluating_first_costs_no_round(tmp_path: Path) -> None:
    on = grid()
    with carbon_aware(FedAvg(), rounds=3, ledger=tmp_path / "run.db") as strategy:
        messages = strategy.configure_evaluate(0, initial_arrays(), ConfigRecord(), on)
        strategy.aggregate_evaluate(0, on.send_and_receive(messages))
        trained(strategy, on, range(1, 4))
    assert [booked.number for booked in strategy.account.rounds] == [1, 2, 3]


def test_replies_are_aggregated_into_one_round_only() -> None:
    on = grid()
    strategy = carbon_aware(FedAvg(), rounds=3, fairness=Fairness(max_rounds=1))
    messages = strategy.configure_train(1, initial_arrays(), ConfigRecord(), on)
    replies = list(on.send_and_receive(messages))
    for _ in range(2):
        strategy.aggregate_train(1, replies)
    assert max(strategy.account.turns.values()) == 1


def test_a_round_that_was_sent_and_never_aggregated_is_booked_as_silent() -> None:
    on = grid()
    strategy = carbon_aware(FedAvg(), rounds=3)
    first = strategy.configure_train(1, initial_arrays(), ConfigRecord(), on)
    on.send_and_receive(first)
    second = strategy.configure_train(2, initial_arrays(), ConfigRecord(), on)
    strategy.aggregate_train(2, on.send_and_receive(second))
    one, two = strategy.account.rounds
    assert {str(turn.outcome) for turn in one.turns} == {"silent"}
    assert {str(turn.outcome) for turn in two.turns} == {"trained"}


def test_a_round_that_was_not_sent_is_asked_again() -> None:
    on = grid()
    strategy = carbon_aware(FedAvg(), rounds=3)
    for _ in range(2):
        messages = strategy.configure_train(1, initial_arrays(), ConfigRecord(), on)
    strategy.aggregate_train(1, on.send_and_receive(messages))
    assert [booked.number for booked in strategy.account.rounds] == [1]


def test_what_is_open_when_a_loop_ends_is_booked_without_turns(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with carbon_aware(FedAvg(), rounds=3, ledger=path) as strategy:
        strategy.cohort(1, grid())
    (booked,) = Ledger(path).account().rounds
    assert {str(turn.outcome) for turn in booked.turns} == {"silent"}


def test_the_strategy_hears_of_rounds_that_asked_nobody() -> None:
    class Counting(FedAvg):
        calls = 0

        def aggregate_train(self, *args: Any) -> Any:
            self.calls += 1
            if self.calls == 2:
                self.fraction_train = 0.5
            if self.calls == 1:
                self.fraction_train = 0.0
            return super().aggregate_train(*args)

    inside = Counting(fraction_train=0.5)
    strategy = carbon_aware(inside, cohort_size=None)
    run(strategy, grid(), rounds=3)
    assert [len(cohort) for cohort in cohorts(strategy)] == [10, 0, 10]
    assert inside.calls == 3


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


def test_several_stages_of_a_round_are_added_up() -> None:
    on = grid()
    on.nodes = {node: {**config, "power-w": 1e6} for node, config in on.nodes.items()}
    strategy = carbon_aware(FedAvg(), rounds=1, clock=None)

    def fault(node: int, _message: Message) -> str | None:
        return "error" if node == 1002 and on.sent.count(("train", node)) == 2 else None

    on.fault = fault
    with strategy.cohort(1, on) as cohort:
        content = RecordDict(
            {"arrays": initial_arrays(), "config": ConfigRecord({"server-round": 1})}
        )
        replies: list[Message] = []
        for _ in range(3):
            replies += on.send_and_receive([Message(content, n, "train") for n in cohort.nodes])
        measured = [
            reply.content.config_records["lowcarb"]["seconds"]
            for reply in replies
            if not reply.has_error() and reply.metadata.src_node_id == cohort.nodes[0]
        ]
        cohort.replies = replies
    (booked,) = strategy.account.rounds
    assert {str(turn.outcome) for turn in booked.turns} == {"trained"}
    assert booked.turns[0].seconds == pytest.approx(sum(float(str(s)) for s in measured))


@pytest.mark.parametrize("wrong", [3, "abc", [1], {"a": 1}])
def test_what_are_no_replies_is_refused_where_it_is_set(wrong: Any) -> None:
    strategy = carbon_aware(FedAvg(), rounds=1)
    with (
        pytest.raises(StrategyError, match="replies: expected messages of Flower, got"),
        strategy.cohort(1, grid()) as cohort,
    ):
        cohort.replies = wrong
    assert len(strategy.account.rounds) == 1


def test_one_cohort_is_open_at_a_time() -> None:
    strategy = carbon_aware(FedAvg(), rounds=3)
    still_open = pytest.raises(StrategyError, match="round 1 is still open: close its cohort")
    with strategy.cohort(1, grid()), still_open:
        strategy.cohort(2, grid())
    with strategy.cohort(2, grid()):
        pass
    assert [booked.number for booked in strategy.account.rounds] == [1, 2]


def test_a_cohort_keeps_what_it_is_booked_in(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    cohort = carbon_aware(FedAvg(), rounds=1, ledger=path).cohort(1, grid())
    cohort.close()
    assert len(Ledger(path).account().rounds) == 1


def test_the_strategy_waits_for_nobody_where_it_has_no_part() -> None:
    strategy = carbon_aware(FedAvg(min_available_nodes=30), rounds=1, wait="1h")
    with strategy.cohort(1, grid()) as cohort:
        assert len(cohort.nodes) == 5


def test_a_cohorts_grid_may_be_looked_at_as_often_as_one_likes() -> None:
    strategy: CarbonAware = carbon_aware(FedAvg(), rounds=1)
    with strategy.cohort(1, grid()) as cohort:
        for _ in range(200):
            assert list(cohort.grid.get_node_ids()) == cohort.nodes


def test_the_cohort_evaluates_where_the_cohort_is_to() -> None:
    on = grid()
    strategy = carbon_aware(FedAvg(), rounds=1, evaluate="cohort")
    with strategy.cohort(1, on) as cohort:
        pass
    messages = strategy.configure_evaluate(1, initial_arrays(), ConfigRecord(), on)
    assert sorted(m.metadata.dst_node_id for m in messages) == sorted(cohort.nodes)
