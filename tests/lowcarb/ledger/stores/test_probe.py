"""A store that would let two writers both succeed is refused before anything is entrusted to it."""

import time
from pathlib import Path

import pytest

from lowcarb import InputError, Ledger, LedgerError
from lowcarb.ledger.stores.folder import FolderStore
from lowcarb.ledger.stores.object_store import ObjectStore
from lowcarb.ledger.stores.probe import require_exclusive
from tests.helpers.object_stores import Faulty, MemoryStore


class _Overwrites(MemoryStore):
    def create(self, name: str, content: bytes) -> None:
        self.objects[name] = content


class _OverwritesAndComplains(MemoryStore):
    def create(self, name: str, content: bytes) -> None:
        there = name in self.objects
        self.objects[name] = content
        if there:
            raise FileExistsError(name)


class _LooksAndThenWrites(MemoryStore):
    def create(self, name: str, content: bytes) -> None:
        if name in self.objects:
            raise FileExistsError(name)
        time.sleep(0.02)
        self.objects[name] = content


class _ForgetsToList(MemoryStore):
    def names(self) -> list[str]:
        return []


class _KeepsRemoved(MemoryStore):
    def delete(self, name: str) -> None:
        """Nothing is removed."""


@pytest.mark.parametrize(
    ("store", "text"),
    [
        (_Overwrites(), "an object was created twice"),
        (_OverwritesAndComplains(), "an object that was there was written over"),
        (_LooksAndThenWrites(), r"of 4 that created one object at once [234] succeeded"),
        (_ForgetsToList(), "an object that was created is not among its names"),
        (_KeepsRemoved(), "an object that was removed is among its names"),
    ],
)
def test_a_store_that_cannot_keep_a_ledger_is_refused(store: ObjectStore, text: str) -> None:
    ledger = Ledger("run.db", store=store)
    with (
        pytest.raises(LedgerError, match=f"^run.db: the store cannot keep a ledger: {text}; exp"),
        ledger.writing(),
    ):
        pass
    assert not [name for name in store.names() if not name.startswith("probe")]


def test_a_store_that_can_keep_one_is_left_as_it_was(tmp_path: Path) -> None:
    for store in (MemoryStore(), FolderStore(tmp_path / "run.db")):
        require_exclusive(store, "run.db")
        assert store.names() == []


def test_a_store_that_cannot_be_reached_is_said() -> None:
    def fail(_call: str, _name: str) -> None:
        raise RuntimeError("no route to host")

    ledger = Ledger("run.db", store=Faulty(MemoryStore(), fail))
    with (
        pytest.raises(LedgerError, match=r"^run.db: cannot be written: no route"),
        ledger.writing(),
    ):
        pass
    with pytest.raises(LedgerError, match=r"^run.db: cannot be read: no route"):
        ledger.account()


@pytest.mark.parametrize("store", [object(), MemoryStore, "s3://bucket", {}])
def test_what_is_no_store_is_refused(store: ObjectStore) -> None:
    with pytest.raises(InputError, match="store: expected an object with the calls create, read"):
        Ledger("run.db", store=store)
