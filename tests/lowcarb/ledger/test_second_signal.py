"""What a second signal says of rounds: kept beside them, wholly or not at all."""

import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from lowcarb import InputError, Ledger, LedgerError
from lowcarb.carbon.forecast import Forecast, Series
from lowcarb.carbon.kinds import Kind
from lowcarb.carbon.provenance import Provenance
from lowcarb.ledger.account import Account
from lowcarb.ledger.schema import MIGRATIONS
from lowcarb.ledger.second_signal import SecondRound, SecondTurn, settled_second
from tests.helpers.ledger_files import killed_writer
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked, turn, written

MARGINAL = Provenance(provider="watttime", zone="DE", signal="marginal", accounting="direct")


def second(*turns: SecondTurn, random_g: float | None = 700.0) -> SecondRound:
    return SecondRound(
        turns=list(turns) or [SecondTurn(client="a", intensity=900.0)],
        provenances={"DE": MARGINAL},
        random_g=random_g,
    )


def account_with(path: Path, **seconds: SecondRound) -> Account:
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS, second=seconds.get("one"))
        book.book(booked(2), second=seconds.get("two"))
    return Ledger(path).account()


def test_it_is_read_as_it_was_written_and_changes_no_other_figure(tmp_path: Path) -> None:
    plain = written(tmp_path / "plain.db", booked(1), booked(2))
    one = second(SecondTurn(client="b", intensity=50.0, actual=60.5), SecondTurn(client="a"))
    account = account_with(tmp_path / "run.db", one=one)
    assert account.second == {1: one}
    assert replace(account, second={}) == plain
    content = account.to_dict()
    assert content.pop("also")[0]["random_g"] == 700
    assert content == plain.to_dict()
    with Ledger(tmp_path / "run.db").writing() as book:
        assert book.account() == account


def test_totals_by_each_signal_are_those_of_its_own_intensities(tmp_path: Path) -> None:
    both = (
        SecondTurn(client="a", intensity=900.0, actual=800.0),
        SecondTurn(client="b", actual=4.0),
    )
    other = account_with(tmp_path / "run.db", one=second(*both)).by_second
    assert other is not None
    # a: half a kWh at 900 planned and 800 realised; of b only what came true is known; round 2: no.
    assert other.planned_g == 450
    assert other.realised_g == 402
    assert [turn.realised_g for turn in other.rounds[1].turns] == [None, None]
    assert other.kinds == (Kind("marginal", "direct"),)
    assert not other.complete
    assert other.against_random == (0, 0, 0)
    whole = account_with(
        tmp_path / "whole.db", one=second(both[0], replace(both[1], intensity=20.0))
    )
    assert whole.by_second is not None
    assert whole.by_second.against_random == (460, 700, 1)
    assert whole.against_random == (500, 1000, 2)


def test_what_is_known_later_takes_the_place_of_what_was(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    account_with(path, one=second())
    later = second(SecondTurn(client="a", intensity=900.0, actual=1.0))
    with Ledger(path).writing() as book:
        book.book_second({1: later, 2: second()})
    assert Ledger(path).account().second == {1: later, 2: second()}


def test_a_round_and_its_second_signal_are_booked_together_or_not_at_all(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    account_with(path)
    with Ledger(path).writing() as book:
        for wrong, error in (
            (SecondTurn(client="c", intensity=1.0), LedgerError),
            (SecondTurn(client="a", intensity=-1.0), InputError),
        ):
            with pytest.raises(error):
                book.book(booked(3), second=second(wrong))
            with pytest.raises(error):
                book.book_second({1: second(), 2: second(wrong)})
        with pytest.raises(LedgerError, match="round 9 is not booked"):
            book.book_second({1: second(), 9: second()})
        with pytest.raises(LedgerError, match="'a' has no turn in it, or has two"):
            book.book_second({1: second(*[SecondTurn(client="a")] * 2)})
    account = Ledger(path).account()
    assert ([one.number for one in account.rounds], account.second) == ([1, 2], {})


def test_it_survives_a_writer_that_is_killed(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    killed_writer(path, 2)
    with Ledger(path).writing() as book:
        book.book_second({2: second()})
    killed_writer(path, 3)
    assert Ledger(path).account().second == {2: second()}


def test_it_is_of_its_training(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    account_with(path, one=second())
    with Ledger(path).writing() as book:
        book.begin(TRAINING)
        book.book(booked(1), MEMBERS)
        book.book_second({2: second()}, training=1)
    assert Ledger(path).account().second == {}
    assert sorted(Ledger(path).account(1).second) == [1, 2]


def test_a_ledger_of_a_released_version_has_none_and_may_have_one(tmp_path: Path) -> None:
    path = tmp_path / "old.db"
    with closing(sqlite3.connect(path, isolation_level=None)) as connection:
        for statements in MIGRATIONS[:4]:
            for statement in statements:
                connection.execute(statement)
        connection.execute(f"PRAGMA application_id = {0x4C434C47}")
        connection.execute("PRAGMA user_version = 4")
        connection.execute(
            "INSERT INTO training VALUES (1, '2022-06-30T23:55:00.000000Z', 4, 2, 'none', "
            "'FedAvg', 'wall', '1.0')"
        )
    assert Ledger(path).account().second == {}
    with Ledger(path).writing() as book:
        book.book(booked(1), MEMBERS, second=second())
    assert Ledger(path).account().second == {1: second()}


def actual(*regions: str, level: float = 321.0) -> Forecast:
    times = BEGIN.timestamp() + 3600.0 * np.arange(4, dtype=np.float64)
    return Forecast(
        series={
            name: Series(times=times, values=np.full(4, level), provenance=MARGINAL)
            for name in regions
        },
        source="m.csv",
    )


def test_what_came_true_is_filled_in_where_it_is_known() -> None:
    members = {one.name: one for one in MEMBERS}
    settled = settled_second(booked(1), second(), members, actual("DE"))
    assert settled == second(SecondTurn(client="a", intensity=900.0, actual=321.0))
    assert settled_second(booked(1), settled, members, actual("DE")) is None
    assert settled_second(booked(1), second(), members, actual("XX")) is None
    # Of a round that had no second signal, and a client of no known region or length.
    late = booked(1, turn("b", "FR"), turn("c", None))
    found = settled_second(late, None, members, actual("FR"))
    assert found is not None
    assert found.turns == [SecondTurn(client="b", actual=321.0)]
    assert found.provenances == {"FR": MARGINAL}
    assert settled_second(booked(9), None, members, actual("DE")) is None
