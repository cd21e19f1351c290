"""``lowcarb plan`` as users meet it: output, files, JSON, and every kind of bad input."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.data import ENVIRONMENT, ROOT

EXAMPLES = ROOT / "examples"
FORECAST = (EXAMPLES / "forecast.csv").read_text()
CLIENTS = (EXAMPLES / "clients.csv").read_text()
ENERGY = "client,region,energy_kwh,duration_min\na,BPAT,1,60\nb,CISO,2,60\nc,PJM,0.5,30\n"


def run(
    folder: Path, *options: str, forecast: str | bytes = FORECAST, clients: str = ENERGY
) -> Result:
    """Run `lowcarb plan` in a folder on files with the given content."""
    target = folder / "f.csv"
    if isinstance(forecast, bytes):
        target.write_bytes(forecast)
    else:
        target.write_text(forecast)
    (folder / "c.csv").write_text(clients)
    given = list(options)
    for option, value in {
        "--forecast": str(target),
        "--clients": str(folder / "c.csv"),
        "--cohort-size": "2",
        "--rounds": "6",
    }.items():
        if option not in given:
            given += [option, value]
    return CliRunner().invoke(app, ["plan", *given], env={"COLUMNS": "80"})


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


def test_json_has_the_documented_fields(tmp_path: Path) -> None:
    plan = plan_json(tmp_path)
    assert list(plan) == [
        "status",
        "solver",
        "seconds",
        "objective_g",
        "bound_g",
        "gap",
        "rounds",
        "participation",
        "baselines_g",
        "shortfalls",
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
    assert late["notes"][0].endswith("the plan of regret stands")
    assert "no better answer within the time limit" in late["notes"][0]


GAP = "".join(line for line in FORECAST.splitlines(True) if "01T03:00" not in line)


@pytest.mark.parametrize(
    ("name", "options", "content", "message"),
    [
        ("empty forecast", [], {"forecast": ""}, "f.csv: is empty"),
        ("empty clients", [], {"clients": ""}, "c.csv: is empty"),
        (
            "missing column",
            [],
            {"clients": ENERGY.replace("region", "attr:x")},
            "'region' is missing",
        ),
        (
            "unknown column",
            [],
            {"clients": ENERGY.replace("region", "Region")},
            "'Region'; known are",
        ),
        (
            "unknown region",
            [],
            {"clients": ENERGY.replace("CISO", "XX")},
            "c.csv:3: region 'XX' of client 'b' is not in the forecast",
        ),
        (
            "time without zone",
            [],
            {"forecast": FORECAST.replace("07-01T05:00:00Z", "07-01T05:00:00")},
            "f.csv:7: time_utc: the time '2022-07-01T05:00:00' has no zone",
        ),
        ("start without zone", ["--start", "2022-07-01T00:00"], {}, "has no zone"),
        ("gap", [], {"forecast": GAP}, "without 2022-07-01 03:00 to 2022-07-01 04:00"),
        (
            "NaN intensity",
            [],
            {"forecast": FORECAST.replace(",56,", ",nan,", 1)},
            "f.csv:2:",
        ),
        ("negative intensity", [], {"forecast": FORECAST.replace(",56,", ",-56,", 1)}, "got '-56'"),
        ("infinite intensity", [], {"forecast": FORECAST.replace(",56,", ",inf,", 1)}, "got 'inf'"),
        ("blank intensity", [], {"forecast": FORECAST.replace(",56,", ",,", 1)}, "is blank"),
        (
            "NaN energy",
            [],
            {"clients": ENERGY.replace("0.5", "NaN")},
            "c.csv:4: energy_kwh of client 'c'",
        ),
        ("negative energy", [], {"clients": ENERGY.replace("0.5", "-2")}, "got '-2'"),
        ("infinite energy", [], {"clients": ENERGY.replace("0.5", "1e999")}, "got '1e999'"),
        (
            "both energies",
            [],
            {"clients": "client,region,energy_kwh,power_w,duration_min\na,BPAT,1,50,60\n"},
            "client 'a' gives both energy_kwh and power_w",
        ),
        (
            "different duplicates",
            [],
            {"forecast": FORECAST.replace("2022-07-01T01:00", "2022-07-01T00:00")},
            "two different values, 56 and 55",
        ),
        (
            "unsorted",
            [],
            {"forecast": FORECAST.replace("07-01T05", "07-01T02")},
            "times must ascend",
        ),
        (
            "duplicate client",
            [],
            {"clients": ENERGY.replace("b,", "a,")},
            "client 'a' stands already",
        ),
        ("large cohort", ["--cohort-size", "4"], {}, "cohort size: expected 1 to 3"),
        (
            "forecast too short",
            ["--rounds", "49"],
            {},
            "covers 2022-07-01 00:00 to 2022-07-03 00:00",
        ),
        ("start too early", ["--start", "2022-06-30T23:00Z"], {}, "does not cover region 'BPAT'"),
        ("every too short", ["--every", "45min"], {}, "client 'a' works for 60 min"),
        ("every of nothing", ["--every", "0h"], {}, "longer than zero"),
        ("every unreadable", ["--every", "hourly"], {}, "expected a duration such as"),
        ("binary forecast", [], {"forecast": b"\x89PNG\r\n\x1a\n\0\xff"}, "not a text file"),
        ("no rounds", ["--rounds", "0"], {}, "rounds: expected 1 to 10000, got 0"),
        ("missing file", ["--forecast", "/nowhere/f.csv"], {}, "/nowhere/f.csv: cannot be read"),
        ("missing clients", ["--clients", "/nowhere/c.csv"], {}, "/nowhere/c.csv: cannot be read"),
        ("share out of range", ["--min-share", "2"], {}, "min_share: expected 0 to 1"),
        ("two floors", ["--min-share", "0.5", "--min-rounds", "1"], {}, "not both"),
        ("solver", ["--solver", "magic"], {}, "expected cbc or greedy, got 'magic'"),
        ("time limit", ["--time-limit", "0"], {}, "time limit: expected seconds above zero"),
        ("gap limit", ["--gap", "1"], {}, "gap: expected 0 or more and less than 1"),
        ("units", ["--units", "kg"], {}, "expected units g/kWh or lb/MWh"),
        ("seed", ["--seed", "-1"], {}, "seed: expected zero or more, got -1"),
        ("long limit", ["--time-limit", "1e300"], {}, "up to 86400, got 1e+300"),
        (
            "long every",
            ["--every", "999999999d"],
            {},
            "every: expected a duration longer than zero",
        ),
        ("far start", ["--start", "9999-12-31T23:59:59Z"], {}, "start: the time '9999-12-31"),
        ("many rounds", ["--rounds", "1000000000"], {}, "rounds: expected 1 to 10000"),
        ("tiny share", ["--min-share", "1e-99999999"], {}, "min_share: expected a number"),
        ("high floor", ["--min-rounds", "7"], {}, "expected at most the 6 rounds of the training"),
        (
            "tiny duration",
            [],
            {"clients": ENERGY.replace("60", "1e-9", 1)},
            "expected at least 1 s",
        ),
        ("long duration", [], {"clients": ENERGY.replace("60", "1e300", 1)}, "got '1e300'"),
        ("huge energy", [], {"clients": ENERGY.replace("1,60", "1e308,60", 1)}, "got '1e308'"),
        ("underscores", [], {"clients": ENERGY.replace("0.5", "1_000")}, "got '1_000'"),
        (
            "other digits",
            [],
            {"clients": ENERGY.replace("0.5", "\u0665")},
            "expected a finite number",
        ),
        ("semicolons", [], {"clients": ENERGY.replace(",", ";")}, "by commas, not by ';'"),
        ("NUL", [], {"clients": ENERGY.replace("CISO", "C\0ISO")}, "c.csv:3: is not a text file"),
        ("escapes", [], {"clients": ENERGY.replace("b,", "\x1b[31mb,")}, "control characters"),
        ("line break", [], {"clients": ENERGY.replace("b,", '"b\nb",')}, "control characters"),
        ("broken header", [], {"clients": ENERGY.replace("region", '"a\nb"')}, "unknown column"),
        ("no file name", ["--forecast", ""], {}, "expected the name of a file, got none"),
        ("standard input twice", ["--forecast", "-", "--clients", "-"], {}, "only once"),
        ("out to -", ["--out", "-"], {}, "out: expected the name of a file, got '-'"),
        ("out folder", ["--out", "/nowhere/plan.csv"], {}, "folder /nowhere does not exist"),
    ],
)
def test_bad_input_is_one_line_and_writes_nothing(
    tmp_path: Path, name: str, options: list[str], content: dict[str, Any], message: str
) -> None:
    out = [] if "--out" in options else ["--out", str(tmp_path / "plan.csv")]
    result = run(tmp_path, *options, *out, **content)
    assert result.exit_code == 1, name
    assert result.stdout == ""
    lines = result.stderr.splitlines()
    assert len(lines) == 1
    assert lines[0].startswith("Error: ")
    assert message in lines[0]
    assert sorted(p.name for p in tmp_path.iterdir()) == ["c.csv", "f.csv"]

    as_json = run(tmp_path, *options, *out, "--json", **content)
    assert as_json.exit_code == 1
    error = json.loads(as_json.stdout)["error"]
    assert list(error) == ["message", "file", "line", "field"]
    place = "".join(f"{part}:" for part in (error["file"], error["line"]) if part is not None)
    assert (
        lines[0] == f"Error: {place} {error['message']}" if place else f"Error: {error['message']}"
    )


def test_typical_days_stand_in_beyond_the_forecast(tmp_path: Path) -> None:
    result = run(tmp_path, "--rounds", "72", "--typical", str(EXAMPLES / "typical_day.csv"))
    assert result.exit_code == 0, result.output
    assert "Note: the forecast ends in round 49; from there on typical days" in result.stdout
    short = run(tmp_path, "--rounds", "72")
    assert short.exit_code == 1
    assert "covers 2022-07-01 00:00 to 2022-07-03 00:00 UTC" in short.stderr


def test_inputs_are_not_overwritten(tmp_path: Path) -> None:
    for name in ("c.csv", "f.csv"):
        result = run(tmp_path, "--out", str(tmp_path / name))
        assert result.exit_code == 1
        assert "is also an input" in result.stderr
    assert (tmp_path / "c.csv").read_text() == ENERGY


def test_a_plan_with_empty_seats_is_not_praised(tmp_path: Path) -> None:
    result = run(tmp_path, "--max-rounds", "0", "--min-share", "0")
    assert result.exit_code == 0
    assert "NOT MET: 12 seats cannot be had" in result.stdout
    assert "less than random" not in result.stdout
    assert "Warning: round 1 is 2 seats short: 2 seats, but no client available" in result.stderr


def test_one_of_everything_is_singular(tmp_path: Path) -> None:
    options = ["--cohort-size", "1", "--rounds", "1"]
    result = run(tmp_path, *options, clients="client,region,energy_kwh,duration_min\na,BPAT,1,60\n")
    assert "1 round of 1, " in result.stdout
    assert "1 client in 1 region; " in result.stdout
    assert "No round can seat one more client." in result.stdout


def test_an_output_that_is_full_or_knows_ascii_only(tmp_path: Path) -> None:
    (tmp_path / "c.csv").write_text(ENERGY.replace("b,", "Zürich,"), encoding="utf-8")
    (tmp_path / "f.csv").write_text(FORECAST)
    command = [
        *(sys.executable, "-m", "lowcarb", "plan", "--forecast", "f.csv", "--clients", "c.csv"),
        *("--cohort-size", "1", "--rounds", "3", "--min-rounds", "1"),
    ]
    environment = {**ENVIRONMENT, "PYTHONIOENCODING": "ascii"}
    plain = subprocess.run(command, capture_output=True, cwd=tmp_path, env=environment, check=False)
    assert plain.returncode == 0, plain.stderr
    assert b"Z\\xfcrich" in plain.stdout
    for options in ([], ["--json"]):
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(
                [*command, *options],
                stdout=full,
                stderr=subprocess.PIPE,
                text=True,
                cwd=tmp_path,
                env=environment,
                check=False,
            )
        assert done.returncode == 1
        assert done.stderr == "Error: the output cannot be written: No space left on device\n"


def test_a_gap_that_is_not_touched_does_not_matter(tmp_path: Path) -> None:
    assert run(tmp_path, "--start", "2022-07-01T04:00Z", forecast=GAP).exit_code == 0


def test_wrong_usage_exits_with_2(tmp_path: Path) -> None:
    assert run(tmp_path, "--rounds", "many").exit_code == 2
    assert run(tmp_path, "--no-such-option").exit_code == 2
    assert CliRunner().invoke(app, ["plan"]).exit_code == 2


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
