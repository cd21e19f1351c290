"""``--limit`` beside ``--cohort-range`` of plan, compare and sweep."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ROOT
from tests.helpers.plan_command import GROUPS, run
from tests.helpers.schemas import check

EXAMPLES = ROOT / "examples"
SIZE = ("--cohort-size", "4", "--cohort-range", "2..8")
LIMITS = ("--limit", "region <= 3", "--rest", "1")


def test_a_plan_says_its_sizes_and_what_they_save_within_limits(tmp_path: Path) -> None:
    options = (*SIZE, "--rounds", "6", *LIMITS, "--limit", "group=a >= 1")
    result = run(tmp_path, *options, clients=GROUPS)
    assert result.exit_code == 0, result.output
    assert "6 rounds of 2 to 8 (4 on average)" in result.stdout
    text = " ".join(result.stdout.split())
    assert "Within the same limits 4 in every round would emit " in text
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    content = json.loads(run(tmp_path, *options, "--json", clients=GROUPS).stdout)
    check(content)
    sizes = [one["size"] for one in content["rounds"]]
    assert sum(sizes) == 4 * 6
    assert len(set(sizes)) > 1
    assert content["fixed_cohorts_g"] > content["objective_g"]
    assert content["shortfalls"] == []


def test_strict_refuses_a_plan_with_fewer_turns_than_asked_for(tmp_path: Path) -> None:
    options = (*SIZE, "--rounds", "6", "--rest", "3", "--strict")
    result = run(tmp_path, *options, clients=GROUPS)
    assert result.exit_code != 0
    assert "the training is " in result.stderr
    assert " turns short: " in result.stderr


@pytest.mark.parametrize("command", ["compare", "sweep"])
def test_recorded_days_are_played_within_limits(command: str) -> None:
    given = [
        *("--forecast", str(EXAMPLES / "issues.csv"), "--actuals", str(EXAMPLES / "actuals.csv")),
        *("--clients", str(EXAMPLES / "clients.csv"), "--rounds", "5", "--starts", "1"),
        *("--min-share", "0", *SIZE, *LIMITS, "--json"),
        *(("--policies", "ilp") if command == "compare" else ("--jobs", "1")),
    ]
    result = CliRunner().invoke(app, [command, *given])
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    check(content)
    (point,) = content["points"] if command == "sweep" else (content,)
    assert point["policies"]["ilp"]["limits"]["kept_pct"] == 100
