"""What is learnt of forecasts is written with what is written next, and in an account at once."""

from collections import deque
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from lowcarb import WallClock
from lowcarb.carbon.findings import FaultName, Finding
from lowcarb.ledger import Ledger
from lowcarb.ledger.learnt import Learnt
from lowcarb.planning.hours import Hours
from lowcarb.planning.policies import Planned
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.booking import Booking
from lowcarb.training.go_ahead import GoAhead
from lowcarb.training.hours_plan import HoursPlanner
from lowcarb.training.round_times import RoundTimes
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.deciding import Levels, roster
from tests.helpers.ledgers import BEGIN, MEMBERS, TRAINING, booked

HOUR = timedelta(hours=1)
FIRST = Finding(
    region="DE", fault=FaultName.WRONG, since=BEGIN, issued=0.5, corrected=0.4, yesterday=0.1
)
ENDED = replace(FIRST, until=BEGIN + 80 * HOUR)
SECOND = replace(FIRST, region="FR", fault=FaultName.STUCK)


def news(*findings: Finding) -> deque[Learnt]:
    return deque(Learnt(findings=(one,)) for one in findings)


def told_by(booking: Booking, *findings: Finding) -> None:
    """Let these be learnt, one after the other."""
    left = news(*findings)
    booking.news = lambda: left.popleft() if left else None


@pytest.mark.parametrize("kept", [True, False])
def test_findings_are_in_the_account_and_in_the_ledger(tmp_path: Path, kept: bool) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        booking = Booking.begin(book if kept else None, TRAINING)
        told_by(booking, FIRST, SECOND, ENDED)
        for number in (1, 2, 3):
            booking.add(booked(number), MEMBERS, None)
        assert booking.account.findings == (ENDED, SECOND)
        booking.close()
        if not kept:
            return
    account = Ledger(path).account()
    assert account.findings == (ENDED, SECOND)
    with Ledger(path).writing() as book:
        again = Booking.resume(book, account)
    assert again.account.findings == account.findings
    assert again.learnt.findings == (ENDED, SECOND)


def test_what_cannot_be_written_waits(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    with Ledger(path).writing() as book:
        booking = Booking.begin(book, TRAINING)
        booking.add(booked(1), MEMBERS, None)
        book._connection.execute("PRAGMA max_page_count = 1")
        told_by(booking, replace(FIRST, region="x" * 50_000), SECOND)
        booking.keep_learnt()
        assert Ledger(path).account().findings == ()
        book._connection.execute("PRAGMA max_page_count = 1000000")
        booking.add(booked(2), MEMBERS, None)
    assert len(Ledger(path).account().findings) == 2


def test_what_is_learnt_while_hours_are_waited_for_is_written_then(tmp_path: Path) -> None:
    path = tmp_path / "run.db"
    at = [START]
    written: list[int] = []

    def sleep(seconds: float) -> None:
        at[0] += timedelta(seconds=seconds)
        if (at[0] - START).total_seconds() % 3600 == 1800:
            written.append(len(Ledger(path).account().findings))

    with Ledger(path).writing() as book:
        booking = Booking.begin(book, TRAINING)
        told_by(booking, *(replace(FIRST, since=BEGIN + hour * HOUR) for hour in range(40)))
        times = RoundTimes(
            clock=WallClock(now=lambda: at[0], sleep=sleep),
            planner=HoursPlanner(
                hours=Hours(deadline=START + 12 * HOUR),
                slot=HOUR,
                forecasts=FallbackForecasts(provider=Levels(hours=[9.0] * 4 + [1.0] * 30)),
                policy=Planned((Greedy(),)),
                seed=0,
            ),
            booking=booking,
            go=GoAhead(),
            rounds=1,
        )
        start = times.next(roster().candidates(1), 1, 1)
    assert start - START >= 3 * HOUR
    # Each hour what was found by then is written.
    assert len(written) >= 3
    assert 0 < written[0] < written[1] < written[2]
