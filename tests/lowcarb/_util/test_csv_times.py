"""Times as spreadsheets write them: order of dates, zones in headers, changes of clocks."""

from pathlib import Path

import pytest

from lowcarb import InputError
from lowcarb._util.csv_table import read_table
from lowcarb._util.csv_times import TimeFormat, read_seconds
from lowcarb._util.times import from_seconds, show


def times(
    folder: Path, *cells: str, header: str = "time_utc", known: TimeFormat | None = None
) -> list[str]:
    """Read times of one column, to the minute."""
    path = folder / "t.csv"
    path.write_text("\n".join([f"{header};DE", *(f"{cell};1" for cell in cells)]))
    return [show(from_seconds(s)) for s in read_seconds(read_table(path), header, known)]


@pytest.mark.parametrize(
    ("cell", "read"),
    [
        ("2024-02-28T23:00Z", "2024-02-28 23:00"),
        ("2024-02-28 23:00:00", "2024-02-28 23:00"),
        ("2024-02-28 23:00 UTC", "2024-02-28 23:00"),
        ("2024-02-28", "2024-02-28 00:00"),
        ("28.02.2024 23:00", "2024-02-28 23:00"),
        ("28.2.24 23:00", "2024-02-28 23:00"),
        ("3.2.2024 1:00", "2024-02-03 01:00"),
        ("28/02/2024 23:00:00", "2024-02-28 23:00"),
        ("28-02-2024 23:00", "2024-02-28 23:00"),
        ("02/28/2024 11:00 PM", "2024-02-28 23:00"),
        ("2/28/2024 12:30 AM", "2024-02-28 00:30"),
        ("2/28/2024 11:00\u202fPM", "2024-02-28 23:00"),
        ("28.02.2024\u00a023:00", "2024-02-28 23:00"),
        ("2024/02/28 23:00", "2024-02-28 23:00"),
        ("2024-02-28T23:00:00.000000000", "2024-02-28 23:00"),
        ("2024-02-29T01:00+02:00", "2024-02-28 23:00"),
    ],
)
def test_a_time_is_read_as_it_is_written(tmp_path: Path, cell: str, read: str) -> None:
    assert times(tmp_path, cell) == [read]


@pytest.mark.parametrize(
    ("header", "read"),
    [
        ("Datetime (UTC)", "2024-07-01 12:00"),
        ("UTC time", "2024-07-01 12:00"),
        ("Minutes5UTC", "2024-07-01 12:00"),
        ("Date (GMT+1)", "2024-07-01 11:00"),
        ("Zeit [UTC-05:30]", "2024-07-01 17:30"),
    ],
)
def test_a_header_says_the_zone(tmp_path: Path, header: str, read: str) -> None:
    assert times(tmp_path, "2024-07-01 12:00", header=header) == [read]


def test_one_day_that_cannot_be_a_month_tells_all(tmp_path: Path) -> None:
    assert times(tmp_path, "01/02/2024", "13/02/2024")[0] == "2024-02-01 00:00"
    assert times(tmp_path, "01/02/2024", "01/13/2024")[0] == "2024-01-02 00:00"
    # The same day either way is no question.
    assert times(tmp_path, "02/02/2024") == ["2024-02-02 00:00"]


@pytest.mark.parametrize(
    ("date_format", "read"),
    [
        ("dd/mm/yyyy", "2024-02-01 10:00"),
        ("MM/DD/YYYY hh:mm", "2024-01-02 10:00"),
        ("%d/%m/%Y %H:%M", "2024-02-01 10:00"),
        ("%m/%d/%Y", "2024-01-02 10:00"),
    ],
)
def test_the_order_may_be_said(tmp_path: Path, date_format: str, read: str) -> None:
    assert times(tmp_path, "01/02/2024 10:00", known=TimeFormat(date_format=date_format)) == [read]


def test_the_line_of_an_unclear_date_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError) as error:
        times(tmp_path, "02/02/2024", "03/02/2024")
    assert error.value.line == 3


def test_local_times_are_those_of_their_zone(tmp_path: Path) -> None:
    berlin = TimeFormat(timezone="Europe/Berlin")
    found = times(tmp_path, "2024-01-01 12:00", "2024-07-01 12:00", header="Zeit", known=berlin)
    assert found == ["2024-01-01 11:00", "2024-07-01 10:00"]


@pytest.mark.parametrize(
    ("cells", "header", "known", "message"),
    [
        (["01/02/2024"], "time_utc", {}, "may be 1 February 2024 or 2 January 2024; --date-format"),
        (["13/02/2024", "02/13/2024"], "time_utc", {}, "days and months change their order"),
        (["2024-01-01 12:00"], "Zeit", {}, "has no zone; .* by --timezone"),
        (["2024-01-01T12:00Z", "2024-01-01 13:00"], "time_utc", {}, "13:00' has no zone"),
        (["2024-03-31 02:30"], "Zeit", {"timezone": "Europe/Berlin"}, "comes never in Europe/Ber"),
        (["2024-10-27 02:30"], "Zeit", {"timezone": "Europe/Berlin"}, "comes twice in Europe/Berl"),
        (["28.02.2024 24:00"], "time_utc", {}, "expected a time such as"),
        (["30.02.2024"], "time_utc", {}, "expected a time such as"),
        (["45350.9583"], "time_utc", {}, "expected a time such as .* --date-format says how"),
        (["28.02.2024"], "time_utc", {"date_format": "%Y-%m-%d"}, "of the format %Y-%m-%d, got"),
    ],
)
def test_what_cannot_be_told_is_refused(
    tmp_path: Path, cells: list[str], header: str, known: dict[str, str], message: str
) -> None:
    with pytest.raises(InputError, match=message):
        times(tmp_path, *cells, header=header, known=TimeFormat(**known))


@pytest.mark.parametrize(
    ("known", "message"),
    [
        (
            {"timezone": "Berlin"},
            "timezone: expected one such as Europe/Berlin or UTC, got 'Berlin'",
        ),
        ({"timezone": "../etc/passwd"}, "timezone: expected"),
        ({"date_format": "european"}, "date-format: expected one such as dd.mm.yyyy"),
    ],
)
def test_what_is_no_format_is_refused(known: dict[str, str], message: str) -> None:
    with pytest.raises(InputError, match=message):
        TimeFormat(**known)
