"""What a report says of waiting: hours, savings by hand, the deadline, and who said to go on."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from lowcarb.ledger.account import Account
from lowcarb.ledger.entries import BookedRound
from lowcarb.ledger.waits import Wait
from lowcarb.report.account.as_json import account_to_dict
from lowcarb.report.account.html import to_html
from lowcarb.report.account.summary import AccountSummary
from lowcarb.report.account.verdict import verdict
from tests.helpers.html_pages import read_page
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked, turn

HOUR = timedelta(hours=1)
ASKED = replace(
    TRAINING, deadline=BEGIN + 24 * HOUR, hours="by 2022-07-02 00:00 UTC, open 00:00-12:00 UTC"
)


def round_at(
    number: int, begins_h: float, ready_h: float, at_once_g: float | None = None, **more: Any
) -> BookedRound:
    """Make a round of 250 g planned that lasts half an hour."""
    return replace(
        booked(number),
        start=BEGIN + begins_h * HOUR,
        ready_at=BEGIN + ready_h * HOUR,
        at_once_g=at_once_g,
        **more,
    )


def account(*rounds: BookedRound, **changed: Any) -> Account:
    made = Account(
        number=1, training=ASKED, members=MEMBERS[:2], rounds=rounds, evaluations={}, wait=None
    )
    return replace(made, **changed)


# At once all four: 2,000 g; when the second could begin, the three left: 1,200 g.
WHOLE = (
    round_at(1, 6, 0, 2000.0),
    round_at(2, 9, 6.5, 1200.0, told_by="SIGUSR1"),
    round_at(3, 9.5, 9.5, 500.0),
    round_at(4, 10, 10),
)


def words(made: Account) -> str:
    return "\n".join(verdict(AccountSummary(account=made)))


def test_a_whole_training_by_hand() -> None:
    told = account_to_dict(account(*WHOLE))["waiting"]
    assert told == {
        "deadline": "2022-07-02T00:00:00Z",
        "deadline_met": True,
        "last_end": "2022-07-01T10:30:00Z",
        "rounds_waited": 2,
        "waited_s": 8.5 * 3600,
        "compared_rounds": 4,
        "at_once_g": 2000,
        "planned_g": 1000,
        "saved_g": 1000,
        "saved_share": 0.5,
        "told": [{"round": 2, "by": "SIGUSR1"}],
        "now": None,
    }
    text = words(account(*WHOLE))
    for line in (
        "Hours: by 2022-07-02 00:00 UTC, open 00:00-12:00 UTC",
        "Waiting: 2 of 4 rounds waited, 8.5 h in all; by the forecasts that saved 1,000.0 g "
        "(50.0%) against 2,000.0 g at once",
        "Deadline 2022-07-02 00:00 UTC: met; the last round was over at 2022-07-01 10:30 UTC",
        "Told to go on before the hour: round 2 by SIGUSR1",
    ):
        assert line in text.splitlines(), text
    page = read_page(to_html(AccountSummary(account=account(*WHOLE)))).text
    assert "Waited (h)" in page
    assert "What waiting saved is by the forecasts" in page


def test_of_a_training_under_way_the_rounds_before_the_last_price_count() -> None:
    under_way = account(*WHOLE[:2])
    told = account_to_dict(under_way)["waiting"]
    # Round 1 for 250 g, and the others at once for 1,200 g, in place of 2,000 g.
    assert told["compared_rounds"] == 1
    assert (told["at_once_g"], told["saved_g"]) == (800, 550)
    assert told["deadline_met"] is None
    assert "800.0 g at once (of 1 round)" in words(under_way)
    assert "Deadline 2022-07-02 00:00 UTC: 2 rounds to come by then" in words(under_way)


def test_it_says_until_when_it_waits_before_the_first_round_too() -> None:
    wait = Wait(
        number=1, since=BEGIN, decided_at=BEGIN, until=BEGIN + 6 * HOUR, saved_g=9.0, at_once_g=20.0
    )
    made = account(wait=wait)
    line = (
        "Round 1 waits since 2022-07-01 00:00 UTC until 2022-07-01 06:00 UTC, unless newer "
        "forecasts say otherwise"
    )
    assert line in words(made).splitlines()
    assert account_to_dict(made)["waiting"]["now"]["until"] == "2022-07-01T06:00:00Z"
    # Once the round is booked, it does not wait any more.
    over = account(WHOLE[0], wait=wait)
    assert account_to_dict(over)["waiting"]["now"] is None
    # The wait for the second round prices the rounds left.
    second = replace(wait, number=2, at_once_g=1700.0)
    assert account_to_dict(account(WHOLE[0], wait=second))["waiting"]["saved_g"] == 50


@pytest.mark.parametrize(
    ("last", "deadline_h", "met", "line"),
    [
        (WHOLE[3], 10.25, False, "MISSED; the last round was over at 2022-07-01 10:30 UTC, 15 min"),
        (WHOLE[3], 10.5, True, "met; the last round was over at 2022-07-01 10:30 UTC"),
        # A client measured how long it worked.
        (
            replace(WHOLE[3], turns=[turn("a", seconds=60.0), turn("b", seconds=120.0)]),
            10.25,
            True,
            "met; the last round was over at 2022-07-01 10:02 UTC",
        ),
        (replace(WHOLE[3], turns=[]), 24, None, "when the last round was over is not known"),
        (replace(WHOLE[3], turns=[]), 9, False, "MISSED; the last round began at 2022-07-01 10:00"),
    ],
)
def test_the_deadline(last: BookedRound, deadline_h: float, met: bool | None, line: str) -> None:
    training = replace(ASKED, deadline=BEGIN + deadline_h * HOUR)
    made = account(*WHOLE[:3], last, training=training)
    assert account_to_dict(made)["waiting"]["deadline_met"] is met
    assert line in words(made)


def test_a_deadline_may_be_missed_before_the_last_round() -> None:
    made = account(*WHOLE[:2], training=replace(ASKED, deadline=BEGIN + 9 * HOUR))
    assert "MISSED; round 2 was over at 2022-07-01 09:30 UTC, 30 min late" in words(made)
    assert account_to_dict(made)["waiting"]["deadline_met"] is False


def test_what_is_not_known_is_no_saving() -> None:
    unpriced = account(*(replace(one, at_once_g=None) for one in WHOLE))
    assert "what rounds at once would have emitted is not known" in words(unpriced)
    assert account_to_dict(unpriced)["waiting"]["saved_g"] is None
    # Without the second round there are the first, and the last two for 500 g less 0.
    blind = replace(WHOLE[1], turns=[turn("a", intensity=None)])
    told = account_to_dict(account(WHOLE[0], blind, *WHOLE[2:]))["waiting"]
    assert (told["compared_rounds"], told["at_once_g"], told["saved_g"]) == (3, 1300, 550)
    # Nothing is known of the second one: it is in the stretch that the first one begins.
    told = account_to_dict(account(WHOLE[0], *WHOLE[2:]))["waiting"]
    assert (told["compared_rounds"], told["at_once_g"], told["saved_g"]) == (2, 500, 0)
    # Who is owed turns that cannot be had any more emitted nothing for them.
    owing = account(*WHOLE, members=MEMBERS)
    assert "at once, NOT COMPARABLE: " in words(owing)
    dearer = account(*(replace(one, at_once_g=100.0) for one in WHOLE))
    assert "that cost 900.0 g (900.0%) against 100.0 g" in words(dearer)


def test_where_rounds_follow_each_other_nothing_is_said_of_waiting() -> None:
    plain = account(booked(1), booked(2), training=TRAINING)
    assert account_to_dict(plain)["waiting"] is None
    assert "ait" not in words(plain)
    assert "Waited" not in to_html(AccountSummary(account=plain))
