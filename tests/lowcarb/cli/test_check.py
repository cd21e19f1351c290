"""``lowcarb check``: what was understood, as text and as JSON."""

import json
from pathlib import Path
from typing import Any

from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ROOT
from tests.helpers.foreign_files import ELECTRICITY_MAPS, WATTTIME, saved_in_central_europe

EXAMPLES = ROOT / "examples"


def check(*arguments: str | Path) -> Result:
    return CliRunner().invoke(app, ["check", *map(str, arguments)], env={"COLUMNS": "80"})


def files(*arguments: str | Path) -> list[dict[str, Any]]:
    result = check(*arguments, "--json")
    loaded: dict[str, Any] = json.loads(result.stdout)
    assert loaded["schema"] == "lowcarb/check/1"
    found: list[dict[str, Any]] = loaded["files"]
    return found


def test_the_examples_are_understood() -> None:
    names = ["forecast.csv", "issues.csv", "clients.csv", "typical_day.csv"]
    found = files(*(EXAMPLES / name for name in names))
    assert [one["kind"] for one in found] == [
        "intensities",
        "intensities",
        "clients",
        "typical days",
    ]
    series = found[0]["regions"]["BPAT"]
    assert (series["values"], series["gaps"], series["step_s"]) == (48, 0, 3600)
    assert (series["from"], series["until"]) == ("2022-07-01T00:00:00Z", "2022-07-03T00:00:00Z")
    assert (found[0]["unit"], found[0]["unit_by"], found[0]["signal"]) == ("g/kWh", "assumed", None)
    assert found[1]["issues"] > 1
    assert found[2]["clients"] == 12
    assert found[2]["regions_without_intensities"] == []


def test_a_foreign_file_is_described_for_people(tmp_path: Path) -> None:
    path = tmp_path / "em.csv"
    path.write_bytes(saved_in_central_europe(ELECTRICITY_MAPS).encode("cp1250"))
    clients = tmp_path / "c.csv"
    clients.write_text("client,region,duration_min,energy_kwh\na,SE,60,1\n")
    result = check(path, clients)
    assert result.exit_code == 0, result.output
    for text in (
        "em.csv: an export of Electricity Maps",
        "Written: utf-8, semicolons between cells, 3 rows",
        "Columns: time = 'Datetime (UTC)', region = 'Zone id'",
        "Times without a zone: UTC",
        "Unit: g/kWh (header); signal: average; accounting: lifecycle",
        "FI: 70.2 to 73.2 gCO2eq/kWh, 2024-02-28 22:00 to 2024-02-29 01:00 UTC, every 1 h, no gaps",
        "Note: ",
        "1 client in 1 region: SE",
        "No file of intensities has SE",
    ):
        assert text in result.stdout


def test_gaps_steps_and_blanks_are_told(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    rows = "".join(f"2026-01-10T{h:02d}:00Z,1{h}0,{'' if h > 3 else 2}\n" for h in (0, 1, 2, 5, 6))
    path.write_text(f"time_utc,GB,FR\n{rows}")
    (found,) = files(path)
    assert found["regions"]["GB"]["gaps"] == 1
    assert found["regions"]["GB"]["first_gaps"] == [
        ["2026-01-10T03:00:00Z", "2026-01-10T05:00:00Z"]
    ]
    assert any("2 of its 5 cells are blank" in note for note in found["notes"])
    assert "without 2026-01-10 03:00 to 2026-01-10 05:00" in check(path).stdout


def test_one_bad_file_is_named_and_the_others_are_told(tmp_path: Path) -> None:
    bad = tmp_path / "bad.csv"
    bad.write_text("Datum;FR\n1;2\n")
    result = check(bad, EXAMPLES / "forecast.csv")
    assert result.exit_code == 1
    assert "bad.csv: cannot be used" in result.stdout
    assert "forecast.csv: the wide form" in result.stdout
    found = files(bad, EXAMPLES / "forecast.csv")
    assert (found[0]["error"]["line"], found[0]["error"]["file"]) == (1, str(bad))
    assert "kind" in found[1]


def test_what_is_said_counts(tmp_path: Path) -> None:
    path = tmp_path / "wt.csv"
    path.write_text(WATTTIME)
    (found,) = files(path, "--region", "CAISO_NORTH", "--unit", "kg/MWh", "--past")
    assert (found["unit"], found["unit_by"], found["signal"]) == ("kg/MWh", "said", "marginal")
    assert found["regions"]["CAISO_NORTH"]["most"] == 815.1
    assert check(path, "--timezone", "Berlin").exit_code == 1


def test_files_are_named_as_for_other_commands(tmp_path: Path) -> None:
    forecast, clients = EXAMPLES / "forecast.csv", EXAMPLES / "clients.csv"
    named = files("--forecast", forecast, "--clients", clients)
    assert named == files(forecast, clients)
    assert [one["kind"] for one in named] == ["intensities", "clients"]
    bad = tmp_path / "bad.csv"
    bad.write_text(
        "time_utc,FR\n2026-01-10T00:00Z,40\n2026-01-10T01:00Z,-1\n2026-01-10T02:00Z,41\n"
    )
    assert check("--forecast", bad).exit_code == 1
    assert check("--actuals", bad).exit_code == 0
    swapped = check("--forecast", clients)
    assert swapped.exit_code == 1
    assert "expected intensities, got clients" in swapped.output
    assert "expected a file to check" in check().output
