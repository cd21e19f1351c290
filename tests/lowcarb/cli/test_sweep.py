"""``lowcarb sweep`` as users meet it: text, JSON, files, errors."""

import csv
import io
import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from lowcarb.cli import app, progress
from tests.helpers.data import ROOT
from tests.helpers.html_pages import read_page

EXAMPLES = ROOT / "examples"
FILES = {
    "--forecast": str(EXAMPLES / "issues.csv"),
    "--actuals": str(EXAMPLES / "actuals.csv"),
    "--clients": str(EXAMPLES / "clients.csv"),
    "--cohort-size": "2,4",
    "--min-share": "0,1",
    "--rounds": "3",
    "--starts": "2",
}


def run(*options: str | Path, command: str = "sweep", jobs: str | None = "1") -> Result:
    given = [str(option) for option in options]
    for option, value in {**FILES, "--jobs": jobs}.items():
        known = option not in ("--min-share", "--jobs") or command == "sweep"
        if value is not None and known and option not in given:
            if option == "--starts" and "--start" in given:
                continue
            given += [option, value]
    return CliRunner().invoke(app, [command, *given], env={"COLUMNS": "80"})


def in_json(*options: str | Path) -> dict[str, Any]:
    result = run("--json", *options)
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_three_axes_fit_80_columns() -> None:
    result = run("--cohort-range", "1..6")
    assert result.exit_code == 0, result.output
    assert "\u2026" not in result.stdout
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80


def test_it_reads_well_at_80_columns() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    assert result.stderr == ""  # no bar where there is no terminal
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert text.startswith("With every floor met, ilp emitted ")
    for part in (
        " at cohort size 2, min share 0, where nobody is owed a turn, and ",
        "4 trainings: cohort size 2, 4 x min share 0, 1 3 rounds each, from 2 starts, ",
        "cohort size min share CO2eq saved saved 95% interval of limit",
        "cohort size min share floor floors met Jain turns g a turn front",
        "Cohort size 2: min share 0 to 1 takes emissions from ",
        "On the front: ",
        "95% intervals are of means over 2 starts",
    ):
        assert part in text, part


def test_a_point_is_what_compare_prints() -> None:
    found = in_json("--cohort-size", "4", "--min-share", "0.5", "--dropout", "0.2")
    compared = run(
        *("--json", "--cohort-size", "4", "--min-share", "0.5", "--dropout", "0.2"),
        *("--policies", "ilp,oracle"),
        command="compare",
    )
    alone = json.loads(compared.stdout)
    (point,) = found["points"]
    for name, policy in alone["policies"].items():
        assert {key: point["policies"][name][key] for key in policy} == policy
    for key in ("fairness", "expected_g"):
        assert point[key] == alone[key]
    for key in ("starts", "rounds", "seed", "about_starts", "independent_starts", "intensities"):
        assert found[key] == alone[key]


def test_a_history_alone_will_do() -> None:
    given = ["--actuals", FILES["--actuals"], "--clients", FILES["--clients"], "--rounds", "3"]
    options = ["--cohort-size", "2", "--min-share", "0,1/2", "--starts", "2", "--jobs", "1"]
    result = CliRunner().invoke(app, ["sweep", *given, *options, "--json"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert (found["forecasts"], found["intensities"]["forecast"]) == ("persistence", None)
    assert [point["values"]["min_share"] for point in found["points"]] == [0, 0.5]


def test_report_figures_and_rows_are_written(tmp_path: Path) -> None:
    page, folder, rows = (tmp_path / name for name in ("out.html", "figures", "out.csv"))
    result = run("--report", page, "--figures", folder, "--out", rows)
    assert result.exit_code == 0, result.output
    assert result.stderr == f"Wrote {page}\nWrote {folder}\nWrote {rows}\n"
    read = read_page(page.read_text())
    assert len(read.images) == 4
    assert " ".join(result.stdout.split())[:60] in read.text
    assert {path.name for path in folder.iterdir()} == {
        f"{name}.{kind}" for name in ("trade_off", "front") for kind in ("png", "svg", "csv")
    }
    table = list(csv.DictReader(io.StringIO(rows.read_text())))
    assert [(row["cohort_size"], row["min_share"]) for row in table] == [
        ("2", "0.0"),
        ("2", "1.0"),
        ("4", "0.0"),
        ("4", "1.0"),
    ]


def test_rows_go_to_the_standard_output_and_words_elsewhere() -> None:
    result = run("--out", "-", "--cohort-size", "2", "--start", "2022-07-12T00:00Z")
    assert result.exit_code == 0, result.output
    table = list(csv.DictReader(io.StringIO(result.stdout)))
    assert len(table) == 2
    assert table[0]["emissions_g_low"] == ""  # one start says nothing of others
    assert "With every floor met" in result.stderr


def test_a_sweep_goes_on_from_its_file(tmp_path: Path) -> None:
    kept = tmp_path / "tasks.jsonl"
    part = run("--resume", kept, "--cohort-size", "2", "--min-share", "1")
    assert part.exit_code == 0, part.output
    assert len(kept.read_text().splitlines()) == 3
    found, alone = in_json("--resume", kept), in_json()
    for content in (found, alone):
        del content["timing"]
    assert found == alone
    again = run("--resume", kept)
    about = "those of this sweep are not done again"
    assert again.stderr == f"{kept}: holds 8 finished tasks; {about}.\n"
    torn = kept.read_text()[:-9]
    kept.write_text(torn)
    result = run("--resume", kept)
    assert "tasks.jsonl: the last line was only half written" in result.stderr
    assert "holds 7 finished tasks" in result.stderr
    assert result.stdout == again.stdout


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--rounds", "4"], "was begun with other inputs (rounds: 3 then, 4 now); give the same"),
        (["--dropout", "0.1", "--seed", "2"], "dropout: 0.0 then, 0.1 now; seed: 0 then, 2 now"),
        (["--max-share", "2"], "max-share: nothing then, 2 now"),
        (["--units", "lb/MWh"], "units: nothing then, lb/MWh now"),
        (["--clients", "{clients}"], "clients: sha256 "),
    ],
)
def test_other_inputs_are_refused(tmp_path: Path, options: list[str], message: str) -> None:
    kept, clients = tmp_path / "tasks.jsonl", tmp_path / "clients.csv"
    small = ["--resume", str(kept), "--cohort-size", "2", "--min-share", "0", "--starts", "1"]
    assert run(*small).exit_code == 0
    text = (EXAMPLES / "clients.csv").read_text()
    clients.write_text(text.replace("BPAT,250,45", "BPAT,251,45"))
    result = run(*small, *(option.format(clients=clients) for option in options))
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--cohort-size", "2,x"], "cohort-size: expected whole numbers separated by commas"),
        (["--cohort-size", "2,,4"], "cohort-size: expected whole numbers separated by commas"),
        (["--cohort-size", "4,13"], "cohort size 13, min share 0: cohort size: expected 1 to 12"),
        (["--cohort-size", "4,4"], "cohort-size: 4 is named twice"),
        (["--min-share", "0,2"], "min share 2: min-share: expected 0 to 1, got 2"),
        (["--min-share", "0,a"], "min share a: min-share: expected a number, got 'a'"),
        (["--min-share", ""], "min-share: expected a number, got ''"),
        (["--min-share", "0.5,0.50"], "min-share: 0.5 is named twice"),
        (["--min-share", "1", "--max-rounds", "0"], "min share 1: the cap of 0 turns is below"),
        (["--jobs", "0"], "jobs: expected 1 or more, got 0"),
        (["--jobs", "2", "--ray", "auto"], "expected --jobs or --ray, got both"),
        (["--solver", "greedy"], "solver: expected cbc or flow, got 'greedy'"),
        (["--time-limit", "0"], "time limit: expected seconds above zero"),
        (["--rounds", "200"], "no issue of "),
        (["--starts", "0"], "starts: expected 1 or more, got 0"),
        (["--dropout", "2"], "dropout: expected 0 to 1, got 2.0"),
        (["--absence", "0.1", "--availability", "x"], "expected --availability or --absence"),
        (["--outages", "none.csv"], "none.csv: cannot be read"),
        (["--report", "out.pdf"], "report: expected a name that ends in .html or .htm"),
        (["--figures", "none/out"], "the folder none does not exist"),
        (["--out", FILES["--clients"]], "is also an input; it would be overwritten"),
        (["--resume", FILES["--actuals"]], "is also an input; it would be overwritten"),
        (["--resume", "none/t.jsonl"], "the folder none does not exist"),
        (["--resume", "README.md"], "README.md:1: is no file of finished tasks of a sweep"),
        (["--resume", "t.csv", "--out", "t.csv"], "is also another output"),
        (["--resume", "t.jsonl", "--clients", "-"], "resume: expected files that can be read"),
    ],
)
def test_bad_input_is_one_line(
    options: list[str], message: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "README.md").write_text("Words.\n")
    result = CliRunner().invoke(
        app,
        ["sweep", *_with_defaults(options)],
        input=(EXAMPLES / "clients.csv").read_text(),
        env={"COLUMNS": "80"},
    )
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    # Nothing that was asked for is there, and what was there still is.
    assert {path.name for path in tmp_path.iterdir()} <= {"README.md", "t.jsonl"}
    assert (tmp_path / "README.md").read_text() == "Words.\n"


def _with_defaults(options: list[str]) -> list[str]:
    more = [word for pair in FILES.items() if pair[0] not in options for word in pair]
    return [*options, *more]


def test_errors_are_json_where_json_is_asked_for() -> None:
    result = run("--json", "--cohort-size", "4,13")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["error"]["field"] == "cohort_size"


def test_the_bar_tells_of_tasks(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = io.StringIO()
    console = Console(file=shown, force_terminal=True, width=80)
    monkeypatch.setattr(progress, "literal_console", lambda *, stderr: console if stderr else None)
    with progress.progress_bar("Playing") as told:
        told(3, 8)
    assert "Playing" in shown.getvalue()
    assert "3/8" in shown.getvalue()


def test_help_has_an_example_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = CliRunner().invoke(app, ["sweep", "--help"], env={"COLUMNS": "300"}).stdout
    line = next(line for line in shown.splitlines() if "Example:" in line)
    monkeypatch.chdir(ROOT)
    small = ["--starts", "1", "--rounds", "2", "--jobs", "1"]
    result = CliRunner().invoke(app, [*line.split("lowcarb", 1)[1].split(), *small])
    assert result.exit_code == 0, result.output
