"""``lowcarb plan`` as users meet it: output, files, JSON."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ENVIRONMENT
from tests.helpers.plan_command import CLIENTS, ENERGY, EXAMPLES, FORECAST, run


def plan_json(folder: Path, *options: str, **content: str) -> dict[str, Any]:
    result = run(folder, "--json", *options, **content)
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


def test_the_example_reads_well_at_80_columns(tmp_path: Path) -> None:
    result = run(
        tmp_path, "--cohort-size", "4", "--rounds", "24", "--min-rounds", "4", clients=CLIENTS
    )
    assert result.exit_code == 0, result.output
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    for text in (
        "24 rounds of 4, 2022-07-01 00:00 to 2022-07-02 00:00 UTC",
        "12 clients in 6 regions; each client takes part at least 4 times",
        "less than random",
        "proven optimal, by CBC in",
        "regret: greedy that looks ahead",
        "Fairness costs",
        "One more seat would cost",
        "All floors are met: each client works in 4 to 24 of these rounds.",
        "... and 12 more rounds",
    ):
        assert text in result.stdout


def test_a_plan_dearer_than_random_cohorts_says_more(tmp_path: Path) -> None:
    clients = "client,region,energy_kwh,duration_min,min_rounds\na,BPAT,1,60,0\nb,PJM,1,60,6\n"
    result = run(tmp_path, "--cohort-size", "1", clients=clients)
    assert result.exit_code == 0, result.output
    assert "at least once; own bounds: 2\n" in result.stdout
    assert re.search(r"forecast, [1-9][0-9]\.[0-9]% more than random cohorts\n", result.stdout)


def test_a_plan_without_a_choice_saves_nothing(tmp_path: Path) -> None:
    result = run(tmp_path, "--cohort-size", "3")
    assert "CO2eq forecast, as much as random cohorts\n" in result.stdout


def test_json_has_the_documented_fields(tmp_path: Path) -> None:
    plan = plan_json(tmp_path)
    assert list(plan) == [
        "schema",
        "lowcarb_version",
        "files",
        "intensities",
        "correction",
        "status",
        "solver",
        "seconds",
        "objective_g",
        "interval90_g",
        "bound_g",
        "gap",
        "cohort_range",
        "fixed_cohorts_g",
        "rounds",
        "hours",
        "participation",
        "baselines_g",
        "baselines_comparable",
        "comparable",
        "not_comparable",
        "shortfalls",
        "limits",
        "seat_price_g",
        "notes",
    ]
    assert (plan["status"], plan["solver"], plan["gap"]) == ("optimal", "cbc", 0)
    assert plan["bound_g"] == plan["objective_g"]
    assert [r["round"] for r in plan["rounds"]] == [1, 2, 3, 4, 5, 6]
    assert plan["rounds"][1]["start"] == "2022-07-01T01:00:00Z"
    assert sum(r["emissions_g"] for r in plan["rounds"]) == pytest.approx(plan["objective_g"])
    assert sum(plan["participation"].values()) == 12
    assert set(plan["baselines_g"]) == {"random", "greedy", "regret", "cheapest"}
    assert len(plan["seat_price_g"]) == 6


def test_figures_by_hand(tmp_path: Path) -> None:
    # One client of two a round, 1 kWh each. BPAT 56, 55, 55 and CISO 236, 258, 304 g/kWh; each
    # works at least once, so CISO takes the first hour, its cheapest.
    two = "client,region,energy_kwh,duration_min\na,BPAT,1,60\nb,CISO,1,60\n"
    plan = plan_json(
        tmp_path, "--cohort-size", "1", "--rounds", "3", "--min-rounds", "1", clients=two
    )
    assert plan["objective_g"] == 236 + 55 + 55
    assert [r["clients"] for r in plan["rounds"]] == [["b"], ["a"], ["a"]]
    assert plan["baselines_g"] == {
        "regret": pytest.approx(236 + 55 + 55),
        "greedy": pytest.approx(56 + 55 + 304),
        "cheapest": pytest.approx(56 + 55 + 55),
        "random": pytest.approx((56 + 55 + 55 + 236 + 258 + 304) / 2),
    }
    # A second seat in the first hour goes to a. In a later one it goes to b, and then the first
    # hour is a's.
    assert plan["seat_price_g"] == pytest.approx([56, 258 + 56 - 236, 304 + 56 - 236])


def test_start_picks_the_issue(tmp_path: Path) -> None:
    issues = "issued_at,target_time,BPAT,CISO,PJM\n" + "".join(
        f"2022-07-0{day}T00:00Z,2022-07-0{day + later}T{hour:02d}:00Z,{day},{day},{day}\n"
        for day in (1, 2)
        for later in (0, 1)
        for hour in range(24)
    )
    assert plan_json(tmp_path, forecast=issues)["rounds"][0]["start"] == "2022-07-02T00:00:00Z"
    early = plan_json(tmp_path, "--start", "2022-07-01T22:00+00:00", forecast=issues)
    assert early["rounds"][0]["start"] == "2022-07-01T22:00:00Z"
    result = run(tmp_path, "--start", "2022-06-30T22:00Z", forecast=issues)
    assert result.exit_code == 1
    assert "no forecast was issued by 2022-06-30 22:00 UTC" in result.stderr


def test_out_writes_and_says_so(tmp_path: Path) -> None:
    out = tmp_path / "plan.csv"
    result = run(tmp_path, "--out", str(out))
    assert result.exit_code == 0
    assert f"Wrote {out}" in result.stderr
    assert len(out.read_text().splitlines()) == 13


def test_shortfalls_warn_and_strict_fails(tmp_path: Path) -> None:
    away = tmp_path / "a.csv"
    away.write_text("client,from,until\na,2022-07-01T00:00Z,2022-07-01T01:00Z\n")
    options = ["--availability", str(away), "--min-rounds", "3"]
    result = run(tmp_path, *options)
    assert result.exit_code == 0
    warning = "client 'a' is 2 turns short: owes 3, available in 1 of 6 rounds"
    assert f"Warning: {warning}" in result.stderr
    assert "NOT MET: 2 owed turns cannot be had; see the warnings." in result.stdout
    text = " ".join(result.stdout.split())
    assert "random cohorts, NOT COMPARABLE: 2 owed turns missing (a 2)" in text
    assert plan_json(tmp_path, *options)["comparable"] is False
    assert plan_json(tmp_path)["comparable"] is True
    out = tmp_path / "plan.csv"
    strict = run(tmp_path, *options, "--strict", "--out", str(out), "--json")
    assert strict.exit_code == 1
    assert json.loads(strict.stdout)["error"]["message"] == warning
    assert not out.exists()


def test_greedy_answers_when_asked_or_when_cbc_has_no_time(tmp_path: Path) -> None:
    asked = plan_json(tmp_path, "--solver", "greedy")
    assert asked["solver"] == "regret"
    late = plan_json(tmp_path, "--time-limit", "0.000001")
    assert late["solver"] == "regret"
    assert "the plan of regret stands" in late["notes"][0]
    assert "no better answer within the time limit" in late["notes"][0]


def test_typical_days_stand_in_beyond_the_forecast(tmp_path: Path) -> None:
    result = run(tmp_path, "--rounds", "72", "--typical", str(EXAMPLES / "typical_day.csv"))
    assert result.exit_code == 0, result.output
    assert "Note: the forecast ends in round 49; from there on typical days" in result.stdout
    short = run(tmp_path, "--rounds", "72")
    assert short.exit_code == 1
    assert "covers 2022-07-01 00:00 to 2022-07-03 00:00 UTC" in short.stderr


def test_a_plan_with_empty_seats_is_not_praised(tmp_path: Path) -> None:
    result = run(tmp_path, "--max-rounds", "0", "--min-share", "0")
    assert result.exit_code == 0
    assert "NOT MET: 12 seats cannot be had" in result.stdout
    assert "less than random" not in result.stdout
    assert "Warning: rounds 1 to 6 are 2 seats short each: 2 seats, but no client" in result.stderr


def test_one_of_everything_is_singular(tmp_path: Path) -> None:
    options = ["--cohort-size", "1", "--rounds", "1"]
    result = run(tmp_path, *options, clients="client,region,energy_kwh,duration_min\na,BPAT,1,60\n")
    assert "1 round of 1, " in result.stdout
    assert "1 client in 1 region; " in result.stdout
    assert "No round can seat one more client." in result.stdout


def test_as_a_process_with_standard_input(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(ENERGY)
    done = subprocess.run(
        [
            *(sys.executable, "-m", "lowcarb", "plan", "--forecast", "-", "--clients", "c.csv"),
            *("--cohort-size", "1", "--rounds", "3", "--json"),
        ],
        input=FORECAST,
        capture_output=True,
        text=True,
        cwd=tmp_path,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["status"] == "optimal"
    assert done.stderr == ""


def test_help_has_an_example_that_runs() -> None:
    result = CliRunner().invoke(app, ["plan", "--help"], env={"COLUMNS": "200"})
    line = next(line for line in result.stdout.splitlines() if "Example:" in line)
    words = line.split("lowcarb plan", 1)[1].split()
    run_it = CliRunner().invoke(
        app, ["plan", *(w.replace("examples/", f"{EXAMPLES}/") for w in words)]
    )
    assert run_it.exit_code == 0, run_it.output


@pytest.mark.parametrize("name", [":bomb:", "[red]a[/red]", "a_b_", "1e3", "`a`", "[link=x]a"])
def test_names_are_shown_as_they_are(tmp_path: Path, name: str) -> None:
    clients = ENERGY.replace("a,BPAT", f"{name},BPAT").replace("b,CISO", "b:smile:,CISO")
    shown = run(tmp_path, "--cohort-size", "3", clients=clients)
    assert shown.exit_code == 0, shown.output
    assert name in shown.stdout
    assert "b:smile:" in shown.stdout
    # Each client is owed more turns than there are rounds: shortfalls name the clients, too.
    owing = clients.replace("duration_min", "duration_min,min_rounds").replace(",60\n", ",60,9\n")
    short = run(tmp_path, clients=owing.replace(",30\n", ",30,\n"))
    assert short.exit_code == 0, short.output
    assert f"client {name!r} is " in short.stderr
