"""Limits of ``lowcarb compare`` and ``lowcarb sweep``: who keeps them, and what is refused."""

import json
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from tests.helpers.data import ROOT
from tests.helpers.schemas import check

EXAMPLES = ROOT / "examples"
LIMITS = ("--limit", "region <= 2", "--limit", "group=a >= 3", "--rest", "1")


def played(folder: Path, command: str, *options: str, blank: int = 0) -> Result:
    rows = (EXAMPLES / "clients.csv").read_text().splitlines()
    named = len(rows) - 1 - blank
    groups = ["group", *("ab"[i % 2] for i in range(named)), *[""] * blank]
    clients = folder / "clients.csv"
    clients.write_text("".join(f"{row},{one}\n" for row, one in zip(rows, groups, strict=True)))
    given = [
        *("--forecast", str(EXAMPLES / "issues.csv"), "--actuals", str(EXAMPLES / "actuals.csv")),
        *("--clients", str(clients), "--rounds", "5", "--starts", "1", "--min-share", "0"),
        *("--cohort-size", "4"),
    ]
    return CliRunner().invoke(app, [command, *given, *options], env={"COLUMNS": "80"})


def test_plans_keep_limits_that_others_break(tmp_path: Path) -> None:
    options = ("--policies", "round-robin,regret,ilp,oracle", *LIMITS)
    result = played(tmp_path, "compare", *options, "--json")
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    check(content)
    assert content["limits"] == ["region <= 2", "group=a >= 3", "rest >= 1"]
    kept = {name: one["limits"] for name, one in content["policies"].items()}
    for name in ("ilp", "oracle"):
        assert kept[name] == {"kept_pct": 100.0, "without_rest": 0.0, "rounds_broken": {}}
    assert kept["round-robin"]["rounds_broken"] == {"group=a >= 3": 3.0}
    assert kept["regret"]["without_rest"] > 0
    assert "than regret" not in content["verdict"]


@pytest.mark.slow
def test_the_page_says_who_breaks_what(tmp_path: Path) -> None:
    page = tmp_path / "c.html"
    options = ("--policies", "round-robin,ilp", "--report", str(page))
    result = played(tmp_path, "compare", *options, *LIMITS)
    assert result.exit_code == 0, result.output
    assert "Limits, by what came true" in page.read_text()


def test_the_text_says_who_breaks_what(tmp_path: Path) -> None:
    result = played(tmp_path, "compare", "--policies", "round-robin,ilp", *LIMITS)
    assert result.exit_code == 0, result.output
    assert max(len(line.rstrip()) for line in result.stdout.splitlines()) <= 80
    rows = [line.split() for line in result.stdout.splitlines()]
    (ilp,) = [row for row in rows if row[:1] == ["ilp"] and row[-1] == "-"]
    assert ilp == ["ilp", "100%", "0", "-"]
    assert "the other policies do not know them" in " ".join(result.stdout.split())


def test_a_budget_is_kept_by_what_is_known(tmp_path: Path) -> None:
    """Forecasts are wrong by some percent, so a budget may be missed by as much, and no more."""
    free = json.loads(played(tmp_path, "compare", "--policies", "ilp", "--json").stdout)
    grams = free["policies"]["ilp"]["emissions_g"]
    options = ("--policies", "ilp,oracle", "--budget-kg", str(1.02 * grams / 1000), "--json")
    content = json.loads(played(tmp_path, "compare", *options).stdout)
    assert content["policies"]["ilp"]["emissions_g"] == pytest.approx(grams)
    assert content["policies"]["oracle"]["limits"]["kept_pct"] == 100


def test_a_sweep_keeps_limits(tmp_path: Path) -> None:
    out = tmp_path / "s.csv"
    finished = tmp_path / "finished.jsonl"
    options = ("--jobs", "1", "--json", "--out", str(out), "--resume", str(finished))
    result = played(tmp_path, "sweep", *options, *LIMITS)
    assert result.exit_code == 0, result.output
    content = json.loads(result.stdout)
    check(content)
    (point,) = content["points"]
    assert point["policies"]["ilp"]["limits"]["kept_pct"] == 100
    assert out.read_text().splitlines()[0].endswith(",limits_kept_pct")
    other = played(tmp_path, "sweep", *options, "--limit", "region <= 1")
    assert other.exit_code == 1
    assert "limits" in json.loads(other.stdout)["error"]["message"]
    text = played(tmp_path, "sweep", "--jobs", "1", *LIMITS)
    assert "Limits: region <= 2, group=a >= 3, rest >= 1." in " ".join(text.stdout.split())
    assert max(len(line.rstrip()) for line in text.stdout.splitlines()) <= 80


def test_whom_no_limit_reaches_is_said(tmp_path: Path) -> None:
    limits = tmp_path / "l.toml"
    limits.write_text('limits = ["region <= 2"]\n[sites]\ncolumn = "group"\ncaps = "caps.csv"\n')
    times = ("2022-07-01T00:00Z", "2022-08-01T00:00Z")
    (tmp_path / "caps.csv").write_text("site,time,w\n" + "".join(f"a,{t},9e5\n" for t in times))
    about = ("no limit on a group reaches them: ", "1 site without rows in ")
    for command in ("compare", "sweep"):
        own = ("--policies", "ilp") if command == "compare" else ("--jobs", "1")
        asked = ("--limits", str(limits), "--limit", "group <= 3", "--json")
        result = played(tmp_path, command, *own, *asked, blank=2)
        assert result.exit_code == 0, result.output
        notes = json.loads(result.stdout)["notes"]
        for words in about:
            assert len([note for note in notes if words in note]) == 1, notes


@pytest.mark.parametrize(
    ("command", "options", "words"),
    [
        (
            "compare",
            ("--limit", "region <= 4", "--rest", "0", "--deadline", "12h"),
            "limit: --limit 'region <= 4' and --rest 0 cannot be played beside --deadline 12h yet; "
            "leave out --limit and --rest, or --deadline",
        ),
        (
            "sweep",
            ("--limits", "l.toml", "--deadline", "12h,1d"),
            "--limits l.toml cannot be played beside --deadline 12h and --deadline 1d yet",
        ),
        ("compare", ("--limit", "regoin <= 4"), "limit 'regoin <= 4': expected a column"),
        (
            "compare",
            ("--limit", "region <= 40%", "--cohort-range", "2..6"),
            "limit 'region <= 40%': expected a number where rounds have 2 to 6 clients",
        ),
        (
            "sweep",
            ("--limit", "region <= 40%", "--cohort-range", "4..4,2..6"),
            "limit 'region <= 40%': expected a number where rounds have 2 to 6 clients",
        ),
        ("sweep", ("--budget-kg", "0"), "budget-kg: expected kilograms"),
    ],
)
def test_what_is_not_played_is_refused_in_one_line(
    tmp_path: Path, command: str, options: tuple[str, ...], words: str
) -> None:
    result = played(tmp_path, command, *options)
    assert result.exit_code == 1, result.output
    assert result.stderr.startswith("Error: ")
    assert words in result.stderr
    assert result.stderr.count("\n") == 1
