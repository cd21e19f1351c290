"""A damaged ledger is refused with its name, or read as something whole; never a traceback."""

import random
import sqlite3
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from lowcarb.carbon.provenance import Provenance
from lowcarb.cli.report_text import render
from lowcarb.errors import LedgerError
from lowcarb.ledger import Ledger
from lowcarb.ledger.second_signal import SecondRound, SecondTurn
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.account.summary import AccountSummary
from tests.helpers.data import invented_forecast
from tests.helpers.ledgers import BEGIN, TRAINING, booked, evaluation, turn, written
from tests.helpers.params import first_fast

PAGE = 4096


SECOND = SecondRound(
    turns=[SecondTurn(client="a", intensity=9.0)],
    provenances={"DE": Provenance(provider="watttime", zone="DE", signal="marginal")},
    random_g=1.0,
)


@pytest.fixture
def whole(tmp_path: Path) -> bytes:
    path = tmp_path / "whole.db"
    rounds = [booked(r, turn("a"), turn("c", None), notes=("careful",)) for r in range(1, 9)]
    written(path, *rounds, training=replace(TRAINING, rounds=12))
    with Ledger(path).writing() as book:
        for number in range(1, 9):
            book.book_evaluation(number, [evaluation("a")])
        book.book_second(dict.fromkeys(range(1, 9), SECOND))
    return path.read_bytes()


def read(path: Path) -> None:
    """Read all that is told of a ledger."""
    Ledger(path).trainings()
    Ledger(path).tally()
    account = Ledger(path).account()
    summary = AccountSummary(account=account)
    with Path("/dev/null").open("w") as nowhere:
        render(summary, Console(file=nowhere, width=80))
    account_to_dict(account)
    account.to_frame()
    repr(account)


def write(path: Path) -> None:
    """Go on with a ledger as a training and as a report of actual intensities do."""
    with Ledger(path).writing() as book:
        account = book.account()
        if account is not None:
            book.book(booked(account.rounds_over + 1, turn("a")))
            book.settle(ACTUAL)


def _actual() -> Any:
    forecast = invented_forecast()
    (series, *_) = forecast.series.values()
    times = series.times - series.times[0] + BEGIN.timestamp()
    come_true = replace(series, times=times, until=None, provenance=None)
    return replace(forecast, series={"DE": come_true}, issued_at=None)


ACTUAL = _actual()


def cut(rng: random.Random, content: bytearray) -> None:
    del content[rng.randrange(1, len(content)) :]


def flip_bits(rng: random.Random, content: bytearray) -> None:
    for _ in range(rng.choice([1, 3, 30])):
        content[rng.randrange(len(content))] ^= 1 << rng.randrange(8)


def lose_a_page(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content) // PAGE) * PAGE
    content[start : start + PAGE] = rng.choice([bytes(PAGE), rng.randbytes(PAGE)])


def swap_pages(rng: random.Random, content: bytearray) -> None:
    one, two = (rng.randrange(len(content) // PAGE) * PAGE for _ in range(2))
    first, second = content[one : one + PAGE], content[two : two + PAGE]
    content[one : one + PAGE], content[two : two + PAGE] = second, first


def garble(rng: random.Random, content: bytearray) -> None:
    start = rng.randrange(len(content))
    length = rng.choice([2, 8, 40])
    content[start : start + length] = rng.randbytes(len(content[start : start + length]))


@pytest.mark.parametrize("harm", first_fast([cut, garble, flip_bits, lose_a_page, swap_pages], 2))
def test_mutations_are_refused_or_read_but_never_a_traceback(
    tmp_path: Path, whole: bytes, harm: Callable[[random.Random, bytearray], None]
) -> None:
    rng = random.Random(14)  # noqa: S311
    refused = 0
    path = tmp_path / "run.db"
    for _ in range(80):
        content = bytearray(whole)
        harm(rng, content)
        for attempt in (read, write):
            path.write_bytes(content)
            try:
                attempt(path)
            except LedgerError as error:
                refused += str(error).startswith(str(path)) or pytest.fail(str(error))
            Path(f"{path}-wal").unlink(missing_ok=True)
    assert refused > 10


CELLS: dict[str, tuple[Any, ...]] = {
    "training.started_at": (7, "soon", "2022-07-01", b"\xff"),
    "training.rounds": (0, -1, 2**62, "many", 1.5),
    "training.clock": ("sundial", 3, None),
    "training.fairness": (b"\xff\xfe", None),
    "member.name": ("stranger", None, b"\xff"),
    "member.min_rounds": (-2, "one", None),
    "member.energy_kwh": (-1.0, float("inf"), "much"),
    "round.number": (0, 2**62, None),
    "round.start": (12, None, "yesterday", b"2022"),
    "round.notes": ("7", "[", "[1]", "{}", None, "[" * 100_000),
    "round.seconds": (None, -1.0, "long", float("inf")),
    "round.owed": (-1, 0.5, None),
    "round.model": (5, b"x"),
    "turn.client": ("nobody", None, 4),
    "turn.outcome": ("promoted", None, 4),
    "turn.energy_kwh": (None, -1.0, "x", float("-inf")),
    "turn.intensity": (-1.0, "x"),
    "origin.quality": ("splendid", None),
    "origin.issued_at": (5.5, "x"),
    "evaluation.energy_kwh": (None, "x", -3.0),
    "second_round.random_g": (-1.0, "x"),
    "second_origin.signal": ("both", 5),
    "second_turn.client": (None, 4),
    "second_turn.actual": (-1.0, "x"),
}


@pytest.mark.parametrize(
    ("cell", "value"),
    [(cell, value) for cell, values in CELLS.items() for value in values],
    ids=lambda part: repr(part)[:20],
)
def test_a_cell_that_makes_no_sense_is_said(
    tmp_path: Path, whole: bytes, cell: str, value: Any
) -> None:
    path = tmp_path / "run.db"
    path.write_bytes(whole)
    table, column = cell.split(".")
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        # The same table without any of the checks that a damaged file does not keep either.
        names = [row[1] for row in connection.execute(f"PRAGMA table_info({table})")]
        connection.execute(f"CREATE TABLE loose ({', '.join(names)})")
        connection.execute(f"INSERT INTO loose SELECT * FROM {table}")  # noqa: S608
        connection.execute("PRAGMA legacy_alter_table = ON")
        connection.execute(f"DROP TABLE {table}")
        connection.execute(f"ALTER TABLE loose RENAME TO {table}")
        change = f"UPDATE {table} SET {column} = ? WHERE rowid = 1"  # noqa: S608
        connection.execute(change, (value,))
    with pytest.raises(LedgerError, match=r"run\.db: (is damaged|.* UTF-8)") as raised:
        read(path)
    assert len(str(raised.value)) < 500
