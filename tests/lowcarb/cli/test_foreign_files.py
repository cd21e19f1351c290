"""From files as people have them to plans and accounts, in one command each."""

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.foreign_files import (
    ELECTRICITY_MAPS,
    ENERGINET,
    NESO,
    WATTTIME,
    saved_in_central_europe,
)

MIXED = "time_utc,NSW\n" + "".join(
    f"2026-07-07T{time}Z,{value}\n"
    for time, value in (
        ("00:50", 100),
        ("00:55", 100),
        ("01:00", 200),
        ("02:00", 300),
        ("03:00", 400),
    )
)
LOG = "time_utc,NSW\n" + "".join(
    f"2026-07-07T{time}Z,{value}\n"
    for time, value in (
        ("00:00:03", 400),
        ("00:25:04", 430),
        ("00:25:34", 420),
        ("00:58:23", 470),
        ("01:31:10", 440),
        ("02:10:09", 450),
    )
)
TWO_SERVICES = "issued_at,target_time,region,value\n" + "".join(
    f"2026-01-10T09:58:{second}Z,2026-01-10T{time}Z,{region},{value}\n"
    for second, region, times in (
        ("02", "GB", (("10:00", 150), ("10:30", 140), ("11:00", 130))),
        ("41", "DE", (("10:00", 350), ("10:15", 340), ("10:30", 330), ("10:45", 320))),
    )
    for time, value in times
)
LATER = "target_time,region,value\n" + "".join(
    f"2026-01-10T0{hour}:00Z,{region},100\n"
    for region, first in (("GB", 0), ("FR", 1))
    for hour in range(first, 4)
)
MONTHS = "target_time,region,value\n" + "".join(
    f"2024-{month:02d}-01T00:00Z,FR,{100 + month}\n" for month in range(1, 13)
)
KILOGRAMS = "time_utc,NL\n2026-01-10T00Z,0.3128\n2026-01-10T01Z,0.2991\n2026-01-10T02Z,0.2810\n"


def run(folder: Path, forecast: str | bytes, clients: str, *options: str) -> Result:
    """Run `lowcarb plan` for one client a round; clients as region:minutes:kWh."""
    path = folder / "f.csv"
    path.write_bytes(forecast.encode() if isinstance(forecast, str) else forecast)
    rows = [client.split(":") for client in clients.split()]
    (folder / "c.csv").write_text(
        "client,region,duration_min,energy_kwh\n"
        + "".join(f"c{i},{','.join(row)}\n" for i, row in enumerate(rows))
    )
    given = ["--forecast", str(path), "--clients", str(folder / "c.csv"), "--cohort-size", "1"]
    return CliRunner().invoke(app, ["plan", *given, "--solver", "greedy", *options])


def plan(folder: Path, forecast: str | bytes, clients: str, *options: str) -> dict[str, Any]:
    result = run(folder, forecast, clients, "--json", *options)
    assert result.exit_code == 0, result.output
    loaded: dict[str, Any] = json.loads(result.stdout)
    return loaded


@pytest.mark.parametrize(
    ("forecast", "clients", "options", "grams"),
    [
        (MIXED, "NSW:60:1", "--rounds 2 --start 2026-07-07T01:00Z", 500.0),
        (LOG, "NSW:60:1", "--rounds 1 --start 2026-07-07T01:00Z", 455.58),
        (ELECTRICITY_MAPS, "FI:60:1", "--rounds 2", 142.4),
        (ELECTRICITY_MAPS, "FI:60:1", "--rounds 2 --accounting direct", 85.0),
        (WATTTIME, "CA:5:0.05", "--rounds 1 --region CA --units lb/MWh", 18.425),
        (NESO, "GB:30:1", "--rounds 2 --every 30min --region GB", 280.0),
        (ENERGINET, "DK1:5:1", "--rounds 2 --every 5min", 203.0),
        (TWO_SERVICES, "GB:30:1 DE:30:1", "--rounds 1 --min-share 0", 150.0),
        (KILOGRAMS, "NL:60:1", "--rounds 2 --unit kg/kWh", 611.9),
        (MONTHS, "FR:60:1", "--rounds 24 --start 2024-12-31T00:00Z", 24 * 112.0),
        ("target_time,region,value\n2024-01-01T00:00:00Z,FR,42\n", "FR:60:1", "--rounds 3", 126.0),
        (
            "# CC BY, X\ntime_utc,region,value\n2026-01-10T00Z,FR,40\n2026-01-10T01Z,FR,41\n",
            "FR:60:1",
            "--rounds 2",
            81.0,
        ),
    ],
)
def test_a_file_as_it_is_makes_the_right_plan(
    tmp_path: Path, forecast: str, clients: str, options: str, grams: float
) -> None:
    found = plan(tmp_path, forecast, clients, *options.split())
    assert found["objective_g"] == pytest.approx(grams, abs=0.01)


@pytest.mark.parametrize("encoding", ["cp1250", "utf-16"])
@pytest.mark.parametrize("export", [ELECTRICITY_MAPS, WATTTIME, NESO])
def test_so_does_what_a_spreadsheet_saved(tmp_path: Path, export: str, encoding: str) -> None:
    saved = saved_in_central_europe(export.replace("+00:00", "Z")).encode(encoding)
    options = ["--rounds", "1", "--region", "FI", "--timezone", "UTC"]
    straight = plan(tmp_path, export, "FI:5:1", *options)
    assert plan(tmp_path, saved, "FI:5:1", *options)["objective_g"] == straight["objective_g"]


def test_the_plan_begins_where_all_regions_do(tmp_path: Path) -> None:
    found = plan(tmp_path, LATER, "GB:30:1 FR:30:1", "--rounds", "1")
    assert found["rounds"][0]["start"] == "2026-01-10T01:00:00Z"


def test_an_old_issue_is_named_unless_it_was_asked_for(tmp_path: Path) -> None:
    def said(*options: str) -> list[str]:
        notes = plan(tmp_path, TWO_SERVICES, "GB:30:1 DE:30:1", "--rounds", "1", *options)["notes"]
        return [note for note in notes if "which is past" in note]

    (note,) = said()
    assert "the newest issue is of 2026-01-10 09:58:41 UTC, and the plan begins" in note
    assert said("--start", "2026-01-10T10:00Z") == []


def test_history_alone_gives_typical_days(tmp_path: Path) -> None:
    history = "time_utc,FR\n" + "".join(
        f"2026-01-{day:02d}T{hour:02d}:00Z,{hour + 10 * day}\n"
        for day in (1, 2, 3)
        for hour in range(24)
    )
    (tmp_path / "h.csv").write_text(history)
    (tmp_path / "c.csv").write_text("client,region,duration_min,energy_kwh\na,FR,60,1\n")
    given = ["plan", "--clients", str(tmp_path / "c.csv"), "--cohort-size", "1", "--rounds", "2"]
    given += ["--actuals", str(tmp_path / "h.csv"), "--json"]
    result = CliRunner().invoke(app, [*given, "--start", "2026-02-01T05:00Z"])
    assert result.exit_code == 0, result.output
    found = json.loads(result.stdout)
    assert found["objective_g"] == pytest.approx(25 + 26)
    assert any("typical days stand in for all rounds" in note for note in found["notes"])
    without = CliRunner().invoke(app, given)
    assert "--start TIME says when the first round begins" in without.output
    nothing = CliRunner().invoke(app, given[:-3])
    assert "expected --forecast FILE, or --typical or --actuals FILE" in nothing.output


def test_units_are_doubted_in_the_plan(tmp_path: Path) -> None:
    notes = plan(tmp_path, KILOGRAMS, "NL:60:1", "--rounds", "2")["notes"]
    assert any("no unit was said" in note and "--units says the unit" in note for note in notes)


def test_an_older_issue_that_serves_a_region_is_named(tmp_path: Path) -> None:
    notes = plan(tmp_path, TWO_SERVICES, "GB:30:1 DE:30:1", "--rounds", "1")["notes"]
    assert any("does not have GB (issued 2026-01-10 09:58:02 UTC)" in note for note in notes)


def test_typical_days_of_another_kind_are_refused(tmp_path: Path) -> None:
    past = tmp_path / "wt.csv"
    past.write_text(
        "point_time,value\n"
        + "".join(f"2024-02-{d}T{h:02d}:00Z,800\n" for d in (26, 27) for h in range(24))
    )
    given = ["--rounds", "4", "--region", "FI", "--actuals", str(past)]
    result = run(tmp_path, ELECTRICITY_MAPS, "FI:60:1", *given)
    assert result.exit_code == 1
    assert "'FI' has marginal intensities here and average ones in" in result.output
