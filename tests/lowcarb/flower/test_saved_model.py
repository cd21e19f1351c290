"""A ledger and its model are one: gone on with together, wherever they are, or refused."""

import hashlib
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from flwr.app import ArrayRecord, Message, MetricRecord, RecordDict
from flwr.clientapp import ClientApp
from flwr.serverapp.strategy import FedAvg

import lowcarb
from lowcarb import Ledger, LedgerError
from lowcarb.errors import InputError
from lowcarb.ledger.model_files import ModelFiles
from tests.helpers.flower_app import carbon_aware, node_configs
from tests.helpers.flower_grid import InProcessGrid

MODEL = "run.db.training1.round3.npz"


class Crash(Exception):
    """Stands for whatever ends a server."""


def counting_grid(*, fault: Any = None) -> InProcessGrid:
    """Make clients that add one to the model."""
    app = ClientApp(mods=[lowcarb.client_mod])

    @app.train()
    def train(message: Message, _context: Any) -> Message:
        arrays = [a + 1 for a in message.content.array_records["arrays"].to_numpy_ndarrays()]
        metrics = MetricRecord({"num-examples": 10})
        content = RecordDict({"arrays": ArrayRecord(arrays), "m": metrics})
        return Message(content, reply_to=message)

    return InProcessGrid(app, node_configs(6), fault=fault)


def train(
    ledger: str | Path | Ledger,
    *,
    rounds: int = 6,
    crash: int | None = None,
    begin: Callable[[], object] = int,
    on: InProcessGrid | None = None,
    **options: Any,
) -> float:
    """Train a model that counts its rounds; return it, or end after a round as a crash does."""

    def evaluate(number: int, _arrays: ArrayRecord) -> None:
        if number == 1:
            begin()
        if number == crash:
            raise Crash

    strategy = carbon_aware(FedAvg(fraction_evaluate=0.0), cohort_size=2, ledger=ledger, **options)
    result = strategy.start(
        grid=on or counting_grid(),
        initial_arrays=ArrayRecord([np.zeros(2)]),
        num_rounds=rounds,
        timeout=5,
        evaluate_fn=evaluate,
    )
    return float(result.arrays.to_numpy_ndarrays()[0][0])


def crashed(ledger: str | Path | Ledger, **options: Any) -> None:
    """Train three rounds of six."""
    with pytest.raises(Crash):
        train(ledger, crash=3, **options)


def refused(ledger: str | Path, text: str, **options: Any) -> None:
    """Fail unless the training is refused before anybody is asked, and nothing is changed."""
    on = counting_grid()
    before = Ledger(ledger).account()
    with pytest.raises(LedgerError, match=text) as raised:
        train(ledger, on=on, **options)
    assert on.sent == []
    for way_out in ("restore the file", "resume='turns'", "resume=False"):
        assert way_out in str(raised.value)
    assert Ledger(ledger).account() == before


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in a folder of the test, and come back from wherever it goes."""
    (tmp_path / "there").mkdir()
    monkeypatch.chdir(tmp_path)
    return tmp_path


# Seven ways to go on


def test_by_the_same_absolute_path(folder: Path) -> None:
    crashed(folder / "run.db")
    assert train(folder / "run.db") == 6


def test_by_the_same_relative_path() -> None:
    crashed("run.db")
    assert train("run.db") == 6


def test_by_a_relative_path_though_the_app_changes_its_folder(folder: Path) -> None:
    crashed("run.db", begin=lambda: os.chdir("there"))
    assert list((folder / "there").iterdir()) == []
    os.chdir(folder)
    assert train("run.db", begin=lambda: os.chdir("there")) == 6


@pytest.mark.parametrize("names", [("run.db", "link.db"), ("link.db", "run.db")])
@pytest.mark.parametrize("where", [".", "there"])
def test_through_a_symbolic_link_or_not(names: tuple[str, str], where: str) -> None:
    begun, gone_on = names
    # The link may come first: the ledger is made where it points to.
    Path("link.db").symlink_to(f"{where}/run.db")
    place = {"link.db": "link.db", "run.db": f"{where}/run.db"}
    crashed(place[begun])
    assert train(place[gone_on]) == 6
    assert Path(where, "run.db.training1.round6.npz").exists()


def test_renamed_or_restored_without_its_model() -> None:
    crashed("run.db")
    shutil.copyfile("run.db", "there/run.db")
    refused("there/run.db", f"run\\.db: expected the model of round 3 in .*{MODEL}, got no such")
    Path(MODEL).rename(f"there/{MODEL}")
    assert train("there/run.db") == 6


def test_with_its_model_deleted() -> None:
    crashed("run.db")
    Path(MODEL).unlink()
    refused("run.db", "got no such file")


# Other ways


def test_a_folder_that_is_a_link(folder: Path) -> None:
    Path("other").symlink_to("there")
    crashed("other/run.db")
    assert train(folder / "there" / "run.db") == 6


def test_a_ledger_object_is_one_file_wherever_the_app_is(folder: Path) -> None:
    ledger = Ledger("run.db")
    os.chdir("there")
    crashed(ledger)
    os.chdir(folder)
    assert train(ledger) == 6
    assert list(Path("there").iterdir()) == []


@pytest.mark.parametrize("model", [MODEL, "new.db.training1.round3.npz"])
def test_moved_with_its_model_by_its_old_or_its_new_name(model: str) -> None:
    crashed("run.db")
    Path("run.db").rename("there/new.db")
    Path(MODEL).rename(f"there/{model}")
    assert train("there/new.db") == 6
    # Of the new name, so that a copy of the ledger never touches the model of another.
    assert Path("there/new.db.training1.round6.npz").exists()


def test_a_renamed_folder() -> None:
    crashed("there/run.db")
    Path("there").rename("here")
    assert train("here/run.db") == 6


def test_an_older_model_is_not_taken_for_the_newest() -> None:
    with pytest.raises(Crash):
        train("run.db", crash=2)
    older = Path("run.db.training1.round2.npz").read_bytes()
    crashed("run.db")
    Path("run.db.training1.round2.npz").write_bytes(older)
    Path(MODEL).rename("kept")
    refused("run.db", "expected the model of round 3 .* got no such file")
    Path(MODEL).write_bytes(older)
    refused("run.db", f"got another model with {hashlib.sha256(older).hexdigest()}")
    Path("kept").rename(MODEL)
    assert train("run.db") == 6


@pytest.mark.parametrize("change", [lambda b: b[:40], lambda b: b + b"x", lambda _: b""])
def test_an_altered_model_is_refused(change: Callable[[bytes], bytes]) -> None:
    crashed("run.db")
    Path(MODEL).write_bytes(change(Path(MODEL).read_bytes()))
    refused("run.db", "with the checksum .*, got another model")
    Path(MODEL).unlink()
    Path(MODEL).mkdir()
    refused("run.db", "got no such file")


def test_a_model_that_a_killed_server_saved_too_early_is_not_taken() -> None:
    crashed("run.db")
    # The model of round 4 was saved, the round was not booked: it is trained again.
    shutil.copyfile(MODEL, "run.db.training1.round4.npz")
    assert train("run.db") == 6


def test_models_of_a_ledger_that_was_deleted_are_not_taken() -> None:
    crashed("run.db")
    Path("run.db").unlink()
    with pytest.raises(Crash):
        train("run.db", crash=1)
    assert train("run.db", rounds=2) == 2


def test_a_round_without_a_new_model_keeps_the_one_before() -> None:
    def fault(_node: int, message: Any) -> str | None:
        return "error" if "arrays" in message.content else None

    crashed("run.db")
    with pytest.raises(Crash):
        train("run.db", crash=5, on=counting_grid(fault=fault))
    last = Ledger("run.db").account().rounds
    assert [one.model for one in last][2:] == [MODEL, None, None]
    assert train("run.db") == 4
    assert Path("run.db.training1.round6.npz").exists()
    assert not Path(MODEL).exists()


def test_each_round_names_its_model_and_checksum() -> None:
    crashed("run.db")
    rounds = Ledger("run.db").account().rounds
    assert [one.model for one in rounds] == [f"run.db.training1.round{r}.npz" for r in (1, 2, 3)]
    assert rounds[2].model_sha256 == hashlib.sha256(Path(MODEL).read_bytes()).hexdigest()
    # Older ones are dropped once the newest is named.
    assert [p.name for p in Path().glob("*.npz")] == [MODEL]


def test_going_on_without_the_model_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    crashed("run.db")
    Path(MODEL).unlink()
    assert train("run.db", resume="turns") == 3
    assert "resume='turns': the initial model takes the place of the saved" in caplog.text
    assert len(Ledger("run.db").account().rounds) == 6
    with pytest.raises(
        InputError, match="resume: expected True or False, or the text turns, got 'model'"
    ):
        train("run.db", resume="model")


def test_a_new_training_needs_no_model_of_the_old() -> None:
    crashed("run.db")
    Path(MODEL).unlink()
    assert train("run.db", resume=False) == 6


def test_a_finished_training_whose_model_is_gone_is_refused() -> None:
    train("run.db")
    Path("run.db.training1.round6.npz").unlink()
    refused("run.db", "expected the model of round 6")


def test_ledgers_of_earlier_releases_go_on_as_before(caplog: pytest.LogCaptureFixture) -> None:
    crashed("run.db")
    forget_models("run.db")
    assert train("run.db") == 6
    assert Ledger("run.db").account().rounds[-1].model == "run.db.training1.round6.npz"
    shutil.copyfile("run.db", "old.db")
    forget_models("old.db")
    train("old.db")
    assert "no model was saved yet; the initial one is taken" in caplog.text


def forget_models(path: str) -> None:
    """Make a ledger speak of no models, as those of the third version did."""
    with closing(sqlite3.connect(path)) as connection:
        later_columns = {
            "round": (
                *("model", "model_sha256", "ready_at", "at_once_g", "told_by"),
                *("least_g", "most_g", "paid_g"),
            ),
            "turn": ("loss", "samples"),
            "member": ("key",),
            "training": ("app", "model_shape", "cohort_least", "cohort_most", "deadline", "hours"),
        }
        for table, columns in later_columns.items():
            for column in columns:
                connection.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        learnt = ("past_issue", "past_actual", "past_question", "finding")
        for later in ("prices", "wait", "second_turn", "second_origin", "second_round", *learnt):
            connection.execute(f"DROP TABLE {later}")
        connection.execute("PRAGMA user_version = 3")
        connection.commit()


@pytest.mark.parametrize("name", ["../run.npz", "/etc/passwd", "there/run.npz", "", ".."])
def test_a_model_elsewhere_is_damage(name: str) -> None:
    crashed("run.db")
    with closing(sqlite3.connect("run.db")) as connection:
        connection.execute("UPDATE round SET model = ?", (name,))
        connection.commit()
    with pytest.raises(LedgerError, match=r"run\.db: .*(is damaged|got no such file)"):
        ModelFiles(Path("run.db").absolute()).find(Ledger("run.db").account())
