"""Tables follow from dataclasses: each field has its column, and each value survives."""

import re
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, make_dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path

import pytest

from lowcarb import InputError
from lowcarb.carbon.findings import Finding
from lowcarb.carbon.provenance import Provenance, Quality
from lowcarb.ledger import Ledger
from lowcarb.ledger.columns import columns_of, from_row, to_row
from lowcarb.ledger.entries import BookedRound, Loss, Member, TrainingSpec, Turn, Work
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from lowcarb.ledger.waits import Wait
from lowcarb.ledger.write import insert_work
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked, turn, written

KEPT = {
    ("training", TrainingSpec): {"number"},
    ("member", Member): {"id", "training"},
    ("round", BookedRound): {"training"},
    ("origin", Provenance): {"training", "round", "region"},
    ("turn", Turn): {"training", "round", "position"},
    ("evaluation", Work): {"training", "round", "position"},
    ("second_round", SecondRound): {"training", "round"},
    ("second_origin", Provenance): {"training", "round", "region"},
    ("second_turn", SecondTurn): {"training", "round", "position"},
    ("wait", Wait): {"training"},
    ("finding", Finding): {"training"},
}
"""Tables and what they keep, with the columns that only say where a row belongs."""
ELSEWHERE = {"turns", "provenances"}


def check_table(connection: sqlite3.Connection, table: str, cls: type, keys: set[str]) -> None:
    """Fail where a table and the fields of its dataclass differ."""
    found = {
        name: (kind, not notnull)
        for _, name, kind, notnull, *_ in connection.execute(f"PRAGMA table_info({table})")
    }
    for name, column in columns_of(cls).items():
        assert name in found, (
            f"{cls.__name__}.{name} has no column in {table}: add to schema.MIGRATIONS "
            f"ALTER TABLE {table} ADD COLUMN {name} {column.kind}"
        )
        assert found[name] == (column.kind, column.optional), f"{table}.{name}"
    assert set(found) - set(columns_of(cls)) == keys, table
    assert {each.name for each in fields(cls)} - set(columns_of(cls)) <= ELSEWHERE, table


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[sqlite3.Connection]:
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        book.book(booked(1, turn("b")), MEMBERS)
        yield book._connection


@pytest.mark.parametrize(("table", "cls"), KEPT, ids=lambda part: getattr(part, "__name__", part))
def test_each_field_has_its_column(connection: sqlite3.Connection, table: str, cls: type) -> None:
    check_table(connection, table, cls, KEPT[table, cls])


class Colour(StrEnum):
    RED = "red"


@dataclass(frozen=True, kw_only=True)
class WiderTurn(Turn):
    """A turn with a new figure of each kind."""

    heat_kwh: float | None = field(default=None, metadata={"key": "heat"})
    tries: int = 0
    cached: bool = False
    colour: Colour = Colour.RED
    ended: datetime | None = None


def test_a_field_without_a_column_is_named(connection: sqlite3.Connection) -> None:
    with pytest.raises(
        AssertionError, match=r"WiderTurn\.heat_kwh .* turn ADD COLUMN heat_kwh REAL"
    ):
        check_table(connection, "turn", WiderTurn, KEPT["turn", Turn])


@pytest.mark.parametrize("ended", [None, datetime(2022, 7, 1, 0, 30, 0, 1, tzinfo=UTC)])
def test_a_new_figure_costs_a_field_and_its_column(
    connection: sqlite3.Connection, ended: datetime | None
) -> None:
    for name in set(columns_of(WiderTurn)) - set(columns_of(Turn)):
        column = columns_of(WiderTurn)[name]
        default = "" if column.optional else " NOT NULL DEFAULT ''"
        connection.execute(f"ALTER TABLE turn ADD COLUMN {name} {column.kind}{default}")
    check_table(connection, "turn", WiderTurn, KEPT["turn", Turn])
    one = WiderTurn(
        **{each.name: getattr(turn("a"), each.name) for each in fields(Turn)},
        heat_kwh=0.25,
        tries=3,
        cached=True,
        ended=ended,
    )
    insert_work(connection, "turn", one, training=1, round=1, position=1)
    names = ", ".join(columns_of(WiderTurn))
    (row,) = connection.execute(f"SELECT {names} FROM turn WHERE client = 'a'")  # noqa: S608
    assert from_row(WiderTurn, row) == one
    payload = one.to_dict()
    assert (payload["heat"], payload["tries"], payload["colour"]) == (0.25, 3, "red")
    known = list(turn("a").to_dict())
    assert list(payload)[: len(known)] == known


def test_every_value_of_every_field_survives(tmp_path: Path) -> None:
    """No field keeps the default, so that a field that is not written shows."""
    came = Provenance(
        provider="p",
        zone="z",
        signal="marginal",
        accounting="direct",
        issued_at=BEGIN,
        fetched_at=BEGIN,
        quality=Quality.CACHED,
    )
    one = replace(
        booked(
            1,
            replace(
                turn("a", measured="power", seconds=7.0, actual=3.0, reason="late"),
                loss=Loss(-0.5),
                samples=12.0,
            ),
        ),
        paid_g=1.5,
        notes=["careful"],
        provenances={"DE": came},
        model="run.db.training1.round1.npz",
        model_sha256="0" * 64,
        least_g=90.0,
        most_g=110.0,
        ready_at=BEGIN - timedelta(hours=3),
        at_once_g=900.0,
        told_by="SIGUSR1",
    )
    work = Work(
        client="z",
        region="FR",
        energy_kwh=2.0,
        measured="power",
        seconds=7.0,
        intensity=5.0,
        actual=3.0,
    )
    asked = replace(
        TRAINING,
        app="us/app",
        model_shape="1 array of 3 numbers",
        cohort_least=1,
        cohort_most=3,
        deadline=BEGIN + timedelta(days=1),
        hours="by then",
    )
    written(tmp_path / "run.db", one, training=asked)
    with Ledger(tmp_path / "run.db").writing() as book:
        book.book_evaluation(1, [work])
        book.book(booked(2), [keyed := replace(MEMBERS[0], key="0" * 64)])
    account = Ledger(tmp_path / "run.db").account()
    for before, after in [
        (asked, account.training),
        (keyed, account.members[0]),
        (one, account.rounds[0]),
        (one.turns[0], account.rounds[0].turns[0]),
        (came, account.rounds[0].provenances["DE"]),
        (work, account.evaluations[1][0]),
    ]:
        for each in fields(before):  # type: ignore[arg-type]
            assert getattr(after, each.name) == getattr(before, each.name), each.name
            assert getattr(after, each.name) != each.default, each.name


def test_what_no_column_can_hold_is_refused() -> None:
    strange = make_dataclass("Strange", [("points", complex)])
    with pytest.raises(TypeError, match=r"Strange\.points: a ledger has no column for .*complex"):
        columns_of(strange)
    two = WiderTurn(
        **{each.name: getattr(turn("a"), each.name) for each in fields(Turn)},
        colour="blue",  # type: ignore[arg-type]
    )
    with pytest.raises(InputError, match=re.escape("colour of 'a': expected one of 'red', got 'b")):
        to_row(two, " of 'a'")
