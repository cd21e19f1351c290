"""CarbonAware on a bad night: clients, forecasts and nodes that fail. The training never stops."""

import itertools
import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from flwr.app import Message
from flwr.serverapp.strategy import FedAvg

from lowcarb import Fairness, ProviderError, SimulatedClock, StrategyError
from lowcarb.carbon.provenance import Quality
from lowcarb.ledger.account import Account, Outcome
from lowcarb.planning.policies import POLICIES
from lowcarb.providers import Answer
from lowcarb.training.clock import WallClock
from tests.helpers.data import START
from tests.helpers.flower_app import (
    Invented,
    carbon_aware,
    client_app,
    cohorts,
    grid,
    node_configs,
    run,
)
from tests.helpers.flower_grid import InProcessGrid
from tests.lowcarb.flower.test_carbon_aware import Wrapper
from tests.lowcarb.flower.test_strategies import accounted, private


def outcomes(account: Account, client: str) -> list[tuple[int, Outcome]]:
    return [
        (booked.number, turn.outcome)
        for booked in account.rounds
        for turn in booked.turns
        if turn.client == client
    ]


def is_training(message: Message) -> bool:
    return "arrays" in message.content


@pytest.mark.parametrize(
    ("what", "expected", "reason"),
    [
        ("error", Outcome.FAILED, "error 2: the client app raised"),
        ("dead", Outcome.FAILED, "error 5: node unavailable"),
        ("silent", Outcome.SILENT, ""),
    ],
)
def test_a_client_that_drops_out_repays_its_turn_later(
    what: str, expected: Outcome, reason: str, caplog: pytest.LogCaptureFixture
) -> None:
    failed: list[int] = []

    def fault(node: int, message: Message) -> str | None:
        if is_training(message) and node == 1003 and not failed:
            failed.append(node)
            return what
        return None

    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=2))
    run(strategy, grid(10, fault=fault), rounds=12)
    account = strategy.account
    assert failed == [1003]
    mine = outcomes(account, "client-03")
    assert [outcome for _, outcome in mine].count(expected) == 1
    assert account.turns["client-03"] >= 2
    assert not account.owed
    lost = next(number for number, outcome in mine if outcome is expected)
    # It rests for two rounds after its first failure.
    assert all(number > lost + 2 for number, _ in mine if number > lost)
    turn = next(t for t in account.rounds[lost - 1].turns if t.client == "client-03")
    assert (turn.reason, turn.measured, turn.energy_kwh) == (reason, None, turn.planned_kwh)
    assert f"client-03 {expected}" in caplog.text


@pytest.mark.parametrize("seed", range(4))
def test_floors_are_met_though_every_tenth_turn_is_lost(seed: int) -> None:
    rng = np.random.default_rng(seed)

    def fault(_node: int, message: Message) -> str | None:
        return "error" if is_training(message) and rng.random() < 0.1 else None

    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=6))
    run(strategy, grid(10, fault=fault), rounds=16)
    account = strategy.account
    assert sum(account.turns.values()) < 16 * 5
    assert not account.owed


def test_a_dead_client_is_asked_less_and_less() -> None:
    def fault(node: int, message: Message) -> str | None:
        return "dead" if is_training(message) and node == 1003 else None

    strategy = carbon_aware(FedAvg(), cohort_size=3, fairness=Fairness(min_share=1))
    run(strategy, grid(6, fault=fault), rounds=30)
    asked = [number for number, _ in outcomes(strategy.account, "client-03")]
    gaps = [after - before for before, after in pairwise(asked)]
    assert len(gaps) >= 2
    assert all(gap > 2**failures for failures, gap in enumerate(gaps, start=1))
    assert strategy.account.owed == {"client-03": 15}


def test_when_everyone_fails_nobody_is_blamed_and_no_turn_counts() -> None:
    def fault(_node: int, message: Message) -> str | None:
        return "silent" if message.metadata.message_type == "train" and len(sent) > 30 else None

    on = grid(10, fault=fault)
    sent = on.sent
    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=1))
    result = run(strategy, on, rounds=6)
    account = strategy.account
    assert [booked.aggregated for booked in account.rounds].count(True) < 6
    assert all(
        turn.outcome is Outcome.SILENT
        for booked in account.rounds
        if not booked.aggregated
        for turn in booked.turns
    )
    assert [len(booked.turns) for booked in account.rounds] == [5] * 6
    assert result.arrays


def test_replies_of_a_round_that_was_not_aggregated_do_not_count() -> None:
    class Refuses(FedAvg):
        def aggregate_train(self, server_round: int, replies: Any) -> Any:
            return (
                (None, None)
                if server_round == 2
                else super().aggregate_train(server_round, replies)
            )

    strategy = carbon_aware(Refuses())
    run(strategy, grid(10), rounds=3)
    second = strategy.account.rounds[1]
    assert {turn.outcome for turn in second.turns} == {Outcome.DROPPED}
    assert not second.aggregated
    assert sum(strategy.account.turns.values()) == 10
    # What was burnt was burnt.
    assert second.realised_g == pytest.approx(second.planned_g)
    assert second.realised_g


def test_a_round_whose_aggregation_raises_is_booked() -> None:
    class Raises(FedAvg):
        def aggregate_train(self, server_round: int, replies: Any) -> Any:
            if server_round == 2:
                raise RuntimeError("inconsistent replies")
            return super().aggregate_train(server_round, replies)

    strategy = carbon_aware(Raises())
    with pytest.raises(RuntimeError, match="inconsistent replies"):
        run(strategy, grid(10), rounds=3)
    assert [booked.aggregated for booked in strategy.account.rounds] == [True, False]


class Changing(InProcessGrid):
    """Nodes come and go: `online` says by round who is there."""

    online: dict[int, Sequence[int]]
    number = 0

    def get_node_ids(self) -> Sequence[int]:
        return self.online.get(self.number, list(self.nodes))


def changing(count: int, online: dict[int, Sequence[int]]) -> tuple[Changing, Any]:
    """Build a grid, and a server-side evaluation that turns its rounds."""
    on = Changing(client_app(), node_configs(count))
    on.online = online
    on.number = 1

    def turn(number: int, _arrays: Any) -> None:
        on.number = number + 1

    return on, turn


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


def test_who_was_not_written_to_is_not_blamed(caplog: pytest.LogCaptureFixture) -> None:
    class Half(FedAvg):
        def configure_train(self, *args: Any) -> Any:
            return list(super().configure_train(*args))[::2]

    on = grid(20)
    strategy = carbon_aware(Half(fraction_evaluate=0.0))
    run(strategy, on, rounds=4)
    assert [len(cohort) for cohort in cohorts(strategy)] == [3] * 4
    assert {turn.outcome for turn in strategy.account.work} == {Outcome.TRAINED}
    assert len(on.sent) == 20 + 4 * 3
    assert "Half writes to 3 of the 5 nodes that were chosen" in caplog.text


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
    questions = [node for kind, node in on.sent if kind == "train"]
    assert len(questions) == 6 + 2 + 6 * 6 + 2 * 5


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
    hidden = Wrapper([FedAvg(min_train_nodes=3, min_available_nodes=3)])
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


class Night(Invented):
    """Fails as its script says: by round, a set of regions, "all", or an exception."""

    def __init__(self, script: dict[int, Any]) -> None:
        super().__init__()
        self.script = script
        self.number = 0

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        self.number += 1
        what = self.script.get(self.number, ())
        if isinstance(what, Exception):
            raise what
        found, _ = super().forecasts(regions, start=start, end=end)
        failed = {name: ProviderError("out of order") for name in found if name in what}
        return {name: one for name, one in found.items() if name not in failed}, failed


def qualities(strategy: Any) -> list[set[Quality]]:
    return [{o.quality for o in b.provenances.values()} for b in strategy.account.rounds]


def test_a_night_of_outages_never_stops_the_training(caplog: pytest.LogCaptureFixture) -> None:
    provider = Night(
        {2: {"R03"}, 3: ProviderError("the service is down"), 4: ValueError("a bug"), 5: {"R01"}}
    )
    strategy = carbon_aware(FedAvg(), provider=provider, fairness=Fairness(min_rounds=1))
    run(strategy, grid(20), rounds=6)
    fresh, old = Quality.FRESH, Quality.LAST_GOOD
    assert qualities(strategy) == [{fresh}, {fresh, old}, {old}, {old}, {fresh, old}, {fresh}]
    assert [len(cohort) for cohort in cohorts(strategy)] == [5] * 6
    assert not strategy.account.owed
    for text in ("out of order", "the service is down", "a bug", "last good for 20 regions"):
        assert text in caplog.text


@pytest.mark.parametrize("late", [timedelta(days=365 * 56), timedelta(days=-365 * 20)])
def test_a_clock_that_is_set_stops_no_training(late: timedelta) -> None:
    # A machine that boots without a clock of its own, and asks for the time after some rounds.
    strategy: Any = None
    count = itertools.count()

    def now() -> datetime:
        booked = len(strategy.account.rounds) if strategy._session else 0
        set_since = timedelta() if booked < 2 else late
        return START + set_since + timedelta(minutes=next(count))

    provider = Invented()
    strategy = carbon_aware(
        FedAvg(), clock=WallClock(now=now), provider=provider, policy=POLICIES["regret"]
    )
    short, rounds = 4, 400

    def until(number: int, _arrays: Any) -> None:
        if number > short:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run(strategy, grid(10), rounds=rounds, evaluate_fn=until)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5] * (short + 1)
    # The round in which it was set says nothing of the others.
    spans = [end - start for _, start, end in provider.asked]
    assert max(spans) <= spans[0]


def test_without_any_forecast_those_with_the_fewest_turns_train(
    caplog: pytest.LogCaptureFixture,
) -> None:
    provider = Night(dict.fromkeys(range(1, 20), ProviderError("the service is down")))
    strategy = carbon_aware(FedAvg(), provider=provider)
    with caplog.at_level(logging.INFO, "flwr.lowcarb"):
        run(strategy, grid(10), rounds=4)
    assert qualities(strategy) == [{Quality.MISSING}] * 4
    assert set(strategy.account.turns.values()) == {2}
    assert {booked.solver for booked in strategy.account.rounds} == {"least turns"}
    assert all(booked.planned_g is None for booked in strategy.account.rounds)
    assert "grams unknown; least turns, " in caplog.text


def test_a_region_without_forecast_gets_the_turns_it_is_owed_and_no_grams() -> None:
    provider = Night({number: {"R03"} for number in range(1, 20)})
    strategy = carbon_aware(FedAvg(), provider=provider, fairness=Fairness(min_rounds=2))
    run(strategy, grid(10), rounds=8)
    assert strategy.account.turns["client-03"] == 2
    for booked in strategy.account.rounds:
        for turn in booked.turns:
            assert (turn.intensity is None) == (turn.client == "client-03")


def test_a_solver_that_fails_does_not_stop_the_training() -> None:
    def broken(_problem: Any, _candidates: Any) -> Any:
        raise RuntimeError("no solver today")

    strategy = carbon_aware(FedAvg(), policy=broken)
    run(strategy, grid(10), rounds=2)
    assert [booked.solver for booked in strategy.account.rounds] == ["least turns"] * 2
    assert strategy.account.rounds[0].notes == ("no plan could be made",)
    assert strategy.account.rounds[0].planned_g is not None


def test_privacy_accounting_gets_its_exact_cohort_or_no_round(
    caplog: pytest.LogCaptureFixture,
) -> None:
    strategy = accounted()
    on, turn = changing(12, {2: list(range(1000, 1005))})
    wrapped = carbon_aware(strategy, cohort_size=7, wait="1s")
    run(wrapped, on, rounds=4, evaluate_fn=turn)
    assert [len(b.turns) for b in wrapped.account.rounds] == [7, 0, 7, 7]
    assert strategy.privacy_spent().num_releases == 3  # type: ignore[attr-defined]
    assert (
        "round 2/4 is left out: privacy accounting needs exactly 7 clients, 5 can be had"
        in caplog.text
    )


def test_privacy_accounting_waits_in_each_round() -> None:
    """Those missing are waited for again and again: rounds must not be used up in no time."""
    slept: list[float] = []
    few = list(range(1000, 1005))
    on, turn = changing(12, dict.fromkeys((2, 3, 4), few))

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        if on.number == 4 and len(slept) == 65:
            on.online = {}

    wrapped = carbon_aware(
        accounted(), cohort_size=7, wait="30s", clock=SimulatedClock(START, sleep=sleep)
    )
    run(wrapped, on, rounds=5, evaluate_fn=turn)
    assert [len(booked.turns) for booked in wrapped.account.rounds] == [7, 0, 0, 7, 7]
    assert sum(slept) == 65


def test_privacy_accounting_would_rather_ask_who_failed_than_leave_the_round_out() -> None:
    def fault(node: int, message: Message) -> str | None:
        fails = node == 1003 and is_training(message) and on.number <= 2
        return "error" if fails else None

    on, turn = changing(7, {})
    on.fault = fault
    wrapped = carbon_aware(accounted(), cohort_size=7)
    run(wrapped, on, rounds=5, evaluate_fn=turn)
    assert [len(booked.turns) for booked in wrapped.account.rounds] == [7] * 5
    assert [booked.aggregated for booked in wrapped.account.rounds] == [False] * 2 + [True] * 3


def test_cohorts_that_contradict_differential_privacy_are_refused() -> None:
    with pytest.raises(StrategyError, match="num_sampled_clients=7, but cohort_size=5"):
        carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=5)
    with pytest.raises(StrategyError, match="over_selection=1; they must agree"):
        carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=7, over_selection=1)


def test_one_error_reply_drops_the_whole_private_round() -> None:
    def fault(node: int, message: Message) -> str | None:
        return "error" if is_training(message) and node == 1003 else None

    strategy = carbon_aware(private("Fixed", clipping_norm=1.0), cohort_size=7)
    run(strategy, grid(7, fault=fault), rounds=1)
    booked = strategy.account.rounds[0]
    assert not booked.aggregated
    assert {turn.outcome for turn in booked.turns} == {Outcome.DROPPED, Outcome.FAILED}
    assert sum(strategy.account.turns.values()) == 0
