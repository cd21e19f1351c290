"""What a training learns of its forecasts comes back from the ledger as it was."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import InputError, Ledger, Series
from lowcarb._util.arrays import FloatArray
from lowcarb.carbon.findings import FaultName, Finding
from lowcarb.carbon.past_record import IssuedHours, PastRecord
from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.learnt import Learnt, keep_learnt, read_learnt
from lowcarb.ledger.schema import migrate
from lowcarb.ledger.write import insert_training
from tests.helpers.ledgers import BEGIN, TRAINING

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
FIRST = int(BEGIN.timestamp() // 3600)
FINDING = Finding(
    region="DE",
    fault=FaultName.WRONG,
    since=BEGIN,
    issued=0.5,
    corrected=0.25,
    yesterday=0.125,
    factor=2.0,
)


def issue(day: int = 0, region: str = "DE", values: FloatArray | None = None) -> IssuedHours:
    return IssuedHours(
        issued_at=BEGIN + day * DAY,
        region=region,
        first=FIRST + 24 * day,
        values=np.array([1.5, np.nan, 3.0]) if values is None else values,
        provider="p",
        signal="average",
        accounting=None,
    )


def series(first_hour: float, hours: int, *, length_h: float = 1.0, level: float = 1.0) -> Series:
    times = BEGIN.timestamp() + 3600.0 * (
        first_hour + length_h * np.arange(hours, dtype=np.float64)
    )
    return Series(
        times=times,
        values=np.full(hours, level),
        until=times + 3600.0 * length_h,
        provenance=Provenance(provider="p", zone="DE", signal="average"),
    )


def learnt(
    *issues: IssuedHours, actual: Series | None = None, first_day: int | None = None
) -> Learnt:
    return Learnt(
        record=PastRecord(issues=list(issues), actual={} if actual is None else {"DE": actual}),
        asked_at=BEGIN,
        first_day=first_day,
    )


def same(one: Series, two: Series) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(two, name))
        for name in ("times", "values", "ends")
    )


values = st.one_of(st.just(np.nan), st.floats(0, 1e5, width=64))


@settings(deadline=None, max_examples=30)
@given(
    hourly=st.lists(values, min_size=2, max_size=130),
    steps=st.lists(st.sampled_from([900.0, 3600.0, 5000.0, 10_800.0]), min_size=2, max_size=80),
    held=st.sampled_from([1.0, 0.5]),
)
def test_every_figure_comes_back(hourly: list[float], steps: list[float], held: float) -> None:
    times = BEGIN.timestamp() + np.cumsum(steps)
    one = Series(
        times=times,
        values=np.linspace(0, 1, len(times)) ** 3,
        until=times + held * np.append(steps[1:], 3600.0),
    )
    new = replace(learnt(issue(values=np.array(hourly)), actual=one), findings=(FINDING,))
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        migrate(connection)
        insert_training(connection, 1, TRAINING)
        keep_learnt(connection, 1, new)
        back = read_learnt(connection, 1, "run.db")
    (found,) = back.record.issues
    np.testing.assert_array_equal(found.values, np.array(hourly))
    assert replace(found, values=new.record.issues[0].values) != found
    for name in ("issued_at", "region", "first", "provider", "signal", "accounting"):
        assert getattr(found, name) == getattr(new.record.issues[0], name)
    assert same(back.record.actual["DE"], one)
    assert (back.asked_at, back.findings) == (BEGIN, (FINDING,))


def test_a_day_is_replaced_by_what_is_newly_known_of_it(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        assert book.learnt().record == PastRecord()
        book.keep_learnt(learnt(issue(), actual=series(0, 60)))
        # Values of three hours, of which the first lies over midnight.
        coarse = series(46.5, 5, length_h=3.0, level=2.0)
        book.keep_learnt(learnt(issue(values=np.array([9.0, 8.0])), actual=coarse))
        back = book.learnt()
    (found,) = back.record.issues
    assert found.values.tolist() == [9.0, 8.0]
    one = back.record.actual["DE"]
    # Whole days are replaced, from that of the first new value on.
    assert one.values.tolist() == [1.0] * 24 + [2.0] * 5
    assert one.provenance == coarse.provenance


def test_a_value_that_reached_into_a_replaced_day_makes_no_overlap(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        book.keep_learnt(learnt(actual=series(13.5, 5, length_h=5.0)))
        book.keep_learnt(learnt(actual=series(24.5, 3, level=2.0)))
        one = book.learnt().record.actual["DE"]
    # That of 23:30 lasted until 04:30.
    assert one.values.tolist() == [1.0, 1.0, 2.0, 2.0, 2.0]


def test_what_is_long_over_and_earlier_trainings_are_forgotten(tmp_path: Path) -> None:
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        day = FIRST // 24
        book.keep_learnt(learnt(issue(), issue(3), actual=series(0, 96)))
        book.keep_learnt(replace(learnt(first_day=day + 2), findings=(FINDING,)))
        back = book.learnt()
        assert [one.day for one in back.record.issues] == [day + 3]
        assert back.record.actual["DE"].times[0] == (BEGIN + 2 * DAY).timestamp()
        book.begin(TRAINING)
        assert book.learnt().record.issues == []
        book.keep_learnt(learnt(issue(4)))
        for table, rows in (("past_issue", 1), ("past_actual", 0), ("past_question", 1)):
            (found,) = book._connection.execute(f"SELECT count(*) FROM {table}")  # noqa: S608
            assert found == (rows,), table
    # What was found stays in the account of its training.
    assert Ledger(tmp_path / "run.db").account(1).findings == (FINDING,)
    assert Ledger(tmp_path / "run.db").account(2).findings == ()


def test_a_finding_ends_in_its_own_row(tmp_path: Path) -> None:
    ended = replace(FINDING, until=BEGIN + 3 * DAY)
    with Ledger(tmp_path / "run.db").writing() as book:
        book.begin(TRAINING)
        book.keep_learnt(Learnt(findings=(FINDING,)))
        book.keep_learnt(Learnt(findings=(ended,)))
        with pytest.raises(InputError, match="issued of 'DE': expected a finite number"):
            book.keep_learnt(Learnt(findings=(replace(FINDING, issued=float("inf")),)))
    assert Ledger(tmp_path / "run.db").account().findings == (ended,)


@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE past_issue SET hourly = x'00'",
        "UPDATE past_issue SET issued_at = 'soon'",
        "UPDATE past_actual SET hourly = NULL",
        "UPDATE past_actual SET hourly = x'000000000000F0BF000000000000F0BF'",
        "UPDATE past_question SET asked_at = ''",
        "UPDATE past_issue SET hourly = x'000000000000F0BF000000000000F0BF'",
    ],
)
def test_what_makes_no_sense_is_said_and_not_used(
    tmp_path: Path, harm: str, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.keep_learnt(learnt(issue(), actual=series(0, 60)))
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(harm)
    with Ledger(path).writing() as book:
        back = book.learnt()
    assert (back.record, back.asked_at) == (PastRecord(), None)
    assert "what was learnt of the forecasts cannot be read, and is learnt anew" in caplog.text
