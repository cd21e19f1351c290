"""Three forms of forecast CSV, and every way in which they can be wrong."""

import gzip
import io
from pathlib import Path

import pytest

from lowcarb import InputError, Issues, read_forecasts

WIDE = "time_utc,DE,FR\n2022-07-15T00:00Z,300,50\n2022-07-15T01:00Z,310.5,0\n"
ISSUES = (
    "issued_at,target_time,DE,FR\n"
    "2022-07-15T00:00Z,2022-07-15T00:00Z,1,2\n"
    "2022-07-15T00:00Z,2022-07-15T01:00Z,3,4\n"
    "2022-07-14T00:00Z,2022-07-14T00:00Z,5,6\n"
    "2022-07-14T00:00Z,2022-07-14T01:00Z,7,8\n"
)
LONG = (
    "target_time,region,value\n"
    "2022-07-15T00:00Z,DE,300\n2022-07-15T01:00Z,DE,310.5\n"
    "2022-07-15T00:00Z,FR,50\n2022-07-15T00:30Z,FR,0\n"
)


def read(tmp_path: Path, content: str, units: str = "g/kWh") -> Issues:
    path = tmp_path / "f.csv"
    path.write_text(content)
    return read_forecasts(str(path), units)


def values(issues: Issues, region: str, index: int = 0) -> list[float]:
    return list(issues.forecasts[index].series[region].values)


def test_wide_and_long_series(tmp_path: Path) -> None:
    for content in (WIDE, LONG):
        issues = read(tmp_path, content)
        assert len(issues.forecasts) == 1
        assert issues.newest.issued_at is None
        assert values(issues, "DE") == [300, 310.5]
        assert values(issues, "FR") == [50, 0]
    assert issues.newest.series["FR"].step_s == 1800


def test_issues_are_sorted_and_kept_apart(tmp_path: Path) -> None:
    issues = read(tmp_path, ISSUES)
    assert [str(f.issued_at) for f in issues.forecasts] == [
        "2022-07-14 00:00:00+00:00",
        "2022-07-15 00:00:00+00:00",
    ]
    assert values(issues, "DE", 0) == [5, 7]
    assert values(issues, "FR", 1) == [2, 4]


def test_units_are_converted(tmp_path: Path) -> None:
    assert values(read(tmp_path, WIDE, "lb/MWh"), "DE")[0] == pytest.approx(300 * 0.45359237)
    with pytest.raises(InputError, match="g/kWh or lb/MWh"):
        read(tmp_path, WIDE, "kg")


def test_zones_are_converted_to_utc(tmp_path: Path) -> None:
    issues = read(tmp_path, WIDE.replace("00:00Z", "00:00+02:00"))
    assert str(issues.newest.first_time) == "2022-07-14 22:00:00+00:00"


def test_gzip_byte_order_mark_and_standard_input(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    packed = tmp_path / "f.csv.gz"
    packed.write_bytes(gzip.compress(WIDE.encode("utf-8-sig")))
    assert values(read_forecasts(str(packed)), "DE") == [300, 310.5]
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(WIDE.encode())))
    assert values(read_forecasts("-"), "FR") == [50, 0]


def test_identical_duplicates_are_merged(tmp_path: Path) -> None:
    lines = WIDE.splitlines(keepends=True)
    assert values(read(tmp_path, "".join([*lines, lines[-1]])), "DE") == [300, 310.5]


@pytest.mark.parametrize(
    ("content", "line", "message"),
    [
        ("", None, "is empty"),
        ("\n\n", None, "is empty"),
        ("time_utc,DE\n", 1, "has a header but no rows"),
        ("time,DE\n1,2\n", 1, "no column of times; expected a header"),
        ("time_utc\n2022-07-15T00:00Z\n", 1, "no column for a region"),
        ("time_utc,DE,DE\n2022-07-15T00:00Z,1,2\n", 1, "the column 'DE' appears twice"),
        ("time_utc,DE,\n2022-07-15T00:00Z,1,2\n", 1, "a column has no name"),
        ("time_utc,target_time,DE\n1,2,3\n", 1, "both target_time and time_utc"),
        ("target_time,region,value,unit\n1,2,3,4\n", 1, "unknown column 'unit'"),
        (WIDE.replace("00:00Z,300", "00:00,300"), 2, "has no zone"),
        (WIDE.replace("2022-07-15T01:00Z", "yesterday"), 3, "expected a time such as"),
        (WIDE.replace("310.5", "nan"), 3, "region 'DE' at 2022-07-15 01:00 UTC: expected a finite"),
        (WIDE.replace("310.5", "-1"), 3, "expected a finite number from 0 to 100000, got '-1'"),
        (WIDE.replace("310.5", "inf"), 3, "got 'inf'"),
        (WIDE.replace("310.5", "many"), 3, "got 'many'"),
        ("time_utc,DE,FR\n2022-07-15T00:00Z,,\n2022-07-15T01:00Z,,\n", 1, "all cells are blank"),
        (WIDE.replace(",310.5,0", ",310.5"), 3, "expected 3 cells as in the header, got 2"),
        (WIDE.replace("T01:00Z", "T00:00Z"), 3, "two different values, 300 and 310.5"),
        (f"{WIDE}2022-07-14T01:00Z,1,1\n", 4, "times must ascend"),
        (f"{LONG}2022-07-15T00:00Z,NL,1\n", 6, "is the only time"),
        (ISSUES.replace("2022-07-14T00:00Z,2022-07-14T01:00Z,7,8\n", ""), 4, "is the only time"),
        (WIDE.replace("310.5", '"310.5'), 3, "is not CSV"),
        (LONG.replace("DE,310.5", ",310.5"), 3, "the region is blank"),
        (LONG.replace("DE,310.5", "DE,-0.1"), 3, "got '-0.1'"),
    ],
)
def test_what_is_wrong_is_named(
    tmp_path: Path, content: str, line: int | None, message: str
) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, content)
    assert error.value.file == str(tmp_path / "f.csv")
    if line is not None:
        assert error.value.line == line
    assert "\n" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("f.csv", b"\x89PNG\r\n\x1a\n\0\0\0", "is not a text file in UTF-8"),
        ("f.csv", b"a,\0b\n1,2\n", "not"),
        ("f.csv", b"\0\0\0\0", "not"),
        ("f.csv.gz", WIDE.encode(), "is not a complete gzip file"),
        ("f.csv.gz", gzip.compress(WIDE.encode(), mtime=0)[:-12], "is not a complete gzip file"),
    ],
)
def test_binary_and_broken_files(tmp_path: Path, name: str, content: bytes, message: str) -> None:
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(InputError, match=message):
        read_forecasts(str(path))


def test_missing_files_and_folders(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="cannot be read: No such file"):
        read_forecasts(str(tmp_path / "none.csv"))
    with pytest.raises(InputError, match="cannot be read: Is a directory"):
        read_forecasts(str(tmp_path))
