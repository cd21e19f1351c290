"""From the rows of a ledger to an account."""

import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from lowcarb._util.times import parse_instant
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.errors import LedgerError
from lowcarb.ledger.account import Account, BookedRound, Member, Outcome, TrainingSpec, Turn, Work

_WORK = "client, region, energy_kwh, measured, seconds, intensity, actual"


def newest_training(connection: sqlite3.Connection) -> int:
    """Return the number of the newest training, 0 if there is none."""
    return int(connection.execute("SELECT coalesce(max(number), 0) FROM training").fetchone()[0])


def read_account(connection: sqlite3.Connection, number: int, path: Path) -> Account:
    """Read all of one training; `path` is for messages.

    Raises
    ------
    LedgerError
        If its content makes no sense.
    """
    try:
        return _account(connection, number)
    except (ValueError, TypeError) as error:
        raise LedgerError(f"{path}: is damaged: {error}") from error


def _account(connection: sqlite3.Connection, number: int) -> Account:
    def rows(what: str) -> Iterable[tuple[Any, ...]]:
        return connection.execute(what, (number,))

    provenances: dict[int, dict[str, Provenance]] = defaultdict(dict)
    for r, region, provider, zone, signal, accounting, issued_at, fetched_at, quality in rows(
        "SELECT round, region, provider, zone, signal, accounting, issued_at, fetched_at, quality "
        "FROM origin WHERE training = ? ORDER BY round, region"
    ):
        provenances[r][region] = Provenance(
            provider=provider,
            zone=zone,
            signal=signal,
            accounting=accounting,
            issued_at=_time(issued_at),
            fetched_at=_time(fetched_at),
            quality=Quality(quality),
        )
    turns: dict[int, list[Turn]] = defaultdict(list)
    for r, outcome, planned_kwh, reason, *work in rows(
        f"SELECT round, outcome, planned_kwh, reason, {_WORK} "  # noqa: S608 - a constant
        "FROM turn WHERE training = ? ORDER BY round, position"
    ):
        turns[r].append(
            Turn(outcome=Outcome(outcome), planned_kwh=planned_kwh, reason=reason, **_work(work))
        )
    evaluations: dict[int, list[Work]] = defaultdict(list)
    for r, *work in rows(
        f"SELECT round, {_WORK} "  # noqa: S608 - a constant
        "FROM evaluation WHERE training = ? ORDER BY round, position"
    ):
        evaluations[r].append(Work(**_work(work)))
    return Account(
        number=number,
        training=_training(connection, number),
        members=[
            Member(
                name=name,
                region=region,
                energy_kwh=energy_kwh,
                duration_s=duration_s,
                min_rounds=min_rounds,
                max_rounds=max_rounds,
                joined=joined,
            )
            for name, region, energy_kwh, duration_s, min_rounds, max_rounds, joined in rows(
                "SELECT name, region, energy_kwh, duration_s, min_rounds, max_rounds, joined "
                "FROM member WHERE training = ? ORDER BY id"
            )
        ],
        rounds=[
            BookedRound(
                number=r,
                start=parse_instant(start),
                turns=turns[r],
                solver=solver,
                status=status,
                seconds=seconds,
                random_g=random_g,
                owed=owed,
                provenances=provenances[r],
                aggregated=bool(aggregated),
                notes=json.loads(notes),
            )
            for r, start, solver, status, seconds, random_g, owed, aggregated, notes in rows(
                "SELECT number, start, solver, status, seconds, random_g, owed, aggregated, notes "
                "FROM round WHERE training = ? ORDER BY number"
            )
        ],
        evaluations=dict(evaluations),
    )


def _training(connection: sqlite3.Connection, number: int) -> TrainingSpec:
    started_at, rounds, cohort_size, fairness, strategy, clock, version = connection.execute(
        "SELECT started_at, rounds, cohort_size, fairness, strategy, clock, version "
        "FROM training WHERE number = ?",
        (number,),
    ).fetchone()
    return TrainingSpec(
        started_at=parse_instant(started_at),
        rounds=rounds,
        cohort_size=cohort_size,
        fairness=fairness,
        strategy=strategy,
        clock=clock,
        version=version,
    )


def _work(row: list[Any]) -> dict[str, Any]:
    return dict(zip(_WORK.split(", "), row, strict=True))


def _time(text: str | None) -> datetime | None:
    return None if text is None else parse_instant(text)
