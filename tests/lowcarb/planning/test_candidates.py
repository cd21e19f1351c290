"""What a policy is told of its clients, columns of the fleet that no plan reads included."""

import json
from pathlib import Path

import numpy as np
import pytest
from typer.testing import CliRunner

from lowcarb import read_fleet
from lowcarb.cli import app
from lowcarb.planning.candidates import CandidateView
from tests.helpers.data import ROOT
from tests.helpers.rosters import candidates, roster, said

COLUMNS = (
    "client,region,energy_kwh,duration_min,samples,group,value,attr:os\n"
    "a,CISO,0.5,30,100,north,2.5,linux\n"
    "b,BPAT,0.4,30,50,south,0.5,\n"
)


@pytest.fixture(name="path")
def clients(tmp_path: Path) -> Path:
    path = tmp_path / "clients.csv"
    path.write_text(COLUMNS)
    return path


def test_all_columns_reach_a_policy(path: Path) -> None:
    view = CandidateView.of_fleet(read_fleet(str(path)))
    assert list(view.attributes["group"]) == ["north", "south"]
    assert list(view.attributes["attr:os"]) == ["linux", ""]
    assert view.attributes["value"] == pytest.approx([2.5, 0.5])
    assert view.samples.tolist() == [100, 50]
    # What a reply says comes first.
    replies = CandidateView.of_fleet(read_fleet(str(path)), samples=np.array([np.nan, 7.0]))
    assert replies.samples.tolist() == [100, 7]


def test_in_a_training_too_by_name(path: Path) -> None:
    one = roster(fleet=read_fleet(str(path)))
    one.meet([1, 2], said(b=1, other=2), 1)
    view = candidates(one).view
    by_name = dict(zip(view.names, view.attributes["group"], strict=True))
    assert by_name == {"a": "north", "b": "south", "other": ""}
    values = dict(zip(view.names, view.attributes["value"], strict=True))
    assert (values["a"], values["b"]) == (2.5, 0.5)
    assert np.isnan(values["other"])


@pytest.mark.parametrize("command", ["plan", "compare"])
def test_what_no_plan_reads_is_said_once(command: str, path: Path) -> None:
    examples = ROOT / "examples"
    files = {
        "plan": ["--forecast", examples / "forecast.csv"],
        "compare": [
            *("--forecast", examples / "issues.csv", "--actuals", examples / "actuals.csv"),
            *("--policies", "regret", "--starts", "1"),
        ],
    }
    options = ["--cohort-size", "1", "--rounds", "4"]
    words = [command, *map(str, files[command]), *options, "--clients"]
    said = "olumns samples, group, value, attr:os: kept for policies, not used by this plan"
    result = CliRunner().invoke(app, [*words, str(path)], env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert " ".join(result.stdout.split()).count(said) == 1
    plain = path.with_name("plain.csv")
    plain.write_text("client,region,energy_kwh,duration_min\na,CISO,0.5,30\nb,BPAT,0.4,30\n")
    assert "kept for" not in CliRunner().invoke(app, [*words, str(plain)]).output
    if command == "plan":
        told = CliRunner().invoke(app, [*words, str(path), "--json"])
        assert json.loads(told.stdout)["notes"] == [f"c{said}"]
