"""From the address of a ledger to the store that it lies in."""

from urllib.parse import unquote

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
    scheme = scheme.lower()
    if not scheme or not place.strip("/"):
        raise LedgerError(
            f"{address}: expected the address of a ledger, such as s3://bucket/run.db, got none"
        )
    first, _, rest = place.partition("/")
    if scheme == "file":
        if first not in ("", "localhost"):
            raise LedgerError(
                f"{address}: expected a folder of this machine, such as file:///mnt/disk/run.db, "
                f"got a folder of {first!r}"
            )
        return FolderStore(unquote(f"/{rest}"))
    if _may_hold_a_secret(place):
        # It would stand in logs and messages, as it would in this one.
        raise LedgerError(
            f"{scheme}://...: expected an address without a password or a query; its driver takes "
            "these from the environment or from a configuration file"
        )
    return FsspecStore(f"{scheme}{_SEPARATOR}{place}")


def _may_hold_a_secret(place: str) -> bool:
    host, colon, port = place.split("/", maxsplit=1)[0].rpartition(":")
    named = bool(colon) and (not port.isdigit() or "@" in host)
    return named or "?" in place
