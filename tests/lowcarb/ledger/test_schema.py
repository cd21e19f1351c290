"""Older ledgers are brought up to date, wholly or not at all, and lose nothing."""

import signal
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from lowcarb.ledger import Ledger
from lowcarb.ledger.account import Account
from lowcarb.ledger.schema import VERSION
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, evaluation, turn, written
from tests.helpers.processes import child, line_of

# As the first version wrote it: no notes, no evaluations.
FIRST = """
PRAGMA application_id = 0x4C434C47;
CREATE TABLE training (number INTEGER PRIMARY KEY, started_at TEXT NOT NULL,
    rounds INTEGER NOT NULL, cohort_size INTEGER NOT NULL, fairness TEXT NOT NULL,
    strategy TEXT NOT NULL, clock TEXT NOT NULL, version TEXT NOT NULL) STRICT;
CREATE TABLE member (id INTEGER PRIMARY KEY, training INTEGER NOT NULL REFERENCES training,
    name TEXT NOT NULL, region TEXT, energy_kwh REAL, duration_s REAL,
    min_rounds INTEGER NOT NULL, max_rounds INTEGER NOT NULL, joined INTEGER NOT NULL,
    UNIQUE (training, name)) STRICT;
CREATE TABLE round (training INTEGER NOT NULL REFERENCES training,
    number INTEGER NOT NULL CHECK (number >= 1), start TEXT NOT NULL, solver TEXT NOT NULL,
    status TEXT NOT NULL, seconds REAL NOT NULL, random_g REAL, owed INTEGER NOT NULL,
    aggregated INTEGER NOT NULL, PRIMARY KEY (training, number)) STRICT;
CREATE TABLE origin (training INTEGER NOT NULL, round INTEGER NOT NULL, region TEXT NOT NULL,
    provider TEXT NOT NULL, zone TEXT NOT NULL, signal TEXT, issued_at TEXT, fetched_at TEXT,
    quality TEXT NOT NULL, PRIMARY KEY (training, round, region),
    FOREIGN KEY (training, round) REFERENCES round (training, number)) STRICT, WITHOUT ROWID;
CREATE TABLE turn (training INTEGER NOT NULL, round INTEGER NOT NULL, position INTEGER NOT NULL,
    client TEXT NOT NULL, region TEXT, energy_kwh REAL NOT NULL, measured TEXT, seconds REAL,
    intensity REAL, actual REAL, outcome TEXT NOT NULL, planned_kwh REAL NOT NULL,
    reason TEXT NOT NULL, PRIMARY KEY (training, round, position),
    UNIQUE (training, round, client),
    FOREIGN KEY (training, round) REFERENCES round (training, number),
    FOREIGN KEY (training, client) REFERENCES member (training, name)) STRICT, WITHOUT ROWID;
INSERT INTO training VALUES (1, '2022-06-30T23:55:00.000000Z', 4, 2,
    'each client takes part at least twice', 'FedAvg', 'wall', '1.0');
INSERT INTO member VALUES (1, 1, 'a', 'DE', 0.5, 1800.0, 1, 4, 1);
INSERT INTO member VALUES (2, 1, 'b', 'FR', 0.5, 1800.0, 1, 4, 1);
INSERT INTO member VALUES (3, 1, 'c', NULL, 0.5, 1800.0, 1, 4, 1);
INSERT INTO round VALUES (1, 1, '2022-07-01T00:00:00.000000Z', 'cbc', 'optimal', 0.25, 500.0, 2, 1);
INSERT INTO origin VALUES (1, 1, 'DE', 'energy-charts', 'DE-LU', 'average',
    '2022-06-30T23:00:00.000000Z', '2022-07-01T00:00:00.000000Z', 'fresh');
INSERT INTO origin VALUES (1, 1, 'FR', 'file.csv', 'FR', NULL, NULL, NULL, 'last good');
INSERT INTO turn VALUES
    (1, 1, 0, 'a', 'DE', 0.5, NULL, NULL, 400.0, NULL, 'trained', 0.5, ''),
    (1, 1, 1, 'b', 'FR', 0.5, NULL, NULL, 100.0, NULL, 'trained', 0.5, '');
PRAGMA user_version = 1;
"""
ACCOUNT = Account(number=1, training=TRAINING, members=MEMBERS, rounds=[booked(1)], evaluations={})


def first_version(path: Path) -> Path:
    with closing(sqlite3.connect(path)) as connection:
        connection.executescript(FIRST)
    return path


def tables(path: Path) -> dict[str, list[tuple[object, ...]]]:
    """Columns of each table: name, type, whether it may be NULL, default, key."""
    with closing(sqlite3.connect(path)) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: [row[1:] for row in connection.execute(f"PRAGMA table_xinfo({name})")]
            for (name,) in sorted(names)
        }


def version(path: Path) -> int:
    with closing(sqlite3.connect(path)) as connection:
        return int(connection.execute("PRAGMA user_version").fetchone()[0])


def test_an_older_ledger_is_read_as_it_is(tmp_path: Path) -> None:
    path = first_version(tmp_path / "run.db")
    before = path.read_bytes()
    assert Ledger(path).account() == ACCOUNT
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["run.db"]


def test_an_older_ledger_is_brought_up_to_date_by_its_next_writer(tmp_path: Path) -> None:
    path = first_version(tmp_path / "run.db")
    later = booked(2, turn("c", None), notes=("after the migration",))
    with Ledger(path).writing() as book:
        assert book.account() == ACCOUNT
        book.book(later)
        book.book_evaluation(1, [evaluation("a")])
    assert Ledger(path).account() == replace(
        ACCOUNT, rounds=[booked(1), later], evaluations={1: [evaluation("a")]}
    )
    assert version(path) == VERSION == 7
    written(tmp_path / "new.db", booked(1))
    assert tables(path) == tables(tmp_path / "new.db")


@pytest.mark.parametrize("done", [0, 1, 2])
def test_a_migration_that_is_killed_half_way_leaves_the_older_ledger(
    tmp_path: Path, done: int
) -> None:
    path = first_version(tmp_path / "run.db")
    stuck = (
        "import sys, time\n"
        "from lowcarb.ledger import schema\nfrom lowcarb.ledger import Ledger\n"
        "first, second, *later = schema.MIGRATIONS\n"
        "def slow():\n"
        "    yield from second[:int(sys.argv[2])]\n"
        "    print('half-way', flush=True)\n"
        "    time.sleep(60)\n"
        "schema.MIGRATIONS = (first, slow(), *later)\n"
        "with Ledger(sys.argv[1]).writing(): pass\n"
    )
    with child(stuck, str(path), str(done)) as writer:
        assert line_of(writer) == "half-way"
        assert Ledger(path).account() == ACCOUNT
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    assert Ledger(path).account() == ACCOUNT
    assert version(path) == 1
    assert "evaluation" not in tables(path)
    with Ledger(path).writing() as book:
        assert book.account() == ACCOUNT
    assert version(path) == VERSION
