"""From trainings, rounds and what came true to the rows of a ledger; within a transaction."""

import sqlite3
from dataclasses import replace
from typing import Any

from lowcarb._util.times import from_seconds, parse_instant
from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import LedgerError
from lowcarb.ledger.columns import instant_text, to_row
from lowcarb.ledger.entries import BookedRound, Member, TrainingSpec, Work
from lowcarb.ledger.second_signal import SecondRound
from lowcarb.ledger.settlement import actual_mean

# What a member is held to from the round on in which it joined.
_FIXED = ("name", "min_rounds", "max_rounds", "joined")


def insert_training(connection: sqlite3.Connection, number: int, training: TrainingSpec) -> None:
    """Write what was asked for."""
    _insert(connection, "training", number=number, **to_row(training))


def update_training(connection: sqlite3.Connection, number: int, training: TrainingSpec) -> None:
    """Write what is asked for now; when it began stays."""
    asked = to_row(training)
    del asked["started_at"]
    _update(connection, "training", asked, number=number)


def update_bounds(connection: sqlite3.Connection, training: int, member: Member) -> None:
    """Write a member's new floor and cap."""
    row = to_row(member, f" of {member.name!r}")
    bounds = {name: row[name] for name in ("min_rounds", "max_rounds")}
    if not _update(connection, "member", bounds, training=training, name=member.name):
        raise LedgerError(f"client {member.name!r} is no member of the training")


def keep_member(connection: sqlite3.Connection, training: int, member: Member) -> None:
    """Write a new member, or what may change of a known one."""
    row = to_row(member, f" of {member.name!r}")
    changing = {name: value for name, value in row.items() if name not in _FIXED}
    if not _update(connection, "member", changing, training=training, name=member.name):
        _insert(connection, "member", training=training, **row)


def insert_round(connection: sqlite3.Connection, training: int, booked: BookedRound) -> None:
    """Write a round, where its forecasts came from, and its turns."""
    place = {"training": training, "round": int(booked.number)}
    _insert(connection, "round", training=training, **to_row(booked))
    for region, provenance in booked.provenances.items():
        _insert(connection, "origin", **place, region=region, **to_row(provenance))
    for position, turn in enumerate(booked.turns):
        # The text of an error may hold anything, such as half a character.
        reason = turn.reason.encode("utf-8", "backslashreplace").decode()
        insert_work(connection, "turn", replace(turn, reason=reason), **place, position=position)


def insert_work(connection: sqlite3.Connection, table: str, work: Work, **place: int) -> None:
    """Write what a client burnt into one of the two tables for it."""
    try:
        _insert(connection, table, **place, **to_row(work, f" of {work.client!r}"))
    except sqlite3.IntegrityError as error:
        why = {
            "SQLITE_CONSTRAINT_FOREIGNKEY": "is no member of the training",
            "SQLITE_CONSTRAINT_UNIQUE": "stands in it twice",
        }.get(error.sqlite_errorname, str(error))
        raise LedgerError(f"round {place['round']}: client {work.client!r} {why}") from error


def keep_second(
    connection: sqlite3.Connection, training: int, number: int, second: SecondRound
) -> None:
    """Write what a second signal says of a round, in place of what was known before."""
    place = {"training": training, "round": int(number)}
    for table in ("second_turn", "second_origin", "second_round"):
        # The table is one of three constants.
        connection.execute(
            f"DELETE FROM {table} WHERE training = ? AND round = ?",  # noqa: S608
            tuple(place.values()),
        )
    _insert(connection, "second_round", **place, **to_row(second))
    for region, provenance in second.provenances.items():
        _insert(connection, "second_origin", **place, region=region, **to_row(provenance))
    for position, turn in enumerate(second.turns):
        row = to_row(turn, f" of {turn.client!r}")
        try:
            _insert(connection, "second_turn", **place, position=position, **row)
        except sqlite3.IntegrityError as error:
            raise LedgerError(
                f"round {number}: client {turn.client!r} has no turn in it, or has two intensities"
            ) from error


def settle(connection: sqlite3.Connection, table: str, actual: Forecast) -> int:
    """Fill in the intensity that came true; return how many figures are new or have changed."""
    every = actual.series.values()
    first = from_seconds(min(float(series.times[0]) for series in every))
    last = from_seconds(max(float(series.ends[-1]) for series in every))
    # The table is one of two constants.
    rows = connection.execute(
        "SELECT work.training, work.round, work.position, round.start, work.region, "  # noqa: S608
        "work.seconds, member.duration_s, work.actual "
        f"FROM {table} AS work "
        "JOIN round ON round.training = work.training AND round.number = work.round "
        "LEFT JOIN member ON member.training = work.training AND member.name = work.client "
        "WHERE round.start BETWEEN ? AND ?",
        (instant_text(first, "first"), instant_text(last, "last")),
    ).fetchall()
    changed = []
    for training, number, position, start, region, measured_s, given_s, known in rows:
        mean = actual_mean(actual, region, parse_instant(start), measured_s, given_s)
        if mean is not None and mean != known:
            changed.append((mean, training, number, position))
    connection.executemany(
        f"UPDATE {table} SET actual = ? "  # noqa: S608
        "WHERE training = ? AND round = ? AND position = ?",
        changed,
    )
    return len(changed)


def _insert(connection: sqlite3.Connection, table: str, **values: Any) -> None:
    # Table and columns are constants.
    connection.execute(
        f"INSERT INTO {table} ({', '.join(values)}) "  # noqa: S608
        f"VALUES ({', '.join('?' * len(values))})",
        tuple(values.values()),
    )


def _update(
    connection: sqlite3.Connection, table: str, values: dict[str, Any], **where: Any
) -> bool:
    """Write values where all conditions hold; return whether there is such a row."""
    # Table and columns are constants.
    updated = connection.execute(
        f"UPDATE {table} SET {', '.join(f'{name} = ?' for name in values)} "  # noqa: S608
        f"WHERE {' AND '.join(f'{name} = ?' for name in where)}",
        (*values.values(), *where.values()),
    )
    return updated.rowcount > 0
