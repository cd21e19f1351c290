"""What turns are worth by losses that clients return: paid for, booked, known after a crash."""

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg

import lowcarb
from lowcarb import Fairness, Fleet, InputError, Ledger
from lowcarb.fleet.fleet import Client
from lowcarb.planning.policies import Cheapest, Planned
from lowcarb_solvers import Greedy, chain
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.flower_app import carbon_aware, cohorts, grid, node_configs, run
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.rosters import fleet

ROUNDS, CLIENTS = 5, 8
QUICK = Planned((Greedy("regret"),))
HIGH = "client-05"


def says(losses: dict[str, Any], *, usual: Any = 1.0) -> InProcessGrid:
    """Clients that return the losses given, by name; None for those that return none."""
    app = ClientApp(mods=[lowcarb.client_mod])

    @app.train()
    def train(message: Message, context: Context) -> Message:
        loss = losses.get(str(context.node_config["client-id"]), usual)
        told = {} if loss is None else {"train-loss": loss}
        metrics = MetricRecord({"num-examples": 10, **told})
        content = RecordDict(
            {
                "arrays": message.content.array_records["arrays"],
                "metrics": metrics,
            }
        )
        return Message(content, reply_to=message)

    return InProcessGrid(app, node_configs(CLIENTS, regions=4))


def trained(on: InProcessGrid, **options: Any) -> Any:
    """A training without floors, by a quick plan."""
    quick = {"policy": QUICK, "fairness": Fairness(min_share=0), "cohort_size": 2}
    # Flower's own averaging wants the same metrics of all.
    inner = FedAvg(
        fraction_evaluate=0.0, train_metrics_aggr_fn=lambda _replies, _key: MetricRecord()
    )
    strategy = carbon_aware(inner, **(quick | options))
    run(strategy, on, rounds=ROUNDS)
    assert all(turn.counts for booked in strategy.account.rounds for turn in booked.turns)
    return strategy


def turns(strategy: Any, name: str) -> int:
    return sum(name in cohort for cohort in cohorts(strategy))


def test_who_returns_a_high_loss_is_asked_more_often_and_its_grams_are_told() -> None:
    names = {f"client-{i:02d}": 1.0 for i in range(CLIENTS)}
    plain, valued = (
        trained(says(names | {HIGH: 50.0}), value=value, value_price_g=price)
        for value, price in ((None, None), ("loss", 100.0))
    )
    assert turns(plain, HIGH) == 0
    assert turns(valued, HIGH) >= 2
    account = valued.account
    assert [booked.paid_g for booked in plain.account.rounds] == [None] * ROUNDS
    assert sum(booked.paid_g or 0 for booked in account.rounds) > 0
    # Grams are those of the clients that were asked, never less what they are worth.
    for booked in account.rounds:
        grams = [turn.planned_kwh * (turn.intensity or 0) for turn in booked.turns]
        assert booked.planned_g == pytest.approx(sum(grams))
        assert min(grams) > 0
        assert any("paid for the value of turns" in note for note in booked.notes)
    assert account.planned_g == pytest.approx(
        plain.account.planned_g + sum(booked.paid_g or 0 for booked in account.rounds)
    )


@pytest.mark.parametrize("percent", [0, 5, 30])
def test_a_training_emits_at_most_so_much_more(percent: float) -> None:
    losses = {f"client-{i:02d}": 1.0 + i for i in range(CLIENTS)}
    plain = trained(says(losses))
    valued = trained(says(losses), value="loss", max_extra_carbon=percent)
    # The invented forecast comes true, so that the bound is exact.
    assert valued.account.planned_g <= plain.account.planned_g * (1 + percent / 100) * (1 + 1e-6)
    if percent == 0:
        assert cohorts(valued) == cohorts(plain)


@pytest.mark.parametrize("loss", [float("nan"), float("inf"), -float("inf")])
def test_who_never_returns_a_loss_that_is_a_number_is_not_asked_all_the_time(loss: Any) -> None:
    # At such a price all take turns: who waited longest comes first.
    strange = trained(says({HIGH: loss}), value="loss", value_price_g=1e4)
    assert {turns(strange, f"client-{i:02d}") for i in range(CLIENTS)} <= {1, 2}
    booked = [t.loss for r in strange.account.rounds for t in r.turns if t.client == HIGH]
    assert booked
    assert set(booked) == {None}


def test_where_nobody_returns_a_loss_those_who_waited_are_asked() -> None:
    silent = trained(says({}, usual=None), value="loss", value_price_g=1e4)
    assert {turns(silent, f"client-{i:02d}") for i in range(CLIENTS)} <= {1, 2}


def test_losses_outlast_a_crash(tmp_path: Path) -> None:
    options: dict[str, Any] = {
        "fairness": Fairness(min_rounds=1),
        "cohort_size": 2,
        "policy": QUICK,
        "value": "loss",
        "max_extra_carbon": 20,
    }
    whole = carbon_aware(FedAvg(), **options)
    expected = run(whole, grid(CLIENTS), rounds=ROUNDS)
    path = tmp_path / "run.db"
    with pytest.raises(Crash):
        run(
            carbon_aware(FedAvg(), ledger=path, **options),
            grid(CLIENTS),
            rounds=ROUNDS,
            evaluate_fn=crash_in(3),
        )
    losses = [turn.loss for booked in Ledger(path).account().rounds for turn in booked.turns]
    assert losses
    assert all(loss is not None and 1 <= loss <= 2 for loss in losses)
    last = carbon_aware(FedAvg(), ledger=path, **options)
    result = run(last, grid(CLIENTS), rounds=ROUNDS)
    assert cohorts(last) == cohorts(whole)
    assert arrays(result) == arrays(expected)
    assert [b.paid_g for b in last.account.rounds] == [b.paid_g for b in whole.account.rounds]


def test_a_column_of_the_fleet_says_what_turns_are_worth() -> None:
    clients = [
        Client(
            name=str(config["client-id"]),
            region=str(config["region"]),
            energy_kwh=float(config["energy-kwh"]),
            duration=timedelta(minutes=30),
        )
        for config in node_configs(CLIENTS, regions=4).values()
    ]
    worth = np.array([1e6 if client.name == HIGH else 1.0 for client in clients])
    given = replace(Fleet.from_clients(clients), attributes={"value": worth})
    valued = trained(says({}), fleet=given, value="column", value_price_g=1.0)
    assert turns(valued, HIGH) == ROUNDS


def test_limits_are_kept_while_losses_are_paid_for() -> None:
    losses = {f"client-{i:02d}": 1.0 for i in range(CLIENTS)} | {HIGH: 50.0}
    limits = ["region <= 1", "rest >= 1"]
    plain = trained(says(losses), limits=limits)
    valued = trained(says(losses), limits=limits, value="loss", value_price_g=100.0)
    assert turns(valued, HIGH) > turns(plain, HIGH)
    for booked in valued.account.rounds:
        assert len({turn.region for turn in booked.turns}) == len(booked.turns) == 2
        assert any("paid for the value of turns" in note for note in booked.notes)
    one_after_another = zip(cohorts(valued), cohorts(valued)[1:], strict=False)
    assert all(not set(first) & set(then) for first, then in one_after_another)
    assert sum(booked.paid_g or 0 for booked in valued.account.rounds) > 0


def test_a_budget_of_grams_is_kept_while_losses_are_paid_for() -> None:
    losses = {f"client-{i:02d}": 1.0 for i in range(CLIENTS)} | {HIGH: 50.0}
    options = {"policy": Planned(chain(5.0)), "value": "loss", "value_price_g": 100.0}
    plain, free = trained(says(losses)), trained(says(losses), **options)
    least, most = plain.account.realised_g, free.account.realised_g
    budget_kg = (least + most) / 2 / 1000
    kept = trained(says(losses), budget_kg=budget_kg, **options)
    # Without the budget more is paid than it allows, within it as much as it leaves.
    assert least < kept.account.realised_g <= 1000 * budget_kg * (1 + 1e-6) < most
    assert turns(plain, HIGH) < turns(kept, HIGH)
    assert sum(booked.paid_g or 0 for booked in kept.account.rounds) > 0
    assert all(any("paid for" in note for note in b.notes) for b in kept.account.rounds)
    assert not any("too much" in note for b in kept.account.rounds for note in b.notes)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"value": "luck"}, "value: expected loss or column, got 'luck'"),
        ({"max_extra_carbon": 5}, "max_extra_carbon: says what may be paid for the value of turns"),
        ({"value_price_g": 5}, "value_price_g: says what may be paid for the value of turns"),
        ({"value": "loss", "max_extra_carbon": -1}, "max_extra_carbon: expected a number from 0"),
        ({"value": "loss", "value_price_g": "5"}, "value_price_g: expected a number from 0 to"),
        ({"value": "loss", "value_price_g": float("nan")}, "value_price_g: expected a number from"),
        (
            {"value": "loss", "value_price_g": 5, "max_extra_carbon": 5},
            "max_extra_carbon: value_price_g is given, too",
        ),
        ({"value": "loss", "policy": Cheapest()}, "value: expected no policy, or Planned(...)"),
        ({"value": "loss", "cohort_range": "2..8"}, "cannot be weighed beside cohort_range yet"),
        (
            {"value": "loss", "deadline": "2030-01-01T00:00Z"},
            "cannot be weighed beside deadline yet",
        ),
        ({"value": "column"}, 'value: "column" is the column value of a fleet'),
        ({"value": "column", "fleet": fleet("a")}, 'value: "column" is the column value'),
        (
            {
                "value": "column",
                "fleet": replace(fleet("a"), attributes={"value": np.array([float("nan")])}),
            },
            "value of client 'a' is blank",
        ),
    ],
)
def test_what_cannot_be_paid_for_is_refused(options: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError, match=re.escape(message)):
        carbon_aware(FedAvg(), **options)
