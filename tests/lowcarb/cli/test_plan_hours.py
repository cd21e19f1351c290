"""``lowcarb plan`` with a deadline: hours in text, JSON and CSV, and what is refused."""

import csv
import json
import re
import subprocess
import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.helpers.data import ROOT
from tests.helpers.plan_command import CLIENTS, run

DEADLINE = ("--deadline", "2022-07-02T22:00Z", "--open", "Mon-Sat 06:00-22:00 America/New_York")
FLEET = ("--cohort-size", "4", "--rounds", "8", "--min-rounds", "1")


def plan(folder: Path, *options: str) -> str:
    result = run(folder, *FLEET, *DEADLINE, *options, clients=CLIENTS)
    assert result.exit_code == 0, result.output
    return result.stdout


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def test_it_says_what_at_once_would_emit_at_80_columns(tmp_path: Path) -> None:
    text = plan(tmp_path, "--longest-pause", "20h")
    assert max(len(line.rstrip()) for line in text.splitlines()) <= 80
    said = " ".join(text.split())
    assert (
        "By 2022-07-02 22:00 UTC, open Mon-Sat 06:00-22:00 America/New_York, pauses of 20 h at "
        "most: 8 of 30 slots, a round takes 1 h at most" in said
    )
    assert re.search(
        r"At once, from 2022-07-01 00:00 to 2022-07-01 16:00 UTC, the rounds would emit [0-9.]+ g: "
        r"the chosen hours save [0-9.]+ g, [0-9.]+% less than at once\.",
        said,
    )


def test_json_says_when_rounds_begin_and_csv_too(tmp_path: Path) -> None:
    found: dict[str, Any] = json.loads(plan(tmp_path, "--json", "--out", str(tmp_path / "p.csv")))
    asked = found["hours"]
    assert (asked["deadline"], asked["slots"]) == ("2022-07-02T22:00:00Z", 30)
    assert asked["at_once_g"] - asked["saved_g"] == pytest.approx(found["objective_g"])
    assert asked["saved_pct"] == pytest.approx(100 * asked["saved_g"] / asked["at_once_g"])
    assert found["bound_g"] <= found["objective_g"]
    begins = [instant(one["start"]) for one in found["rounds"]]
    ends = [instant(one["end"]) for one in found["rounds"]]
    assert all(end <= begin for end, begin in zip(ends, begins[1:], strict=False))
    assert ends[-1] <= instant(asked["deadline"])
    assert all(begin.hour < 2 or begin.hour >= 10 for begin in begins)
    with (tmp_path / "p.csv").open() as stream:
        rows = list(csv.DictReader(stream))
    assert {(int(row["round"]), instant(row["start"])) for row in rows} == {
        (one["round"], instant(one["start"])) for one in found["rounds"]
    }


def test_a_batch_system_can_take_it(tmp_path: Path) -> None:
    """The program in the documents turns the JSON into lines for a batch system."""
    (block,) = re.findall(
        r"```python\n(import json\nimport sys\n.*?)```",
        (ROOT / "docs/planning.md").read_text(),
        re.DOTALL,
    )
    document = plan(tmp_path, "--json")
    done = subprocess.run(
        [sys.executable, "-c", block], input=document, capture_output=True, text=True, check=True
    )
    asked: dict[tuple[int, str], list[str]] = {}
    begins = {}
    for line in done.stdout.splitlines():
        found = re.fullmatch(
            r"TZ=UTC sbatch --begin=(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d) --partition=(\w+) "
            r"--export=ALL,ROUND=(\d+) train\.sh (.+)",
            line,
        )
        assert found is not None, line
        number = int(found[3])
        asked[number, found[2]] = found[4].split()
        begins[number] = found[1]
    regions = {line.split(",")[0]: line.split(",")[1] for line in CLIENTS.splitlines()[1:]}
    for one in json.loads(document)["rounds"]:
        assert f"{begins[one['round']]}Z" == one["start"]
        placed = [
            name for (number, _), names in asked.items() if number == one["round"] for name in names
        ]
        assert sorted(placed) == sorted(one["clients"])
    assert all(regions[name] == region for (_, region), names in asked.items() for name in names)


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--open", "07:00-19:00 UTC"), "open: says which hours may be chosen until a deadline"),
        (("--earliest", "2022-07-01T00:00Z"), "earliest: says which hours may be chosen"),
        (("--longest-pause", "3h"), "longest-pause: says which hours may be chosen"),
        (("--deadline", "friday"), "deadline: expected a time such as"),
        (("--deadline", "2022-07-01T03:00Z"), "deadline: 6 rounds of 1 h need until 2022-07-01"),
        (
            ("--deadline", "2022-07-02T00:00Z", "--open", "7-19"),
            "open: expected hours and a zone",
        ),
        (
            ("--deadline", "2022-06-30T20:00Z", "--earliest", "2022-06-30T00:00Z"),
            "deadline: expected a time after 2022-07-01 00:00 UTC, when the forecast begins, got "
            "2022-06-30 20:00 UTC; give a later deadline",
        ),
        (
            ("--deadline", "2022-07-09T00:00Z"),
            "the forecast does not cover region 'BPAT' from 2022-07-03 00:00",
        ),
    ],
)
def test_what_cannot_be_is_refused(tmp_path: Path, options: tuple[str, ...], said: str) -> None:
    result = run(tmp_path, *options)
    assert result.exit_code == 1
    assert said in result.stderr
    assert result.stderr.count("\n") == 1


def test_an_earliest_start_before_the_forecast_is_said_with_both_times(tmp_path: Path) -> None:
    until = ("--deadline", "2022-07-02T00:00Z")
    result = run(tmp_path, *until, "--earliest", "2022-06-30T21:00Z")
    assert result.exit_code == 0, result.output
    text = " ".join(result.stdout.split())
    assert (
        "no hour from the earliest start, 2022-06-30 21:00 UTC, to when the forecast begins, "
        "2022-07-01 00:00 UTC, could be chosen"
    ) in text
    later = run(tmp_path, *until, "--earliest", "2022-07-01T03:00Z")
    assert "could be chosen" not in later.stdout


def test_cohorts_grow_in_the_cleanest_hours(tmp_path: Path) -> None:
    options = (*DEADLINE, "--cohort-range", "1..8", "--json")
    fixed = json.loads(run(tmp_path, *FLEET, *DEADLINE, "--json", clients=CLIENTS).stdout)
    found = json.loads(run(tmp_path, *FLEET, *options, clients=CLIENTS).stdout)
    fewer = json.loads(run(tmp_path, *FLEET, *options, "--rounds", "2..8", clients=CLIENTS).stdout)
    for one in (found, fewer):
        assert one["cohort_range"] == [1, 8]
        assert sum(each["size"] for each in one["rounds"]) == 32
        assert one["bound_g"] <= one["objective_g"]
    assert len(found["rounds"]) == 8
    assert 4 <= len(fewer["rounds"]) <= 8
    assert fewer["objective_g"] <= found["objective_g"] * 1.001
    assert found["objective_g"] < fixed["objective_g"]
    assert min(each["size"] for each in found["rounds"]) >= 1
    said = run(tmp_path, *FLEET, *options[:-1], "--rounds", "2..8", clients=CLIENTS).stdout
    assert max(len(line.rstrip()) for line in said.splitlines()) <= 80
