"""Times under headers of others: names, spans, two columns, seconds; told by their cells."""

from pathlib import Path
from typing import Any

import pytest

from lowcarb import Forecast, HowWritten, InputError, read_forecasts
from lowcarb._util.csv_times import TimeFormat
from lowcarb._util.times import parse_instant

ROWS = {
    "a pandas index": ",FI\n2024-02-28 22:00:00+00:00,70\n2024-02-28 23:00:00+00:00,72\n",
    "seconds": "time_utc,FI\n1709157600,70\n1709161200,72\n",
    "seconds as pandas writes them beside blanks": "t,FI\n1709157600.0,70\n1709161200.0,72\n",
    "milliseconds": "timestamp;FI\n1709157600000;70\n1709161200000;72\n",
    "spans": '"MTU (UTC)","FI"\n"28.02.2024 22:00 - 28.02.2024 23:00",70\n'
    '"28.02.2024 23:00 - 29.02.2024 00:00",72\n',
    "intervals of ISO-8601": "interval,FI\n2024-02-28T22:00Z/2024-02-28T23:00Z,70\n"
    "2024-02-28T23:00Z/2024-02-29T00:00Z,72\n",
    "a beginning and an end": "from,to,FI\n2024-02-28T22:00Z,2024-02-28T23:00Z,70\n"
    "2024-02-28T23:00Z,2024-02-29T00:00Z,72\n",
    "values of another name": "start,end,region,intensity\n"
    "2024-02-28T22:00Z,2024-02-28T23:00Z,FI,70\n2024-02-28T23:00Z,2024-02-29T00:00Z,FI,72\n",
    "UTC and local time": "HourUTC,HourFI,FI\n2024-02-28T22:00,2024-02-29T00:00,70\n"
    "2024-02-28T23:00,2024-02-29T01:00,72\n",
    "local time beside ours": "time_local,time_utc,FI\n2024-02-29 00:00,2024-02-28 22:00,70\n"
    "2024-02-29 01:00,2024-02-28 23:00,72\n",
    "the end of the wide form": "time_utc,until,FI\n2024-02-28T22:00Z,2024-02-28T23:00Z,70\n"
    "2024-02-28T23:00Z,2024-02-29T00:00Z,72\n",
}
LOCAL = {
    "any name": "Zeit;FI\n29.02.2024 00:00;70\n29.02.2024 01:00;72\n",
    "date and time of day": "Datum;Uhrzeit;FI\n29.02.2024;00:00;70\n29.02.2024;01:00;72\n",
    "am and pm": "Date,Hour,FI\n2/29/2024,12:00 AM,70\n2/29/2024,1:00 AM,72\n",
    "from and to": "Datum von;Datum bis;FI\n29.02.2024 00:00;29.02.2024 01:00;70\n"
    "29.02.2024 01:00;29.02.2024 02:00;72\n",
}
HELSINKI = TimeFormat(timezone="Europe/Helsinki")


def read(folder: Path, content: str, **how: Any) -> Forecast:
    path = folder / "f.csv"
    path.write_text(content)
    return read_forecasts(path, how=HowWritten(**how)).newest


@pytest.mark.parametrize("form", ROWS)
def test_times_are_found(tmp_path: Path, form: str) -> None:
    check(read(tmp_path, ROWS[form]))


@pytest.mark.parametrize("form", LOCAL)
def test_local_times_are_found_and_ask_for_their_zone(tmp_path: Path, form: str) -> None:
    check(read(tmp_path, LOCAL[form], times=HELSINKI))
    with pytest.raises(InputError, match=r"f\.csv:2: .* has no zone; .* --timezone"):
        read(tmp_path, LOCAL[form])


def check(found: Forecast) -> None:
    series = found.of("FI")
    assert list(found.series) == ["FI"]
    assert list(series.values) == [70, 72]
    assert found.first_time == parse_instant("2024-02-28T22:00Z")
    assert series.ends[-1] == parse_instant("2024-02-29T00:00Z").timestamp()


def test_ends_of_spans_count(tmp_path: Path) -> None:
    content = (
        "MTU (UTC),FI\n28.02.2024 22:00 - 28.02.2024 23:00,70\n"
        "28.02.2024 23:00 - 28.02.2024 23:15,72\n29.02.2024 00:00 - 29.02.2024 00:15,73\n"
    )
    for how in ({}, {"columns": "time=MTU (UTC)"}):
        lengths = read(tmp_path, content, **how).of("FI")
        assert list(lengths.ends - lengths.times) == [3600, 900, 900]


@pytest.mark.parametrize("columns", ["time=Datum Uhrzeit", "time=Datum Uhrzeit,value=FI"])
def test_two_columns_can_be_named_as_one(tmp_path: Path, columns: str) -> None:
    content = LOCAL["date and time of day"]
    check(read(tmp_path, content, columns=columns, region="FI", times=HELSINKI))


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a,b,FI\n2024-02-28T22:00Z,2024-02-28T21:00Z,70\n", r"f\.csv:1: no column of times"),
        ("year,FI\n2024,70\n2025,72\n", r"f\.csv:1: no column of times"),
        (
            "x (UTC),FI\n28.02.2024 22:00 - 28.02.2024 23:00,70\n" * 25 + "then,1\n",
            r"f\.csv:\d+: x \(UTC\): expected a span of time as in the rows above, got 'then'",
        ),
        (
            "Date,FI\n01/02/2024 22:00,70\n01/02/2024 23:00,72\n",
            r"f\.csv:2: Date: .*1 February 2024 or 2 January 2024; --date-format",
        ),
    ],
)
def test_what_is_not_plain_is_refused(tmp_path: Path, content: str, message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(tmp_path, content)
