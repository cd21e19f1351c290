"""What a store must be able to do that is to hold a ledger."""

from collections.abc import Iterable
from typing import Protocol


class ObjectStore(Protocol):
    """Holds the objects of one ledger: names, and bytes under them, which never change.

    A name has letters, digits, hyphens and dots. An object appears whole or not at all, and whoever
    asks afterwards sees it. Several threads may call at the same time. Anything but the errors
    named here means that the store cannot be reached now, and may be tried again.
    """

    def create(self, name: str, content: bytes) -> None:
        """Create an object. Of all who try, in whatever process, one alone may succeed.

        Raises
        ------
        FileExistsError
            If there is one of that name.
        """

    def read(self, name: str) -> bytes:
        """Return the content of an object.

        Raises
        ------
        FileNotFoundError
            If there is none of that name.
        """

    def names(self) -> Iterable[str]:
        """Name all objects that there are."""

    def delete(self, name: str) -> None:
        """Remove an object; it is no error if there is none of that name."""


CALLS = ("create", "read", "names", "delete")
"""Names of the calls of an `ObjectStore`."""
