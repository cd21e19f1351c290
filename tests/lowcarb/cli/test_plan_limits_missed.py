"""What ``lowcarb plan`` says of limits that its plan does not keep."""

import json
from pathlib import Path

import pytest

from tests.helpers.plan_command import GROUPS, run

SIZE = ("--cohort-size", "4", "--rounds", "8", "--min-rounds", "1")
CAN_BE_KEPT = (
    ("--limit", "region <= 1", "--time-limit", "0.01"),
    ("--limit", "samples >= 19000", "--solver", "greedy"),
)


@pytest.mark.parametrize("options", CAN_BE_KEPT)
def test_nothing_is_made_up_of_limits_that_may_be_kept(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run(tmp_path, *SIZE, *options, clients=GROUPS)
    assert result.exit_code == 0, result.output
    (line,) = [line for line in result.stdout.splitlines() if line.startswith("NOT MET: ")]
    assert line.endswith("not kept by this plan; see the warnings.")
    assert "cannot be had" not in result.output
    assert "stands against" not in result.output
    assert "another plan may miss less" in result.stderr


@pytest.mark.parametrize("options", CAN_BE_KEPT)
def test_what_is_saved_by_breaking_limits_is_marked(
    tmp_path: Path, options: tuple[str, ...]
) -> None:
    result = run(tmp_path, *SIZE, *options, clients=GROUPS)
    lines = result.stdout.splitlines()
    assert max(map(len, lines)) <= 80
    (saved,) = [line for line in lines if line.endswith("less than random cohorts")]
    assert "forecast, ! " in saved
    (row,) = [line for line in lines if line.startswith("lowcarb: this plan")]
    assert "! -" in row
    assert "! breaks limits: a plan that keeps them may save less" in lines


@pytest.mark.slow
def test_the_page_says_the_same(tmp_path: Path) -> None:
    page = tmp_path / "p.html"
    result = run(tmp_path, *SIZE, *CAN_BE_KEPT[1], "--report", str(page), clients=GROUPS)
    assert result.exit_code == 0, result.output
    text = page.read_text()
    assert "which is not kept by this plan, the plan is expected to emit" in text
    assert "%) against random cohorts" in text
    assert " (! " in text
    assert "! breaks limits: a plan that keeps them may save less." in text


def test_what_is_saved_within_limits_has_no_mark(tmp_path: Path) -> None:
    result = run(tmp_path, *SIZE, "--limit", "region <= 3", clients=GROUPS)
    assert "NOT MET" not in result.stdout
    assert "forecast, ! " not in result.stdout
    assert "breaks limits" not in result.stdout


def test_bounds_far_out_of_reach_are_missed_by_as_little_as_can_be(tmp_path: Path) -> None:
    grams, came_to = set(), set()
    for bound in ("1e5", "1e12", "1e99"):
        options = ("--limit", f"samples >= {bound}", "--json")
        result = run(tmp_path, *SIZE, *options, clients=GROUPS)
        content = json.loads(result.stdout)
        (rule,) = content["limits"]["rules"]
        assert rule["at_least"] == [float(bound)] * 8
        short = [one["short"] for one in content["shortfalls"]]
        asked = zip(short, rule["amounts"], strict=True)
        assert all(one == pytest.approx(float(bound) - amount) for one, amount in asked)
        grams.add(round(content["objective_g"], 6))
        came_to.add(sum(rule["amounts"]))
    assert len(grams) == len(came_to) == 1


def test_limits_that_cannot_be_kept_are_told_so(tmp_path: Path) -> None:
    result = run(tmp_path, *SIZE, "--limit", "samples >= 60000", clients=GROUPS)
    assert "NOT MET: 1 limit cannot be had; see the warnings." in result.stdout
    assert "the 4 largest of 12 clients come to 23,000" in result.stderr


@pytest.mark.parametrize("text", ["group=a >= 1", "group >= 1", "samples group=a >= 1"])
def test_a_column_that_is_blank_for_everyone(tmp_path: Path, text: str) -> None:
    blank = "".join(
        f"{line.rpartition(',')[0]},{'' if number else 'group'}\n"
        for number, line in enumerate(GROUPS.splitlines())
    )
    result = run(tmp_path, *SIZE, "--limit", text, clients=blank)
    assert result.exit_code == 1
    assert f"limit '{text}': no client has a group: it is blank for all of them" in result.stderr
    assert "known are" not in result.stderr
