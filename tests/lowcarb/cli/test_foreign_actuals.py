"""What came true, from files as people have them: in comparisons and in accounts."""

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb import Provenance
from lowcarb.cli import app
from lowcarb.ledger import Ledger
from tests.helpers.ledgers import BEGIN, booked, turn, written

POUND = 0.45359237
CLIENTS = "client,region,duration_min,energy_kwh\nx,NSW,60,1\ny,VIC,60,1\n"


def compare(folder: Path, actuals: str, forecast: str | None, *options: str) -> Result:
    """Play two clients of NSW and VIC, without floors."""
    (folder / "a.csv").write_text(actuals)
    (folder / "c.csv").write_text(CLIENTS)
    given = ["compare", "--actuals", str(folder / "a.csv"), "--clients", str(folder / "c.csv")]
    given += ["--cohort-size", "1", "--min-share", "0", "--policies", "random,ilp,oracle"]
    if forecast is not None:
        (folder / "f.csv").write_text(forecast)
        given += ["--forecast", str(folder / "f.csv")]
    return CliRunner().invoke(app, [*given, "--seeds", "2", *options], env={"COLUMNS": "80"})


def series(header: str, rows: list[tuple[str, Any, Any]]) -> str:
    return header + "".join(f"{time},{nsw},{vic}\n" for time, nsw, vic in rows)


def hours(count: int, first: str = "2026-01-10") -> list[str]:
    day = int(first[-2:])
    return [f"2026-01-{day + n // 24:02d}T{n % 24:02d}:00Z" for n in range(count)]


ISSUE = "issued_at,target_time,region,value\n" + "".join(
    f"2026-01-10T00:00Z,2026-01-10T0{hour}:00Z,{region},{value}\n"
    for region, value in (("NSW", 300), ("VIC", 400))
    for hour in range(5)
    if (region, hour) != ("NSW", 2)
)
CAME_TRUE = series(
    "time_utc,NSW,VIC\n", [(t, 900 if n == 2 else 300, 400) for n, t in enumerate(hours(6))]
)
GIVEN = ("--rounds", "4", "--start", "2026-01-10T00:00Z")


def test_an_hour_without_a_forecast_is_named_and_no_forecast_error(tmp_path: Path) -> None:
    result = compare(tmp_path, CAME_TRUE, ISSUE, *GIVEN)
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert "NSW had no forecast from 2026-01-10 02:00 to 2026-01-10 03:00 UTC, 1 of 4 hours" in text
    assert "all of it is forecast error" not in text
    assert "wrong or, for some hours, missing" in text
    notes = json.loads(compare(tmp_path, CAME_TRUE, ISSUE, *GIVEN, "--json").stdout)["notes"]
    assert len([note for note in notes if "had no forecast" in note]) == 1


def test_forecast_and_actuals_may_have_their_own_units(tmp_path: Path) -> None:
    pounds = series(
        "time_utc,NSW,VIC\n", [(t, 800, 700 if n == 2 else 900) for n, t in enumerate(hours(6))]
    )
    result = compare(tmp_path, pounds, ISSUE, *GIVEN, "--actual-units", "lb/MWh", "--json")
    assert result.exit_code == 0, result.output
    random = json.loads(result.stdout)["policies"]["random"]
    mean = (3 * (800 + 900) / 2 + (800 + 700) / 2) * POUND
    assert random["expected_g"] == pytest.approx(mean)


def test_marginal_is_never_reckoned_against_average(tmp_path: Path) -> None:
    export = "point_time,region,value\n" + "".join(
        f"{t},{region},800\n" for region in ("NSW", "VIC") for t in hours(6)
    )
    result = compare(tmp_path, export, ISSUE, *GIVEN)
    assert result.exit_code == 0, result.output
    average = ISSUE.replace("issued_at", "Issued").replace("target_time", "UTC time")
    average = average.replace("region,value", "region_code,carbon_intensity")
    (tmp_path / "w.csv").write_text(export)
    from lowcarb.carbon.forecast_csv import read_actuals, read_forecasts
    from lowcarb.carbon.kinds import require_comparable
    from lowcarb.errors import InputError

    (tmp_path / "cc.csv").write_text(average)
    with pytest.raises(InputError, match=r"'NSW' has marginal intensities here and average ones"):
        require_comparable(
            read_forecasts(tmp_path / "cc.csv").newest, read_actuals(tmp_path / "w.csv")
        )


def test_history_alone_is_compared_in_a_foreign_form(tmp_path: Path) -> None:
    days = "Datum;NSW;VIC\n" + "".join(
        f"{t[8:10]}.01.2026 {t[11:16]};{200 + 10 * (n % 24) + n},5;320,0\n"
        for n, t in enumerate(hours(24 * 6))
    )
    options = ("--columns", "time=Datum", "--timezone", "UTC", "--rounds", "6", "--json")
    result = compare(tmp_path, days, None, *options)
    assert result.exit_code == 0, result.output
    grams = {
        name: one["emissions_g"] for name, one in json.loads(result.stdout)["policies"].items()
    }
    assert grams["oracle"] <= grams["ilp"] <= grams["random"]


def settle(folder: Path, actuals: str, *options: str, signal: str | None = None) -> Result:
    """Book four half-hour turns of 1 kWh, planned at 370, and settle them by a file."""
    rounds = [
        booked(
            n,
            turn("a", "CAISO_NORTH", energy_kwh=1.0, measured="power", seconds=1800, intensity=370),
        )
        for n in range(1, 5)
    ]
    if signal is not None:
        from dataclasses import replace

        provenance = Provenance(provider="x", zone="CAISO_NORTH", signal=signal)
        rounds = [replace(one, provenances={"CAISO_NORTH": provenance}) for one in rounds]
    written(folder / "run.db", *rounds)
    (folder / "wt.csv").write_text(actuals)
    given = ["report", str(folder / "run.db"), "--actuals", str(folder / "wt.csv"), *options]
    return CliRunner().invoke(app, given)


def five_minutes(header: str, value: int = 800) -> str:
    times = (BEGIN + timedelta(minutes=5 * n) for n in range(60))
    return f"{header}\n" + "".join(f"{t:%Y-%m-%dT%H:%MZ},{value}\n" for t in times)


def test_actuals_in_pounds_are_booked_in_grams(tmp_path: Path) -> None:
    content = five_minutes("time_utc,CAISO_NORTH")
    result = settle(tmp_path, content, "--units", "lb/MWh", "--json")
    assert result.exit_code == 0, result.output
    account = Ledger(tmp_path / "run.db").account()
    grams = [
        turn.actual * turn.energy_kwh
        for one in account.rounds
        for turn in one.turns
        if turn.actual is not None
    ]
    assert sum(grams) == pytest.approx(4 * 800 * POUND)
    assert "Booked 4 actual intensities" in result.stderr


def test_an_export_of_watttime_is_booked_as_it_is(tmp_path: Path) -> None:
    result = settle(tmp_path, five_minutes("point_time,value"), "--region", "CAISO_NORTH")
    assert "1,451.5 g" in result.stdout
    assert "Note: " in result.stderr
    assert "taken for lb/MWh" in result.stderr


def test_regions_of_the_ledger_that_a_file_lacks_are_named(tmp_path: Path) -> None:
    result = settle(tmp_path, five_minutes("time_utc,US-CAL"))
    assert result.exit_code == 0
    assert "Booked 0 actual intensities" in result.stderr
    assert "lacks 1 region of the ledger: CAISO_NORTH; it has US-CAL" in result.stderr


def test_what_came_true_of_another_kind_is_not_booked(tmp_path: Path) -> None:
    content = five_minutes("point_time,value")
    result = settle(tmp_path, content, "--region", "CAISO_NORTH", signal="average")
    assert result.exit_code == 1
    assert "has marginal intensities here and average ones in the ledger" in result.stderr
    turns = [turn for one in Ledger(tmp_path / "run.db").account().rounds for turn in one.turns]
    assert {turn.actual for turn in turns} == {None}
