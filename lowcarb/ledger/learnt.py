"""What a training learns of its forecasts, so that a server that starts again knows as much.

Kept are forecasts as they were issued and what came true, of the newest training and of the days on
which corrections rest, and for every training what was found of its forecasts. All but the findings
only saves time: what cannot be read is no reason to stop, and is then learnt anew.
"""

import logging
import sqlite3
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np

from lowcarb._util.arrays import FloatArray
from lowcarb._util.text import printable
from lowcarb._util.times import parse_instant
from lowcarb.carbon.findings import Finding
from lowcarb.carbon.forecast import Series
from lowcarb.carbon.past_record import IssuedHours, PastRecord
from lowcarb.carbon.provenance import Provenance
from lowcarb.carbon.typical_day import HOURS
from lowcarb.errors import InputError
from lowcarb.ledger.columns import columns_of, from_row, instant_text, to_row
from lowcarb.ledger.faults import SENSELESS
from lowcarb.units import SECONDS_PER_HOUR

logger = logging.getLogger(__name__)

# Floats in SQLite's blobs, whatever the machine.
_PACKED = np.dtype("<f8")
_DAY_S = HOURS * SECONDS_PER_HOUR
_TABLES = ("past_issue", "past_actual", "past_question")


@dataclass(frozen=True, kw_only=True, eq=False)
class Learnt:
    """What is newly learnt, or all that is known.

    Parameters
    ----------
    record
        Issues, and what came true from the first day on that changed.
    asked_at
        When what came true was asked for last, in UTC; None if nothing new came of that.
    first_day
        Days before this one, counted from 1970, are forgotten; None if they are already.
    findings
        Those that begin, or that have ended since.
    """

    record: PastRecord = field(default_factory=PastRecord)
    asked_at: datetime | None = None
    first_day: int | None = None
    findings: Sequence[Finding] = ()


def keep_learnt(connection: sqlite3.Connection, training: int, new: Learnt) -> None:
    """Write what is newly learnt, and forget what is long over or of earlier trainings.

    Raises
    ------
    InputError
        If a figure is negative or not finite, or a time has no zone.
    """
    for table in _TABLES:
        # Tables are constants.
        connection.execute(f"DELETE FROM {table} WHERE training < ?", (training,))  # noqa: S608
    for table in _TABLES[:2]:
        if new.first_day is not None:
            connection.execute(f"DELETE FROM {table} WHERE day < ?", (new.first_day,))  # noqa: S608
    connection.executemany(
        "INSERT OR REPLACE INTO past_issue "
        "(training, issued_at, region, day, provider, signal, accounting, first, hourly) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            (
                *(training, instant_text(one.issued_at, "issued_at"), one.region, one.day),
                *(one.provider, one.signal, one.accounting, one.first, _packed(one.values)),
            )
            for one in new.record.issues
        ),
    )
    for region, series in new.record.actual.items():
        _keep_actual(connection, training, region, series)
    if new.asked_at is not None:
        connection.execute(
            "INSERT OR REPLACE INTO past_question (training, asked_at) VALUES (?, ?)",
            (training, instant_text(new.asked_at, "asked_at")),
        )
    names = columns_of(Finding)
    connection.executemany(
        f"INSERT OR REPLACE INTO finding (training, {', '.join(names)}) "  # noqa: S608
        f"VALUES (:training, {', '.join(f':{name}' for name in names)})",
        ({"training": training, **to_row(one, f" of {one.region!r}")} for one in new.findings),
    )


def read_findings(connection: sqlite3.Connection, training: int) -> tuple[Finding, ...]:
    """Read what was found of forecasts, by when it began.

    Raises
    ------
    ValueError, TypeError
        If a value makes no sense.
    """
    rows = connection.execute(
        f"SELECT {', '.join(columns_of(Finding))} FROM finding "  # noqa: S608
        "WHERE training = ? ORDER BY since, region",
        (training,),
    )
    return tuple(from_row(Finding, row) for row in rows)


def read_learnt(connection: sqlite3.Connection, training: int, path: Path | str) -> Learnt:
    """Read all that is known; nothing of what makes no sense, which is said."""
    try:
        (asked_at,) = connection.execute(
            "SELECT max(asked_at) FROM past_question WHERE training = ?", (training,)
        ).fetchone()
        return Learnt(
            record=PastRecord(
                issues=list(_issues(connection, training)), actual=_actual(connection, training)
            ),
            asked_at=None if asked_at is None else parse_instant(asked_at),
            findings=read_findings(connection, training),
        )
    except (*SENSELESS, InputError, sqlite3.DatabaseError) as error:
        logger.warning(
            "lowcarb: %s: what was learnt of the forecasts cannot be read, and is learnt anew: %s",
            path,
            printable(str(error))[:200],
        )
        return Learnt()


def _keep_actual(
    connection: sqlite3.Connection, training: int, region: str, series: Series
) -> None:
    """Write what came true of a region by UTC day, in place of these and later days."""
    day = (series.times // _DAY_S).astype(np.int64)
    connection.execute(
        "DELETE FROM past_actual WHERE training = ? AND region = ? AND day >= ?",
        (training, region, int(day[0])),
    )
    label = series.provenance
    kind = (None,) * 3 if label is None else (label.provider, label.signal, label.accounting)
    rows = []
    for one in np.unique(day).tolist():
        there = day == one
        times, values, ends = series.times[there], series.values[there], series.ends[there]
        hour = (times - one * _DAY_S) / SECONDS_PER_HOUR
        hourly: FloatArray | None = None
        if (hour == np.floor(hour)).all() and (ends - times == SECONDS_PER_HOUR).all():
            hourly = np.full(HOURS, np.nan)
            hourly[hour.astype(np.int64)] = values
        spans = None if hourly is not None else np.concatenate([times, values, ends])
        rows.append((training, region, one, *kind, _packed(hourly), _packed(spans)))
    connection.executemany(
        "INSERT INTO past_actual "
        "(training, region, day, provider, signal, accounting, hourly, spans) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        rows,
    )


def _issues(connection: sqlite3.Connection, training: int) -> Iterator[IssuedHours]:
    rows = connection.execute(
        "SELECT issued_at, region, provider, signal, accounting, first, hourly FROM past_issue "
        "WHERE training = ? ORDER BY issued_at, rowid",
        (training,),
    )
    for issued_at, region, provider, signal, accounting, first, hourly in rows:
        if not isinstance(first, int) or not isinstance(region, str):
            raise TypeError(f"expected a region and an hour, got {region!r:.80} and {first!r:.80}")
        issue = IssuedHours(
            issued_at=parse_instant(issued_at),
            region=region,
            first=first,
            values=_unpacked(hourly),
            provider=provider,
            signal=signal,
            accounting=accounting,
        )
        # What is no series is noticed here, and not in the middle of a round.
        _ = issue.series
        yield issue


def _actual(connection: sqlite3.Connection, training: int) -> dict[str, Series]:
    parts: dict[str, list[FloatArray]] = defaultdict(list)
    labels: dict[str, Provenance | None] = {}
    rows = connection.execute(
        "SELECT region, day, provider, signal, accounting, hourly, spans FROM past_actual "
        "WHERE training = ? ORDER BY region, day",
        (training,),
    )
    for region, day, provider, signal, accounting, hourly, spans in rows:
        parts[region].append(_spans(day, hourly, spans))
        labels[region] = (
            None
            if provider is None
            else Provenance(provider=provider, zone=region, signal=signal, accounting=accounting)
        )
    found = {}
    for region, blocks in parts.items():
        times, values, ends = np.concatenate(blocks, axis=1)
        # A later day may have replaced a value that reached into it.
        keep = np.append(ends[:-1] <= times[1:], True)
        times, values, ends = times[keep], values[keep], ends[keep]
        found[region] = Series(times=times, values=values, until=ends, provenance=labels[region])
    return found


def _spans(day: int, hourly: Any, spans: Any) -> FloatArray:
    """Times, values and ends of one day (3, m)."""
    if hourly is None:
        return _unpacked(spans).reshape(3, -1)
    values = _unpacked(hourly)
    known = np.flatnonzero(~np.isnan(values))
    times = day * _DAY_S + SECONDS_PER_HOUR * known.astype(np.float64)
    return np.stack([times, values[known], times + SECONDS_PER_HOUR])


def _packed(values: FloatArray | None) -> bytes | None:
    return None if values is None else values.astype(_PACKED).tobytes()


def _unpacked(blob: Any) -> FloatArray:
    if not isinstance(blob, bytes):
        raise TypeError(f"expected packed values, got {blob!r:.80}")
    return np.frombuffer(blob, dtype=_PACKED).astype(np.float64)
