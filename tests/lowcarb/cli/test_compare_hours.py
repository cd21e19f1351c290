"""``lowcarb compare --deadline``: text, pictures, and what is refused."""

import io
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from rich.console import Console
from typer.testing import CliRunner

from lowcarb import Planner
from lowcarb.cli import app
from lowcarb.cli.compare_hours_text import render
from lowcarb.planning.slot_policies import AtOnce
from lowcarb.replay import HoursAfter, HoursSummary, compare_hours
from lowcarb.replay.interval import Interval
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.html_pages import read_page
from tests.helpers.plan_command import EXAMPLES
from tests.helpers.recorded_days import RECORDING, fleet
from tests.helpers.schemas import check

FILES = ("--actuals", str(EXAMPLES / "actuals.csv"), "--clients", str(EXAMPLES / "clients.csv"))
ASKED = ("--cohort-size", "4", "--rounds", "3", "--starts", "1")


def compare(*options: str) -> Result:
    words = ["compare", *FILES, *ASKED, *options]
    return CliRunner().invoke(app, words, env={"COLUMNS": "80"})


def test_it_says_what_choosing_the_hours_saved() -> None:
    result = compare(
        *("--deadline", "4h,7h", "--policies", "ilp,oracle", "--open", "00:00-10:00 UTC")
    )
    assert result.exit_code == 0, result.output
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    text = " ".join(result.stdout.split())
    assert "With 4 h until the deadline, choosing the hours (ilp) " in text
    assert "With 7 h until the deadline" in text
    assert "3 rounds of 4 within 7 h, open 00:00-10:00 UTC" in text
    for name in ("at-once", "ilp", "oracle"):
        assert sum(line.startswith(f"{name} ") for line in lines) == 2


@pytest.mark.slow
def test_a_page_and_pictures_are_written(tmp_path: Path) -> None:
    figures, report = tmp_path / "figures", tmp_path / "hours.html"
    result = compare(
        *("--deadline", "4h,7h", "--policies", "ilp,oracle", "--figures", str(figures)),
        *("--report", str(report)),
    )
    assert result.exit_code == 0, result.output
    rows = (figures / "by_deadline.csv").read_text().splitlines()
    assert rows[0] == "hours,at-once_g,ilp_g,oracle_g"
    assert [row.split(",")[0] for row in rows[1:]] == ["4.0", "7.0"]
    at_once, _, oracle = zip(*(map(float, row.split(",")[1:]) for row in rows[1:]), strict=True)
    assert at_once[0] == at_once[1]
    assert oracle[1] <= oracle[0] <= at_once[0]
    page = read_page(report.read_text(encoding="utf-8"))
    assert "With 7 h until the deadline, choosing the hours (ilp) " in page.text
    assert {path.suffix for path in figures.glob("by_policy.*")} == {".png", ".svg", ".csv"}
    assert result.stderr.splitlines()[-2:] == [f"Wrote {report}", f"Wrote {figures}"]


def test_caps_that_would_not_do_for_as_many_rounds_as_slots_are_caps() -> None:
    result = compare("--deadline", "9h", "--policies", "at-once", "--min-share", "1")
    capped = compare(
        *("--deadline", "9h", "--policies", "at-once", "--min-share", "1", "--max-rounds", "1")
    )
    assert (result.exit_code, capped.exit_code) == (0, 0), capped.output


def test_the_largest_figures_fit_80_columns() -> None:
    found = compare_hours(
        Planner(fleet=fleet(6), cohort_size=2, rounds=3, solvers=(Greedy(),)),
        RECORDING,
        [START],
        {name: AtOnce(solvers=(Greedy(),)) for name in ("at-once", "cheapest-slots")},
        HoursAfter(within=timedelta(hours=9)),
    )
    largest = HoursSummary(
        realised_g=1.2346e8,
        planned_g=1.2346e8,
        saved_g=-1.2346e8,
        saved=-0.9999,
        spread=0.9999,
        share_of_oracle=1.0,
        saved_interval=Interval(-1.2345, -0.8765),
        share_interval=None,
        floors_met=0.999,
        misses_floors=True,
        left_empty=0,
        hours_used=8760.5,
    )
    found.__dict__["summaries"] = {"at-once": largest, "cheapest-slots": largest}
    shown = io.StringIO()
    render([found], Console(file=shown, width=80))
    assert "\u2026" not in shown.getvalue()
    assert "-123.4 to -87.6%" in shown.getvalue()
    assert " 8760.5" in shown.getvalue()
    assert max(len(line.rstrip()) for line in shown.getvalue().splitlines()) <= 80


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (
            ("--open", "07:00-19:00 UTC"),
            "open: says which hours may be chosen until a deadline; add --deadline DURATION",
        ),
        (("--deadline", "24h,24h"), "deadline: 24h is named twice; name it once"),
        (("--deadline", "24h", "--deadline", "1440min"), "deadline: 1440min is named twice"),
        (("--deadline", "noon"), "deadline: expected a duration such as 30min"),
        (("--deadline", "2h"), "deadline: 3 rounds of 1 h need until"),
        (
            ("--deadline", "9h", "--policies", "greedy"),
            "policies: with --deadline expected some of",
        ),
        (("--deadline", "9h", "--policies", "ilp,ilp"), "policies: ilp is named twice"),
        (
            ("--deadline", "9h", "--dropout", "0.1"),
            "dropout: --dropout 0.1 cannot be played beside --deadline 9h yet; leave out "
            "--dropout, or --deadline",
        ),
        (
            ("--deadline", "9h", "--absence", "0.1"),
            "absence: --absence 0.1 cannot be played beside --deadline 9h yet; leave out "
            "--absence, or --deadline",
        ),
        (
            ("--deadline", "9h", "--availability", str(EXAMPLES / "clients.csv")),
            "availability: --availability ",
        ),
        (
            ("--deadline", "9h", "--outages", str(EXAMPLES / "clients.csv")),
            "outages: --outages ",
        ),
        (
            ("--deadline", "9h", "--also-actuals", str(EXAMPLES / "clients.csv")),
            "also-actuals: --also-actuals ",
        ),
        (
            ("--rounds", "2..3"),
            "rounds: expected one number, got 2..3; fewer rounds than the most are held where "
            "hours are chosen and cohorts breathe: give a deadline (--deadline) and --cohort-range "
            "of two different sizes (such as 2..8) beside it",
        ),
        (
            ("--deadline", "9h", "--rounds", "2..3", "--cohort-range", "4..4"),
            "rounds: expected one number, got 2..3; fewer rounds than the most are held where "
            "hours are chosen and cohorts breathe: give --cohort-range of two different sizes "
            "(such as 2..8) beside it",
        ),
        (("--policies", "threshold"), "policies: expected some of"),
    ],
)
def test_what_cannot_be_is_refused(options: tuple[str, ...], said: str) -> None:
    result = compare(*options)
    assert result.exit_code == 1
    assert result.stderr.splitlines()[-1].startswith(f"Error: {said}")


@pytest.mark.parametrize(
    ("options", "field", "words"),
    [
        (
            ("--deadline", "2h,2000h", "--rounds", "2"),
            "deadline",
            ("actual intensities for 83 d 8 h after it; give a shorter deadline",),
        ),
        (
            ("--rounds", "2000"),
            "rounds",
            ("intensities for 2000 rounds (83 d 8 h) after it; give fewer rounds",),
        ),
        (
            ("--deadline", "30h", "--start", "2022-07-20T00:00Z"),
            "deadline",
            ("1 d 6 h from 2022-07-20 00:00 UTC would need ", "give a shorter deadline, another"),
        ),
        (
            ("--start", "2022-07-20T00:00Z"),
            "rounds",
            ("3 rounds (3 h) from 2022-07-20 00:00 UTC ", "give fewer rounds, another start, or"),
        ),
    ],
)
def test_days_that_do_not_reach_are_said_in_time(
    options: tuple[str, ...], field: str, words: tuple[str, ...]
) -> None:
    rest = () if "--start" in options else ("--starts", "1")
    result = CliRunner().invoke(
        app, ["compare", *FILES, "--cohort-size", "4", *_three(options), *rest, *options, "--json"]
    )
    error = json.loads(result.stdout)["error"]
    assert error["field"] == field
    for one in words:
        assert one in error["message"]


def _three(options: tuple[str, ...]) -> tuple[str, ...]:
    return () if "--rounds" in options else ("--rounds", "3")


def test_deadlines_may_be_given_each_with_the_option() -> None:
    asked = ("--policies", "at-once", "--json")
    ones, several = (
        json.loads(compare(*given, *asked).stdout)["deadlines"]
        for given in (("--deadline", "9h", "--deadline", "4h"), ("--deadline", "4h,9h"))
    )
    assert [one["hours"]["within_s"] for one in ones] == [4 * 3600, 9 * 3600]
    assert [one["policies"].keys() for one in ones] == [one["policies"].keys() for one in several]


@pytest.mark.slow
def test_cohorts_breathe_and_fewer_rounds_may_be_held() -> None:
    asked = ("--deadline", "9h", "--cohort-range", "1..8", "--policies", "ilp,oracle")
    said: list[str] = []
    for more in ((), ("--rounds", "1..3")):
        result = compare(*asked, *more, "--json")
        assert result.exit_code == 0, result.output
        check(json.loads(result.stdout))
        found = json.loads(result.stdout)["deadlines"][0]
        assert (found["cohort_range"], found["rounds"]) == ([1, 8], 3)
        assert found["fewest_rounds"] == (1 if more else None)
        begins = found["policies"]["oracle"]["per_start"]["begins"][0]
        assert len(begins) in ((2, 3) if more else (3,))
        assert found["policies"]["oracle"]["rounds_held"] == len(begins)
        held = f"Rounds held, the mean over the starts: at-once 3, ilp {_held(found, 'ilp')}, "
        shown = " ".join(compare(*asked, *more).stdout.split())
        assert (f"{held}oracle {len(begins)}." in shown) == bool(more)
        said.append(shown)
    text = " ".join(" ".join(said).split())
    assert ", 3 rounds of 1 to 8 (4 on average) within 9 h" in f", {text}".replace(". ", ", ")
    assert "1 to 3 rounds of 1 to 8 (4 on average) within 9 h" in text


def _held(found: dict[str, Any], name: str) -> int:
    return len(found["policies"][name]["per_start"]["begins"][0])
