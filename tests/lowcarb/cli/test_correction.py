"""Corrected forecasts as users of ``lowcarb plan`` and ``lowcarb compare`` meet them."""

import json
import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb._util.times import from_seconds, to_iso
from lowcarb.cli import app
from lowcarb.demo.scenario import Scenario
from tests.helpers.data import ROOT

EXAMPLES = ROOT / "examples"
FILES = [
    "--forecast",
    str(EXAMPLES / "issues.csv"),
    "--actuals",
    str(EXAMPLES / "actuals.csv"),
    "--clients",
    str(EXAMPLES / "clients.csv"),
    *("--cohort-size", "4", "--rounds", "6"),
]
COMPARE = ["compare", *FILES, "--starts", "1", "--seeds", "1", "--policies", "regret"]
PLAN = ["plan", *FILES, "--solver", "greedy"]
SENTENCE = re.compile(
    r"orecasts are corrected by what came true on (\d+) days before: their mean error is "
    r"(\d+\.\d) instead of (\d+\.\d) %, their rank correlation with what came true (0\.\d\d) "
    r"instead of (0\.\d\d)"
)


def run(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    return result


def in_words(*words: str) -> str:
    return " ".join(run(*words).stdout.split())


def in_json(*words: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads(run(*words, "--json").stdout)
    return content


@pytest.mark.parametrize("command", [COMPARE, PLAN])
def test_text_and_json_say_that_forecasts_are_corrected(command: list[str]) -> None:
    found = SENTENCE.search(in_words(*command))
    assert found is not None
    told = in_json(*command)["correction"]
    assert told["days_fewest"] == told["days_most"] == int(found[1])
    for when, error, rank in (("after", found[2], found[4]), ("before", found[3], found[5])):
        assert f"{told[when]['mape_pct']:.1f}" == error
        assert f"{told[when]['rank_correlation']:.2f}" == rank
    assert told["after"] != told["before"]


@pytest.mark.parametrize("command", [COMPARE, PLAN])
def test_forecasts_may_stay_as_issued(command: list[str]) -> None:
    raw = in_json(*command, "--no-correction")
    assert raw["correction"] is None
    assert not any("corrected" in note for note in raw["notes"])
    assert "corrected" not in in_words(*command, "--no-correction")
    corrected = in_json(*command)
    key = "policies" if command is COMPARE else "objective_g"
    assert corrected[key] != raw[key]


@pytest.mark.parametrize("command", [COMPARE, PLAN])
def test_what_is_never_known_in_time_corrects_nothing(command: list[str]) -> None:
    late = in_json(*command, "--actual-delay", "300d")
    assert late["correction"]["days_most"] == 0
    assert late["correction"]["before"] == late["correction"]["after"]
    said = "too little is known of what came true to correct forecasts"
    assert any(note.lower().startswith(said) for note in late["notes"])


def test_a_plan_knows_nothing_of_what_came_true_later(tmp_path: Path) -> None:
    start = "2022-07-09T00:00:00Z"
    lines = (EXAMPLES / "actuals.csv").read_text().splitlines()
    spoilt = [lines[0]]
    for line in lines[1:]:
        time, *values = line.split(",")
        later = time >= "2022-07-08T23"
        spoilt.append(",".join([time, *("1" if later else value for value in values)]))
    file = tmp_path / "spoilt.csv"
    file.write_text("\n".join(spoilt) + "\n")
    plans = []
    for actuals in (EXAMPLES / "actuals.csv", file):
        words = [*PLAN, "--start", start]
        words[words.index("--actuals") + 1] = str(actuals)
        plans.append(in_json(*words))
    assert plans[0]["correction"]["days_most"] > 0
    for key in ("correction", "rounds", "objective_g"):
        assert plans[0][key] == plans[1][key]


def test_a_short_history_is_no_reason_to_refuse_a_forecast_that_reaches(tmp_path: Path) -> None:
    short = tmp_path / "short.csv"
    short.write_text("\n".join((EXAMPLES / "actuals.csv").read_text().splitlines()[:20]))
    words = [str(short) if word.endswith("actuals.csv") else word for word in PLAN]
    in_json(*words)
    outrun = CliRunner().invoke(app, [*words, "--rounds", "200"])
    assert outrun.exit_code == 1
    assert "its typical day cannot be learnt" in outrun.stderr


def test_a_region_of_which_nothing_came_true_is_named(tmp_path: Path) -> None:
    rows = [row.split(",") for row in (EXAMPLES / "actuals.csv").read_text().splitlines()]
    without = tmp_path / "without.csv"
    without.write_text("\n".join(",".join(row[:-1]) for row in rows))
    words = [str(without) if word.endswith("actuals.csv") else word for word in PLAN]
    assert f"it is not known what came true in {rows[0][-1]}" in in_words(*words)


def test_no_correction_without_anything_to_correct_by_is_refused() -> None:
    words = [*PLAN[:3], *PLAN[5:], "--no-correction"]
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 1
    assert "only where --forecast and --actuals are given" in " ".join(result.stderr.split())


def test_a_bad_delay_is_one_line() -> None:
    result = CliRunner().invoke(app, [*PLAN, "--actual-delay", "soon"])
    assert result.exit_code == 1
    assert "actual-delay" in result.output


def test_plans_say_within_which_bounds_nine_in_ten_emit_or_why_nobody_knows() -> None:
    assert "errors of 11 past issues are known, 19 are needed" in in_words(*PLAN)
    assert in_json(*PLAN)["interval90_g"] is None
    assert "interval of what" not in in_words(*PLAN, "--no-correction")


def test_plans_give_an_interval_where_enough_issues_are_past(tmp_path: Path) -> None:
    days = Scenario(seed=0, days=34)
    forecast, actuals, page = (tmp_path / name for name in ("f.csv", "a.csv", "p.html"))
    names = ["BPAT", "CISO"]
    with forecast.open("w") as file:
        print("issued_at,target_time", *names, sep=",", file=file)
        for issue in days.issues.forecasts:
            assert issue.issued_at is not None
            rows = zip(*(issue.series[name].values for name in names), strict=True)
            for time, row in zip(issue.series["BPAT"].times, rows, strict=True):
                print(to_iso(issue.issued_at), to_iso(from_seconds(time)), *row, sep=",", file=file)
    with actuals.open("w") as file:
        print("time_utc", *names, sep=",", file=file)
        rows = zip(*(days.actual.series[name].values for name in names), strict=True)
        for time, row in zip(days.actual.series["BPAT"].times, rows, strict=True):
            print(to_iso(from_seconds(time)), *row, sep=",", file=file)
    clients = tmp_path / "clients.csv"
    clients.write_text("client,region,energy_kwh,duration_min\na,BPAT,1,60\nb,CISO,1,60\n")
    newest = days.issues.newest.issued_at
    assert newest is not None
    plan = [
        *("plan", "--forecast", str(forecast), "--actuals", str(actuals)),
        *("--clients", str(clients), "--cohort-size", "1", "--rounds", "6", "--min-rounds", "2"),
        *("--start", to_iso(newest), "--solver", "greedy"),
    ]
    low, high = in_json(*plan)["interval90_g"]
    planned = in_json(*plan)["objective_g"]
    assert 0.5 * planned < low < planned * 1.1
    assert low < high < 2 * planned
    # Of six chosen slots of thirty the interval is that of these slots.
    within = to_iso(newest + timedelta(hours=30))
    chosen = in_json(*plan, "--deadline", within)
    (low_then, high_then), then = chosen["interval90_g"], chosen["objective_g"]
    assert then < planned
    assert low_then / then == pytest.approx(low / planned, rel=0.2)
    assert high_then / then == pytest.approx(high / planned, rel=0.2)
    said = in_words(*plan, "--report", str(page))
    assert f"90% interval of what is emitted: {low:,.1f} g to {high:,.1f} g CO2eq" in said
    assert "90% interval of what is emitted" in page.read_text()
    assert "plays the errors of past forecasts" in page.read_text()
