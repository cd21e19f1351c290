"""Stores of objects for tests of ledgers that are kept elsewhere: good ones and bad ones."""

import threading
from collections.abc import Callable
from pathlib import Path

from lowcarb.ledger.generation import generation_number
from lowcarb.ledger.stores.folder import FolderStore
from lowcarb.ledger.stores.object_store import ObjectStore


class MemoryStore:
    """A store of one's own, in memory."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self._lock = threading.Lock()

    def create(self, name: str, content: bytes) -> None:
        with self._lock:
            if name in self.objects:
                raise FileExistsError(name)
            self.objects[name] = bytes(content)

    def read(self, name: str) -> bytes:
        try:
            return self.objects[name]
        except KeyError:
            raise FileNotFoundError(name) from None

    def names(self) -> list[str]:
        with self._lock:
            return list(self.objects)

    def delete(self, name: str) -> None:
        with self._lock:
            self.objects.pop(name, None)


class Faulty:
    """Stands before a store, and lets a test see and disturb what is asked of it.

    Parameters
    ----------
    store
        Where it goes on.
    before, after
        Called with the call's name and the object's ("" for `names`), before and after it is done;
        what they raise is what the call raises.
    """

    def __init__(
        self,
        store: ObjectStore,
        before: Callable[[str, str], None] = lambda _call, _name: None,
        after: Callable[[str, str], None] = lambda _call, _name: None,
    ) -> None:
        self.store = store
        self.before = before
        self.after = after

    def create(self, name: str, content: bytes) -> None:
        self.before("create", name)
        self.store.create(name, content)
        self.after("create", name)

    def read(self, name: str) -> bytes:
        self.before("read", name)
        content = self.store.read(name)
        self.after("read", name)
        return content

    def names(self) -> list[str]:
        self.before("names", "")
        names = list(self.store.names())
        self.after("names", "")
        return names

    def delete(self, name: str) -> None:
        self.before("delete", name)
        self.store.delete(name)
        self.after("delete", name)


def generations(store: ObjectStore) -> list[int]:
    """Numbers of the generations that a store holds, in order."""
    found = (generation_number(name) for name in store.names())
    return sorted(number for number in found if number is not None)


def folder_store(address: str) -> FolderStore:
    """Return the store that lies behind an address of a folder."""
    return FolderStore(Path(address.removeprefix("file://")))
