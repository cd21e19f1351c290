"""CarbonAware in a federation where all goes well."""

import logging
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from flwr.app import ArrayRecord, Message, MetricRecord
from flwr.serverapp.strategy import FedAvg, FedXgbCyclic, Result

import lowcarb
from lowcarb import Client, Fairness, Fleet, InputError, StrategyError, WallClock
from lowcarb.flower.wire import RECORD
from lowcarb.planning.policies import POLICIES, Cheapest
from tests.helpers.data import START
from tests.helpers.flower_app import (
    Invented,
    carbon_aware,
    client_app,
    cohorts,
    grid,
    initial_arrays,
    node_configs,
    run,
)
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.strategies import Wrapper


def test_floors_are_met_and_the_plan_is_far_below_random() -> None:
    strategy = carbon_aware(FedAvg(), fairness=Fairness(min_rounds=2))
    run(strategy, grid(), rounds=12)
    account = strategy.account
    assert min(account.turns.values()) >= 2
    assert not account.owed
    assert sum(account.turns.values()) == 12 * 5
    planned = [booked.planned_g for booked in account.rounds]
    random = [booked.random_g for booked in account.rounds]
    assert sum(g or 0 for g in planned) < 0.9 * sum(g or 0 for g in random)
    assert {booked.solver for booked in account.rounds} <= {"cbc", "regret"}
    assert {booked.status for booked in account.rounds} == {"optimal"}
    assert [booked.notes for booked in account.rounds] == [()] * 12


def test_each_round_says_who_what_and_by_whom(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.INFO, "flwr.lowcarb"):
        run(carbon_aware(FedAvg()), grid(), rounds=2)
    lines = [r.message for r in caplog.records if r.message.startswith("lowcarb: round 1/2,")]
    assert len(lines) == 1
    assert "2022-07-15 00:00 UTC: client-" in lines[0]
    assert "(5 of 20 online); " in lines[0]
    assert " g planned, " in lines[0]
    assert (
        "% below random; no interval: forecasts are not held against what came true; CBC, optimal, "
    ) in lines[0]
    # A reason that stays the same is said once.
    assert caplog.text.count("no interval: forecasts are not held") == 1
    assert "lowcarb: 20 clients in 20 regions, 5 in each of 2 rounds; no floor" in caplog.text


def test_the_cohort_is_as_large_as_the_strategys_own() -> None:
    strategy = carbon_aware(FedAvg(fraction_train=0.3), cohort_size=None)
    run(strategy, grid(), rounds=2)
    assert [len(cohort) for cohort in cohorts(strategy)] == [6, 6]


def test_nothing_to_choose_is_said(caplog: pytest.LogCaptureFixture) -> None:
    strategy = carbon_aware(FedAvg(), cohort_size=None)
    run(strategy, grid(8), rounds=1)
    assert len(cohorts(strategy)[0]) == 8
    assert "there is nothing to choose: set cohort_size" in caplog.text


def test_spare_clients_are_planned_and_booked() -> None:
    strategy = carbon_aware(FedAvg(), over_selection=2)
    run(strategy, grid(), rounds=2)
    assert [len(cohort) for cohort in cohorts(strategy)] == [7, 7]


def test_a_strategy_that_does_not_train_is_left_alone() -> None:
    on = grid()
    run(carbon_aware(FedAvg(fraction_train=0.0)), on, rounds=2)
    assert {kind for kind, _ in on.sent} == {"evaluate"}


@pytest.mark.parametrize(("evaluate", "expected"), [("all", 20), ("cohort", 5)])
def test_evaluation_is_the_strategys_own_unless_told(evaluate: Any, expected: int) -> None:
    on = grid()
    run(carbon_aware(FedAvg(), evaluate=evaluate), on, rounds=1)
    assert sum(kind == "evaluate" for kind, _ in on.sent) == expected


@pytest.mark.parametrize("name", POLICIES)
def test_every_policy_fills_the_cohort(name: str) -> None:
    strategy = carbon_aware(FedAvg(), policy=POLICIES[name])
    run(strategy, grid(), rounds=2)
    assert [len(set(cohort)) for cohort in cohorts(strategy)] == [5, 5]


def test_what_is_measured_is_booked_and_learnt_and_hidden_from_the_strategy() -> None:
    class Spy(FedAvg):
        seen: list[set[str]]

        def aggregate_train(
            self, server_round: int, replies: Any
        ) -> tuple[ArrayRecord | None, MetricRecord | None]:
            replies = list(replies)
            Spy.seen = [set(message.content) for message in replies]
            return super().aggregate_train(server_round, replies)

    nodes = {
        node: {**config, "power-w": 1e6, "energy-kwh": 0.1}
        for node, config in node_configs(6).items()
    }
    on = InProcessGrid(client_app(), nodes)
    clock = WallClock(now=lambda: START)
    strategy = carbon_aware(Spy(), clock=clock, cohort_size=6, round_every="1h")
    run(strategy, on, rounds=1)
    assert Spy.seen == [{"arrays", "metrics"}] * 6
    turns = strategy.account.rounds[0].turns
    assert {turn.measured for turn in turns} == {"power"}
    for turn in turns:
        assert turn.seconds is not None
        assert turn.energy_kwh == pytest.approx(1e6 * turn.seconds / 3.6e6)
        assert turn.realised_g == pytest.approx(turn.energy_kwh * (turn.intensity or 0))
        assert turn.estimated
    works = strategy.account.evaluations[1]
    assert {work.client for work in works} == {f"client-{i:02d}" for i in range(6)}
    assert all(work.intensity for work in works)


def test_measurements_change_the_next_plans_energy() -> None:
    nodes = {n: {**c, "power-w": 1e3} for n, c in node_configs(6).items()}
    time = iter(range(1000))

    def now() -> Any:
        return START + timedelta(minutes=next(time))

    strategy = carbon_aware(FedAvg(), cohort_size=6, clock=WallClock(now=now))
    # Some of the first milliseconds may be doubtful: a client's first round is slow here.
    run(strategy, InProcessGrid(client_app(), nodes), rounds=9)
    first, *_, last = strategy.account.rounds
    assert first.turns[0].planned_kwh == pytest.approx(0.1)
    assert last.turns[0].planned_kwh < 0.001


def test_in_simulated_time_measurements_are_not_used() -> None:
    nodes = {n: {**c, "power-w": 1e3} for n, c in node_configs(6).items()}
    strategy = carbon_aware(FedAvg(), cohort_size=6)
    run(strategy, InProcessGrid(client_app(), nodes), rounds=4)
    for booked in strategy.account.rounds:
        assert all(turn.measured is None and turn.seconds is None for turn in booked.turns)
        assert booked.turns[0].planned_kwh == pytest.approx(0.1)
    assert strategy.account.evaluations == {}


def test_a_given_fleet_comes_before_what_clients_say() -> None:
    fleet = Fleet.from_clients(
        [
            Client(
                name=f"client-{i:02d}", region="R05", energy_kwh=0.5, duration=timedelta(minutes=30)
            )
            for i in range(4)
        ]
    )
    strategy = carbon_aware(FedAvg(), fleet=fleet, cohort_size=4)
    run(strategy, grid(4), rounds=1)
    for turn in strategy.account.rounds[0].turns:
        assert (turn.region, turn.planned_kwh) == ("R05", 0.5)


def test_clients_without_the_mod_train_too(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "flwr.lowcarb")
    strategy = carbon_aware(FedAvg())
    run(strategy, InProcessGrid(client_app(mod=False), node_configs(20)), rounds=3)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5, 5, 5]
    assert cohorts(strategy)[0][0].startswith("node-")
    assert strategy.account.rounds[0].planned_g is None
    assert "20 of 20 clients cannot say who and where they are (node-1000, " in caplog.text
    assert "it is not known where they are" not in caplog.text
    assert "lowcarb: 20 clients in no known region, 5 in each of 3 rounds" in caplog.text
    # Without any intensity those with the fewest turns come first.
    assert max(strategy.account.turns.values()) == 1


def test_a_strategy_with_a_loop_of_its_own_is_run_with_it() -> None:
    class Own(FedAvg):
        loops = 0

        def start(self, *args: Any, **kwargs: Any) -> Result:
            Own.loops += 1
            return super().start(*args, **kwargs)

    inside = Own()
    strategy = carbon_aware(inside)
    on = grid()
    result = run(strategy, on, rounds=3)
    assert Own.loops == 1
    assert [len(cohort) for cohort in cohorts(strategy)] == [5, 5, 5]
    assert len(result.train_metrics_clientapp) == 3
    assert "configure_train" not in vars(inside)


def test_a_strategy_that_does_not_sample_through_the_grid_is_refused() -> None:
    class Stubborn(FedAvg):
        def configure_train(self, *args: Any) -> Any:
            messages = list(super().configure_train(*args))
            vars(messages[0].metadata)["_dst_node_id"] = 1019
            return messages

    with pytest.raises(StrategyError, match="Stubborn writes to nodes that Lowcarb did not choose"):
        run(carbon_aware(Stubborn(), cohort_size=2), grid(), rounds=1)


def test_the_strategy_in_a_wrapper_of_ones_own_is_found() -> None:
    inside = FedAvg(fraction_train=0.1, min_available_nodes=15)
    strategy = carbon_aware(Wrapper(inside))
    run(strategy, grid(), rounds=2)
    assert [len(cohort) for cohort in cohorts(strategy)] == [5, 5]
    with pytest.raises(StrategyError, match="FedXgbCyclic trains one client after the other"):
        carbon_aware(Wrapper(FedXgbCyclic()))


@pytest.mark.parametrize(("size", "least"), [(5, 15), (20, 30)])
def test_a_strategy_that_waits_for_more_than_it_is_shown_is_refused(
    size: int, least: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Where it cannot be found it cannot be told not to wait, and Flower's waiting has no end.
    monkeypatch.setattr("flwr.serverapp.strategy.strategy_utils.sleep", lambda _seconds: None)
    inside = FedAvg(min_train_nodes=1, min_available_nodes=least)
    hidden = Wrapper(lambda: inside)
    strategy = carbon_aware(hidden, cohort_size=size)
    with pytest.raises(StrategyError, match=f"waits for more nodes than the {size} it is shown"):
        run(strategy, grid(), rounds=1)


def test_what_else_a_strategy_holds_is_not_its_inside() -> None:
    class Holding(FedAvg):
        def __init__(self, **options: Any) -> None:
            super().__init__(**options)
            self.strategy = self
            self.fallback = FedAvg()

    for name in ("strategy", "fallback"):
        inside = Holding(fraction_train=0.1, min_available_nodes=15)
        delattr(inside, name)
        strategy = carbon_aware(inside)
        run(strategy, grid(), rounds=1)
        assert [len(cohort) for cohort in cohorts(strategy)] == [5]


def test_attributes_of_the_strategy_inside_can_be_reached() -> None:
    strategy = carbon_aware(FedAvg(fraction_train=0.5))
    assert strategy.fraction_train == 0.5
    with pytest.raises(AttributeError):
        _ = strategy.nothing_of_that_name


def test_the_account_needs_a_training() -> None:
    with pytest.raises(StrategyError, match="no training has begun"):
        _ = carbon_aware(FedAvg()).account


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"cohort_size": 0}, "cohort_size: expected 1 or more, got 0"),
        ({"seed": -1}, "seed: expected 0 or more, got -1"),
        ({"over_selection": -1}, "over_selection: expected 0 or more, got -1"),
        ({"evaluate": "none"}, "evaluate: expected all or cohort, got 'none'"),
        ({"round_every": "soon"}, "expected a duration such as"),
        ({"wait": "0h"}, "expected a duration longer than zero"),
        ({"cohort_size": "4"}, "cohort_size: expected a whole number, got '4'"),
        ({"cohort_size": 2.5}, "cohort_size: expected a whole number, got 2.5"),
        ({"cohort_size": True}, "cohort_size: expected a whole number, got True"),
        ({"over_selection": 1.0}, "over_selection: expected a whole number, got 1.0"),
        ({"seed": None}, "seed: expected a whole number, got None"),
        ({"provider": None}, "provider: expected an object with the method forecasts, got None"),
        ({"provider": "forecast.csv"}, "method forecasts, got 'forecast.csv'"),
        ({"provider": Invented}, "method forecasts, got <class"),
        ({"fairness": 0.5}, r"fairness: expected a Fairness, such as Fairness\(min_share=0.5\)"),
        ({"fleet": "clients.csv"}, "fleet: expected a Fleet, as read_fleet gives, got 'clients"),
        ({"typical": "typical.csv"}, "typical: expected a TypicalDay, as read_typical_day gives"),
        ({"clock": "1h"}, "clock: expected a WallClock, a SimulatedClock or one like them"),
        ({"clock": WallClock}, "clock: expected a WallClock, a SimulatedClock or one like them"),
        (
            {"policy": "cheapest"},
            r"policy: expected one of lowcarb.planning.policies, such as Cheapest\(\)",
        ),
        ({"policy": Cheapest}, "policy: expected one of lowcarb.planning.policies"),
        ({"ledger": 7}, "ledger: expected the name of a file or a Ledger, got 7"),
        ({"ledger": ""}, "ledger: expected the name of a file or a Ledger, got ''"),
        ({"resume": "no"}, "resume: expected True or False, or the text turns, got 'no'"),
        ({"debias": "false"}, "debias: expected True or False, got 'false'"),
        ({"evaluate": ["all"]}, "evaluate: expected all or cohort"),
    ],
)
def test_bad_arguments_are_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=message):
        carbon_aware(FedAvg(), **options)


@pytest.mark.parametrize("rounds", [0, 10_001, "3", 2.0, True])
def test_rounds_that_cannot_be_are_refused(rounds: Any) -> None:
    with pytest.raises(InputError, match=f"num_rounds: expected 1 to 10000, got {rounds!r}"):
        run(carbon_aware(FedAvg()), grid(), rounds=rounds)


def test_whole_numbers_of_numpy_are_whole_numbers() -> None:
    strategy = carbon_aware(FedAvg(), cohort_size=np.int64(3))
    run(strategy, grid(), rounds=2)
    assert [len(cohort) for cohort in cohorts(strategy)] == [3, 3]


def test_the_mod_answers_only_lowcarb_s_question() -> None:
    app = client_app()
    on = InProcessGrid(app, {7: {"client-id": "a", "region": "DE", "secret": "x"}})
    strategy = carbon_aware(FedAvg(min_available_nodes=1), cohort_size=1)
    replies: list[Message] = []
    send = on.send_and_receive

    def listen(messages: Any, *, timeout: float | None = None) -> Any:
        found = list(send(messages, timeout=timeout))
        replies.extend(found)
        return found

    on.send_and_receive = listen  # type: ignore[method-assign]
    run(strategy, on, rounds=1)
    assert dict(replies[0].content.config_records[RECORD]) == {"client-id": "a", "region": "DE"}


def test_the_names_are_public() -> None:
    assert lowcarb.CarbonAware.__name__ == "CarbonAware"
    assert lowcarb.client_mod.__name__ == "client_mod"


def test_server_side_evaluation_counts_the_same_rounds() -> None:
    seen: list[int] = []

    def evaluate(number: int, arrays: ArrayRecord) -> MetricRecord:
        seen.append(number)
        return MetricRecord({"size": float(sum(a.numpy().sum() for a in arrays.values()))})

    run(carbon_aware(FedAvg()), grid(), rounds=2, evaluate_fn=evaluate)
    assert seen == [0, 1, 2]
    assert initial_arrays()["w"].numpy().tolist() == [0.5, -1.0, 2.0]
