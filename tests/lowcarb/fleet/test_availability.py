"""Online means online for the whole workload."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from lowcarb import Availability, Client, Fleet, InputError, read_availability

T0 = datetime(2022, 7, 15, tzinfo=UTC)
FLEET = Fleet.from_clients(
    [Client(name=n, region="DE", energy_kwh=1, duration=timedelta(minutes=40)) for n in "abc"]
)
STARTS = T0.timestamp() + 3600.0 * np.arange(4, dtype=np.float64)


def read(tmp_path: Path, *rows: str) -> Availability:
    path = tmp_path / "a.csv"
    path.write_text("client,from,until\n" + "".join(f"{row}\n" for row in rows))
    return read_availability(str(path), FLEET)


def test_windows_must_hold_the_whole_workload(tmp_path: Path) -> None:
    windows = read(
        tmp_path,
        "a,2022-07-15T00:00Z,2022-07-15T01:40Z",
        "b,2022-07-15T02:00Z,2022-07-15T02:39Z",
    )
    assert windows.matrix(FLEET, STARTS).tolist() == [
        [True, True, False, False],
        [False, False, False, False],
        [True, True, True, True],
    ]


def test_windows_that_touch_or_overlap_count_as_one(tmp_path: Path) -> None:
    windows = read(
        tmp_path,
        "a,2022-07-15T01:20Z,2022-07-15T01:40Z",
        "a,2022-07-15T01:00Z,2022-07-15T01:20Z",
        "a,2022-07-15T02:10Z,2022-07-15T04:00Z",
        "a,2022-07-15T01:50Z,2022-07-15T03:00Z",
    )
    assert windows.matrix(FLEET, STARTS)[0].tolist() == [False, True, True, True]


def test_work_that_overlaps_an_outage_is_lost(tmp_path: Path) -> None:
    outages = read(
        tmp_path,
        "a,2022-07-15T00:39Z,2022-07-15T01:00Z",
        "b,2022-07-15T00:40Z,2022-07-15T01:00Z",
        "b,2022-07-15T02:20Z,2022-07-15T03:01Z",
    )
    assert outages.lost(FLEET, STARTS).tolist() == [
        [True, False, False, False],
        [False, False, True, True],
        [False, False, False, False],
    ]


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("z,2022-07-15T00:00Z,2022-07-15T01:00Z", "client 'z' is not in the fleet"),
        ("a,2022-07-15T00:00,2022-07-15T01:00Z", "from of client 'a': .* has no zone"),
        ("a,2022-07-15T00:00Z,soon", "until of client 'a': expected a time"),
        ("a,2022-07-15T01:00Z,2022-07-15T01:00Z", "until must be later than from"),
        ("a,2022-07-15T01:00Z", "expected 3 cells"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, row: str, message: str) -> None:
    with pytest.raises(InputError, match=message) as error:
        read(tmp_path, row)
    assert error.value.line == 2


def test_other_columns_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("client,from,to\na,b,c\n")
    with pytest.raises(
        InputError, match="expected the columns client,from,until, got client,from,to"
    ):
        read_availability(str(path), FLEET)
