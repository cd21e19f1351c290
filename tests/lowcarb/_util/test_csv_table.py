"""Reading CSV files: what must not happen with files that are none."""

import gzip
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from lowcarb import Planner, read_availability, read_fleet, read_forecasts, read_typical_day
from lowcarb._util.csv_table import read_table
from lowcarb.errors import InputError
from tests.helpers.data import ENVIRONMENT, ROOT

WITH_LITTLE_MEMORY = """
import resource
from lowcarb.errors import InputError
from lowcarb._util.csv_table import read_table

resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
try:
    read_table("/dev/zero")
except InputError as error:
    print(error)
"""


@pytest.mark.skipif(not Path("/dev/zero").exists(), reason="needs a file without end")
def test_a_file_without_end_does_not_fill_the_memory() -> None:
    done = subprocess.run(
        [sys.executable, "-c", WITH_LITTLE_MEMORY],
        capture_output=True,
        text=True,
        env=ENVIRONMENT,
        check=False,
    )
    assert done.stdout == "/dev/zero:1: is not a text file: it has a NUL byte\n", done.stderr


def test_a_line_without_end_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv"
    path.write_text("client,region\n" + "a," * (1 << 23))
    with pytest.raises(InputError, match=r"f.csv:2: expected lines of fewer than 16777216 char"):
        read_table(str(path))


def test_files_may_be_given_as_paths() -> None:
    examples = ROOT / "examples"
    fleet = read_fleet(examples / "clients.csv")
    assert fleet.file == str(examples / "clients.csv")
    forecast = read_forecasts(examples / "forecast.csv").newest
    assert forecast.source == str(examples / "forecast.csv")
    assert read_typical_day(examples / "typical_day.csv").regions
    with pytest.raises(InputError, match=r"examples/none.csv.gz: cannot be read"):
        read_availability(examples / "none.csv.gz", fleet)


def test_a_plan_may_be_written_to_a_path(tmp_path: Path) -> None:
    fleet = read_fleet(ROOT / "examples" / "clients.csv")
    forecast = read_forecasts(ROOT / "examples" / "forecast.csv").newest
    planner = Planner(fleet=fleet, cohort_size=1, rounds=1, every=timedelta(hours=1))
    planner.plan(forecast.first_time, forecast).write_csv(tmp_path / "plan.csv")
    assert len((tmp_path / "plan.csv").read_text().splitlines()) == 2


@pytest.mark.parametrize("where", ["time", "value", "column", "region"])
def test_a_message_is_never_as_long_as_what_is_wrong(tmp_path: Path, where: str) -> None:
    long = "x" * 100_000
    cells = {"time": "2022-07-01T00:00Z", "value": "1", "column": "value", "region": "DE"}
    cells[where] = long
    path = tmp_path / "f.csv"
    path.write_text(
        f"target_time,region,{cells['column']}\n{cells['time']},{cells['region']},{cells['value']}\n"
    )
    with pytest.raises(InputError) as error:
        read_forecasts(path).newest.mean(
            "nowhere", datetime(2022, 7, 1, tzinfo=UTC), timedelta(hours=1)
        )
    assert len(str(error.value)) < 2100 + len(str(path))


@pytest.mark.parametrize(
    ("limit", "most", "content", "said"),
    [
        ("_MOST_LINES", 3, "a,b\n1,2\n1,2\n1,2\n", r"f.csv.gz:4: expected at most 3 lines"),
        ("_MOST_LINES", 3, "a,b\n\n\n\n", r"f.csv.gz:4: expected at most 3 lines"),
        ("_MOST_LINES", 3, 'a,b\n1,"2\n\n\n"\n', r"f.csv.gz:4: expected at most 3 lines"),
        ("_MOST_CELLS", 4, "a,b\n1,2\n1,2\n1,2\n", r"f.csv.gz:4: expected at most 4 cells"),
        ("_MOST_CHARACTERS", 9, "a,b\n1,2\n1,2\n", r"f.csv.gz:3: expected at most 9 characters"),
    ],
)
def test_a_table_has_a_size(
    limit: str, most: int, content: str, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "f.csv.gz"
    path.write_bytes(gzip.compress(content.encode()))
    monkeypatch.setattr(f"lowcarb._util.csv_table.{limit}", most)
    with pytest.raises(InputError, match=said):
        read_table(path)


@pytest.mark.slow
def test_a_packed_file_of_millions_of_rows_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "f.csv.gz"
    with gzip.open(path, "wb") as stream:
        stream.write(b"a,b\n")
        for _ in range(60):
            stream.write(b"1,1\n" * 1_000_000)
    with pytest.raises(InputError, match=r"f.csv.gz:5000001: expected at most 5000000 lines"):
        read_table(path)
