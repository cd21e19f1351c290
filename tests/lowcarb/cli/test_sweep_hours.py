"""``lowcarb sweep --deadline``: text, page, rows, going on, and what is refused."""

import csv
import io
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.html_pages import read_page
from tests.helpers.plan_command import EXAMPLES
from tests.helpers.schemas import check

FILES = ("--actuals", str(EXAMPLES / "actuals.csv"), "--clients", str(EXAMPLES / "clients.csv"))
ASKED = ("--cohort-size", "4", "--rounds", "2", "--starts", "1", "--min-share", "0,1")
HOURS = ("--deadline", "4h,6h", "--open", "00:00-10:00 UTC")


def sweep(*options: str) -> Result:
    words = ["sweep", *FILES, *ASKED, *options]
    return CliRunner().invoke(app, words, env={"COLUMNS": "80"})


def without_timing(result: Result) -> dict[str, Any]:
    assert result.exit_code == 0, result.output
    content: dict[str, Any] = json.loads(result.stdout)
    del content["timing"]
    return content


def test_four_axes_fit_80_columns() -> None:
    result = sweep(*HOURS, "--longest-pause", "9h", "--cohort-range", "4..4", "--jobs", "1")
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    assert "\u2026" not in result.stdout
    text = " ".join(result.stdout.split())
    assert "cohort size 4 x cohort range 4..4 x deadline 4h, 6h x min share 0, 1" in text
    assert "Hours: open 00:00-10:00 UTC, pauses of 9 h at most Used: " in text
    assert "Choosing the hours saved, against rounds at once, by deadline: 4h " in text
    assert "random cohorts at once at cohort size 4" in text


def test_a_range_of_rounds_is_said_with_what_was_held() -> None:
    ranged = ("--rounds", "1..2", "--cohort-range", "1..8", "--min-share", "0")
    result = sweep("--deadline", "6h", *ranged, "--jobs", "1")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "1 to 2 rounds each, from 1 start, " in text
    assert re.search(
        "Rounds that ilp held, the mean over the starts, by deadline: 6h [12]\\.", text
    )
    assert max(map(len, result.stdout.splitlines())) <= 80


@pytest.mark.slow
def test_a_range_of_rounds_is_on_the_page_and_in_json_and_csv(tmp_path: Path) -> None:
    ranged = ("--rounds", "1..2", "--cohort-range", "1..8", "--min-share", "0")
    page, rows = tmp_path / "sweep.html", tmp_path / "rows.csv"
    result = sweep(
        *("--deadline", "6h", *ranged, "--jobs", "1", "--json"),
        *("--report", str(page), "--out", str(rows)),
    )
    content = without_timing(result)
    check(json.loads(result.stdout))
    assert (content["rounds"], content["fewest_rounds"]) == (2, 1)
    held = content["points"][0]["policies"]["ilp"]["rounds_held"]
    first = next(csv.DictReader(io.StringIO(rows.read_text())))
    assert float(first["rounds_held"]) == held
    assert "Rounds held" in read_page(page.read_text()).text


@pytest.mark.slow
def test_a_page_shows_grams_by_deadline(tmp_path: Path) -> None:
    page = tmp_path / "sweep.html"
    result = sweep(*HOURS, "--report", str(page), "--jobs", "1")
    assert result.exit_code == 0, result.output
    read = read_page(page.read_text())
    assert any(alt.startswith("Emissions by deadline; with 6 h: ") for alt in read.images)


@pytest.mark.slow
def test_processes_and_whoever_goes_on_give_the_same(tmp_path: Path) -> None:
    one = without_timing(sweep(*HOURS, "--json", "--jobs", "1"))
    assert [axis["name"] for axis in one["axes"]] == ["cohort_size", "deadline_h", "min_share"]
    assert one["axes"][1]["values"] == [4, 6]
    assert one["hours"] == {"open_hours": "00:00-10:00 UTC", "longest_pause_s": None}
    tasks = ("--resume", str(tmp_path / "tasks"), "--jobs", "2")
    first = sweep("--deadline", "4h", *HOURS[2:], *tasks)
    assert first.exit_code == 0, first.output
    # The same deadlines, said otherwise.
    again = sweep("--deadline", "240min", "--deadline", "6h", *HOURS[2:], *tasks, "--json")
    assert "holds 2 finished tasks" in again.stderr
    assert without_timing(again) == one
    other = sweep("--deadline", "4h", "--open", "00:00-11:00 UTC", *tasks)
    assert "(open: 00:00-10:00 UTC then, 00:00-11:00 UTC now" in other.stderr


def test_rows_have_the_hours_of_the_deadline() -> None:
    result = sweep("--deadline", "4h,6h", "--out", "-", "--jobs", "1")
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert [(row["deadline_h"], row["policy"]) for row in rows[::2]] == [
        *(("4.0", "ilp"), ("6.0", "ilp")),
        *(("4.0", "at-once"), ("6.0", "at-once")),
    ]


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--open", "07:00-19:00 UTC"), "open: says which hours may be chosen until a deadline"),
        (("--rounds", "1..2", "--cohort-range", "1..8"), "rounds: expected one number, got 1..2"),
        (("--rounds", "1..2", "--deadline", "6h"), "rounds: expected one number, got 1..2; fewer"),
        (("--longest-pause", "2h"), "longest-pause: says which hours may be chosen"),
        (("--deadline", "noon"), "deadline: expected a duration such as 30min"),
        (("--deadline", "6h,360min"), "deadline: 6h is named twice"),
        (
            ("--deadline", "1h"),
            "cohort size 4, deadline 1h, min share 0: deadline: 2 rounds of",
        ),
        (
            ("--deadline", "6h", "--dropout", "0.1"),
            "dropout: --dropout 0.1 cannot be played beside --deadline 6h yet; leave out "
            "--dropout, or --deadline",
        ),
        (
            ("--deadline", "6h", "--absence", "0.1"),
            "absence: --absence 0.1 cannot be played beside --deadline 6h yet; leave out "
            "--absence, or --deadline",
        ),
        (
            ("--deadline", "6h", "--availability", str(EXAMPLES / "clients.csv")),
            "availability: --availability ",
        ),
        (
            ("--deadline", "6h", "--outages", str(EXAMPLES / "clients.csv")),
            "outages: --outages ",
        ),
    ],
)
def test_what_cannot_be_is_refused(options: tuple[str, ...], said: str) -> None:
    result = sweep(*options)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"Error: {said}")
