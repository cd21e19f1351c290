"""Files of intensities in the forms that people have: columns, units, blanks, constants, issues."""

import re
from pathlib import Path
from typing import Any

import pytest

from lowcarb import CoverageError, Forecast, HowWritten, InputError, read_actuals, read_forecasts
from lowcarb._util.csv_times import TimeFormat
from lowcarb._util.times import parse_instant

LONG = "time_utc,region,value\n2026-01-10T00:00Z,FR,40\n2026-01-10T01:00Z,FR,41\n"
DATED = "Datum;Name;CO2 (kg/MWh)\n10.01.2026 01:00;FR;40,5\n10.01.2026 02:00;FR;41,5\n"


def read(folder: Path, content: str, units: str | None = None, **how: Any) -> Forecast:
    path = folder / "f.csv"
    path.write_text(content)
    return read_forecasts(path, units, how=HowWritten(**how)).newest


def values(forecast: Forecast, region: str = "FR") -> list[float]:
    return list(forecast.of(region).values)


def test_the_long_form_takes_both_names_of_times(tmp_path: Path) -> None:
    assert values(read(tmp_path, LONG)) == [40, 41]
    assert values(read(tmp_path, LONG.replace("time_utc", "target_time"))) == [40, 41]
    reordered = "value,region,time_utc\n40,FR,2026-01-10T00:00\n41,FR,2026-01-10T01:00\n"
    assert values(read(tmp_path, reordered)) == [40, 41]


def test_columns_may_be_named(tmp_path: Path) -> None:
    times = TimeFormat(timezone="Europe/Paris")
    for columns in (
        "time=Datum,region=Name,value=CO2 (kg/MWh)",
        {"time": "Datum", "region": "Name", "value": "CO2 (kg/MWh)"},
    ):
        found = read(tmp_path, DATED, columns=columns, times=times)
        assert values(found) == [40.5, 41.5]
        assert found.first_time == parse_instant("2026-01-10T00:00Z")
    one = read(tmp_path, DATED, columns="time=Datum,value=CO? (kg/MWh)", region="X", times=times)
    assert values(one, "X") == [40.5, 41.5]


@pytest.mark.parametrize(
    ("header", "factor"),
    [
        ("NL (kg/kWh)", 1000),
        ("NL [lb/MWh]", 0.45359237),
        ("NL (gCO2eq/kWh)", 1),
        ("NL (t CO2/GWh)", 1),
        ("NL", 1),
    ],
)
def test_a_header_says_the_unit_of_its_column(tmp_path: Path, header: str, factor: float) -> None:
    content = f"time_utc,{header}\n2026-01-10T00:00Z,3\n2026-01-10T01:00Z,4\n"
    assert values(read(tmp_path, content), "NL") == pytest.approx([3 * factor, 4 * factor])


def test_an_end_that_a_file_states_holds(tmp_path: Path) -> None:
    content = LONG.replace("region,", "until,region,").replace(
        "00:00Z,FR", "00:00Z,2026-01-10T00:20Z,FR"
    )
    content = content.replace("01:00Z,FR", "01:00Z,2026-01-10T05:00Z,FR")
    covered = read(tmp_path, content).of("FR").describe_coverage()
    assert covered.startswith("2026-01-10 00:00 to 2026-01-10 05:00 UTC, without 2026-01-10 00:20")
    with pytest.raises(InputError, match=r"f.csv:3: .* ends at 2026-01-10 00:00, before it begins"):
        read(tmp_path, content.replace("2026-01-10T05:00Z", "2026-01-10T00:00Z"))


def test_at_a_blank_nothing_is_known(tmp_path: Path) -> None:
    rows = [(f"2026-01-10T{hour:02d}:00Z", "" if hour == 2 else hour) for hour in range(5)]
    content = "time_utc,GB,FR,XX\n" + "".join(f"{time},1{n},{n},\n" for time, n in rows)
    content = content.replace(",1,,", ",12,,")
    found = read(tmp_path, content)
    assert (
        found.of("FR").describe_coverage().endswith("without 2026-01-10 02:00 to 2026-01-10 03:00")
    )
    with pytest.raises(CoverageError, match="1 of its 5 cells are blank, and nothing is known"):
        found.mean(
            "FR",
            parse_instant("2026-01-10T02:00Z"),
            parse_instant("2026-01-10T01:00Z") - parse_instant("2026-01-10T00:00Z"),
        )
    with pytest.raises(
        InputError, match=r"'XX' is not in the .* which has FR, GB; 5 of its 5 cells"
    ):
        found.of("XX")
    assert sum("are blank" in note for note in found.notes) == 2


def test_a_single_value_for_each_region_holds_always(tmp_path: Path) -> None:
    yearly = "target_time,region,value\n2024-01-01T00:00Z,FR,42\n2024-01-01T00:00Z,DE,300\n"
    found = read(tmp_path, yearly)
    hour = parse_instant("2026-01-01T01:00Z") - parse_instant("2026-01-01T00:00Z")
    for time in ("2010-01-01T00:00Z", "2024-06-01T12:30Z", "2400-01-01T00:00Z"):
        assert found.mean("FR", parse_instant(time), hour) == 42
    assert found.first_covered(["FR"]) == parse_instant("2024-01-01T00:00Z")
    assert "taken to hold at all times" in found.notes[0]
    bare = read(tmp_path, "region,value\nFR,42\nDE,300\n")
    assert bare.mean("DE", parse_instant("2024-06-01T12:30Z"), hour) == 300
    with pytest.raises(InputError, match=r"--start says when the first round begins"):
        bare.first_covered(["FR"])
    with pytest.raises(InputError, match=r"f.csv:3: the region 'FR' stands in an earlier line"):
        read(tmp_path, "region,value\nFR,42\nFR,300\n")


def test_the_newest_row_may_come_first(tmp_path: Path) -> None:
    lines = LONG.splitlines(keepends=True)
    assert values(read(tmp_path, "".join([lines[0], lines[2], lines[1]]))) == [40, 41]


@pytest.mark.parametrize(
    ("content", "units", "said"),
    [
        ("0.3128 0.2991 0.2810", None, "values of NL .0.281 to 0.313. are very low for g/kWh"),
        ("1812 2090 1950", None, "values of NL .1,812 to 2,090. are very high"),
        ("0 0 0", None, None),
        ("0 0 250", None, None),
        ("0.3128 0.2991 0.2810", "g/kWh", None),
        ("0.3128 0.2991 0.2810", "kg/kWh", None),
        ("142 138 120", None, None),
    ],
)
def test_figures_that_look_like_another_unit_are_doubted(
    tmp_path: Path, content: str, units: str | None, said: str | None
) -> None:
    rows = enumerate(content.split())
    text = "time_utc,NL\n" + "".join(f"2026-01-10T0{h}:00Z,{cell}\n" for h, cell in rows)
    notes = [note for note in read(tmp_path, text, units).notes if "no unit was said" in note]
    assert len(notes) == (said is not None)
    if said is not None:
        assert re.search(said, notes[0])


@pytest.mark.parametrize(
    ("cells", "known", "left_out"),
    [
        (["40", "", "42", "43"], [40, 42, 43], 0),
        (["40", "null", "42", "43"], [40, 42, 43], 1),
        (["40", "-5", "42", "43"], [40, 42, 43], 1),
        (["40", "1e9", "42", "NaN"], [40, 42], 2),
    ],
)
def test_a_bad_row_of_what_came_true_costs_its_own_time_only(
    tmp_path: Path, cells: list[str], known: list[float], left_out: int
) -> None:
    path = tmp_path / "f.csv"
    rows = "".join(f"2026-01-10T0{h}:00Z,{cell}\n" for h, cell in enumerate(cells))
    path.write_text(f"time_utc,FR\n{rows}")
    found = read_actuals(path)
    assert list(found.of("FR").values) == known
    assert (found.of("FR").ends - found.of("FR").times == 3600).all()
    assert any(f"{left_out} row" in note and "left out" in note for note in found.notes) == bool(
        left_out
    )


def test_two_values_for_one_time_are_none_in_the_past_and_refused_ahead(tmp_path: Path) -> None:
    content = LONG + "2026-01-10T01:00Z,FR,47\n2026-01-10T02:00Z,FR,42\n2026-01-10T03:00Z,FR,43\n"
    path = tmp_path / "f.csv"
    path.write_text(content)
    found = read_actuals(path)
    assert list(found.of("FR").values) == [40, 42, 43]
    assert "without 2026-01-10 01:00 to 2026-01-10 02:00" in found.of("FR").describe_coverage()
    assert any("2 rows left out" in note and "line 3, line 4" in note for note in found.notes)
    with pytest.raises(InputError, match=r"f.csv:4: .* two different values, 41 and 47"):
        read_forecasts(path)


def test_each_region_is_served_by_the_newest_issue_that_knows_it(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text(
        "issued_at,target_time,region,value\n"
        + "".join(
            f"2026-01-10T{issued}Z,2026-01-10T1{hour}:00Z,{region},{value + hour}\n"
            for issued, region, value in (
                ("08:00:00", "GB", 10),
                ("08:00:00", "FR", 20),
                ("09:00:00", "GB", 30),
                ("09:00:30", "DE", 40),
            )
            for hour in (0, 1)
        )
    )
    issues = read_forecasts(path)
    newest = issues.newest
    assert {region: one.values[0] for region, one in newest.series.items()} == {
        "DE": 40,
        "GB": 30,
        "FR": 20,
    }
    assert newest.older == {
        "GB": parse_instant("2026-01-10T09:00Z"),
        "FR": parse_instant("2026-01-10T08:00Z"),
    }
    before = issues.at(parse_instant("2026-01-10T08:30Z"))
    assert (set(before.series), before.older) == ({"GB", "FR"}, {})
    with pytest.raises(InputError, match="'XX' is not in the forecast"):
        newest.of("XX")


@pytest.mark.parametrize(
    ("content", "how", "message"),
    [
        (
            "Datum;FR\n1;2\n",
            {},
            "f.csv:1: no column of times; .* --columns time=NAME.*'Datum', 'FR'",
        ),
        (
            LONG,
            {"columns": "time=Zeit"},
            "f.csv:1: no column 'Zeit' for time; it has time_utc, reg",
        ),
        (LONG, {"columns": "when=Zeit"}, "columns: expected such as time=Datum,value=CO2"),
        (LONG, {"columns": "Zeit"}, "columns: expected such as"),
        ("time_utc,value\n2026-01-10T00:00Z,1\n", {}, "names no region; --region NAME says"),
        (
            "time_utc,Country,Zone\n2026-01-10T00:00Z,Spain,1\n2026-01-10T01:00Z,Spain,1\n",
            {},
            "f.csv:2: the column 'Country' holds no numbers but such as 'Spain'; .* --columns",
        ),
        (
            LONG.replace("41", "NaN"),
            {},
            "f.csv:3: .* got 'NaN'; leave the cell blank where nothing",
        ),
        (LONG.replace("41", "312000"), {}, "f.csv:3: .* got '312000'; --units says the unit"),
        (LONG, {"units": "furlong"}, "expected units g/kWh or lb/MWh, got 'furlong'; known are"),
        (LONG, {"signal": "mean"}, "signal: expected average or marginal, got 'mean'"),
    ],
)
def test_each_refusal_names_the_way_out(
    tmp_path: Path, content: str, how: dict[str, Any], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, content, **how)
