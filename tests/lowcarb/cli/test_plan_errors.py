"""``lowcarb plan`` on bad input: one line or JSON, exit 1, nothing written."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ENVIRONMENT
from tests.helpers.plan_command import ENERGY, FORECAST, GAP, run


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
        (
            "blank intensity",
            [],
            {"forecast": FORECAST.replace("07-01T03:00:00Z,55,", "07-01T03:00:00Z,,")},
            "1 of its 48 cells are blank, and nothing is known there",
        ),
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
        ("share out of range", ["--min-share", "2"], {}, "min-share: expected 0 to 1"),
        ("two floors", ["--min-share", "0.5", "--min-rounds", "1"], {}, "not both"),
        ("solver", ["--solver", "magic"], {}, "expected cbc or flow or greedy, got 'magic'"),
        ("time limit", ["--time-limit", "0"], {}, "time limit: expected seconds above zero"),
        ("gap limit", ["--gap", "1"], {}, "gap: expected 0 or more and less than 1"),
        ("units", ["--units", "kg"], {}, "expected units g/kWh or lb/MWh"),
        ("seed", ["--seed", "-1"], {}, "seed: expected 0 or more, got -1"),
        ("long limit", ["--time-limit", "1e300"], {}, "up to 86400, got 1e+300"),
        (
            "long every",
            ["--every", "999999999d"],
            {},
            "every: expected a duration longer than zero",
        ),
        ("far start", ["--start", "9999-12-31T23:59:59Z"], {}, "start: the time '9999-12-31"),
        ("many rounds", ["--rounds", "1000000000"], {}, "rounds: expected 1 to 10000"),
        ("tiny share", ["--min-share", "1e-99999999"], {}, "min-share: expected a number"),
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
        (
            "one delimiter too many",
            [],
            {"clients": ENERGY.replace("b,CISO", "b,;CISO,")},
            "c.csv:3: expected 4 cells as in the header, got 5 cells",
        ),
        ("NUL", [], {"clients": ENERGY.replace("CISO", "C\0ISO")}, "c.csv:3: is not a text file"),
        ("escapes", [], {"clients": ENERGY.replace("b,", "\x1b[31mb,")}, "control characters"),
        ("line break", [], {"clients": ENERGY.replace("b,", '"b\nb",')}, "control characters"),
        ("broken header", [], {"clients": ENERGY.replace("region", '"a\nb"')}, "unknown column"),
        ("no file name", ["--forecast", ""], {}, "expected the name of a file, got none"),
        ("standard input twice", ["--forecast", "-", "--clients", "-"], {}, "only once"),
        ("no output", ["--out", ""], {}, "out: expected the name of a file, got ''"),
        ("report to -", ["--report", "-"], {}, "report: expected the name of a file, got '-'"),
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
    assert lines[0] == " ".join(filter(None, ["Error:", place, error["message"]]))


def test_inputs_are_not_overwritten(tmp_path: Path) -> None:
    for name in ("c.csv", "f.csv"):
        result = run(tmp_path, "--out", str(tmp_path / name))
        assert result.exit_code == 1
        assert "is also an input" in result.stderr
    assert (tmp_path / "c.csv").read_text() == ENERGY


@pytest.mark.slow
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
    wrong = run(tmp_path, "--rounds", "9..3")
    assert wrong.exit_code == 2
    assert "such as 24..96, got '9..3'" in wrong.output
    assert run(tmp_path, "--no-such-option").exit_code == 2
    assert CliRunner().invoke(app, ["plan"]).exit_code == 2
