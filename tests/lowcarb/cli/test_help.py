"""Help and tables on any terminal, names that complete, and outputs to the standard output."""

import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.cli.options import one_of, several_of
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.plan_command import run as plan

COMMANDS = ("demo", "fetch", "plan", "compare", "sweep", "report", "typical")


def help_of(command: str, columns: int) -> str:
    runner = CliRunner()
    result = runner.invoke(app, [command, "--help"], env={"COLUMNS": str(columns)})
    assert result.exit_code == 0, result.output
    return result.stdout


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("columns", [40, 80])
def test_help_is_not_cut(command: str, columns: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    text = help_of(command, columns)
    assert max(map(len, text.splitlines())) <= columns
    assert "…" not in text
    assert "\\[" not in text
    assert ("╭" in text) == (columns == 80)


def test_options_stand_in_groups_and_arguments_have_words() -> None:
    text = help_of("plan", 80)
    groups = ("Files", "Training", "Fairness", "Solver", "Output")
    places = [text.index(f"─ {group} ─") for group in groups]
    assert len(set(places)) == len(groups)
    assert "neso, energy-charts, electricity-maps" in help_of("fetch", 100)
    assert "File that the training kept" in help_of("report", 100)


def test_lines_of_help_end_where_the_terminal_does() -> None:
    assert "what a simple forecast gives, beside perfect foresight," in help_of("compare", 300)


def test_names_complete() -> None:
    assert one_of(("cbc", "flow"))("f") == ["flow"]
    complete = several_of(("random", "regret", "ilp"))
    assert complete("re") == ["regret"]
    assert complete("ilp,r") == ["ilp,random", "ilp,regret"]
    assert complete("regret,r") == ["regret,random"]


def test_the_shell_is_told_how_names_go_on() -> None:
    words = {"COMP_WORDS": "lowcarb compare --policies ilp,re", "COMP_CWORD": "3"}
    asked = {**words, "_LOWCARB_COMPLETE": "complete_bash"}
    done = CliRunner().invoke(app, [], env=asked, prog_name="lowcarb")
    assert done.stdout.split() == ["ilp,regret"]


def test_a_narrow_terminal_shows_every_cell() -> None:
    options = ["--forecast", "examples/forecast.csv", "--clients", "examples/clients.csv"]
    done = subprocess.run(
        [sys.executable, "-m", "lowcarb", "plan", *options, "--cohort-size", "4", "--rounds", "2"],
        capture_output=True,
        text=True,
        env={**ENVIRONMENT, "COLUMNS": "40"},
        cwd=ROOT,
        check=True,
    )
    assert "…" not in done.stdout
    assert "Who chooses: regret: greedy that looks" in done.stdout
    assert "  floors met: 100%" in done.stdout


def test_a_plan_goes_to_the_standard_output_and_its_words_elsewhere(tmp_path: Path) -> None:
    result = plan(tmp_path, "--out", "-")
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("round,start,client,region,emissions_g,energy_kwh,")
    assert len(result.stdout.splitlines()) == 13
    assert "CO2eq forecast" in result.stderr
    assert plan(tmp_path, "--out", str(tmp_path / "p.csv")).exit_code == 0
    assert (tmp_path / "p.csv").read_text() == result.stdout
    assert not (tmp_path / "-").exists()


def test_the_standard_output_holds_one_thing(tmp_path: Path) -> None:
    result = plan(tmp_path, "--out", "-", "--json")
    assert result.exit_code == 1
    assert "the standard output (-) has room for --out or --json" in result.stdout
