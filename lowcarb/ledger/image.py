"""The bytes of a ledger as one ordinary file at rest."""

import sqlite3

# Bytes of the header that say whether a file has a write-ahead log; a file at rest has none.
_LOG_IN_HEADER = slice(18, 20)
_NO_LOG = b"\x01\x01"


def image(connection: sqlite3.Connection) -> bytearray:
    """Return the content of a ledger, with what the transaction that is open has changed."""
    content = bytearray(connection.serialize())
    content[_LOG_IN_HEADER] = _NO_LOG
    return content
