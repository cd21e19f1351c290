"""Errors name options as they are typed, wherever they were raised."""

import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.plan_command import EXAMPLES

CLIENTS = ("--clients", str(EXAMPLES / "clients.csv"))
DAYS = ("--actuals", str(EXAMPLES / "actuals.csv"), *CLIENTS)
GIVEN = {
    "plan": ("--forecast", str(EXAMPLES / "forecast.csv"), *CLIENTS),
    "compare": (*DAYS, "--starts", "1"),
    "sweep": (*DAYS, "--starts", "1", "--jobs", "1"),
}
ASKED = {"--cohort-size": "4", "--rounds": "3"}
UNTIL = {"plan": "2022-07-02T20:00Z", "compare": "9h", "sweep": "9h"}


def run(command: str, *options: str) -> Result:
    asked = [word for pair in ASKED.items() if pair[0] not in options for word in pair]
    return CliRunner().invoke(app, [command, *GIVEN[command], *asked, *options])


WRONG = {
    "--cohort-size": ("0", "99"),
    "--cohort-range": ("9..1", "5..6", "x"),
    "--rounds": ("0",),
    "--every": ("x", "1s"),
    "--min-share": ("2", "x"),
    "--max-share": ("0.5", "x"),
    "--max-rounds": ("-1",),
    "--time-limit": ("0",),
    "--seed": ("-1",),
    "--solver": ("nobody",),
    "--actual-delay": ("x",),
    "--dropout": ("2",),
    "--absence": ("-1",),
    "--seeds": ("0",),
    "--starts": ("0", "x"),
    "--min-rounds": ("99", "-1"),
    "--gap": ("2",),
}
NONE_IN = {
    "plan": ("--dropout", "--absence", "--seeds", "--starts", "--actual-delay"),
    "compare": ("--gap",),
    "sweep": ("--gap", "--seeds", "--min-rounds"),
}


@pytest.mark.parametrize("command", GIVEN)
@pytest.mark.parametrize("option", WRONG)
def test_no_error_names_an_argument_of_python(command: str, option: str) -> None:
    if option in NONE_IN[command]:
        return
    for value in WRONG[option]:
        result = run(command, option, value)
        assert result.exit_code == 1, (value, result.output)
        assert not re.search(r"[a-z]_[a-z]", result.stderr), result.stderr
        assert option[2:].replace("-", " ") in result.stderr.replace("-", " "), result.stderr


@pytest.mark.parametrize("command", GIVEN)
@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--open", "noon"), "open: expected hours and a zone"),
        (("--open", "07:00-19:00 Nowhere/Land"), "open: "),
        (("--longest-pause", "x"), "longest-pause: expected a duration"),
    ],
)
def test_hours_are_named_as_they_are_typed(
    command: str, options: tuple[str, str], said: str
) -> None:
    result = run(command, "--deadline", UNTIL[command], *options)
    assert result.exit_code == 1
    assert said in result.stderr
    assert "open_hours" not in result.stderr


def test_within_a_sentence_options_have_their_dashes() -> None:
    both = run("plan", "--min-share", "0.5", "--min-rounds", "1")
    assert both.stderr == "Error: give --min-share or --min-rounds, not both\n"
    below = run("plan", "--max-rounds", "1", "--min-rounds", "2", "--json")
    assert json.loads(below.stdout)["error"]["message"] == "--max-rounds 1 is below --min-rounds 2"


def test_columns_of_a_file_keep_their_names(tmp_path: Path) -> None:
    clients = tmp_path / "clients.csv"
    head = "client,region,energy_kwh,duration_min,min_rounds,max_rounds"
    clients.write_text(f"{head}\na,DE,1,30,3,2\n")
    given = ["--forecast", str(EXAMPLES / "forecast.csv"), "--clients", str(clients)]
    result = CliRunner().invoke(app, ["plan", *given, "--cohort-size", "1", "--rounds", "3"])
    assert "min_rounds 3 is above max_rounds 2" in result.stderr


def test_an_option_with_a_shorter_name_than_its_argument_is_named() -> None:
    words = ["fetch", "electricity-maps", "--region", "DE", "--horizon", "7", "--out", "f.csv"]
    result = CliRunner().invoke(app, words, env={"ELECTRICITYMAPS_TOKEN": "secret"})
    assert result.stderr == "Error: horizon: expected 6, 24, 48 or 72, got 7\n"
