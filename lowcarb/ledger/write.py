"""From trainings, rounds and what came true to the rows of a ledger; within a transaction."""

import json
import math
import sqlite3
from datetime import datetime
from typing import Any

from lowcarb._util.times import from_seconds, parse_instant, require_utc
from lowcarb.carbon.forecast import Forecast
from lowcarb.errors import InputError, LedgerError
from lowcarb.ledger.account import BookedRound, Member, TrainingSpec, Turn, Work
from lowcarb.ledger.settlement import actual_mean


def insert_training(connection: sqlite3.Connection, number: int, training: TrainingSpec) -> None:
    """Write what was asked for."""
    _insert(
        connection,
        "training",
        number=number,
        started_at=_text(training.started_at, "started_at"),
        rounds=int(training.rounds),
        cohort_size=int(training.cohort_size),
        fairness=training.fairness,
        strategy=training.strategy,
        clock=training.clock,
        version=training.version,
    )


def update_training(connection: sqlite3.Connection, number: int, training: TrainingSpec) -> None:
    """Write what is asked for now; when it began stays."""
    connection.execute(
        "UPDATE training SET rounds = ?, cohort_size = ?, fairness = ?, strategy = ?, clock = ?, "
        "version = ? WHERE number = ?",
        (
            int(training.rounds),
            int(training.cohort_size),
            training.fairness,
            training.strategy,
            training.clock,
            training.version,
            number,
        ),
    )


def update_bounds(connection: sqlite3.Connection, training: int, member: Member) -> None:
    """Write a member's new floor and cap."""
    updated = connection.execute(
        "UPDATE member SET min_rounds = ?, max_rounds = ? WHERE training = ? AND name = ?",
        (int(member.min_rounds), int(member.max_rounds), training, member.name),
    )
    if not updated.rowcount:
        raise LedgerError(f"client {member.name!r} is no member of the training")


def keep_member(connection: sqlite3.Connection, training: int, member: Member) -> None:
    """Write a new member, or what may change of a known one."""
    connection.execute(
        "INSERT INTO member (training, name, region, energy_kwh, duration_s, min_rounds, "
        "max_rounds, joined) VALUES (?, ?, ?, ?, ?, ?, ?, ?) "
        "ON CONFLICT (training, name) DO UPDATE SET region = excluded.region, "
        "energy_kwh = excluded.energy_kwh, duration_s = excluded.duration_s "
        "WHERE region IS NOT excluded.region OR energy_kwh IS NOT excluded.energy_kwh "
        "OR duration_s IS NOT excluded.duration_s",
        (
            training,
            member.name,
            member.region,
            _figure(member.energy_kwh, f"energy_kwh of {member.name!r}"),
            _figure(member.duration_s, f"duration_s of {member.name!r}"),
            int(member.min_rounds),
            int(member.max_rounds),
            int(member.joined),
        ),
    )


def insert_round(connection: sqlite3.Connection, training: int, booked: BookedRound) -> None:
    """Write a round, where its forecasts came from, and its turns."""
    _insert(
        connection,
        "round",
        training=training,
        number=int(booked.number),
        start=_text(booked.start, "start"),
        solver=booked.solver,
        status=booked.status,
        seconds=_figure(booked.seconds, "seconds of planning"),
        random_g=_figure(booked.random_g, "random_g"),
        owed=int(booked.owed),
        aggregated=int(bool(booked.aggregated)),
        notes=json.dumps(list(booked.notes)),
    )
    for region, provenance in booked.provenances.items():
        _insert(
            connection,
            "origin",
            training=training,
            round=int(booked.number),
            region=region,
            provider=provenance.provider,
            zone=provenance.zone,
            signal=provenance.signal,
            accounting=provenance.accounting,
            issued_at=_optional(provenance.issued_at, "issued_at"),
            fetched_at=_optional(provenance.fetched_at, "fetched_at"),
            quality=provenance.quality.value,
        )
    for position, turn in enumerate(booked.turns):
        place = {"training": training, "round": int(booked.number), "position": position}
        insert_work(connection, "turn", turn, **place, **_turn(turn))


def _turn(turn: Turn) -> dict[str, Any]:
    return {
        "outcome": turn.outcome.value,
        "planned_kwh": _figure(turn.planned_kwh, f"planned_kwh of {turn.client!r}"),
        # The text of an error may hold anything, such as half a character.
        "reason": turn.reason.encode("utf-8", "backslashreplace").decode(),
    }


def insert_work(connection: sqlite3.Connection, table: str, work: Work, **more: Any) -> None:
    """Write what a client burnt into one of the two tables for it."""
    try:
        _insert(
            connection,
            table,
            client=work.client,
            region=work.region,
            energy_kwh=_figure(work.energy_kwh, f"energy_kwh of {work.client!r}"),
            measured=work.measured,
            seconds=_figure(work.seconds, f"seconds of {work.client!r}"),
            intensity=_figure(work.intensity, f"intensity of {work.client!r}"),
            actual=_figure(work.actual, f"actual of {work.client!r}"),
            **more,
        )
    except sqlite3.IntegrityError as error:
        why = {
            "SQLITE_CONSTRAINT_FOREIGNKEY": "is no member of the training",
            "SQLITE_CONSTRAINT_UNIQUE": "stands in it twice",
        }.get(error.sqlite_errorname, str(error))
        raise LedgerError(f"round {more['round']}: client {work.client!r} {why}") from error


def settle(connection: sqlite3.Connection, table: str, actual: Forecast) -> int:
    """Fill in the intensity that came true; return how many figures are new or have changed."""
    every = actual.series.values()
    first = from_seconds(min(float(series.times[0]) for series in every))
    last = from_seconds(max(float(series.ends[-1]) for series in every))
    # The table is one of two constants.
    rows = connection.execute(
        "SELECT work.training, work.round, work.position, round.start, work.region, "  # noqa: S608
        "coalesce(work.seconds, member.duration_s), work.actual "
        f"FROM {table} AS work "
        "JOIN round ON round.training = work.training AND round.number = work.round "
        "LEFT JOIN member ON member.training = work.training AND member.name = work.client "
        "WHERE round.start BETWEEN ? AND ?",
        (_text(first, "first"), _text(last, "last")),
    ).fetchall()
    changed = []
    for training, number, position, start, region, seconds, known in rows:
        mean = actual_mean(actual, region, parse_instant(start), seconds)
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


def _figure(value: float | None, what: str) -> float | None:
    """Return a figure as SQLite keeps it; it would turn NaN into unknown without a word."""
    if value is None:
        return None
    if not 0 <= value < math.inf:
        raise InputError(f"{what}: expected a finite number from zero on, got {value}")
    return float(value)


def _text(instant: datetime, what: str) -> str:
    """Write a time so that the order of texts is that of times; refuse what could not be read."""
    text = require_utc(instant, what).isoformat(timespec="microseconds")
    parse_instant(text)
    return text.replace("+00:00", "Z")


def _optional(instant: datetime | None, what: str) -> str | None:
    return None if instant is None else _text(instant, what)
