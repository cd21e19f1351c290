"""``lowcarb report`` as users meet it."""

import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.ledger import Ledger
from lowcarb.ledger.entries import ClockKind, Outcome
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.documents import document
from lowcarb.report.inputs import input_files
from tests.helpers.data import ENVIRONMENT
from tests.helpers.ledgers import TRAINING, booked, evaluation, member, turn, written


def report(*options: str | Path) -> Result:
    words = ["report", *(str(option) for option in options)]
    return CliRunner().invoke(app, words, env={"COLUMNS": "80"})


def test_it_reads_well_at_80_columns(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    names = [f"hospital-{i:02d}-of-the-holy-spirit-and-a-long-name" for i in range(20)]
    with Ledger(path).writing() as book:
        book.begin(replace(TRAINING, rounds=20, clock=ClockKind.SIMULATED))
        for r in range(1, 16):
            lost = Outcome.FAILED if r > 8 else Outcome.TRAINED
            turns = [
                turn(names[r], energy_kwh=0.4, measured="power", actual=380.0),
                turn(names[0], "FR", outcome=lost, reason="CUDA out of memory " * 9),
                turn(names[19], None, intensity=None if r == 2 else 300.0),
            ]
            book.book(
                booked(r, *turns, random_g=900.0, notes=(f"note {r}",), aggregated=r != 3),
                [member(name, floor=2) for name in names],
            )
            book.book_evaluation(r, [evaluation(names[0])])
    result = report(path)
    assert result.exit_code == 0, result.output
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    for part in (
        "15 of 20 rounds done (simulated time)",
        "less than random cohorts (in 14 of 15 rounds)",
        "by measured energy and actual intensity, the rest estimated",
        "Floors: 21 turns still owed to 18 clients, 5 rounds left",
        "NOT COMPLETE: 5 of 20 rounds are to come; 1 of 45 turns has no intensity.",
        "... and 8 more: see --report FILE or --json",
        "... and 3 more: see --report FILE or --json",
        "38 trained, 0 dropped, 7 failed, 0 silent; 1 round not aggregated",
        "round 15: hospital-00",
        "Forecasts (regions x rounds): 15 fresh, 15 last good",
        "Evaluation, in no figure above: 60.0 g CO2eq",
        "Names of 20 of 20 clients are not bound to a key: any node could have claimed them",
        "Note (round 15): note 15",
    ):
        assert part in text, part
    assert "note 12" not in text
    rows = [line.split()[0] for line in lines if "cbc optimal" in line]
    assert rows == [str(r) for r in range(4, 16)]


def test_json_is_the_whole_account(tmp_path: Path) -> None:
    account = written(tmp_path / "run.db", booked(1), booked(2))
    result = report(tmp_path / "run.db", "--json")
    assert result.exit_code == 0
    assert json.loads(result.stdout) == document("report", account_to_dict(account))
    assert result.stderr == ""


def test_html_is_written_and_said(tmp_path: Path) -> None:
    written(tmp_path / "run.db", booked(1))
    out = tmp_path / "run.html"
    result = report(tmp_path / "run.db", "--report", out)
    assert result.exit_code == 0
    assert f"Wrote {out}" in result.stderr
    assert out.read_text().startswith("<!DOCTYPE html>")


def test_a_training_can_be_chosen(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    with Ledger(path).writing() as book:
        book.begin(replace(TRAINING, rounds=9))
    assert "0 of 9 rounds done" in report(path).stdout
    assert "Nothing is booked yet." in report(path).stdout
    assert "1 of 4 rounds done" in report(path, "--training", "1").stdout


def test_control_characters_do_not_reach_the_terminal(tmp_path: Path) -> None:
    evil = "\x1b[2Jb\no\u202e[bold]"
    lost = turn(evil, evil, outcome=Outcome.FAILED, reason=evil)
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        book.begin(replace(TRAINING, strategy=evil, fairness=evil))
        book.book(booked(1, lost, notes=(evil,)), [member(evil, evil)])
    result = report(path)
    assert result.exit_code == 0
    assert "\\x1b[2Jb\\no\\u202e[bold]" in result.stdout
    assert not {"\x1b", "\u202e"} & set(result.stdout)


def test_bad_input_is_one_line_and_writes_nothing(tmp_path: Path) -> None:
    (tmp_path / "text").write_text("client,region\n" * 50)
    (tmp_path / "empty").write_text("")
    written(tmp_path / "run.db", booked(1))
    with Ledger(tmp_path / "new.db").writing():
        pass
    before = sorted(tmp_path.iterdir())
    for options, message in {
        ("none.db",): "none.db: there is no such ledger",
        ("none/run.db",): "does not exist",
        (".",): "expected a file, got a folder",
        ("",): "expected a file, got a folder",
        ("text",): "text: is not a Lowcarb ledger",
        ("empty",): "empty: is not a Lowcarb ledger",
        ("new.db",): "new.db: holds no training yet",
        ("run.db", "--training", "2"): "run.db: has trainings 1 to 1, not 2",
        ("run.db", "--training", "0"): "has trainings 1 to 1, not 0",
        ("run.db", "--report", "run.txt"): "expected a name that ends in .html or .htm",
        ("run.db", "--report", "none/run.html"): "the folder none does not exist",
        ("run.db", "--report", "-"): "expected the name of a file, got '-'",
    }.items():
        with pytest.MonkeyPatch.context() as patch:
            patch.chdir(tmp_path)
            result = report(*options)
            as_json = report(*options, "--json")
        assert result.exit_code == as_json.exit_code == 1, options
        assert result.stdout == ""
        assert len(result.stderr.splitlines()) == 1
        assert result.stderr.startswith("Error: ")
        assert message in result.stderr
        assert message in str(json.loads(as_json.stdout)["error"])
    assert sorted(tmp_path.iterdir()) == before


def test_the_ledger_is_not_overwritten(tmp_path: Path) -> None:
    before = written(tmp_path / "run.html", booked(1))
    result = report(tmp_path / "run.html", "--report", tmp_path / "run.html")
    assert result.exit_code == 1
    assert "is also an input" in result.stderr
    assert Ledger(tmp_path / "run.html").account() == before


def test_help_has_an_example_that_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown = CliRunner().invoke(app, ["report", "--help"], env={"COLUMNS": "200"}).stdout
    line = next(line for line in shown.splitlines() if "Example:" in line)
    monkeypatch.chdir(tmp_path)
    written(tmp_path / "run.db", booked(1))
    result = report(*line.split("lowcarb report", 1)[1].split())
    assert result.exit_code == 0, result.output
    assert (tmp_path / "run.html").exists()


def test_as_a_process(tmp_path: Path) -> None:
    written(tmp_path / "run.db", booked(1))
    done = subprocess.run(
        [sys.executable, "-m", "lowcarb", "report", "run.db", "--json"],
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["rounds_over"] == 1


def test_actual_intensities_are_booked_first(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1), booked(2))
    actuals = tmp_path / "actuals.csv"
    rows = [f"2022-07-01T{hour:02d}:00:00Z,{200 + hour},50" for hour in range(12)]
    actuals.write_text("\n".join(["time_utc,DE,FR", *rows]) + "\n")
    result = report(path, "--actuals", actuals)
    assert result.exit_code == 0, result.output
    assert "Booked " in result.stderr
    settled = [
        turn.actual for b in Ledger(path).account().rounds for turn in b.turns if turn.region
    ]
    assert settled
    assert None not in settled
    assert "Booked 0 actual" in report(path, "--actuals", actuals).stderr


def test_forecasts_are_not_booked_as_what_came_true(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    written(path, booked(1))
    issues = tmp_path / "issues.csv"
    rows = [f"2022-07-01T00:00:00Z,2022-07-01T{hour:02d}:00:00Z,200,50" for hour in range(12)]
    issues.write_text("\n".join(["issued_at,target_time,DE,FR", *rows]) + "\n")
    result = report(path, "--actuals", issues)
    assert result.exit_code == 1
    assert result.stderr == (
        f"Error: {issues}: has a column issued_at; expected one series of what came true\n"
    )
    assert not result.stdout
    assert all(turn.actual is None for b in Ledger(path).account().rounds for turn in b.turns)


def test_actuals_make_no_ledger(tmp_path: Path) -> None:
    actuals = tmp_path / "actuals.csv"
    actuals.write_text("time_utc,DE\n2022-07-01T00:00:00Z,1\n2022-07-01T01:00:00Z,2\n")
    result = report(tmp_path / "none.db", "--actuals", actuals)
    assert result.exit_code == 1
    assert not (tmp_path / "none.db").exists()


def test_a_ledger_that_is_kept_elsewhere(tmp_path: Path) -> None:
    address = f"file://{tmp_path}/store"
    with Ledger(address).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), [member("a"), member("b", "FR")])
        actuals = tmp_path / "actuals.csv"
        actuals.write_text("time_utc,DE,FR\n2022-07-01T00:00:00Z,1,1\n2022-07-01T01:00:00Z,2,2\n")
        refused = report(address, "--actuals", actuals)
        assert (refused.exit_code, refused.stderr.count(address)) == (1, 1)
        assert "is being written by process" in refused.stderr
        book.book(booked(2))
    settled = report(address, "--actuals", actuals, "--backup", tmp_path / "copy.db", "--json")
    assert settled.exit_code == 0, settled.stderr
    account = Ledger(address).account()
    files = input_files({"actuals": str(actuals)})
    assert json.loads(settled.stdout) == document("report", account_to_dict(account), files)
    assert account.rounds[0].turns[0].actual == 1.0
    assert Ledger(tmp_path / "copy.db").account() == account
