"""``--solver``: who solves, where plans are made."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.plan_command import CLIENTS, EXAMPLES, run

COMPARE = [
    *("compare", "--forecast", str(EXAMPLES / "issues.csv")),
    *("--actuals", str(EXAMPLES / "actuals.csv"), "--clients", str(EXAMPLES / "clients.csv")),
    *("--cohort-size", "4", "--rounds", "4", "--starts", "1", "--policies", "ilp,regret"),
]


def plan(folder: Path, *options: str) -> Result:
    return run(folder, "--json", "--min-rounds", "1", *options, clients=CLIENTS)


def compare(*options: str) -> Result:
    return CliRunner().invoke(app, [*COMPARE, "--json", *options])


def in_json(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_flow_plans_what_cbc_plans(tmp_path: Path) -> None:
    flow, cbc = in_json(plan(tmp_path, "--solver", "flow")), in_json(plan(tmp_path))
    assert (flow["solver"], flow["status"]) == ("flow", "optimal")
    assert (cbc["solver"], cbc["status"]) == ("cbc", "optimal")
    assert flow["rounds"] == cbc["rounds"]


def test_the_text_says_who_solved(tmp_path: Path) -> None:
    result = run(tmp_path, "--solver", "flow")
    assert result.exit_code == 0, result.output
    assert "proven optimal, by min-cost flow in" in result.stdout


def test_flow_plays_what_cbc_plays() -> None:
    flow, cbc = in_json(compare("--solver", "flow")), in_json(compare())
    assert {**flow, "timing": None} == {**cbc, "timing": None}


@pytest.mark.parametrize(
    ("options", "field", "message"),
    [
        (["--solver", "flow", "--gap", "0.1"], "gap", "gap: only the solver cbc can stop at one"),
        (["--solver", "greedy", "--gap", "0.1"], "gap", "got 0.1 and greedy"),
        (["--solver", "Flow"], "solver", "solver: expected cbc or flow or greedy, got 'Flow'"),
    ],
)
def test_what_a_solver_cannot_do_is_refused(
    tmp_path: Path, options: list[str], field: str, message: str
) -> None:
    result = plan(tmp_path, *options)
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert error["field"] == field
    assert message in error["message"]


def test_a_comparison_is_about_plans() -> None:
    result = compare("--solver", "greedy")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"] == {
        "message": "solver: expected cbc or flow, got 'greedy', which plays as the policy regret",
        "file": None,
        "line": None,
        "field": "solver",
    }


def test_without_the_extra_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("lowcarb_solvers.flow.find_spec", lambda _: None)
    for result in (plan(tmp_path, "--solver", "flow"), compare("--solver", "flow")):
        assert result.exit_code == 1
        error = json.loads(result.stdout)["error"]
        assert error["field"] == "solver"
        assert "pip install 'lowcarb[fast]'" in error["message"]
    assert in_json(plan(tmp_path))["solver"] == "cbc"
