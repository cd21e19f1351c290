"""From the address of a ledger to its store."""

from pathlib import Path

import pytest

from lowcarb import LedgerError
from lowcarb.ledger.stores.address import store_at
from lowcarb.ledger.stores.folder import FolderStore


@pytest.mark.parametrize(
    ("address", "folder"),
    [
        ("file:///mnt/disk/run.db", "/mnt/disk/run.db"),
        ("FILE:///mnt/disk/run.db", "/mnt/disk/run.db"),
        ("file://localhost/mnt/run.db", "/mnt/run.db"),
        ("file:///mnt/site#1/run.db", "/mnt/site#1/run.db"),
        ("file:///mnt/run.db?mode=ro", "/mnt/run.db?mode=ro"),
        ("file:///mnt/a%20b/run.db", "/mnt/a b/run.db"),
        ("file:///mnt/a@b:c/run.db", "/mnt/a@b:c/run.db"),
    ],
)
def test_a_folder_is_what_follows_the_host(address: str, folder: str) -> None:
    assert repr(store_at(address)) == repr(FolderStore(folder))


@pytest.mark.parametrize(
    "address",
    [
        "s3://key:secret@bucket/run.db",
        "s3://key:se/cret@bucket/run.db",
        "s3://bucket/run.db?key=AKIA&secret=secret",
        "gs://user:secret@host:443/run.db",
        "ftp://user:secret@host/run.db",
    ],
)
def test_secrets_are_refused_and_not_repeated(address: str) -> None:
    with pytest.raises(LedgerError, match="without a password or a query") as caught:
        store_at(address)
    assert "secret" not in str(caught.value)
    assert "cret@" not in str(caught.value)


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    (tmp_path / "run.db").write_bytes(b"a ledger of one file")
    with pytest.raises(LedgerError, match=r"is a file; expected a folder.*without file://"):
        store_at(f"file://{tmp_path}/run.db")


@pytest.mark.parametrize("address", ["file://elsewhere/run.db", "://run.db", "s3://", "file:///"])
def test_what_is_no_address_is_refused(address: str) -> None:
    with pytest.raises(LedgerError, match="expected"):
        store_at(address)
