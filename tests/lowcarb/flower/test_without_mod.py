"""Trainings with clients that cannot answer who they are: only what is booked is trained."""

from collections import Counter
from typing import Any

import pytest
from flwr.app import Context, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg

import lowcarb
from lowcarb.ledger.entries import Outcome
from tests.helpers.flower_app import carbon_aware, client_app, initial_arrays, node_configs, run
from tests.helpers.flower_grid import InProcessGrid

NODES = node_configs(20)


def app_that_needs_no_arrays(ran: Counter[int], *mods: Any) -> ClientApp:
    """Trains whatever it is sent."""
    app = ClientApp(mods=list(mods))

    @app.train()
    def train(message: Message, context: Context) -> Message:
        ran[context.node_id] += 1
        arrays = message.content.array_records.get("arrays", initial_arrays())
        metrics = MetricRecord({"num-examples": 1})
        content = RecordDict({"arrays": arrays, "metrics": metrics})
        return Message(content, reply_to=message)

    return app


@pytest.mark.parametrize("mods", [(), (lowcarb.client_mod,)])
def test_exactly_the_trainings_that_were_asked_for_run(
    mods: tuple[Any, ...], caplog: pytest.LogCaptureFixture
) -> None:
    ran: Counter[int] = Counter()
    app = app_that_needs_no_arrays(ran, *mods)
    strategy = carbon_aware(FedAvg(fraction_evaluate=0), cohort_size=3)
    run(strategy, InProcessGrid(app, NODES), rounds=2)
    turns = [turn for booked in strategy.account.rounds for turn in booked.turns]
    assert ran.total() == len(turns) == 6
    names = {
        node: str(config["client-id"]) if mods else f"node-{node}" for node, config in NODES.items()
    }
    assert Counter(turn.client for turn in turns) == {names[node]: n for node, n in ran.items()}
    assert all(turn.outcome is Outcome.TRAINED for turn in turns)
    said = [line for line in caplog.messages if "cannot say who and where they are" in line]
    assert len(said) == (0 if mods else 1)


def test_those_with_the_mod_answer_beside_those_without(caplog: pytest.LogCaptureFixture) -> None:
    plain, aware = client_app(mod=False), client_app()
    on = InProcessGrid(aware, NODES)

    def either(message: Message, context: Context) -> Message:
        return (plain if context.node_id % 2 else aware)(message, context)

    on.client_app = either  # type: ignore[assignment]
    strategy = carbon_aware(FedAvg(), cohort_size=4)
    run(strategy, on, rounds=2)
    assert sorted(member.name for member in strategy.account.members) == sorted(
        f"node-{node}" if node % 2 else str(config["client-id"]) for node, config in NODES.items()
    )
    assert "lowcarb: 10 of 20 clients cannot say who and where they are (node-1001, " in caplog.text
