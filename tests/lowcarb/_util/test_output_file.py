"""Outputs never take the place of a ledger or of what belongs to one, whatever leads there."""

import os
import socket
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from lowcarb import InputError, LowcarbError
from lowcarb._util.output_file import output_file, require_output
from tests.helpers.data import ENVIRONMENT, ROOT
from tests.helpers.processes import eventually

LONGEST = 255
WIDE = "\N{EURO SIGN}" * 85


def write(path: Path | str) -> None:
    with output_file(path) as stream:
        stream.write(b"new")


def refused(path: Path | str, reason: str) -> None:
    """Check that nothing is written, and that it is said before anything is computed."""
    for attempt in (require_output, write):
        with pytest.raises(LowcarbError, match=reason) as caught:
            attempt(path)
        assert "\n" not in str(caught.value)


@pytest.fixture
def database(tmp_path: Path) -> Path:
    path = tmp_path / "run.db"
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("CREATE TABLE t (x)")
    return path


def test_a_circle_of_links_is_refused_and_stays(tmp_path: Path) -> None:
    one, other = tmp_path / "one", tmp_path / "other"
    one.symlink_to("other")
    other.symlink_to("one")
    (tmp_path / "self").symlink_to("self")
    for link in (one, other, tmp_path / "self"):
        refused(link, "is a link in a circle of links")
        assert link.is_symlink()
    refused(tmp_path / "self" / "plan.csv", "does not exist|cannot be written")


def test_a_link_to_nothing_becomes_a_link_to_the_file(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("target")
    write(link)
    assert link.is_symlink()
    assert (tmp_path / "target").read_text() == "new"


def test_a_link_into_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("none/target")
    refused(link, r"link: the folder .*/none does not exist \(the link leads to .*/none/target\)")
    assert link.is_symlink()


def test_devices_are_written_to_and_links_to_them_stay(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to("/dev/null")
    write(link)
    write("/dev/null")
    assert link.is_symlink()
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)
    require_output("/dev/full")
    with pytest.raises(LowcarbError, match="/dev/full: cannot be written: No space left"):
        write("/dev/full")


def test_a_pipe_may_be_written_to_without_being_opened_first(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    require_output(tmp_path / "pipe")  # would wait for a reader
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)


def test_folders_and_sockets_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "folder").mkdir()
    (tmp_path / "link").symlink_to("folder")
    refused(tmp_path / "folder", "is a folder; expected a file to write")
    refused(tmp_path / "link", "is a folder; .*the link leads to")
    refused(f"{tmp_path}/plan.csv/", "ends like a folder")
    assert not (tmp_path / "plan.csv").exists()
    monkeypatch.chdir(tmp_path)
    with closing(socket.socket(socket.AF_UNIX)) as server:
        server.bind("socket")
        refused(tmp_path / "socket", "is a socket; expected a file to write")


@pytest.mark.parametrize("name", ["x" * LONGEST, "x" * (LONGEST - 10), WIDE, f"x{WIDE[:-1]}"])
def test_a_name_may_be_as_long_as_the_file_system_takes(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    write(tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["x" * (LONGEST + 1), f"{WIDE}x"])
def test_a_longer_name_is_refused(tmp_path: Path, name: str) -> None:
    refused(tmp_path / name, f"expected a name of at most {LONGEST} bytes, got {LONGEST + 1}")


def test_names_that_no_file_can_have_are_refused(tmp_path: Path) -> None:
    refused(f"{tmp_path}/{'x/' * 4000}x", "does not exist|File name too long")
    refused(f"{tmp_path}/{'x' * 300}/x", "does not exist|File name too long")
    refused(f"{tmp_path}/nul\0", "null")


@pytest.mark.parametrize(
    "name",
    [
        *("run.db", "run.db.lock", "run.db-wal", "run.db-shm", "run.db-journal"),
        *("run.db.training1.round7.npz", "symbolic", "hard", "to-lock"),
    ],
)
@pytest.mark.parametrize("there", [True, False])
def test_a_ledger_and_what_belongs_to_it_are_kept(
    tmp_path: Path, database: Path, name: str, there: bool
) -> None:
    (tmp_path / "symbolic").symlink_to("run.db")
    (tmp_path / "hard").hardlink_to(database)
    (tmp_path / "to-lock").symlink_to("run.db.lock")
    path = tmp_path / name
    if there and not path.exists():
        path.write_bytes(b"old")
    before = {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.exists()}
    refused(path, "is a database|is a name that belongs to the ledger run.db")
    assert {p.name: p.read_bytes() for p in tmp_path.iterdir() if p.exists()} == before


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("away.db.lock", b""),
        ("away.db.lock", b"4711\n"),
        ("any", b"\x37\x7f\x06\x82" + bytes(28)),
        ("any", b"\xd9\xd5\x05\xf9\x20\xa1\x63\xd7" + bytes(28)),
        ("away.db.training1.round7.npz", b"PK\x03\x04"),
    ],
)
def test_what_a_ledger_left_that_is_not_there_is_kept(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    refused(tmp_path / name, "belongs to a (database|ledger)")
    assert (tmp_path / name).read_bytes() == content


@pytest.mark.parametrize("name", ["poetry.lock", "a-wal", ".lock", "x.npz", "training1.round2.npz"])
def test_other_files_of_such_names_are_written(tmp_path: Path, name: str) -> None:
    write(tmp_path / name)
    (tmp_path / name).write_text("the lock of something else")
    write(tmp_path / name)
    assert (tmp_path / name).read_text() == "new"


def test_a_ledger_may_take_the_place_of_a_ledger_but_not_of_its_lock(database: Path) -> None:
    require_output(database, for_a_ledger=True)
    with pytest.raises(InputError, match=r"belongs to the ledger run\.db"):
        require_output(f"{database}.lock", for_a_ledger=True)


@pytest.mark.parametrize(
    "command",
    [
        '"$0" -c "$1" >(cat > sub.txt); wait; touch sub.txt',
        '"$0" -c "$1" /dev/stdout | cat > sub.txt',
    ],
)
def test_what_is_open_is_written_to(command: str, tmp_path: Path) -> None:
    script = (
        "import sys\nfrom lowcarb._util.output_file import output_file\n"
        "with output_file(sys.argv[1]) as stream: stream.write(b'in the stream\\n')\n"
    )
    subprocess.run(
        ["bash", "-c", command, sys.executable, script],
        cwd=tmp_path,
        env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
        check=True,
    )
    assert eventually(lambda: (tmp_path / "sub.txt").read_text() == "in the stream\n", 5)


def test_an_open_file_is_not_replaced(tmp_path: Path) -> None:
    script = (
        "import sys\nfrom lowcarb._util.output_file import output_file\n"
        "print('before', flush=True)\n"
        "with output_file('/dev/stdout') as stream: stream.write(b'in the stream\\n')\n"
        "print('after', flush=True)\n"
    )
    with (tmp_path / "out.txt").open("ab") as out:
        subprocess.run(
            [sys.executable, "-c", script],
            stdout=out,
            env=ENVIRONMENT | {"PYTHONPATH": str(ROOT)},
            check=True,
        )
    text = (tmp_path / "out.txt").read_text()
    assert "in the stream" in text
    assert "after" in text


@pytest.mark.parametrize("name", ["generation-0000000007", "model-0000000007-abc"])
def test_a_part_of_a_ledger_in_a_folder_stays(name: str, tmp_path: Path) -> None:
    (tmp_path / "generation-0000000007").write_bytes(b"lowcarb-ledger 1 ...")
    (tmp_path / name).write_bytes(b"lowcarb-ledger 1 ..." if "gen" in name else b"model")
    before = (tmp_path / name).read_bytes()
    with pytest.raises(InputError, match="is a part of a ledger"), output_file(tmp_path / name):
        pass
    assert (tmp_path / name).read_bytes() == before
