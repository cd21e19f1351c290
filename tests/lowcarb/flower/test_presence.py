"""Nodes that come, go and are waited for. The training never stops."""

from typing import Any

import pytest
from flwr.app import Message
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, SimulatedClock
from lowcarb.flower.wire import QUESTION_TYPE
from tests.helpers.changing_grid import changing
from tests.helpers.data import START
from tests.helpers.flower_app import carbon_aware, client_app, cohorts, grid, is_training, run
from tests.helpers.strategies import Wrapper


def test_fewer_online_than_the_cohort_all_train() -> None:
    on, turn = changing(8, {2: [1000, 1001], 3: [1002]})
    strategy = carbon_aware(FedAvg(min_available_nodes=1))
    run(strategy, on, rounds=4, evaluate_fn=turn)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5, 2, 1, 5]
    assert cohorts(strategy)[1] == ["client-00", "client-01"]


@pytest.mark.parametrize("options", [{"cohort_size": 9}, {"over_selection": 20}])
def test_a_cohort_of_more_clients_than_there_are_takes_them_all(options: dict[str, int]) -> None:
    strategy = carbon_aware(FedAvg(), wait="1s", **options)
    run(strategy, grid(3), rounds=4)
    assert [len(cohort) for cohort in cohorts(strategy)] == [3] * 4
    assert {member.min_rounds for member in strategy.account.members} == {2}


def test_nobody_online_leaves_the_round_out(caplog: pytest.LogCaptureFixture) -> None:
    on, turn = changing(8, {2: []})
    strategy = carbon_aware(FedAvg(min_available_nodes=1, min_evaluate_nodes=1), wait="2s")
    run(strategy, on, rounds=3, evaluate_fn=turn)
    assert [booked.number for booked in strategy.account.rounds] == [1, 2, 3]
    assert [len(booked.turns) for booked in strategy.account.rounds] == [5, 0, 5]
    assert "round 2/3 is left out: nobody is online" in caplog.text
    assert "0 of 1 nodes are online after 2 s" in caplog.text


def test_a_round_is_not_said_to_lack_clients_that_are_there(
    caplog: pytest.LogCaptureFixture,
) -> None:
    fairness = Fairness(min_share=0, max_rounds=1)
    run(carbon_aware(FedAvg(), fairness=fairness, cohort_size=1), grid(2), rounds=3)
    assert "/3 is left out: none of those online was chosen; the caps may leave" in caplog.text

    def mute(_node: int, message: Message) -> str | None:
        return None if is_training(message) else "silent"

    caplog.clear()
    strategy = carbon_aware(FedAvg(fraction_evaluate=0.0))
    run(strategy, grid(5, fault=mute), rounds=1)
    assert "1/1 is left out: none of the nodes that are online said who it is" in caplog.text
    assert "nobody is online" not in caplog.text


def test_a_client_that_joins_late_gets_its_share_of_what_is_left() -> None:
    first = list(range(1000, 1009))
    on, turn = changing(10, dict.fromkeys(range(1, 7), first))
    strategy = carbon_aware(FedAvg(), cohort_size=5, fairness=Fairness(min_share=1))
    run(strategy, on, rounds=12, evaluate_fn=turn)
    late = next(member for member in strategy.account.members if member.name == "client-09")
    # 5 seats x 6 rounds left / 10 clients.
    assert (late.joined, late.min_rounds) == (7, 3)
    assert strategy.account.turns["client-09"] >= 3


def test_a_node_that_comes_back_is_asked_again_where_it_is() -> None:
    stay = list(range(1000, 1005))
    on, turn = changing(6, {3: stay, 6: stay})

    def move(number: int, arrays: Any) -> None:
        turn(number, arrays)
        if number == 3:
            on.nodes[1005] = {**on.nodes[1005], "region": "R09"}
            on.restart(1005)
        if number == 6:
            on.client_app = client_app(mod=False)

    strategy = carbon_aware(FedAvg(min_available_nodes=1), cohort_size=6)
    run(strategy, on, rounds=8, evaluate_fn=move)
    regions = [
        next((turn.region for turn in booked.turns if turn.client == "client-05"), None)
        for booked in strategy.account.rounds
    ]
    # In the seventh round it can no longer say who it is, and is not taken for somebody else.
    assert regions == ["R05", "R05", None, "R09", "R09", None, "R09", "R09"]
    assert len(strategy.account.members) == 6
    kinds = [kind for kind, _ in on.sent]
    # It is asked when it comes back, twice, and once more as it could not answer.
    assert kinds.count(QUESTION_TYPE) == 6 + 2 + 1
    assert kinds.count("train") == 6 * 6 + 2 * 5


def test_a_client_that_left_is_no_longer_counted_on(caplog: pytest.LogCaptureFixture) -> None:
    stay = list(range(1000, 1005))
    on, turn = changing(6, dict.fromkeys(range(2, 20), stay))
    strategy = carbon_aware(FedAvg(), cohort_size=2, fairness=Fairness(min_rounds=3))
    run(strategy, on, rounds=12, evaluate_fn=turn)
    assert "client 'client-05' has been away for 3 rounds" in caplog.text
    assert set(strategy.account.owed) <= {"client-05"}


def test_waiting_for_nodes_has_an_end(caplog: pytest.LogCaptureFixture) -> None:
    slept: list[float] = []
    strategy = carbon_aware(
        FedAvg(min_available_nodes=50),
        cohort_size=4,
        wait="30s",
        clock=SimulatedClock(START, sleep=slept.append),
    )
    run(strategy, grid(6), rounds=3)
    assert [len(cohort) for cohort in cohorts(strategy)] == [4, 4, 4]
    assert sum(slept) == 30
    assert "6 of 50 nodes are online after 30 s; going on with them" in caplog.text


def test_a_strategy_that_waits_for_more_later_on_stops_no_training(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr("flwr.serverapp.strategy.strategy_utils.sleep", lambda _seconds: None)
    inside = FedAvg(min_train_nodes=3, min_available_nodes=3)
    hidden = Wrapper(lambda: inside)
    on, turn = changing(6, {2: [1000, 1001]})
    strategy = carbon_aware(hidden, cohort_size=3)
    run(strategy, on, rounds=3, evaluate_fn=turn)
    assert [len(booked.turns) for booked in strategy.account.rounds] == [3, 0, 3]
    assert (
        "round 2/3 is left out: the strategy waits for more nodes than the 2 it is" in caplog.text
    )
    assert "round 2 is not evaluated: the strategy waits for more nodes" in caplog.text


def test_nodes_that_leave_before_they_evaluate_are_not_waited_for() -> None:
    on = grid(8)
    looks: list[int] = []
    everyone = list(on.nodes)

    def leaving() -> list[int]:
        """Show fewer nodes from look to look once the round was trained, and never more again."""
        trained = sum(kind == "train" for kind, _ in on.sent) > 8
        looks.append(trained)
        assert sum(looks) < 20, "it is waited for nodes that are gone"
        return everyone[: 8 - 4 * max(0, sum(looks) - 1)] if trained else everyone

    on.get_node_ids = leaving  # type: ignore[method-assign]
    run(carbon_aware(FedAvg(min_available_nodes=8)), on, rounds=1)
    assert sum(kind == "evaluate" for kind, _ in on.sent) == 8


def test_of_the_cohort_only_who_is_still_there_evaluates() -> None:
    on = grid(8)
    everyone = list(on.nodes)
    gone: list[int] = []

    def to(wanted: str) -> list[int]:
        # All eight were asked who they are before.
        return [node for kind, node in on.sent[8:] if kind == wanted]

    def leaving() -> list[int]:
        if not gone and (trained := to("train")):
            gone.append(trained[0])
        return [node for node in everyone if node not in gone]

    on.get_node_ids = leaving  # type: ignore[method-assign]
    run(carbon_aware(FedAvg(), evaluate="cohort"), on, rounds=1)
    assert len(to("train")) == 5
    assert sorted(to("evaluate")) == sorted(to("train")[1:])
