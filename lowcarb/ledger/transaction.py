"""Transactions of SQLite."""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

_ALONE = ("BEGIN IMMEDIATE", "COMMIT", "ROLLBACK")
_WITHIN = ("SAVEPOINT part", "RELEASE part", "ROLLBACK TO part")


@contextmanager
def transaction(connection: sqlite3.Connection) -> Iterator[None]:
    """Do all or nothing of what the block does; within another such block, as a part of it."""
    begin, end, undo = _WITHIN if connection.in_transaction else _ALONE
    connection.execute(begin)
    try:
        yield
        connection.execute(end)
    except BaseException:
        # SQLite itself has rolled back after some errors.
        if connection.in_transaction:
            connection.execute(undo)
        raise
