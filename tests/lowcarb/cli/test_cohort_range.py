"""``--cohort-range`` of plan, compare and sweep."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import Outcome
from tests.helpers.data import ROOT
from tests.helpers.ledgers import booked, turn, written
from tests.helpers.plan_command import CLIENTS, run

EXAMPLES = ROOT / "examples"
RANGE = ("--cohort-size", "4", "--rounds", "12", "--cohort-range", "1..12")


def played(command: str, *options: str) -> Result:
    given = [
        *("--forecast", str(EXAMPLES / "issues.csv"), "--actuals", str(EXAMPLES / "actuals.csv")),
        *("--clients", str(EXAMPLES / "clients.csv"), "--rounds", "6", "--starts", "1"),
    ]
    return CliRunner().invoke(app, [command, *given, *options], env={"COLUMNS": "80"})


def test_a_plan_says_its_sizes_and_what_they_save(tmp_path: Path) -> None:
    result = run(tmp_path, *RANGE, clients=CLIENTS)
    assert result.exit_code == 0, result.output
    assert "12 rounds of 1 to 12 (4 on average), 2022-07-01" in result.stdout
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("4 in every round")]
    assert line.endswith("%) more.")
    assert "One more turn in all would cost " in result.stdout
    assert "Start (UTC)       Size" in result.stdout
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80


def test_a_plan_writes_its_sizes(tmp_path: Path) -> None:
    table = tmp_path / "p.csv"
    result = run(tmp_path, *RANGE, "--json", "--out", str(table), clients=CLIENTS)
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    sizes = [one["size"] for one in content["rounds"]]
    assert content["cohort_range"] == [1, 12]
    assert content["fixed_cohorts_g"] > content["objective_g"]
    assert sum(sizes) == 4 * 12
    assert sizes == [len(one["clients"]) for one in content["rounds"]]
    rounds = [line.split(",")[0] for line in table.read_text().splitlines()[1:]]
    assert [rounds.count(str(j + 1)) for j in range(12)] == sizes


def test_turns_in_a_ledger_are_gone_from_the_total(tmp_path: Path) -> None:
    """Lost turns count as asked for, too, and unknown rounds as so many of the usual size."""
    path = tmp_path / "run.db"
    lost = turn("c", None, outcome=Outcome.FAILED)
    written(path, booked(1, turn("a"), turn("b"), lost), booked(3, turn("a")))
    assert Ledger(path).tally().asked == 4
    fleet = "client,region,energy_kwh,duration_min\n" + "".join(
        f"{name},PJM,1,60\n" for name in "abcdefgh"
    )
    options = ("--cohort-size", "4", "--rounds", "8", "--cohort-range", "1..8")
    result = run(tmp_path, *options, "--json", "--ledger", str(path), clients=fleet)
    assert result.exit_code == 0, result.output
    rounds = json.loads(result.stdout)["rounds"]
    assert sum(one["size"] for one in rounds) == 4 * 8 - 4 - 4


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ("5-20", "such as 2..8, got '5-20'"),
        ("x", "such as 2..8, got 'x'"),
        ("0..8", "1 or more clients in each round, such as 1..8, got 0..8"),
        ("8..2", "the fewest clients before the most, such as 2..8, got 8..2"),
        ("5..8", "holds the cohort size 4, such as 4..8, got 5..8"),
        ("1..13", "up to 12 clients, the size of the fleet, such as 1..12, got 1..13"),
    ],
)
def test_what_is_no_range_is_refused_in_one_line(tmp_path: Path, given: str, words: str) -> None:
    result = run(tmp_path, "--cohort-size", "4", "--cohort-range", given, clients=CLIENTS)
    assert result.exit_code == 1
    assert result.stderr.startswith("Error: cohort range: expected ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1


def test_compare_plays_the_range() -> None:
    options = ("--cohort-size", "4", "--cohort-range", "1..12", "--policies", "ilp,oracle")
    result = played("compare", *options)
    assert result.exit_code == 0, result.output
    assert "6 rounds of 1 to 12 (4 on average), from 1 start" in result.stdout


@pytest.mark.parametrize(
    "ranges",
    [
        ("--cohort-range", "4..4,1..12"),
        pytest.param(
            ("--cohort-range", "4..4", "--cohort-range", " 1 .. 12"), marks=pytest.mark.slow
        ),
    ],
)
def test_a_sweep_takes_several(tmp_path: Path, ranges: tuple[str, ...]) -> None:
    table, figures = tmp_path / "s.csv", tmp_path / "figures"
    options = ("--cohort-size", "4", "--min-share", "0.5", "--jobs", "1", *ranges)
    result = played("sweep", *options, "--out", str(table), "--figures", str(figures))
    assert result.exit_code == 0, result.output
    assert "cohort range 4..4, 1..12" in " ".join(result.stdout.split())
    assert [line.split(",")[1] for line in table.read_text().splitlines()] == [
        "cohort_range",
        "4..4",
        "1..12",
    ]
    assert "cohort range 4..4 to 1..12 takes emissions" in " ".join(result.stdout.split())
    assert ",4..4," in (figures / "trade_off.csv").read_text()


def test_a_sweep_refuses_a_range_that_holds_not_all_sizes() -> None:
    options = ("--cohort-size", "2,4", "--min-share", "0.5", "--cohort-range", "3..8")
    result = played("sweep", *options, "--jobs", "1")
    assert result.exit_code == 1
    assert "cohort size 2, cohort range 3..8, min share 0.5: cohort range: " in result.stderr
