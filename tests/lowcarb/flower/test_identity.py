"""A ledger is gone on with by the same app only."""

import logging
import shutil
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from flwr.app import Array, ArrayRecord
from flwr.serverapp.strategy import FedAdam, FedAvg, FedProx, Strategy

from lowcarb import Ledger, LedgerError
from tests.helpers.crashes import Crash, arrays, crash_in
from tests.helpers.flower_app import (
    carbon_aware,
    client_app,
    cohorts,
    grid,
    initial_arrays,
    node_configs,
    run,
)
from tests.helpers.flower_grid import InProcessGrid
from tests.helpers.strategies import private


class NamedGrid(InProcessGrid):
    """A grid of a Flower app with a name."""

    app: str | None = "us/one"

    @property
    def run(self) -> Any:
        return None if self.app is None else SimpleNamespace(fab_id=self.app)


def named_grid(app: str | None) -> NamedGrid:
    on = NamedGrid(client_app(), node_configs(20))
    on.app = app
    return on


def model(**shapes: tuple[int, ...]) -> ArrayRecord:
    return ArrayRecord({name: Array(np.zeros(shape)) for name, shape in shapes.items()})


def begun(path: Path, strategy: Strategy | None = None, app: str | None = "us/one") -> None:
    """Leave a training of eight rounds in a ledger of which two are done."""
    with pytest.raises(Crash):
        run(
            carbon_aware(strategy or FedAvg(), ledger=path),
            named_grid(app),
            rounds=8,
            evaluate_fn=crash_in(2),
        )


def refused(path: Path, why: str, strategy: Strategy, on: InProcessGrid, **options: Any) -> None:
    """See to it that a training is refused before a message is sent, and the ledger unchanged."""
    before = Ledger(path).account().to_dict()
    models = sorted(p.read_bytes() for p in path.parent.glob("*.npz"))
    arguments = {"initial_arrays": initial_arrays(), "num_rounds": 8} | options
    with pytest.raises(LedgerError, match="is another one") as caught:
        carbon_aware(strategy, ledger=path).start(grid=on, **arguments)
    assert why in str(caught.value)
    for way_out in (str(path), "a ledger of its own", "resume=False", "resume='turns'"):
        assert way_out in str(caught.value)
    assert on.sent == []
    assert Ledger(path).account().to_dict() == before
    assert sorted(p.read_bytes() for p in path.parent.glob("*.npz")) == models


@pytest.mark.parametrize(
    ("other", "why"),
    [
        (model(other=(2, 5)), "the model is 1 array of 10 numbers ("),
        (model(w=(4,), b=(2, 2)), "the model is 2 arrays of 8 numbers ("),
        (model(w=(3,), b=(4,)), "the model is 2 arrays of 7 numbers ("),
        (model(w=(3,), c=(2, 2)), "and was 2 arrays of 7 numbers ("),
        (model(w=(3,)), "the model is 1 array of 3 numbers ("),
        (model(w=(3,), b=(2, 2), c=()), "the model is 3 arrays of 8 numbers ("),
    ],
)
@pytest.mark.parametrize("rounds", [8, 2])
def test_another_model_is_refused(
    tmp_path: Path, other: ArrayRecord, why: str, rounds: int
) -> None:
    path = tmp_path / "run.db"
    begun(path)
    refused(path, why, FedAvg(), named_grid("us/one"), initial_arrays=other, num_rounds=rounds)


@pytest.mark.parametrize(
    "other",
    [FedProx(), FedAdam(), private("Fixed", clipping_norm=1.0)],
    ids=lambda s: type(s).__name__,
)
def test_another_strategy_is_refused(tmp_path: Path, other: Strategy) -> None:
    path = tmp_path / "run.db"
    begun(path)
    before = Ledger(path).account()
    with pytest.raises(LedgerError, match=r"the strategy is .*, and was FedAvg"):
        carbon_aware(other, ledger=path, cohort_size=7).start(
            named_grid("us/one"), initial_arrays(), 8
        )
    assert Ledger(path).account() == before


def test_another_app_is_refused_where_its_name_is_known(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    begun(path)
    refused(path, "the app is us/two, and was us/one", FedAvg(), named_grid("us/two"))
    run(carbon_aware(FedAvg(), ledger=path), named_grid(None), rounds=8)
    assert Ledger(path).account().training.app == "us/one"


def test_what_was_unknown_at_first_is_noted_later(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    begun(path, app=None)
    assert Ledger(path).account().training.app is None
    with pytest.raises(Crash):
        run(
            carbon_aware(FedAvg(), ledger=path),
            named_grid("us/one"),
            rounds=8,
            evaluate_fn=crash_in(4),
        )
    refused(path, "the app is us/two", FedAvg(), named_grid("us/two"))


def test_a_finished_training_is_refused_to_another_app_too(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    run(carbon_aware(FedAvg(), ledger=path), named_grid("us/one"), rounds=8)
    refused(path, "the app is us/two", FedAvg(), named_grid("us/two"))


def test_the_ways_out_lead_out(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    begun(path)
    for copy in ("turns.db", "new.db"):
        for file in (path, path.with_name("run.db.training1.round2.npz")):
            shutil.copyfile(file, tmp_path / file.name.replace("run.db", copy))
    other = carbon_aware(FedProx(), ledger=tmp_path / "turns.db", resume="turns")
    run(other, named_grid("us/two"), rounds=8)
    account = Ledger(tmp_path / "turns.db").account()
    assert [booked.number for booked in account.rounds] == list(range(1, 9))
    assert (account.training.app, account.training.strategy) == ("us/two", "FedProx")
    # From now on it is the other app's.
    again = carbon_aware(FedProx(), ledger=tmp_path / "turns.db")
    run(again, named_grid("us/two"), rounds=9)
    assert len(again.account.rounds) == 9

    run(
        carbon_aware(FedProx(), ledger=tmp_path / "new.db", resume=False),
        named_grid("us/two"),
        rounds=3,
    )
    assert [entry.rounds_booked for entry in Ledger(tmp_path / "new.db").trainings()] == [2, 3]


def test_a_ledger_becomes_another_apps_with_the_first_round_that_comes_of_it(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.db"
    begun(path)
    with pytest.raises(Crash):
        run(
            carbon_aware(FedProx(), ledger=path, resume="turns"),
            named_grid("us/two"),
            rounds=8,
            evaluate_fn=crash_in(2),
        )
    assert Ledger(path).account().training.app == "us/one"
    whole = carbon_aware(FedAvg(), ledger=path)
    run(whole, named_grid("us/one"), rounds=8)
    assert whole.account.rounds_over == 8


def test_an_empty_array_may_become_anything(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    begun(path)
    again = carbon_aware(FedAvg(), ledger=path)
    with pytest.raises(Crash):
        again.start(
            grid=named_grid("us/one"),
            initial_arrays=model(w=(0,), b=(2, 2)),
            num_rounds=8,
            evaluate_fn=crash_in(3),
        )
    assert len(again.account.rounds) == 3


def test_a_training_that_came_to_no_round_is_nobodys(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with pytest.raises(Crash):
        run(carbon_aware(FedAvg(), ledger=path), grid(), rounds=8, evaluate_fn=crash_in(0))
    other = carbon_aware(FedProx(), ledger=path)
    other.start(grid=named_grid("us/two"), initial_arrays=model(x=(2,)), num_rounds=2)
    training = Ledger(path).account().training
    assert (training.app, training.strategy) == ("us/two", "FedProx")
    assert str(training.model_shape).startswith("1 array of 2 numbers (")


def test_another_roster_is_said(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "run.db"
    begun(path)
    configs = node_configs(20)
    for i, config in enumerate(configs.values()):
        if i >= 5:
            config["client-id"] = f"other-{i}"
    again = carbon_aware(FedAvg(), ledger=path)
    with caplog.at_level(logging.INFO):
        run(again, InProcessGrid(client_app(), configs), rounds=8)
    assert (
        "of the 20 clients in the ledger 5 are online; 15 that are not in it join: other-5"
        in caplog.text
    )
    assert len(cohorts(again)) == 8
    caplog.clear()
    run(carbon_aware(FedAvg(), ledger=path), InProcessGrid(client_app(), configs), rounds=9)
    assert "clients in the ledger" not in caplog.text


def test_the_same_app_goes_on_without_a_word(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    whole = run(carbon_aware(FedAvg()), named_grid("us/one"), rounds=8)
    begun(path)
    caplog.clear()
    result = run(carbon_aware(FedAvg(), ledger=path), named_grid("us/one"), rounds=8)
    assert arrays(result) == arrays(whole)
    assert [r.message for r in caplog.records if r.levelno >= logging.WARNING] == []
