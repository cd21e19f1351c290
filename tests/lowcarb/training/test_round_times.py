"""Rounds at chosen hours by a real clock: lengths as they are measured, and the deadline."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import InputError, Series, WallClock
from lowcarb.ledger.entries import BookedRound, ClockKind, TrainingSpec
from lowcarb.ledger.waits import Wait
from lowcarb.planning.hours import Hours
from lowcarb.planning.policies import Planned
from lowcarb.providers import Answer
from lowcarb.providers.fallback import FallbackForecasts
from lowcarb.training.booking import Booking
from lowcarb.training.go_ahead import GoAhead
from lowcarb.training.hours_plan import HoursPlanner
from lowcarb.training.round_times import RoundTimes
from lowcarb_solvers import Greedy
from tests.helpers.data import START
from tests.helpers.deciding import LEVELS, roster

HOUR = timedelta(hours=1)
MINUTE = timedelta(minutes=1)


class Shaped:
    """Gives each region's level times what each hour of a day from `START` on is worth."""

    def __init__(self, shape: Sequence[float]) -> None:
        self.shape = np.array(shape)

    def forecasts(self, regions: Sequence[str], *, start: datetime, end: datetime) -> Answer:
        assert START <= start < end
        times = START.timestamp() + 3600.0 * np.arange(len(self.shape), dtype=np.float64)
        return {name: Series(times=times, values=LEVELS[name] * self.shape) for name in regions}, {}


class Training:
    """A training on a machine whose time passes while somebody sleeps or a round runs."""

    def __init__(self, rounds: int, hours: Hours, shape: list[float], minutes: float = 30) -> None:
        self.time = START
        self.rounds = rounds
        asked = TrainingSpec(
            started_at=START,
            rounds=rounds,
            cohort_size=1,
            fairness="",
            strategy="FedAvg",
            clock=ClockKind.WALL,
            version="1",
        )
        self.booking = Booking.begin(None, asked)
        self.roster = roster(minutes=minutes)
        self.provider = Shaped(shape)
        self.times = RoundTimes(
            clock=WallClock(now=lambda: self.time, sleep=self.sleep),
            planner=HoursPlanner(
                hours=hours,
                slot=HOUR,
                forecasts=FallbackForecasts(provider=self.provider),
                policy=Planned((Greedy(),)),
                seed=0,
            ),
            booking=self.booking,
            go=GoAhead(),
            rounds=rounds,
        )

    def sleep(self, seconds: float) -> None:
        self.time += timedelta(seconds=seconds)

    def round(self, number: int, takes: timedelta) -> datetime:
        start = self.times.next(self.roster.candidates(number), number, 1)
        self.time = start + takes
        booked: dict[str, Any] = {"solver": "", "status": "", "seconds": 0.0, "random_g": None}
        one = BookedRound(number=number, start=start, turns=(), owed=0, aggregated=True, **booked)
        self.booking.add(self.times.waited(one), (), None)
        self.times.over(start)
        return start

    def play(self, takes: timedelta) -> list[float]:
        starts = [self.round(number, takes) for number in range(1, self.rounds + 1)]
        return [(start - START) / HOUR for start in starts]


CLEAN_LATE = [9.0] * 6 + [1.0] * 18


def test_each_round_says_when_it_could_begin_and_what_going_at_once_would_emit() -> None:
    training = Training(3, Hours(deadline=START + 12 * HOUR), CLEAN_LATE)
    assert training.play(30 * MINUTE) == [6, 6.5, 7]
    first, second, third = training.booking.account.rounds
    assert [one.ready_at for one in (first, second, third)] == [
        START,
        START + 6.5 * HOUR,
        START + 7 * HOUR,
    ]
    # Three dirty rounds, then two clean ones, then one.
    at_once = np.array([one.at_once_g for one in (first, second, third)])
    assert (at_once / at_once[-1]).tolist() == pytest.approx([27, 2, 1])
    assert [one.told_by for one in (first, second, third)] == [None] * 3


def test_it_waits_for_the_clean_hours() -> None:
    training = Training(3, Hours(deadline=START + 20 * HOUR), CLEAN_LATE)
    starts = training.play(20 * MINUTE)
    assert starts == pytest.approx([6, 6 + 1 / 3, 6 + 2 / 3], abs=0.01)


def test_where_all_hours_are_alike_nobody_waits() -> None:
    training = Training(3, Hours(deadline=START + 80 * HOUR), [1.0] * 24)
    assert training.play(60 * MINUTE) == pytest.approx([0, 1, 2], abs=0.01)


def test_measured_lengths_keep_the_deadline_where_declared_ones_would_miss_it() -> None:
    # From hour 9 on it is clean; of four rounds three half hours would fit there, but not three
    # times an hour and a half.
    shape = [5.0] * 9 + [1.0] * 15
    training = Training(4, Hours(deadline=START + 12 * HOUR), shape)
    starts = training.play(90 * MINUTE)
    assert starts[-1] + 1.5 <= 12
    assert starts[-1] >= 9
    assert all(b - a >= 1.5 - 1e-6 for a, b in pairwise(starts))


@settings(max_examples=15, deadline=None)
@given(
    rounds=st.integers(1, 5),
    spare=st.floats(0, 8),
    takes=st.integers(5, 30),
    seed=st.integers(0, 1000),
)
def test_the_deadline_is_met_by_rounds_no_longer_than_declared(
    rounds: int, spare: float, takes: int, seed: int
) -> None:
    shape = np.random.default_rng(seed).uniform(1, 9, 24).tolist()
    deadline = START + rounds * HOUR + spare * HOUR
    training = Training(rounds, Hours(deadline=deadline), shape)
    starts = training.play(takes * MINUTE)
    assert START + (starts[-1] * HOUR) + takes * MINUTE <= deadline
    assert all(b - a >= takes / 60 - 1e-6 for a, b in pairwise(starts))


def test_who_is_too_slow_for_the_deadline_is_left_out_of_account() -> None:
    training = Training(4, Hours(deadline=START + 6 * HOUR), [1.0] * 24)
    training.round(1, 30 * MINUTE)
    candidates = training.roster.candidates(2)
    assert candidates is not None
    slow = candidates.fleet.duration_s.copy()
    slow[0] = 5 * 3600.0
    candidates = replace(candidates, fleet=replace(candidates.fleet, duration_s=slow))
    training.times.next(candidates, 2, 1)
    assert training.times.length < HOUR


def test_a_server_that_was_down_until_too_late_goes_on_where_it_had_waited() -> None:
    hours = Hours(deadline=START + 3 * HOUR)
    fresh = Training(4, hours, [1.0] * 24)
    fresh.time = START + 2 * HOUR
    with pytest.raises(InputError, match="deadline: 4 rounds of 30 min need until"):
        fresh.round(1, HOUR)
    again = Training(4, hours, [1.0] * 24)
    again.time = START + 2 * HOUR
    again.booking.wait = Wait(number=1, since=START, decided_at=START, until=START + HOUR)
    assert again.round(1, 10 * MINUTE) == START + 2 * HOUR
