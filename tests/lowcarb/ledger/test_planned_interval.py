"""Within which bounds the planned grams of a training lie, by those of its rounds."""

from dataclasses import replace
from pathlib import Path

import pytest

from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound
from lowcarb.ledger.planned_interval import planned_interval
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.account.verdict import verdict
from tests.helpers.ledgers import MEMBERS, TRAINING, booked, written

BOUNDS = [(180.0, 260.0), (190.5, 280.0), (0.0, 300.0)]
KNOWN = [
    replace(booked(r + 1), least_g=least, most_g=most) for r, (least, most) in enumerate(BOUNDS)
]
IDLE = replace(booked(4), turns=())


def account(*rounds: BookedRound) -> Account:
    return Account(number=1, training=TRAINING, members=MEMBERS, rounds=rounds, evaluations={})


def test_those_of_all_rounds_add_up() -> None:
    found = planned_interval(account(*KNOWN, IDLE))
    assert found.bounds == (370.5, 840.0)
    assert found.text == "the rounds' 90% intervals add up to 370.5 g to 840.0 g"


@pytest.mark.parametrize(
    ("rounds", "text"),
    [
        ([*KNOWN, booked(4)], "no interval: it is known of 3 of 4 rounds"),
        ([booked(1)], "no interval: it is known of 0 of 1 round"),
        ([IDLE], ""),
        ([], ""),
    ],
)
def test_where_one_is_missing_that_is_said(rounds: list[BookedRound], text: str) -> None:
    found = planned_interval(account(*rounds))
    assert (found.bounds, found.text) == (None, text)


def test_the_ledger_keeps_them_and_a_report_tells(tmp_path: Path) -> None:
    one = written(tmp_path / "run.db", *KNOWN)
    assert [(each.least_g, each.most_g) for each in one.rounds] == BOUNDS
    told = account_to_dict(one)
    assert told["totals"]["planned_intervals90_sum_g"] == [370.5, 840.0]
    assert [each["planned_most_g"] for each in told["rounds"]] == [260.0, 280.0, 300.0]
    said = verdict(AccountSummary(account=one))
    assert (
        "Interval of what is planned: the rounds' 90% intervals add up to 370.5 g to 840.0 g"
        in (said)
    )
    none = verdict(AccountSummary(account=account(booked(1))))
    assert not any("Interval of what is planned" in line for line in none)
