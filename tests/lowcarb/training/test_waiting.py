"""Waiting for a round's hour: newer forecasts, a word to go on, clocks, and what went before."""

import os
import signal
import threading
from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from lowcarb import SimulatedClock, WallClock
from lowcarb.ledger.waits import Wait
from lowcarb.training.go_ahead import GoAhead
from lowcarb.training.hours_plan import HoursPlan
from lowcarb.training.waiting import Waiting
from tests.helpers.data import START

HOUR = timedelta(hours=1)


def plan(next_h: float, latest_h: float | None = 90, *, informed: bool = True) -> HoursPlan:
    begin = START + next_h * HOUR
    return HoursPlan(
        next=begin,
        ahead=np.array([begin.timestamp()]),
        length=HOUR,
        latest=None if latest_h is None else START + latest_h * HOUR,
        informed=informed,
    )


class Plans:
    """Gives plans by the hour in which it is asked, and keeps the hours."""

    def __init__(self, *plans: HoursPlan | Exception) -> None:
        self.plans = plans
        self.asked: list[float] = []

    def __call__(self, now: datetime) -> HoursPlan:
        self.asked.append((now - START) / HOUR)
        found = self.plans[min(len(self.asked), len(self.plans)) - 1]
        if isinstance(found, Exception):
            raise found
        return found


class Machine:
    """A machine whose time passes while somebody sleeps; `does` is done at its hours."""

    def __init__(self, does: dict[float, Any] | None = None) -> None:
        self.time = START
        self.does = dict(does or {})

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)
        for hour in [h for h in self.does if self.time >= START + h * HOUR]:
            self.does.pop(hour)()

    @property
    def clock(self) -> WallClock:
        return WallClock(now=lambda: self.time, sleep=self.sleep)


def waited(
    plans: Plans,
    *,
    clock: Any = None,
    go: GoAhead | None = None,
    before: Wait | None = None,
    kept: list[Wait] | None = None,
    number: int = 2,
    told_by: str | None = None,
) -> float:
    decisions: list[Wait] = [] if kept is None else kept
    waiting = Waiting(
        clock=clock or SimulatedClock(START),
        go=go or GoAhead(),
        listen=HOUR,
        keep=decisions.append,
        rounds=5,
    )
    begun = waiting.wait(number, START, plans, before)
    assert begun.ready_at == (START if before is None else before.since)
    assert begun.told_by == told_by
    return round((begun.start - START) / HOUR, 3)


@pytest.mark.parametrize("real", [False, True])
def test_it_listens_each_slot_and_begins_in_time(real: bool) -> None:
    plans = Plans(plan(3))
    assert waited(plans, clock=Machine().clock if real else None) == 3
    assert plans.asked == [0, 1, 2, 3]


def test_a_round_that_is_due_begins_at_once() -> None:
    plans, kept = Plans(plan(0)), list[Wait]()
    assert waited(plans, kept=kept) == 0
    assert plans.asked == [0]
    assert kept == []


def test_a_newer_plan_is_followed_and_each_decision_is_said_and_kept_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level("INFO")
    kept: list[Wait] = []
    assert waited(Plans(plan(8), plan(8), plan(5), plan(2)), kept=kept) == 3
    assert [(wait.until - START) / HOUR for wait in kept] == [8, 5]
    assert [(wait.decided_at - START) / HOUR for wait in kept] == [0, 2]
    assert [one.message for one in caplog.records] == [
        "lowcarb: round 2/5 waits until 2022-07-15 08:00 UTC; for the deadline it must begin by "
        "2022-07-18 18:00 UTC",
        "lowcarb: round 2/5 waits until 2022-07-15 05:00 UTC; for the deadline it must begin by "
        "2022-07-18 18:00 UTC",
    ]


def test_where_no_plan_can_be_made_it_waits_as_decided_before() -> None:
    assert waited(Plans(plan(4), ValueError("broken"))) == 4
    assert waited(Plans(ValueError("broken"))) == 0
    before = Wait(number=2, since=START, decided_at=START, until=START + 3 * HOUR)
    assert waited(Plans(ValueError("broken")), before=before) == 3
    # Nothing to choose by, as without any forecast: as decided before, but never too late.
    assert waited(Plans(plan(0, informed=False)), before=before) == 3
    assert waited(Plans(plan(0, 2, informed=False)), before=before) == 2
    assert waited(Plans(plan(0, informed=False))) == 0


def test_a_server_that_starts_again_in_imagined_time_goes_on_where_it_was() -> None:
    plans = Plans(plan(9))
    before = Wait(number=2, since=START, decided_at=START + 4 * HOUR, until=START + 9 * HOUR)
    kept: list[Wait] = []
    assert waited(plans, before=before, kept=kept) == 9
    assert plans.asked[0] == 4
    assert kept == []


def test_an_impossible_first_round_is_no_round() -> None:
    from lowcarb import InputError

    with pytest.raises(InputError, match="too soon"):
        waited(Plans(InputError("too soon")), number=1)


def test_a_file_beside_the_ledger_lets_it_go_on(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    go = GoAhead(tmp_path / "run.db")
    file = tmp_path / "run.db.go"
    machine = Machine({1.5: file.touch})
    assert waited(Plans(plan(9)), clock=machine.clock, go=go, told_by=str(file)) == 1.5
    assert not file.exists()
    first, second = (one.message for one in caplog.records)
    assert first.endswith(f"; to go on at once, create {file}")
    assert second == f"lowcarb: {file} says to go on: round 2 begins now"
    # It counts for one round alone.
    assert waited(Plans(plan(3)), clock=Machine().clock, go=go) == 3


def test_a_file_that_cannot_be_removed_is_not_heeded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "run.db.go").mkdir()
    assert waited(Plans(plan(2)), clock=Machine().clock, go=GoAhead(tmp_path / "run.db")) == 2
    assert sum("cannot be removed" in one.message for one in caplog.records) == 1


@pytest.mark.skipif(not hasattr(signal, "SIGUSR1"), reason="this system has no SIGUSR1")
def test_a_signal_lets_it_go_on_and_the_handler_before_comes_back() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGUSR1, lambda number, _: heard.append(number))
    try:
        go = GoAhead()
        machine = Machine({2.25: lambda: os.kill(os.getpid(), signal.SIGUSR1)})
        with go.listening():
            assert "send SIGUSR1" in go.how
            told = waited(Plans(plan(9)), clock=machine.clock, go=go, told_by="SIGUSR1")
            assert told == 2.25
        assert heard == []
        os.kill(os.getpid(), signal.SIGUSR1)
        assert heard == [signal.SIGUSR1]
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_in_another_thread_no_handler_is_set() -> None:
    ways: list[str] = []

    def listen() -> None:
        go = GoAhead()
        with go.listening():
            ways.append(go.how)

    thread = threading.Thread(target=listen)
    thread.start()
    thread.join()
    assert ways == [""]


def test_a_clock_that_is_set_back_prolongs_no_wait() -> None:
    machine = Machine()
    machine.does = {0.5: lambda: setattr(machine, "time", START - 2 * HOUR)}
    plans: Sequence[HoursPlan] = (plan(1), plan(-2))
    assert waited(Plans(*plans), clock=machine.clock) <= 0.1
