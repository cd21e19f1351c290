"""From the address of a ledger to the store that it lies in."""

from urllib.parse import unquote, urlsplit

from lowcarb.errors import LedgerError
from lowcarb.ledger.stores.folder import FolderStore
from lowcarb.ledger.stores.fsspec_store import FsspecStore
from lowcarb.ledger.stores.object_store import ObjectStore

_SEPARATOR = "://"


def is_address(text: str) -> bool:
    """Whether a text is the address of a store, and not the name of a file."""
    return _SEPARATOR in text


def store_at(address: str) -> ObjectStore:
    """Return the store at an address.

    Raises
    ------
    LedgerError
        If the address makes no sense, or nothing there can hold a ledger.
    """
    scheme, _, place = address.partition(_SEPARATOR)
    if not scheme or not place.strip("/"):
        raise LedgerError(
            f"{address}: expected the address of a ledger, such as s3://bucket/run.db, got none"
        )
    if ":" in place.split("/")[0].rpartition("@")[0]:
        # It would stand in logs and messages, as it would in this one.
        raise LedgerError(
            f"{scheme}://...: expected an address without a password; its driver takes that from "
            "the environment or from a configuration file"
        )
    if scheme != "file":
        return FsspecStore(address)
    parts = urlsplit(address)
    if parts.netloc not in ("", "localhost"):
        raise LedgerError(
            f"{address}: expected a folder of this machine, such as file:///mnt/disk/run.db, got "
            f"one of {parts.netloc!r}"
        )
    return FolderStore(unquote(parts.path))
