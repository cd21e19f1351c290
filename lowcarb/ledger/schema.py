"""The tables of a ledger, and how older ones become the current ones.

`PRAGMA user_version` counts the migrations that a file has seen, so a new ledger is one that has
seen them all. A migration is never edited once it is released; a new one is added instead.

Times are ISO-8601 in UTC with six decimals of a second, so that their order is that of the text.
Unknown is NULL. Node ids are not kept: Flower gives new ones in each run.
"""

import sqlite3
from contextlib import closing

from lowcarb.ledger.transaction import transaction

APPLICATION_ID = 0x4C434C47
"""Stands in the header of every ledger: "LCLG"."""

_FIRST = (
    """
    CREATE TABLE training (
        number      INTEGER PRIMARY KEY,
        started_at  TEXT    NOT NULL,
        rounds      INTEGER NOT NULL,
        cohort_size INTEGER NOT NULL,
        fairness    TEXT    NOT NULL,
        strategy    TEXT    NOT NULL,
        clock       TEXT    NOT NULL,
        version     TEXT    NOT NULL
    ) STRICT
    """,
    # Numbered in the order in which clients became known.
    """
    CREATE TABLE member (
        id         INTEGER PRIMARY KEY,
        training   INTEGER NOT NULL REFERENCES training,
        name       TEXT    NOT NULL,
        region     TEXT,
        energy_kwh REAL,
        duration_s REAL,
        min_rounds INTEGER NOT NULL,
        max_rounds INTEGER NOT NULL,
        joined     INTEGER NOT NULL,
        UNIQUE (training, name)
    ) STRICT
    """,
    """
    CREATE TABLE round (
        training   INTEGER NOT NULL REFERENCES training,
        number     INTEGER NOT NULL CHECK (number >= 1),
        start      TEXT    NOT NULL,
        solver     TEXT    NOT NULL,
        status     TEXT    NOT NULL,
        seconds    REAL    NOT NULL,
        random_g   REAL,
        owed       INTEGER NOT NULL,
        aggregated INTEGER NOT NULL,
        PRIMARY KEY (training, number)
    ) STRICT
    """,
    """
    CREATE TABLE origin (
        training   INTEGER NOT NULL,
        round      INTEGER NOT NULL,
        region     TEXT    NOT NULL,
        provider   TEXT    NOT NULL,
        zone       TEXT    NOT NULL,
        signal     TEXT,
        issued_at  TEXT,
        fetched_at TEXT,
        quality    TEXT    NOT NULL,
        PRIMARY KEY (training, round, region),
        FOREIGN KEY (training, round) REFERENCES round (training, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE turn (
        training    INTEGER NOT NULL,
        round       INTEGER NOT NULL,
        position    INTEGER NOT NULL,
        client      TEXT    NOT NULL,
        region      TEXT,
        energy_kwh  REAL    NOT NULL,
        measured    TEXT,
        seconds     REAL,
        intensity   REAL,
        actual      REAL,
        outcome     TEXT    NOT NULL,
        planned_kwh REAL    NOT NULL,
        reason      TEXT    NOT NULL,
        PRIMARY KEY (training, round, position),
        UNIQUE (training, round, client),
        FOREIGN KEY (training, round) REFERENCES round (training, number),
        FOREIGN KEY (training, client) REFERENCES member (training, name)
    ) STRICT, WITHOUT ROWID
    """,
)

# Notes are a JSON list. Who evaluates need not be a member: Flower evaluates on every node.
_SECOND = (
    "ALTER TABLE round ADD COLUMN notes TEXT NOT NULL DEFAULT '[]'",
    """
    CREATE TABLE evaluation (
        training   INTEGER NOT NULL,
        round      INTEGER NOT NULL,
        position   INTEGER NOT NULL,
        client     TEXT    NOT NULL,
        region     TEXT,
        energy_kwh REAL    NOT NULL,
        measured   TEXT,
        seconds    REAL,
        intensity  REAL,
        actual     REAL,
        PRIMARY KEY (training, round, position),
        UNIQUE (training, round, client),
        FOREIGN KEY (training, round) REFERENCES round (training, number)
    ) STRICT, WITHOUT ROWID
    """,
)

_THIRD = ("ALTER TABLE origin ADD COLUMN accounting TEXT",)

_FOURTH = (
    "ALTER TABLE round ADD COLUMN model TEXT",
    "ALTER TABLE round ADD COLUMN model_sha256 TEXT",
)

# Of each training the prices of its last plan, a JSON list. What a second signal says of rounds and
# turns has tables of its own: nothing that adds up turns can meet it.
_FIFTH = (
    "ALTER TABLE training ADD COLUMN app TEXT",
    "ALTER TABLE training ADD COLUMN model_shape TEXT",
    "ALTER TABLE member ADD COLUMN key TEXT",
    """
    CREATE TABLE prices (
        training    INTEGER PRIMARY KEY REFERENCES training,
        first_round INTEGER NOT NULL,
        prices      TEXT    NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE second_round (
        training INTEGER NOT NULL,
        round    INTEGER NOT NULL,
        random_g REAL,
        PRIMARY KEY (training, round),
        FOREIGN KEY (training, round) REFERENCES round (training, number)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE second_origin (
        training   INTEGER NOT NULL,
        round      INTEGER NOT NULL,
        region     TEXT    NOT NULL,
        provider   TEXT    NOT NULL,
        zone       TEXT    NOT NULL,
        signal     TEXT,
        accounting TEXT,
        issued_at  TEXT,
        fetched_at TEXT,
        quality    TEXT    NOT NULL,
        PRIMARY KEY (training, round, region),
        FOREIGN KEY (training, round) REFERENCES second_round (training, round)
    ) STRICT, WITHOUT ROWID
    """,
    """
    CREATE TABLE second_turn (
        training  INTEGER NOT NULL,
        round     INTEGER NOT NULL,
        position  INTEGER NOT NULL,
        client    TEXT    NOT NULL,
        intensity REAL,
        actual    REAL,
        PRIMARY KEY (training, round, position),
        UNIQUE (training, round, client),
        FOREIGN KEY (training, round) REFERENCES second_round (training, round),
        FOREIGN KEY (training, round, client) REFERENCES turn (training, round, client)
    ) STRICT, WITHOUT ROWID
    """,
)

# What hours and sizes of cohorts were asked for, how rounds waited, of each training the last
# decision to wait, and within which bounds 90 % of what each round may emit lies. Of forecasts:
# what the newest training learns of them, packed 64-bit floats (little-endian), hour by hour from
# `first` or from midnight (UTC) on, NaN where unknown, or times, values and ends one after the
# other where values are no hours; and what was found of them. Days are counted from 1970.
_SIXTH = (
    "ALTER TABLE training ADD COLUMN cohort_least INTEGER",
    "ALTER TABLE training ADD COLUMN cohort_most INTEGER",
    "ALTER TABLE training ADD COLUMN deadline TEXT",
    "ALTER TABLE training ADD COLUMN hours TEXT",
    "ALTER TABLE round ADD COLUMN ready_at TEXT",
    "ALTER TABLE round ADD COLUMN at_once_g REAL",
    "ALTER TABLE round ADD COLUMN told_by TEXT",
    """
    CREATE TABLE wait (
        training   INTEGER PRIMARY KEY REFERENCES training,
        number     INTEGER NOT NULL,
        since      TEXT    NOT NULL,
        decided_at TEXT    NOT NULL,
        until      TEXT    NOT NULL,
        saved_g    REAL,
        at_once_g  REAL
    ) STRICT
    """,
    "ALTER TABLE round ADD COLUMN least_g REAL",
    "ALTER TABLE round ADD COLUMN most_g REAL",
    """
    CREATE TABLE past_issue (
        training   INTEGER NOT NULL REFERENCES training,
        issued_at  TEXT    NOT NULL,
        region     TEXT    NOT NULL,
        day        INTEGER NOT NULL,
        provider   TEXT,
        signal     TEXT,
        accounting TEXT,
        first      INTEGER NOT NULL,
        hourly     BLOB    NOT NULL,
        PRIMARY KEY (training, issued_at, region)
    ) STRICT
    """,
    """
    CREATE TABLE past_actual (
        training   INTEGER NOT NULL REFERENCES training,
        region     TEXT    NOT NULL,
        day        INTEGER NOT NULL,
        provider   TEXT,
        signal     TEXT,
        accounting TEXT,
        hourly     BLOB,
        spans      BLOB,
        PRIMARY KEY (training, region, day)
    ) STRICT
    """,
    """
    CREATE TABLE past_question (
        training INTEGER PRIMARY KEY REFERENCES training,
        asked_at TEXT    NOT NULL
    ) STRICT
    """,
    """
    CREATE TABLE finding (
        training  INTEGER NOT NULL REFERENCES training,
        region    TEXT    NOT NULL,
        fault     TEXT    NOT NULL,
        since     TEXT    NOT NULL,
        issued    REAL    NOT NULL,
        corrected REAL    NOT NULL,
        yesterday REAL    NOT NULL,
        factor    REAL,
        until     TEXT,
        PRIMARY KEY (training, region, since)
    ) STRICT, WITHOUT ROWID
    """,
)

# What clients say of their training, and what a round's plan paid for that.
_SEVENTH = (
    "ALTER TABLE turn ADD COLUMN loss REAL",
    "ALTER TABLE turn ADD COLUMN samples REAL",
    "ALTER TABLE round ADD COLUMN paid_g REAL",
)

MIGRATIONS = (_FIRST, _SECOND, _THIRD, _FOURTH, _FIFTH, _SIXTH, _SEVENTH)
"""Statements that lead from each version to the next one, from an empty file on."""

VERSION = len(MIGRATIONS)


def migrate(connection: sqlite3.Connection) -> None:
    """Bring the tables up to date, wholly or not at all.

    The version is written in any case, so this fails where nothing can be written.
    """
    with transaction(connection):
        for statements in MIGRATIONS[version_of(connection) :]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA user_version = {VERSION}")


def migrated_copy(connection: sqlite3.Connection) -> sqlite3.Connection:
    """Copy an older ledger into memory and bring the copy up to date."""
    memory = sqlite3.connect(":memory:", isolation_level=None)
    connection.backup(memory)
    migrate(memory)
    return memory


def version_of(connection: sqlite3.Connection) -> int:
    """Return how many migrations a file has seen."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def new_ledger() -> bytes:
    """Return the content of a ledger that holds nothing yet."""
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        migrate(connection)
        return connection.serialize()
