"""A folder as a store: of many processes that create one object, one alone succeeds."""

from pathlib import Path

import pytest

from lowcarb import Ledger, LedgerError
from lowcarb.ledger.stores.address import store_at
from lowcarb.ledger.stores.folder import FolderStore
from tests.helpers.processes import child, line_of, progress

_RACE = """
import sys
from pathlib import Path
from lowcarb.ledger.stores.folder import FolderStore

store, own = FolderStore(sys.argv[1]), sys.argv[2].encode() * 100_000
print("ready", flush=True)
sys.stdin.readline()
won = []
for number in range(50):
    try:
        store.create(f"generation-{number}", own)
        won.append(number)
    except FileExistsError:
        pass
print(*won, flush=True)
"""


@pytest.mark.slow
def test_of_processes_that_race_one_alone_creates_an_object(tmp_path: Path) -> None:
    folder = tmp_path / "run.db"
    with child(_RACE, str(folder), "a") as a, child(_RACE, str(folder), "b") as b:
        assert [line_of(a), line_of(b)] == ["ready", "ready"]
        progress(a, "go")
        progress(b, "go")
        won = {"a": line_of(a).split(), "b": line_of(b).split()}
    assert sorted(map(int, won["a"] + won["b"])) == list(range(50))
    store = FolderStore(folder)
    for who, numbers in won.items():
        for number in numbers:
            assert store.read(f"generation-{number}") == who.encode() * 100_000
    assert len(list(folder.iterdir())) == 50


def test_an_object_is_never_written_over(tmp_path: Path) -> None:
    store = FolderStore(tmp_path / "run.db")
    assert store.names() == []
    store.create("one", b"first")
    with pytest.raises(FileExistsError):
        store.create("one", b"second")
    assert (store.read("one"), store.names()) == (b"first", ["one"])
    assert [path.name for path in (tmp_path / "run.db").iterdir()] == ["one"]
    store.delete("one")
    store.delete("one")
    with pytest.raises(FileNotFoundError):
        store.read("one")


def test_what_a_killed_writer_left_half_written_is_no_object(tmp_path: Path) -> None:
    (tmp_path / ".generation-0000000001.0a1b2c3d.lowcarb").write_bytes(b"half")
    assert FolderStore(tmp_path).names() == []


def test_addresses_of_folders(tmp_path: Path) -> None:
    spaced = tmp_path / "a folder"
    spaced.mkdir()
    store_at(f"file://{str(spaced).replace(' ', '%20')}/run.db").create("one", b"")
    assert (spaced / "run.db" / "one").exists()
    for address, text in {
        "file://host/run.db": "expected a folder of this machine",
        "s3://": "expected the address of a ledger",
        "://bucket": "expected the address of a ledger",
        "sftp://me:hunter2@host/run.db": "^sftp://...: expected an address without a password",
    }.items():
        with pytest.raises(LedgerError, match=text) as caught:
            Ledger(address)
        assert "hunter2" not in str(caught.value)
    with (
        pytest.raises(LedgerError, match=r"cannot be written: .*No such file"),
        Ledger(f"file://{tmp_path}/nowhere/run.db").writing(),
    ):
        pass


def test_what_killed_writers_left_is_removed_by_the_next(tmp_path: Path) -> None:
    folder = tmp_path / "run.db"
    FolderStore(folder).create("generation-0000000001", b"first")
    left = folder / ".model-0000000002-abc.0123abcd.lowcarb"
    left.write_bytes(b"half a model")
    (folder / ".notes").write_bytes(b"somebody else's")
    reader = FolderStore(folder)
    assert reader.names() == ["generation-0000000001"]
    assert left.exists()
    FolderStore(folder).create("generation-0000000002", b"second")
    assert not left.exists()
    assert (folder / ".notes").exists()
