"""Opening hours: what may be written, and when it is open in UTC."""

import itertools
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import InputError
from lowcarb.planning.open_hours import OpenHours

BERLIN = ZoneInfo("Europe/Berlin")


def shown(text: str, begin: str, days: float = 1) -> list[str]:
    first = datetime.fromisoformat(begin).replace(tzinfo=UTC)
    windows = OpenHours(text=text).between(first, first + timedelta(days=days))
    return [
        "-".join(f"{datetime.fromtimestamp(one, UTC):%d %H:%M}" for one in window)
        for window in windows
    ]


@pytest.mark.parametrize(
    ("text", "begin", "days", "expected"),
    [
        ("07:00-19:00 Europe/Berlin", "2022-07-01", 1, ["01 05:00-01 17:00"]),
        ("07:00-19:00 UTC", "2022-07-01T08:00", 1, ["01 08:00-01 19:00", "02 07:00-02 08:00"]),
        ("22:00-06:00 UTC", "2022-07-01", 1, ["01 00:00-01 06:00", "01 22:00-02 00:00"]),
        ("Mon-Fri 9:00 - 17:00 utc", "2022-07-01", 4, ["01 09:00-01 17:00", "04 09:00-04 17:00"]),
        ("Fri 22:00-06:00 UTC", "2022-07-02", 1, ["02 00:00-02 06:00"]),
        ("Sat-Mon 00:00-24:00 UTC", "2022-07-01", 5, ["02 00:00-05 00:00"]),
        ("sunday,Tue 01:00-02:00 UTC", "2022-07-01", 6, ["03 01:00-03 02:00", "05 01:00-05 02:00"]),
        ("08:00-10:00; 10:00-12:00 UTC", "2022-07-01", 1, ["01 08:00-01 12:00"]),
        ("00:00-24:00 UTC", "2022-07-01", 3, ["01 00:00-04 00:00"]),
        # A clock change leaves out 02:00 to 03:00, or brings it twice.
        ("02:30-05:00 Europe/Berlin", "2022-03-27", 0.5, ["27 01:00-27 03:00"]),
        ("00:00-02:30 Europe/Berlin", "2022-03-26T12:00", 0.8, ["26 23:00-27 01:00"]),
        ("02:30-05:00 Europe/Berlin", "2022-10-30", 0.5, ["30 00:30-30 04:00"]),
        ("00:00-02:30 Europe/Berlin", "2022-10-29T12:00", 0.8, ["29 22:00-30 01:30"]),
        ("22:00-06:00 Europe/Berlin", "2022-03-26T12:00", 0.9, ["26 21:00-27 04:00"]),
    ],
)
def test_when_it_is_open(text: str, begin: str, days: float, expected: list[str]) -> None:
    assert shown(text, begin, days) == expected


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("07:00-19:00", "names no zone"),
        ("07:00-19:00 Atlantis/Capital", "expected one such as Europe/Berlin or UTC"),
        ("7-19 UTC", "got '7-19'"),
        ("07:60-19:00 UTC", "got '07:60'"),
        ("07:00-25:00 UTC", "got '25:00'"),
        ("08:00-08:00 UTC", "a whole day is 00:00-24:00"),
        ("Moon 08:00-09:00 UTC", "days are Mon, Tue"),
        ("Mon-Tue-Wed 08:00-09:00 UTC", "got 'Mon-Tue-Wed'"),
        ("UTC", "names no zone"),
        ("", "names no zone"),
        ("7-19", "names no zone"),
        (7, "expected hours and a zone"),
    ],
)
def test_what_is_no_opening_hours_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=r"^open_hours: ") as error:
        OpenHours(text=text)
    assert said in str(error.value)


minutes = st.integers(0, 24 * 4 - 1).map(lambda quarter: 15 * quarter)


@settings(max_examples=60, deadline=None)
@given(begin=minutes, end=minutes, day=st.integers(0, 364), quarter=st.integers(0, 95))
def test_wall_clocks_say_whether_it_is_open(begin: int, end: int, day: int, quarter: int) -> None:
    """Away from clock changes it is open exactly while the clocks of the zone say so."""
    if begin == end:
        end = begin + 15 if begin < 1425 else 0
    hours = OpenHours(text=f"{_clock(begin)}-{_clock(end)} Europe/Berlin")
    first = datetime(2022, 1, 1, tzinfo=UTC) + timedelta(days=day)
    instant = first + timedelta(minutes=15 * quarter)
    if (
        first.astimezone(BERLIN).utcoffset()
        != (first + timedelta(days=1)).astimezone(BERLIN).utcoffset()
        or first.astimezone(BERLIN).utcoffset()
        != (first - timedelta(days=1)).astimezone(BERLIN).utcoffset()
    ):
        return
    local = instant.astimezone(BERLIN)
    now = 60 * local.hour + local.minute
    is_open = begin <= now < end if begin < end else now >= begin or now < end
    windows = hours.between(first, first + timedelta(days=1))
    assert any(a <= instant.timestamp() < b for a, b in windows) == is_open
    assert all(a < b for a, b in windows)
    assert all(one[1] < after[0] for one, after in itertools.pairwise(windows))


def _clock(minute: int) -> str:
    return f"{minute // 60:02d}:{minute % 60:02d}"
