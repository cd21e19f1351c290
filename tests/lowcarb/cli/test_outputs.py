"""What commands are told to write goes nowhere where it would destroy something."""

from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from lowcarb.cli import app
from lowcarb.ledger import Ledger
from tests.helpers.data import ROOT
from tests.helpers.plan_command import run

EXAMPLES = ROOT / "examples"
COMPARE = (
    *("--forecast", str(EXAMPLES / "issues.csv"), "--actuals", str(EXAMPLES / "actuals.csv")),
    *("--clients", str(EXAMPLES / "clients.csv"), "--cohort-size", "4", "--rounds", "2"),
)


@pytest.fixture
def ledger(tmp_path: Path) -> Path:
    path = tmp_path / "run.db"
    with Ledger(path).writing():
        pass
    assert (tmp_path / "run.db.lock").exists()
    return path


def command(name: str, *options: str) -> Result:
    return CliRunner().invoke(app, [name, *options], env={"COLUMNS": "80"})


def asked_to_write(folder: Path, option: str, target: Path) -> Result:
    """Run the command that has an option, on what is never computed if the option is refused."""
    if option == "out":
        return run(folder, "--out", str(target))
    if option == "fetch --out":
        return command("fetch", "neso", "--region", "GB", "--out", str(target))
    if option == "png":
        return command("demo", "--no-train", "--png", str(target))
    if option == "compare --report":
        return command("compare", *COMPARE, "--report", str(target))
    return command("report", str(folder / "run.db"), f"--{option}", str(target))


ENDING = {"png": ".png", "report": ".html", "compare --report": ".html"}
OPTIONS = ["out", "fetch --out", "png", "report", "backup", "compare --report"]


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("option", OPTIONS)
def test_a_circle_of_links_is_refused_and_stays(tmp_path: Path, option: str) -> None:
    link = tmp_path / f"circle{ENDING.get(option, '')}"
    link.symlink_to(link.name)
    result = asked_to_write(tmp_path, option, link)
    assert result.exit_code == 1
    assert "is a link in a circle of links" in result.stderr
    assert result.stderr.count("\n") == 1
    assert link.is_symlink()


@pytest.mark.usefixtures("ledger")
@pytest.mark.parametrize("option", OPTIONS)
def test_a_name_that_is_too_long_is_refused(tmp_path: Path, option: str) -> None:
    name = f"{'x' * 256}{ENDING.get(option, '')}"
    result = asked_to_write(tmp_path, option, tmp_path / name)
    assert result.exit_code == 1
    assert f"expected a name of at most 255 bytes, got {len(name)}" in result.stderr
    assert result.stderr.count("\n") == 1


@pytest.mark.parametrize("option", OPTIONS)
def test_no_link_leads_to_a_lock(tmp_path: Path, ledger: Path, option: str) -> None:
    link = tmp_path / f"link{ENDING.get(option, '')}"
    link.symlink_to("run.db.lock")
    before = (tmp_path / "run.db.lock").read_bytes()
    result = asked_to_write(tmp_path, option, link)
    assert result.exit_code == 1
    assert "is a name that belongs to the ledger run.db" in result.stderr
    assert (tmp_path / "run.db.lock").read_bytes() == before
    with Ledger(ledger).writing():
        pass


@pytest.mark.parametrize("name", ["run.db", "run.db.lock", "run.db-wal", "run.db-journal"])
def test_a_plan_takes_no_ledgers_place(tmp_path: Path, ledger: Path, name: str) -> None:
    before = ledger.read_bytes()
    result = run(tmp_path, "--out", str(tmp_path / name))
    assert result.exit_code == 1
    assert "give another name" in result.stderr
    assert ledger.read_bytes() == before
    assert not (tmp_path / "run.db-wal").exists()


def test_a_plan_has_a_name_as_long_as_can_be(tmp_path: Path) -> None:
    path = tmp_path / f"{'x' * 251}.csv"
    assert run(tmp_path, "--out", str(path)).exit_code == 0
    assert path.read_text().startswith("round,start,client")


@pytest.mark.parametrize("kind", ["hard", "symbolic"])
def test_an_input_is_kept_by_all_its_names(tmp_path: Path, kind: str) -> None:
    run(tmp_path)
    clients, link = tmp_path / "c.csv", tmp_path / "link.csv"
    link.hardlink_to(clients) if kind == "hard" else link.symlink_to(clients)
    result = run(tmp_path, "--out", str(link))
    assert result.exit_code == 1
    assert "is also an input" in result.stderr
    assert link.read_text() == clients.read_text()


def test_two_outputs_have_two_names(tmp_path: Path, ledger: Path) -> None:
    target = tmp_path / "one.html"
    result = command("report", str(ledger), "--report", str(target), "--backup", str(target))
    assert result.exit_code == 1
    assert "is also another output; give another name" in result.stderr
    assert not target.exists()


@pytest.mark.parametrize("folder", ["circle", "nowhere", "x" * 256])
def test_a_folder_for_figures_can_be_made(tmp_path: Path, folder: str) -> None:
    if folder in ("circle", "nowhere"):
        (tmp_path / folder).symlink_to("circle" if folder == "circle" else "none")
    result = command("compare", *COMPARE, "--figures", str(tmp_path / folder))
    assert result.exit_code == 1
    assert "expected a folder" in result.stderr or "expected the name of a folder" in result.stderr
    assert result.stderr.count("\n") == 1
