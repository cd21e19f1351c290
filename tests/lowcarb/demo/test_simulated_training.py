"""``lowcarb demo`` trains where it can, says how where it cannot, and its story stands anyway."""

import json
import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from rich.console import Console
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.cli.training_text import render_training
from lowcarb.demo import simulated_training
from lowcarb.demo.simulated_training import FEDAVG, LOWCARB, Trained, Trainings
from lowcarb.demo.simulation import simulate
from lowcarb.errors import SimulationError
from tests.helpers.data import ROOT

BROKEN = '[project]\nname = "broken"\n'
"""What Flower does not take for an app."""


TRAININGS = Trainings(
    trained={
        FEDAVG: Trained(accuracy=0.9281, realised_g=4837.9, turns=(1, 8, 5)),
        LOWCARB: Trained(accuracy=0.9164, realised_g=2342.6, turns=(2, 24, 3)),
    },
    random_g=4897.9,
)


@pytest.fixture
def broken(tmp_path: Path) -> Path:
    (tmp_path / "pyproject.toml").write_text(BROKEN)
    return tmp_path


def run(*options: str) -> tuple[int, str, str]:
    result = CliRunner().invoke(app, ["demo", *options], env={"COLUMNS": "80"})
    return result.exit_code, result.stdout, result.stderr


def test_the_table_fits_80_columns() -> None:
    console = Console(width=80, highlight=False, markup=False)
    with console.capture() as capture:
        render_training(TRAININGS, console)
    lines = [line.rstrip() for line in capture.get().splitlines()]
    assert max(map(len, lines)) <= 80
    assert lines[-4:-1] == [
        "Who chooses           accuracy  came true  vs FedAvg    turns",
        "plain FedAvg: random     92.8%  4,837.9 g      +0.0%   1 to 8",
        "lowcarb: optimal         91.6%  2,342.6 g     -51.6%  2 to 24",
    ]


def test_phases_are_told_while_the_report_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A line is only read when it is whole; the simulation is played by what it would write."""
    told: list[str] = []

    def play(
        _app: Path,
        *,
        config: Mapping[str, str | int | float],
        log: Path,
        beat: Callable[[], None],
        **_: object,
    ) -> None:
        report = Path(str(config["report"]))
        log.write_text("Traceback\nlowcarb.errors.InputError: 7 of 9\nExit Code: 700\n")
        beat()
        with report.open("a") as file:
            for text in (
                '{"event": "round", "policy": "fedavg", "round": 0, "of": 24, "accuracy": 0.1}\n',
                '{"event": "round", "policy": "fedavg", "round": 3, "of": 24, "accura',
                'cy": 0.41}\n{"event": "round", "policy": "ilp", "round": 0, "of": 24',
            ):
                file.write(text)
                file.flush()
                beat()

    monkeypatch.setattr(simulated_training, "simulate", play)
    with pytest.raises(SimulationError, match=r"^7 of 9; log: ") as raised:
        simulated_training.train(tmp_path, seed=0, progress=told.append)
    assert told == [
        "Starting Flower and Ray ...",
        "Starting Flower and Ray ...",
        "Starting Flower and Ray ...",
        "Training with plain FedAvg: round 3 of 24, accuracy 41%",
    ]
    Path(str(raised.value).rpartition(": ")[2]).unlink()


def test_an_installed_lowcarb_says_how_to_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(simulated_training, "DEFAULT_APP", tmp_path / "benchmarks/learning")
    status, output, _ = run()
    assert status == 0
    assert output.splitlines()[-4:] == [
        "To train a model, too, give --app the folder benchmarks/learning of a clone of",
        "Lowcarb's repository: the app is not installed with Lowcarb.",
        "",
        "Next: lowcarb plan --help, with your own forecast and clients.",
    ]


def test_the_app_is_found_wherever_the_user_stands(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    asked: list[Path] = []

    def play(app: Path, **_: object) -> Trainings:
        asked.append(app)
        return TRAININGS

    monkeypatch.setattr(simulated_training, "train", play)
    status, output, _ = run()
    assert status == 0, output
    assert "plain FedAvg: random" in output
    assert asked == [ROOT / "benchmarks/learning"]


def test_a_simulation_of_other_clients_is_no_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """As Flower 1.26 plays it, which does not look at the number of nodes."""

    def play(_app: Path, *, config: Mapping[str, str | int | float], **_: object) -> None:
        result = {"event": "training", "clients": 10, "accuracy": 0.9, "emissions_g": 1.0}
        lines = [
            json.dumps(result | {"policy": policy, "turns": [24] * 10, "random_g": 1.0}) + "\n"
            for policy in (FEDAVG, LOWCARB)
        ]
        Path(str(config["report"])).write_text("".join(lines))

    monkeypatch.setattr(simulated_training, "simulate", play)
    with pytest.raises(SimulationError, match="simulated 10 clients, not the 30") as raised:
        simulated_training.train(tmp_path, seed=0, progress=lambda _: None)
    Path(str(raised.value).rpartition(": ")[2]).unlink()


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    monkeypatch.setattr(simulated_training, "_NEEDED", ("flwr", "no_such_package"))
    status, output, _ = run()
    assert status == 0
    assert "install the extra 'demo'; missing: no_such_package." in output


def test_no_folder_of_an_app_is_an_error_before_the_story() -> None:
    status, output, errors = run("--app", "nowhere")
    assert (status, output) == (1, "")
    assert errors == (
        "Error: --app: expected a folder with a Flower app's pyproject.toml, got 'nowhere'\n"
    )


def test_the_story_stands_when_the_training_fails(broken: Path) -> None:
    status, output, errors = run("--app", str(broken))
    assert status == 1
    assert "cleanest region first" in output
    assert len(errors.splitlines()) == 1
    found = re.fullmatch(
        r"The training failed: flwr run ended with status 1; log: (.+)", errors.strip()
    )
    assert found
    log = Path(found[1])
    assert "Missing [tool.flwr.app] section" in log.read_text()
    log.unlink()


def test_json_says_that_the_training_failed(broken: Path) -> None:
    status, output, _ = run("--app", str(broken), "--json")
    assert status == 1
    content = json.loads(output)
    assert content["status"] == "optimal"
    error = content["training"]["error"]
    assert error.startswith("flwr run ended with status 1; log: ")
    Path(error.rpartition(": ")[2]).unlink()


def test_a_simulation_that_takes_too_long_is_ended(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="not at its end after 0 s"):
        simulate(
            ROOT / "benchmarks/learning",
            clients=2,
            config={},
            log=tmp_path / "log",
            time_limit_s=0,
            beat=lambda: None,
        )


def test_a_simulation_without_psutil_names_the_extra(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "psutil", None)
    monkeypatch.delitem(sys.modules, "lowcarb.demo.process_guard", raising=False)
    with pytest.raises(SimulationError, match=r"psutil is missing: .* with its extra 'demo'"):
        simulate(
            tmp_path,
            clients=2,
            config={},
            log=tmp_path / "log",
            time_limit_s=10,
            beat=lambda: None,
        )


def test_a_quote_is_not_handed_over(tmp_path: Path) -> None:
    with pytest.raises(SimulationError, match="a value with a quote in it"):
        simulate(
            tmp_path,
            clients=2,
            config={"report": "it's"},
            log=tmp_path / "log",
            time_limit_s=10,
            beat=lambda: None,
        )


@pytest.mark.slow
@pytest.mark.timeout(600)
def test_it_trains_for_real(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    status, output, errors = run("--json")
    assert status == 0, errors
    training = json.loads(output)["training"]
    plain, lowcarb = (training["policies"][name] for name in (FEDAVG, LOWCARB))
    for one in (plain, lowcarb):
        assert sum(one["turns"]) == 24 * 10
        assert one["accuracy"] > 0.8
    # Half of an equal share of 24 x 10 / 30 turns.
    assert min(lowcarb["turns"]) == 4
    assert lowcarb["emissions_g"] < 0.7 * training["random_g"]
    assert plain["emissions_g"] == pytest.approx(training["random_g"], rel=0.25)
