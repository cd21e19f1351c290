"""Which cells of comparisons and sweeps carry the mark, and what is said of it below."""

import csv
import json
import re
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.planning.wording import ABOUT_EMPTY, ABOUT_MARKED
from tests.helpers.plan_command import EXAMPLES
from tests.helpers.schemas import check

DAYS = (
    *("--forecast", str(EXAMPLES / "issues.csv"), "--actuals", str(EXAMPLES / "actuals.csv")),
    *("--cohort-size", "4", "--rounds", "4", "--starts", "1"),
)
FEW = ("--policies", "ilp", "--seeds", "1")
MARKED = r"! -?\d"


def run(*words: str) -> Result:
    result = CliRunner().invoke(app, list(words), env={"COLUMNS": "80"})
    assert result.exit_code == 0, result.output
    assert max(map(len, result.stdout.splitlines())) <= 80 or "--json" in words
    return result


@pytest.fixture(scope="module")
def owed(tmp_path_factory: pytest.TempPathFactory) -> str:
    """Clients that are owed more turns than four rounds have."""
    rows = list(csv.DictReader((EXAMPLES / "clients.csv").read_text().splitlines()))
    path = tmp_path_factory.mktemp("owed") / "clients.csv"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, list(dict.fromkeys([*rows[0], "min_rounds"])))
        writer.writeheader()
        writer.writerows({**row, "min_rounds": "3"} for row in rows)
    return str(path)


@pytest.mark.parametrize(
    ("clients", "options", "about"),
    [
        (None, (), ABOUT_MARKED),
        pytest.param(None, ("--deadline", "6h"), ABOUT_MARKED, marks=pytest.mark.slow),
        ("clients.csv", ("--rest", "3"), ABOUT_EMPTY),
        ("clients.csv", ("--max-rounds", "1"), ABOUT_EMPTY),
        ("clients.csv", (), None),
    ],
)
def test_a_sweep_marks_what_compares_with_nothing(
    owed: str, clients: str | None, options: tuple[str, ...], about: str | None, tmp_path: Path
) -> None:
    page, out = tmp_path / "sweep.html", tmp_path / "sweep.csv"
    words = ("sweep", *DAYS, "--clients", owed if clients is None else str(EXAMPLES / clients))
    asked = (*words, "--min-share", "0", *options, "--jobs", "1")
    text = run(*asked, "--report", str(page), "--out", str(out)).stdout
    # Kilograms, percent, and the share of the limit.
    expected = 0 if about is None else 3
    assert len(re.findall(MARKED, text)) == expected
    assert len(re.findall(f">{MARKED}", page.read_text())) == expected
    for line in (ABOUT_MARKED, ABOUT_EMPTY):
        assert (line in text) == (f"{line}." in page.read_text()) == (line == about)
    assert (" at all points, NOT COMPARABLE, ilp" in " ".join(text.split())) == (about is not None)
    rows = [row for row in csv.DictReader(out.read_text().splitlines()) if row["policy"] == "ilp"]
    assert [row["comparable"] for row in rows] == [str(about is None)]


def test_points_with_seats_left_empty_are_left_out_of_the_verdict() -> None:
    words = ("sweep", *DAYS, "--clients", str(EXAMPLES / "clients.csv"), "--min-share", "0")
    text = run(*words, "--rest", "3", "--cohort-size", "2,4", "--jobs", "1").stdout
    said = " ".join(text.split())
    assert said.startswith(
        "With seats left empty at 1 point, NOT COMPARABLE and left out here, ilp emitted "
    )
    assert "random cohorts at cohort size 2" in said


@pytest.mark.slow
def test_a_comparison_marks_seats_left_empty(tmp_path: Path) -> None:
    page = tmp_path / "compare.html"
    words = (
        "compare",
        *DAYS,
        *FEW,
        "--clients",
        str(EXAMPLES / "clients.csv"),
        "--rest",
        "3",
        "--starts",
        "2",
    )
    text = run(*words, "--report", str(page)).stdout
    said = " ".join(text.split())
    assert "a seat, NOT COMPARABLE: 8 seats left empty that random cohorts would fill" in said
    assert "(seats left empty) of a training" in said
    assert "saved by ilp (seats left empty)." in said
    assert ABOUT_EMPTY in text
    assert ABOUT_MARKED not in text
    ilp = [line for line in text.splitlines() if line.startswith("ilp")]
    assert [len(re.findall(MARKED, line)) for line in ilp[:2]] == [1, 2]
    for title in ("Saved against random cohorts", "Emissions and fairness", "From each start"):
        shown = page.read_text().partition(f"<h2>{title}</h2>")[2].partition("</table>")[0]
        assert ABOUT_EMPTY in shown
        assert re.search(f">{MARKED}", shown)
    content = json.loads(run(*words, "--json").stdout)
    check(content)
    assert content["policies"]["ilp"]["comparable"] is False


def test_all_savings_of_a_row_of_hours_are_marked(owed: str) -> None:
    words = ("compare", *DAYS, "--clients", owed, "--deadline", "5h", "--policies", "ilp,oracle")
    text = run(*words).stdout
    (oracle,) = [line for line in text.splitlines() if line.startswith("oracle")]
    assert oracle.count("! ") == 2
    assert ABOUT_MARKED in text
