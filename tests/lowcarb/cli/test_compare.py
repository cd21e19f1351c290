"""``lowcarb compare`` as users meet it: text, JSON, errors."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.html_pages import read_page

EXAMPLES = ROOT / "examples"
FILES = {
    "--forecast": str(EXAMPLES / "issues.csv"),
    "--actuals": str(EXAMPLES / "actuals.csv"),
    "--clients": str(EXAMPLES / "clients.csv"),
    "--cohort-size": "4",
    "--rounds": "8",
    "--starts": "1",
    "--seeds": "3",
}


def words(*options: str | Path) -> list[str]:
    """Complete the options of a small comparison of the example files."""
    given = [str(option) for option in options]
    for option, value in FILES.items():
        if option not in given and not (option == "--starts" and "--start" in given):
            given += [option, value]
    return ["compare", *given]


def run(*options: str | Path) -> Result:
    return CliRunner().invoke(app, words(*options), env={"COLUMNS": "80"})


def in_json(*options: str | Path) -> dict[str, Any]:
    result = run("--json", *options)
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    return content


def test_it_reads_well_at_80_columns() -> None:
    result = run()
    assert result.exit_code == 0, result.output
    lines = [line.rstrip() for line in result.stdout.splitlines()]
    assert max(map(len, lines)) <= 80
    text = " ".join(" ".join(lines).split())
    assert text.startswith("With every floor met, ilp emitted ")
    for part in (
        "% less than random cohorts: ",
        "% of the saving that perfect foresight would bring, and ",
        "8 rounds of 4, from 1 start, 2022-07-11 00:00 UTC",
        "12 clients in 6 regions; each client takes part at least once",
        "oracle: the limit",
        "random: 3 seeds, standard deviation",
        "Left to the limit: ",
        "all of it is forecast error. Its largest parts lie in ",
    ):
        assert part in text, part


@pytest.mark.parametrize(
    ("options", "sentences"),
    [
        (
            ["--cohort-size", "12", "--policies", "ilp,regret,oracle"],
            [
                "With every floor met, ilp emitted as much as random cohorts: as much as regret.",
                "Nothing is left to the limit.",
            ],
        ),
        (
            ["--min-rounds", "2", "--policies", "cheapest"],
            [
                "less than random cohorts, NOT COMPARABLE: 16 owed turns missing (",
            ],
        ),
        (
            ["--min-share", "0", "--policies", "cheapest"],
            ["With no floors set, cheapest emitted ", "Savings are against random's exact"],
        ),
        (
            ["--rounds", "24", "--dropout", "0.2", "--policies", "ilp,oracle"],
            ["turns of ilp lost or empty, over all starts.", "the oracle alone knows beforehand."],
        ),
        (
            ["--rounds", "24", "--absence", "0.3", "--policies", "ilp,oracle"],
            ["forecast errors account for ", ", planning from round to round for "],
        ),
    ],
)
def test_sentences_suit_what_was_played(options: list[str], sentences: list[str]) -> None:
    result = run(*options)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    for sentence in sentences:
        assert sentence in text


def test_json_has_the_documented_fields() -> None:
    found = in_json()
    assert (found["schema"], found["seed"], found["seeds"]) == ("lowcarb/compare/1", 0, 3)
    assert found["limit"]["policy"] == "ilp"
    names = [
        "random",
        "round-robin",
        "cheapest",
        "greedy",
        "regret",
        "lowcarb-2022",
        "ilp",
        "oracle",
    ]
    assert list(found["policies"]) == names
    fields = [
        "emissions_g",
        "saved_vs_random_pct",
        "share_of_oracle_pct",
        "jain",
        "gini",
        "turns_min",
        "turns_max",
        "floors_met_pct",
        "comparable",
        "fallbacks",
        "saved_g",
        "planned_g",
        "empty_seats",
        "interval95",
        "per_start",
    ]
    for name, policy in found["policies"].items():
        assert list(policy)[: len(fields)] == fields
        assert list(policy)[len(fields) :] == ["spread_pct", "expected_g"] * (name == "random")
    ilp, random = found["policies"]["ilp"], found["policies"]["random"]
    saved = 100 * (1 - ilp["emissions_g"] / random["expected_g"])
    assert ilp["saved_vs_random_pct"] == pytest.approx(saved)
    assert (ilp["floors_met_pct"], ilp["fallbacks"], ilp["turns_min"]) == (100, 0, 1)
    assert ilp["comparable"] is True
    oracle = found["policies"]["oracle"]
    assert oracle["share_of_oracle_pct"] == 100
    assert oracle["emissions_g"] <= ilp["emissions_g"]
    assert (found["starts"], found["seed"]) == (["2022-07-11T00:00:00Z"], 0)
    assert set(found["timing"]) == set(names)


@pytest.mark.slow
def test_one_seed_gives_the_same_bytes_on_one_core_and_on_many(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    chances = ("--dropout", "0.1", "--absence", "0.1", "--starts", "2")
    done = subprocess.run(
        [sys.executable, "-m", "lowcarb", *words(*chances, "--seed", "5", "--json")],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    many = json.loads(done.stdout)
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)
    one, other = (in_json(*chances, "--seed", seed) for seed in ("5", "6"))
    for content in (many, one):
        del content["timing"]
    assert json.dumps(many) == json.dumps(one)
    assert other["policies"]["random"] != one["policies"]["random"]


def test_one_start_may_be_given() -> None:
    start = "2022-07-12T06:00:00Z"
    found = in_json("--start", start, "--policies", "regret,greedy", "--max-rounds", "4")
    assert found["starts"] == [start]
    assert found["policies"]["regret"]["share_of_oracle_pct"] is None
    assert found["policies"]["regret"]["turns_max"] <= 4


def test_units_are_converted() -> None:
    one, other = (in_json("--policies", "greedy", "--units", unit) for unit in ("g/kWh", "lb/MWh"))
    factor = other["policies"]["greedy"]["emissions_g"] / one["policies"]["greedy"]["emissions_g"]
    assert factor == pytest.approx(0.45359237)


def test_announced_absences_are_kept(tmp_path: Path) -> None:
    (tmp_path / "online.csv").write_text(
        "client,from,until\nportland-lab,2022-07-12T00:00:00Z,2022-07-12T05:00:00Z\n"
    )
    found = in_json("--availability", tmp_path / "online.csv", "--policies", "ilp,oracle")
    # It is away on the day that is played, and so it cannot have the turn that it is owed.
    for policy in found["policies"].values():
        assert policy["floors_met_pct"] == pytest.approx(100 * 11 / 12)
        assert policy["comparable"] is False
        assert policy["turns_min"] == 0


@pytest.mark.slow
def test_outages_lose_turns_that_the_oracle_does_not_give_away(tmp_path: Path) -> None:
    (tmp_path / "outages.csv").write_text(
        "client,from,until\nportland-lab,2022-07-11T00:00:00Z,2022-07-11T07:00:00Z\n"
    )
    # A clean client is out of order until the last of eight rounds; cheapest calls it every time.
    result = run("--outages", tmp_path / "outages.csv", "--policies", "cheapest")
    assert "7 turns of cheapest lost or empty, over all starts." in " ".join(result.stdout.split())
    found = in_json("--outages", tmp_path / "outages.csv", "--policies", "oracle,ilp")
    assert found["policies"]["oracle"]["floors_met_pct"] == 100


@pytest.mark.slow
def test_report_and_figures_are_written(tmp_path: Path) -> None:
    page, folder = tmp_path / "out.html", tmp_path / "figures"
    result = run("--report", page, "--figures", folder, "--policies", "random,ilp,oracle")
    assert result.exit_code == 0, result.output
    assert result.stderr == f"Wrote {page}\nWrote {folder}\n"
    read = read_page(page.read_text())
    assert len(read.images) == 12
    assert " ".join(result.stdout.split())[:60] in read.text
    assert FILES["--actuals"] in read.text
    assert len(list(folder.iterdir())) == 18


@pytest.mark.parametrize("option", ["--report", "--figures"])
def test_without_matplotlib_it_says_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, option: str
) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    result = run(option, tmp_path / "out.html")
    assert result.exit_code == 1
    assert "install Lowcarb with its extra 'report'" in result.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--policies", "ilp,best"], "policies: expected some of ilp, regret, greedy"),
        (["--policies", "ilp,ilp"], "policies: ilp is named twice"),
        (["--policies", "oracle"], "policies: expected another one beside the oracle"),
        (["--policies", ""], "got ''"),
        (["--starts", "0"], "starts: expected 1 or more, got 0"),
        (["--seeds", "0"], "seeds: expected 1 or more, got 0"),
        (["--rounds", "200"], "no issue of "),
        (["--start", "2022-06-01T00:00:00Z"], "no forecast was issued by 2022-06-01 00:00 UTC"),
        (
            ["--start", "2022-07-16T20:00:00Z"],
            "8 rounds (8 h) from 2022-07-16 20:00 UTC would need actual intensities of region "
            "'BPAT' from 2022-07-17 00:00",
        ),
        (["--start", "yesterday"], "start: expected a time such as"),
        (["--actual-delay", "soon"], "actual-delay: expected a duration"),
        (["--dropout", "2"], "dropout: expected 0 to 1, got 2.0"),
        (["--absence", "nan"], "absence: expected 0 to 1, got nan"),
        (["--time-limit", "0"], "time limit: expected seconds above zero"),
        (["--units", "g"], "expected units g/kWh or lb/MWh"),
        (["--cohort-size", "13"], "cohort size: expected 1 to 12"),
        (["--forecast", FILES["--actuals"]], "actuals.csv: has no column issued_at; a replay"),
        (["--actuals", FILES["--forecast"]], "issues.csv: has a column issued_at; expected one"),
        (["--absence", "0.1", "--availability", "x"], "expected --availability or --absence"),
        (["--dropout", "0.1", "--outages", "x"], "expected --outages or --dropout, got both"),
        (["--outages", "none.csv"], "none.csv: cannot be read"),
        (["--forecast", "-", "--actuals", "-"], "standard input (-) can be read only once"),
        (["--report", "out.pdf"], "report: expected a name that ends in .html or .htm"),
        (["--report", "none/out.html"], "the folder none does not exist"),
        (["--figures", "none/out"], "the folder none does not exist"),
        (["--figures", FILES["--clients"]], "clients.csv: is a file; expected a folder"),
    ],
)
def test_bad_input_is_one_line(options: list[str], message: str) -> None:
    result = run(*options)
    assert result.exit_code == 1, result.output
    assert result.stdout == ""
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


@pytest.mark.parametrize(("file", "what"), [("issues", "forecast"), ("actuals", "actuals")])
def test_regions_must_be_known(tmp_path: Path, file: str, what: str) -> None:
    text = (EXAMPLES / f"{file}.csv").read_text().replace("CISO", "CAISO", 1)
    (tmp_path / "f.csv").write_text(text)
    result = run(f"--{what}", tmp_path / "f.csv", "--json")
    assert result.exit_code == 1
    error = json.loads(result.stdout)["error"]
    assert f"region 'CISO' of client 'berkeley-gpu' is not in the {what} " in error["message"]
    assert (error["line"], error["field"]) == (4, "region")


def test_a_gap_in_the_actuals_is_named(tmp_path: Path) -> None:
    lines = (EXAMPLES / "actuals.csv").read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(line for line in lines if "11T03:00" not in line))
    result = run("--actuals", tmp_path / "a.csv", "--start", "2022-07-11T00:00:00Z")
    assert result.exit_code == 1
    assert "need actual intensities of region 'BPAT' from 2022-07-11 03:00" in result.stderr
    assert "without 2022-07-11 03:00 to 2022-07-11 04:00" in result.stderr


def test_help_has_an_example_that_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = CliRunner().invoke(app, ["compare", "--help"], env={"COLUMNS": "300"}).stdout
    line = next(line for line in shown.splitlines() if "Example:" in line)
    monkeypatch.chdir(ROOT)
    options = [*line.split("lowcarb", 1)[1].split(), "--starts", "1", "--policies", "greedy"]
    result = CliRunner().invoke(app, options)
    assert result.exit_code == 0, result.output
