"""What a training's log says of it as a whole."""

from dataclasses import replace

import pytest

from lowcarb.ledger.account import Account
from lowcarb.training.announcements import closing_line
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, turn


def account(*rounds: int, random_g: float | None = None) -> Account:
    return Account(
        number=1,
        training=TRAINING,
        members=MEMBERS,
        rounds=[replace(booked(r, turn("a")), random_g=random_g) for r in rounds],
        evaluations={},
    )


@pytest.mark.parametrize("ledger", [None, "/data/run.db"])
def test_it_says_what_was_emitted_and_where_the_account_is(ledger: str | None) -> None:
    one = account(1, 2, random_g=400.0)
    planned = one.rounds[0].planned_g
    assert planned is not None
    line = closing_line(one, ledger)
    assert line.startswith("2 of 4 rounds are over; ")
    assert f"{1 - planned / 400:.1%} less than random cohorts" in line
    assert "turns still owed" in line
    assert ("lowcarb report /data/run.db" in line) == (ledger is not None)


def test_what_is_unknown_is_not_compared() -> None:
    assert "random" not in closing_line(account(1), None)
