"""``lowcarb typical``: from a history to the typical days that plans read."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb import read_forecasts, read_typical_day
from lowcarb.cli import app
from tests.helpers.data import ROOT

ACTUALS = ROOT / "examples" / "actuals.csv"


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, ["typical", *map(str, words)])


@pytest.mark.parametrize("days", [None, 3])
def test_what_it_writes_is_what_plans_read(tmp_path: Path, days: int | None) -> None:
    out = tmp_path / "typical.csv"
    result = run(ACTUALS, "--out", out, *([] if days is None else ["--days", str(days)]))
    assert result.exit_code == 0, result.output
    found = read_typical_day(out)
    true = read_forecasts(ACTUALS).newest
    assert list(found.regions) == list(true.series)
    for region, day in zip(found.regions, found.intensity, strict=True):
        hours = true.of(region).values.reshape(-1, 24)[-(days or 99) :]
        assert np.allclose(day, hours.mean(axis=0), rtol=1e-8)
    assert f"Wrote {out}" in result.stderr
    assert "Learnt 6 regions from 2022-07-" in result.stderr


def test_without_a_file_it_goes_to_the_standard_output() -> None:
    result = run(ACTUALS)
    assert result.exit_code == 0, result.output
    assert result.stdout.startswith("region,h00,h01,")
    assert len(result.stdout.splitlines()) == 7


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ([ACTUALS, "--days", "0"], "days: expected 1 or more, got 0"),
        ([ROOT / "examples" / "issues.csv"], "has a column issued_at"),
        (["none.csv"], "none.csv: cannot be read"),
        ([ACTUALS, "--out", ACTUALS], "is also an input"),
    ],
)
def test_bad_input_is_one_line(words: list[str | Path], message: str) -> None:
    result = run(*words)
    assert result.exit_code == 1
    assert message in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1


def test_an_hour_that_is_never_known_is_named(tmp_path: Path) -> None:
    lines = ACTUALS.read_text().splitlines(keepends=True)
    (tmp_path / "a.csv").write_text("".join(lines[:20]))
    result = run(tmp_path / "a.csv")
    assert result.exit_code == 1
    assert "has no value at 19:00 UTC on any day" in result.stderr
