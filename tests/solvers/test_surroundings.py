"""Where CBC works: any temporary folder will do, and where it fails the note says where and why."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.instances import INSTANCES
from lowcarb_solvers import Cbc, Greedy, Status, child, solve
from tests.helpers.params import first_fast
from tests.helpers.processes import fake_cbc

PROBLEM = INSTANCES["day"].problem()
FOLDERS = ["John Doe", "tab\there", "line\nfeed", "100%", "%s%n", " ", "-sec", "a'b\"c", "vt\vff\f"]


@pytest.fixture
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A temporary folder with a name of the test's; children that wait know others."""
    child.end_idle()
    monkeypatch.chdir(tmp_path)
    yield tmp_path
    child.end_idle()


@pytest.mark.parametrize("relax", [True, False])
@pytest.mark.parametrize("name", first_fast([*FOLDERS, "no-break\u00a0space", "\u2003"], 4))
def test_the_temporary_folder_may_be_called_anything(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, name: str, relax: bool
) -> None:
    folder = temporary / name
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    # The start of branch and cut is a file as well.
    solution = solve(PROBLEM, Greedy(), Cbc(relax=relax))
    assert (solution.solver, solution.status) == ("cbc", Status.OPTIMAL)
    assert solution.notes == ()
    assert list(folder.iterdir()) == []


def test_the_temporary_folder_may_be_relative(
    temporary: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (temporary / "here").mkdir()
    monkeypatch.setattr("tempfile.tempdir", "here")
    assert solve(PROBLEM).solver == "cbc"
    assert list((temporary / "here").iterdir()) == []


@pytest.mark.parametrize("name", FOLDERS)
def test_the_program_may_stand_anywhere(temporary: Path, name: str) -> None:
    folder = temporary / name
    folder.mkdir()
    # A program that says where it is told to write: beside itself stands nothing.
    path = fake_cbc(folder, 'pwd; echo "$@"; exit 3')
    note = solve(PROBLEM, Greedy(), Cbc(path=path)).notes[0]
    assert note.startswith("CBC failed: PulpSolverError: ")
    assert note.isprintable()
    assert "CBC's last line: " in note
    said = note.split("CBC's last line: ")[1]
    assert "/" not in said.split("(in a new folder")[0], "names without a folder"


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("echo begun; echo 'no licence today'; exit 3", "CBC's last line: 'no licence today'"),
        ("echo broken >&2; echo; exit 1", "CBC's last line: 'broken'"),
        (r"printf '\033[31mred\n'; exit 1", r"CBC's last line: '\x1b[31mred'"),
        ("head -c 100000 /dev/zero | tr '\\0' x; exit 1", f"CBC's last line: '{'x' * 200}'"),
        ("echo done; exit 0", "CBC's last line: 'done'"),
        ("exit 1", "CBC said nothing"),
    ],
)
def test_a_failure_says_where_and_quotes_the_last_line(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, script: str, said: str
) -> None:
    folder = temporary / "John\nDoe"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    solution = solve(PROBLEM, Greedy(), Cbc(path=fake_cbc(temporary, script)))
    assert solution.solver == "regret"
    (note,) = solution.notes
    assert note.startswith("CBC failed: PulpSolverError: ")
    assert f"; {said} (in a new folder of {str(folder)!r})" in note
    assert note.endswith(": the plan of regret stands, and is optimal")


@pytest.mark.parametrize("kind", ["gone", "a file"])
def test_a_folder_that_cannot_be_used_is_named(
    temporary: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    folder = temporary / "John Doe"
    if kind == "a file":
        folder.touch()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    solution = solve(PROBLEM)
    assert solution.solver == "regret"
    assert str(folder) in solution.notes[0]
