"""Trying out whether a store does what a ledger relies on, before anything is entrusted to it."""

import secrets
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from threading import Barrier

from lowcarb.errors import LedgerError
from lowcarb.ledger.stores.object_store import ObjectStore

# So many try to create one object at the same time.
_RIVALS = 4
_PATIENCE_S = 60.0


def require_exclusive(store: ObjectStore, address: str) -> None:
    """Refuse a store that would let two writers of a ledger both succeed, or loses what it took.

    Parameters
    ----------
    store
        What is tried out.
    address
        Of the ledger, for messages.

    Raises
    ------
    LedgerError
        Says what the store did.
    """
    name = f"probe-{secrets.token_hex(8)}"
    with _removed(store, name):
        store.create(name, b"first")
        try:
            store.create(name, b"second")
        except FileExistsError:
            pass
        else:
            raise _refusal(address, "an object was created twice")
        if store.read(name) != b"first":
            raise _refusal(address, "an object that was there was written over")
        if name not in store.names():
            raise _refusal(address, "an object that was created is not among its names")
        store.delete(name)
        store.delete(name)
        if name in store.names():
            raise _refusal(address, "an object that was removed is among its names")
    raced = f"probe-{secrets.token_hex(8)}"
    with _removed(store, raced):
        winners = _race(store, raced)
        if len(winners) != 1 or store.read(raced) != winners[0]:
            raise _refusal(
                address, f"of {_RIVALS} that created one object at once {len(winners)} succeeded"
            )


def _race(store: ObjectStore, name: str) -> list[bytes]:
    """Let several threads create one object; return what those wrote that succeeded."""
    together = Barrier(_RIVALS)

    def wrote(content: bytes) -> bytes | None:
        together.wait(_PATIENCE_S)
        try:
            store.create(name, content)
        except FileExistsError:
            return None
        return content

    with ThreadPoolExecutor(_RIVALS) as threads:
        done = threads.map(wrote, [str(rival).encode() for rival in range(_RIVALS)])
        return [content for content in done if content is not None]


@contextmanager
def _removed(store: ObjectStore, name: str) -> Iterator[None]:
    try:
        yield
    finally:
        # What is left over is a few bytes, and the error says more than one about them would.
        with suppress(Exception):
            store.delete(name)


def _refusal(address: str, what: str) -> LedgerError:
    return LedgerError(
        f"{address}: the store cannot keep a ledger: {what}; expected a store that creates an "
        "object for one writer alone (conditional writes), as Amazon S3, Google Cloud Storage and "
        "Azure do"
    )
