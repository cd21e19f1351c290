"""A folder of recorded days: what fits the recorded results, and what does not."""

import sys
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from benchmarks import data
from benchmarks.data import CHECKSUMS, REGIONS, SAME_FILE, Finding, findings, of_file, recordings
from benchmarks.days import Days
from lowcarb import InputError
from tests.helpers.data import RECORDED

ACTUALS, FORECASTS = "public_us_actuals.csv", "public_us_forecasts.csv"
CELLS = ",".join(str(100 + i) for i in range(len(REGIONS)))


def hours(first: datetime, number: int) -> list[str]:
    return [(first + timedelta(hours=k)).strftime("%Y-%m-%dT%H:%M:%SZ") for k in range(number)]


def actuals() -> list[str]:
    times = hours(data.FIRST, (data.LAST - data.FIRST) // data.HOUR + 1)
    return [f"time_utc,{','.join(REGIONS)}", *(f"{time},{CELLS}" for time in times)]


def forecasts() -> list[str]:
    lines = [f"issued_at,target_time,{','.join(REGIONS)}"]
    for k in range((data.LAST_ISSUE - data.FIRST_ISSUE).days + 1):
        times = hours(data.FIRST_ISSUE + timedelta(days=k), data.AHEAD)
        lines += [f"{times[0]},{time},{CELLS}" for time in times]
    return lines


def wrong(folder: Path, name: str, lines: list[str]) -> list[Finding]:
    (folder / name).write_text("\n".join(lines) + "\n")
    return [one for one in of_file(folder, name) if not one.fits]


@pytest.mark.parametrize(("name", "lines"), [(ACTUALS, actuals()), (FORECASTS, forecasts())])
def test_a_file_of_the_same_form_differs_by_its_checksum_alone(
    name: str, lines: list[str], tmp_path: Path
) -> None:
    (one,) = wrong(tmp_path, name, lines)
    assert (one.file, one.what, one.expected) == (name, SAME_FILE, CHECKSUMS[name])


def without_region(lines: list[str]) -> list[str]:
    return [line.rsplit(",", 1)[0] for line in lines]


def with_region(lines: list[str]) -> list[str]:
    return [f"{lines[0]},XX", *(f"{line},5" for line in lines[1:])]


def without_hour(lines: list[str]) -> list[str]:
    return lines[:50] + lines[51:]


def blank(lines: list[str]) -> list[str]:
    return [*lines[:50], lines[50].rsplit(",", 1)[0] + ",", *lines[51:]]


def shorter(lines: list[str]) -> list[str]:
    return lines[: -data.AHEAD]


def spoilt(lines: list[str]) -> list[str]:
    return [*lines[:9], lines[9].rsplit(",", 1)[0] + ",-7", *lines[10:]]


@pytest.mark.parametrize(
    ("name", "change", "what", "found"),
    [
        (ACTUALS, without_region, "columns", "lacks WACM"),
        (FORECASTS, without_region, "columns", "lacks WACM"),
        (FORECASTS, with_region, "columns", "also has XX"),
        (ACTUALS, without_hour, "hours", "broken after 2022-06-03 00:00"),
        (ACTUALS, blank, "hours", "broken after 2022-06-03 00:00"),
        (ACTUALS, shorter, "hours", "2,832 hourly, 2022-06-01 00:00 to 2022-09-26 23:00 UTC"),
        (FORECASTS, without_hour, "hours ahead", "in the issue of 2022-07-01 00:00, AECI"),
        (FORECASTS, blank, "hours ahead", "in the issue of 2022-07-01 00:00, WACM"),
        (FORECASTS, shorter, "issues", "88 daily, 2022-07-01 00:00 to 2022-09-26 00:00 UTC"),
        (FORECASTS, spoilt, "content", "WACM"),
    ],
)
def test_what_does_not_fit_is_named(
    name: str, change: Callable[[list[str]], list[str]], what: str, found: str, tmp_path: Path
) -> None:
    lines = actuals() if name == ACTUALS else forecasts()
    named = {one.what: one.found for one in wrong(tmp_path, name, change(lines))}
    assert found in named.pop(what)
    assert set(named) <= {SAME_FILE}


def test_a_folder_without_the_files_is_refused_by_name(tmp_path: Path) -> None:
    assert {one.found for one in findings(tmp_path)} == {"missing"}
    with pytest.raises(InputError, match=r"has no public_us_forecasts\.csv.*recorded-days\.md"):
        recordings(tmp_path)


def run(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "argv", ["data", str(folder)])
    data.main()


def test_the_command_says_what_fits_and_ends_with_one_where_something_does_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit, match="does not hold the recorded days"):
        run(tmp_path, monkeypatch)
    rows = capsys.readouterr().out.splitlines()[2:]
    assert [row.split(" | ")[0].strip("| ") for row in rows] == list(CHECKSUMS)
    assert all(row.endswith("| NO |") for row in rows)


def test_days_of_ones_own_are_played_but_are_not_the_recorded_ones(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "direct").mkdir()
    for name in CHECKSUMS:
        lines = actuals() if name.endswith("actuals.csv") else forecasts()
        (tmp_path / name).write_text("\n".join(lines) + "\n")
    days = Days.read(tmp_path)
    assert set(days.by_accounting) == {"lifecycle", "direct"}
    assert days.departures == ("days other than the recorded ones",)
    with pytest.raises(SystemExit, match="has the form of the recorded days, but other values"):
        run(tmp_path, monkeypatch)


@pytest.mark.skipif(not RECORDED.exists(), reason="the recorded days are not at hand")
def test_the_recorded_days_are_those_of_the_results() -> None:
    assert [one for one in findings(RECORDED.parent) if not one.fits] == []
