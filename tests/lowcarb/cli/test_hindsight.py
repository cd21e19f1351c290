"""``lowcarb compare`` with nothing but what came true."""

import json
import sys
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ROOT

EXAMPLES = ROOT / "examples"
ACTUALS = EXAMPLES / "actuals.csv"


@pytest.fixture(autouse=True)
def _one_core(monkeypatch: pytest.MonkeyPatch) -> None:
    """Play in this process: starting others takes longer than these comparisons."""
    monkeypatch.setattr(sys.modules["lowcarb.cli.days"], "cores", lambda: 1)


def run(*options: str | Path, actuals: Path = ACTUALS, rounds: int = 24) -> Result:
    words = ["compare", "--actuals", actuals, "--clients", EXAMPLES / "clients.csv"]
    words += ["--cohort-size", 4, "--rounds", rounds, "--seeds", 2, *options]
    return CliRunner().invoke(app, [str(word) for word in words], env={"COLUMNS": "80"})


def in_words(*options: str | Path, **kwargs: Any) -> str:
    result = run(*options, **kwargs)
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80
    return " ".join(result.stdout.split())


def test_it_says_what_would_have_been_saved_between_labelled_bounds() -> None:
    text = in_words("--policies", "regret,oracle", "--starts", "3")
    for part in (
        "regret on yesterday's values would have emitted ",
        "Yesterday's values as the forecast (persistence), what a simple forecast gives: regret",
        "Perfect foresight (hindsight), the most that could have been saved: ",
        "All 3 trainings together: ",
        " kg saved by regret.",
        "Used: 3 of 15 possible starts, evenly spread",
        "A start needs one whole day before it",
        "95% intervals are of means over 3 starts, by Student's t. Starts do not overlap.",
    ):
        assert part in text, part


def test_all_days_are_played_unless_fewer_are_wanted() -> None:
    result = run("--policies", "round-robin", "--json")
    assert result.exit_code == 0, result.output
    starts = json.loads(result.stdout)["starts"]
    assert starts == [f"2022-07-{day:02d}T00:00:00Z" for day in range(2, 17)]


@pytest.mark.slow
def test_overlaps_and_single_starts_are_said() -> None:
    text = in_words("--policies", "round-robin", "--starts", "3", rounds=200)
    assert "No intervals: all 3 starts overlap" in text
    text = in_words("--policies", "round-robin", "--starts", "1")
    assert "One start: how much figures vary from start to start is unknown" in text


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--starts", "some"], "starts: expected a number, or all, got 'some'"),
        (["--starts", "0"], "starts: expected 1 or more, got 0"),
        (["--start", "2022-07-01T05:00:00Z"], "no forecast was issued by 2022-07-01 05:00"),
    ],
)
def test_bad_options_are_one_line(options: list[str], message: str) -> None:
    result = run(*options)
    assert result.exit_code == 1
    assert message in result.stderr


def test_one_day_is_too_little(tmp_path: Path) -> None:
    lines = ACTUALS.read_text().splitlines(keepends=True)
    (tmp_path / "day.csv").write_text("".join(lines[:25]))
    result = run(actuals=tmp_path / "day.csv")
    assert result.exit_code == 1
    assert "needs a midnight (UTC) with a whole day of values before it" in result.stderr
    assert "2022-07-01 00:00 to 2022-07-02 00:00 UTC" in result.stderr


def test_unknown_regions_are_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(ACTUALS.read_text().replace("CISO", "CAISO", 1))
    result = run(actuals=tmp_path / "a.csv")
    assert result.exit_code == 1
    assert "region 'CISO' of client 'berkeley-gpu' is not in the actuals" in result.stderr
