"""``--also``: a plan by one signal, told by another as well."""

import json
import sys
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.html_pages import read_page
from tests.helpers.plan_command import run

HOURS = "".join(f"2022-07-01T{h:02d}:00:00Z,100,300\n" for h in range(8))
AVERAGE = f"time_utc,A,B\n{HOURS}"
MARGINAL = AVERAGE.replace(",100,300", ",800,400")
CLIENTS = "client,region,energy_kwh,duration_min\na,A,1,60\nb,B,1,60\n"
KINDS = ("--signal", "average", "--also-signal", "marginal")


@pytest.fixture(autouse=True)
def _no_pictures(monkeypatch: pytest.MonkeyPatch) -> None:
    """Write pages without pictures: they take seconds, and show the first signal alone."""
    monkeypatch.setattr("lowcarb.report.plan.pictures.pictures_of", lambda _plan: [])
    monkeypatch.setattr("lowcarb.report.comparison.pictures.pictures_of", lambda *_found: [])
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)


def plan(folder: Path, *options: str, also: str = MARGINAL, first: str = AVERAGE) -> Result:
    (folder / "m.csv").write_text(also)
    return run(
        folder,
        *("--also", str(folder / "m.csv"), "--cohort-size", "1", "--rounds", "2"),
        *("--min-share", "0", "--solver", "greedy", *options),
        forecast=first,
        clients=CLIENTS,
    )


def test_text_json_and_page_tell_both_signals_and_which_is_which(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    result = plan(tmp_path, *KINDS, "--report", str(page))
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    for part in (
        "200.0 g CO2eq forecast by average intensities, 50.0% less than random cohorts",
        "average (planned by) 200.0 g 400.0 g -50.0% 100%",
        "marginal 1,600.0 g 1,200.0 g +33.3% 100%",
        "By average: emissions by location (attributional)",
        "By marginal: consequence of the choice (consequential)",
        "they are never added, and never ranked",
    ):
        assert part in text, part
    assert max(map(len, result.stdout.splitlines())) <= 80
    read = read_page(page.read_text())
    for part in ("By two signals", "average (planned by)", "consequence of the choice"):
        assert part in read.text, part
    content = json.loads(plan(tmp_path, *KINDS, "--json").stdout)
    assert [one["role"] for one in content["files"]] == ["forecast", "clients", "also"]
    assert content["also"]["answers"].startswith("consequence of the choice")
    figures = {name: content["also"][name] for name in ("planned_g", "random_g", "saved_g")}
    assert figures == {"planned_g": 1600, "random_g": 1200, "saved_g": -400}
    assert (content["objective_g"], content["baselines_g"]["random"]) == (200, 400)


def test_the_second_file_is_written_as_is_said_of_it(tmp_path: Path) -> None:
    other = "when,A,B\n" + HOURS.replace(",100,300", ",0.8,0.4")
    options = ("--also-units", "kg/kWh", "--also-columns", "time=when", "--json")
    result = plan(tmp_path, *KINDS, *options, also=other)
    assert result.exit_code == 0, result.output
    assert json.loads(result.stdout)["also"]["planned_g"] == pytest.approx(1600)


def test_what_is_not_known_is_said_in_text_and_page(tmp_path: Path) -> None:
    some = "time_utc,B\n" + HOURS.replace(",100,300", ",400")
    page = tmp_path / "p.html"
    result = plan(tmp_path, *KINDS, "--report", str(page), also=some)
    assert result.exit_code == 0, result.output
    said = "says nothing of A: figures by it are of 0.0% of the energy of the plan and 50.0% of the"
    # Where lines end rests on the length of the file's name.
    assert "".join(said.split()) in "".join(result.stdout.split())
    assert "marginal ? 400.0 g ? 0.0%, 50.0%" in " ".join(result.stdout.split())
    assert said in read_page(page.read_text()).text


def test_floors_that_are_missed_are_said_of_both(tmp_path: Path) -> None:
    online = tmp_path / "online.csv"
    online.write_text("client,from,until\nb,2022-07-02T00:00Z,2022-07-02T01:00Z\n")
    options = ("--min-rounds", "1", "--availability", str(online))
    (tmp_path / "m.csv").write_text(MARGINAL)
    result = run(
        tmp_path,
        *("--also", str(tmp_path / "m.csv"), "--cohort-size", "1", "--rounds", "2"),
        *(*KINDS, *options),
        forecast=AVERAGE,
        clients=CLIENTS,
    )
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "By either signal NOT COMPARABLE: 1 owed turn missing (b 1)." in text


def test_typical_days_are_of_the_kind_that_is_said_of_them(tmp_path: Path) -> None:
    day = tmp_path / "typical.csv"
    hours = ",".join(f"h{h:02d}" for h in range(24))
    day.write_text(f"region,{hours}\nA{',100' * 24}\nB{',300' * 24}\n")
    (tmp_path / "m.csv").write_text(MARGINAL)
    (tmp_path / "c.csv").write_text(CLIENTS)
    words = ["plan", "--typical", str(day), "--start", "2022-07-01T00:00Z", "--rounds", "2"]
    words += ["--clients", str(tmp_path / "c.csv"), "--cohort-size", "1", "--min-share", "0"]
    words += ["--also", str(tmp_path / "m.csv"), *KINDS, "--solver", "greedy", "--json"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    assert content["intensities"]["forecast"] == [{"signal": "average", "accounting": None}]
    assert content["also"]["saved_g"] == -400


@pytest.mark.parametrize(
    ("options", "message", "field"),
    [
        (("--signal", "average"), "m.csv: does not say whether", "signal"),
        (("--also-signal", "marginal"), "what is planned by does not say", "signal"),
        (("--signal", "average", "--also-signal", "average"), "average as well", "accounting"),
        (("--also-signal", "other"), "also-signal: expected average or marginal", "also_signal"),
        (("--also-units", "kWh"), "also-units: expected", "also_units"),
        (("--also-accounting", "all"), "also-accounting: expected", "also_accounting"),
        (("--also-columns", "what"), "also-columns: expected", "also_columns"),
    ],
)
def test_refusals_name_the_option(
    tmp_path: Path, options: tuple[str, ...], message: str, field: str
) -> None:
    result = plan(tmp_path, *options)
    assert result.exit_code == 1
    assert message in result.stderr
    assert result.stdout == ""
    error = json.loads(plan(tmp_path, *options, "--json").stdout)["error"]
    assert error["field"] == field


def test_what_is_said_of_no_file_is_refused(tmp_path: Path) -> None:
    result = run(tmp_path, "--also-signal", "marginal")
    assert result.exit_code == 1
    assert "also-signal: got 'marginal', but no file of a second signal was given" in result.stderr


def days(levels: str) -> str:
    rows = (f"2022-07-{d:02d}T{h:02d}:00:00Z,{levels}\n" for d in range(1, 6) for h in range(24))
    return f"time_utc,A,B\n{''.join(rows)}"


def compare(folder: Path, *options: str, also: str = "800,400") -> Result:
    for name, content in {"a.csv": days("100,300"), "m.csv": days(also), "c.csv": CLIENTS}.items():
        (folder / name).write_text(content)
    words = ["compare", "--actuals", str(folder / "a.csv"), "--clients", str(folder / "c.csv")]
    words += ["--also-actuals", str(folder / "m.csv"), "--cohort-size", "1", "--rounds", "4"]
    words += ["--policies", "random,cheapest", "--seeds", "2", "--min-share", "0"]
    return CliRunner().invoke(app, [*words, *options], env={"COLUMNS": "80"})


def test_comparisons_tell_both_signals_in_text_json_and_page(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    result = compare(tmp_path, *KINDS, "--report", str(page))
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "By average intensities, which cohorts were chosen by:" in result.stdout
    block = " ".join(result.stdout.partition("By a second signal: marginal")[2].split())
    for part in (
        "cheapest 3.20 -0.800 -0.800 to -0.800 -33.3% -33.3 to -33.3%",
        "By marginal: consequence of the choice",
        "never added, and never ranked",
        "policies are listed, by average intensities",
    ):
        assert part in block, part
    read = read_page(page.read_text()).text
    assert "By a second signal: marginal" in read
    assert "By average: emissions by location" in read
    content = json.loads(compare(tmp_path, *KINDS, "--json").stdout)
    assert list(content["also"]["policies"]) == list(content["policies"])
    cheapest = content["also"]["policies"]["cheapest"]
    assert cheapest["saved_g"] == -800
    assert cheapest["interval95"]["saved_g"] == [-800, -800]
    assert content["policies"]["cheapest"]["saved_g"] == 400
    assert content["files"][-1]["role"] == "also-actuals"


def test_comparisons_say_what_is_not_known(tmp_path: Path) -> None:
    result = compare(tmp_path, *KINDS, also=",400")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "cheapest ? ? ? ? ?" in text
    said = "says nothing of A: figures by it are of 0.0% of the energy of cheapest and 50.0% of the"
    assert said in " ".join(result.stdout.replace("\n", " ").split())


def test_comparisons_refuse_what_is_no_second_signal(tmp_path: Path) -> None:
    result = compare(tmp_path, "--signal", "average", "--also-signal", "average")
    assert result.exit_code == 1
    assert "m.csv: has average intensities, and what is planned by is average as" in result.stderr
    assert "also-signal: got" in compare_without(tmp_path).stderr


def compare_without(folder: Path) -> Result:
    words = ["compare", "--actuals", str(folder / "a.csv"), "--clients", str(folder / "c.csv")]
    words += ["--cohort-size", "1", "--rounds", "4", "--also-signal", "marginal"]
    return CliRunner().invoke(app, words)
