"""A saving beside missed floors carries a mark, wherever a table gives it."""

import csv
import json
import re
from pathlib import Path
from urllib.parse import unquote

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.planning.baselines import Baseline
from lowcarb.planning.wording import ABOUT_EMPTY, ABOUT_MARKED, marked, with_mark
from tests.helpers.data import ROOT
from tests.helpers.schemas import check

EXAMPLES = ROOT / "examples"
CLIENTS = ["--clients", str(EXAMPLES / "clients.csv"), "--cohort-size", "4", "--rounds", "6"]
PLAN = ["plan", "--forecast", str(EXAMPLES / "forecast.csv"), *CLIENTS]
COMPARE = [
    *("compare", "--forecast", str(EXAMPLES / "issues.csv"), "--starts", "1", "--seeds", "1"),
    *("--actuals", str(EXAMPLES / "actuals.csv"), "--policies", "greedy,cheapest", *CLIENTS),
]


def run(*words: str) -> str:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result.stdout


def row(text: str, name: str) -> str:
    return next(line for line in text.splitlines() if line.startswith(name))


def table(page: str, title: str) -> tuple[list[dict[str, str]], str]:
    """The CSV behind a page's table, and the table itself."""
    (link,) = re.findall(rf'href="data:text/csv[^,]*,([^"]*)">Download “{title}”', page)
    lines = unquote(link).removeprefix("\ufeff").splitlines()
    return list(csv.DictReader(lines)), page[page.index(f"<h2>{title}</h2>") :].partition(
        "</table>"
    )[0]


@pytest.mark.parametrize("floors", ["1", "0"])
def test_a_plan_marks_who_misses_floors(floors: str, tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    text = run(*PLAN, "--min-rounds", floors, "--report", str(page))
    missed = floors != "0"
    assert ("! -" in row(text, "cheapest: no floors")) == (ABOUT_MARKED in text) == missed
    for name in ("lowcarb", "regret", "greedy", "random"):
        assert "!" not in row(text, name)
    rows, shown = table(page.read_text(), "Beside other ways to choose")
    assert (ABOUT_MARKED in shown) == (">! -" in shown) == missed
    assert all(float(one["vs random"]) < 1 for one in rows)
    assert (float(rows[-1]["Floors met"]) < 1) == missed


def test_a_plan_whose_own_floors_are_missed_is_marked(tmp_path: Path) -> None:
    away = tmp_path / "away.csv"
    first = (EXAMPLES / "clients.csv").read_text().splitlines()[1].split(",")[0]
    away.write_text(f"client,from,until\n{first},2022-07-01T00:00Z,2022-07-01T01:00Z\n")
    words = [*PLAN, "--min-rounds", "2", "--availability", str(away)]
    assert "! -" in row(run(*words), "lowcarb: this plan")
    content = json.loads(run(*words, "--json"))
    assert content["comparable"] is False
    assert content["baselines_comparable"]["random"] is True
    assert content["baselines_comparable"]["cheapest"] is False


@pytest.mark.slow
def test_a_comparison_marks_who_misses_floors(tmp_path: Path) -> None:
    page = tmp_path / "compare.html"
    text = run(*COMPARE, "--min-rounds", "1", "--report", str(page))
    assert text.count(ABOUT_MARKED) == 1
    assert len(re.findall("^cheapest.*! ", text, re.MULTILINE)) == 2
    assert not re.search("^(greedy|oracle).*!", text, re.MULTILINE)
    for title in ("Saved against random cohorts", "Emissions and fairness"):
        rows, shown = table(page.read_text(), title)
        met = {one["Who chooses"]: float(one["Floors met"]) for one in rows}
        assert met["cheapest"] < 1 == met["greedy"]
        assert ABOUT_MARKED in shown
    rows, shown = table(page.read_text(), "From each start")
    assert {float(one["greedy floors met"]) for one in rows} == {1.0}
    assert "!" not in shown
    content = json.loads(run(*COMPARE, "--min-rounds", "1", "--json"))
    assert content["policies"]["cheapest"]["comparable"] is False
    assert content["policies"]["greedy"]["comparable"] is True


def test_a_policy_that_the_sentences_are_about_is_marked_from_each_start(tmp_path: Path) -> None:
    page = tmp_path / "compare.html"
    words = [one.replace("greedy,cheapest", "cheapest") for one in COMPARE]
    text = run(*words, "--min-rounds", "1", "--report", str(page))
    assert "(floors missed)" in " ".join(text.split())
    rows, shown = table(page.read_text(), "From each start")
    assert all(float(one["cheapest floors met"]) < 1 for one in rows)
    assert ABOUT_MARKED in shown
    assert shown.count(">! ") == 2 * len(rows)  # kilograms and percent


def test_without_missed_floors_there_is_no_mark() -> None:
    assert marked("-12%", comparable=True) == "-12%"
    assert marked("-12%", comparable=False) == "! -12%"
    kept, by_chance, missed = (Baseline(planned_g=1.0, floors_met=one) for one in (1.0, None, 0.9))
    assert with_mark("What.", [kept, by_chance]) == "What."
    assert with_mark("What.", [kept, missed]) == f"What. {ABOUT_MARKED}."


@pytest.mark.parametrize("cause", [("--rest", "3"), ("--max-rounds", "1")])
def test_a_plan_that_leaves_seats_empty_is_marked(cause: tuple[str, str], tmp_path: Path) -> None:
    page = tmp_path / "plan.html"
    text = run(*PLAN, *cause, "--report", str(page))
    assert re.search(r"this plan .* ! -\d", text)
    # Beside a plan of fewer turns no other way can be judged by what it emits more or less.
    assert re.search(r"random: expected .* ! \+\d", text)
    assert "seats left empty that random cohorts would fill" in " ".join(text.split())
    assert ABOUT_EMPTY in text
    assert "What fairness costs is unknown" in text or "--rest" in cause
    rows, shown = table(page.read_text(), "Beside other ways to choose")
    assert rows[0]["Who chooses"] == "lowcarb: this plan"
    assert ABOUT_EMPTY in shown
    assert "seats left empty that random cohorts would fill." in page.read_text()
    content = json.loads(run(*PLAN, *cause, "--json"))
    check(content)
    assert content["comparable"] is False
    assert re.match(r"\d+ seats left empty that random", content["not_comparable"])


def test_seats_that_nobody_could_fill_are_the_same_for_all(tmp_path: Path) -> None:
    """Where nobody is there random cohorts fill no seat either, so savings compare."""
    away = tmp_path / "away.csv"
    clients = (EXAMPLES / "clients.csv").read_text().splitlines()[1:]
    rows = [f"{line.split(',')[0]},2022-07-01T01:00Z,2022-07-02T00:00Z" for line in clients]
    away.write_text("\n".join(["client,from,until", *rows]) + "\n")
    words = [*PLAN, "--min-share", "0", "--availability", str(away)]
    text = run(*words)
    assert "NOT MET: 4 seats" in text
    assert "!" not in text
    content = json.loads(run(*words, "--json"))
    assert content["comparable"] is True
    assert content["not_comparable"] is None
