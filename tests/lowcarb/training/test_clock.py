"""When rounds start, in real and in imagined time."""

from datetime import UTC, datetime, timedelta, timezone
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lowcarb import InputError, SimulatedClock, WallClock
from lowcarb._util.times import as_duration
from tests.helpers.data import START

HOUR = timedelta(hours=1)


class Machine:
    """A machine's clock; time passes when somebody sleeps on it."""

    def __init__(self, time: datetime = START) -> None:
        self.time = time
        self.naps: list[float] = []
        self.set_back = timedelta()
        self.suspended = timedelta()

    def now(self) -> datetime:
        return self.time

    def sleep(self, seconds: float) -> None:
        self.naps.append(seconds)
        self.time += timedelta(seconds=seconds) - self.set_back + self.suspended
        self.set_back = self.suspended = timedelta()


def wall(machine: Machine) -> WallClock:
    return WallClock(now=machine.now, sleep=machine.sleep)


@pytest.mark.parametrize(("last", "every"), [(None, None), (None, HOUR), (START, None)])
def test_without_a_date_a_round_starts_at_once(
    last: datetime | None, every: timedelta | None
) -> None:
    machine = Machine(START + timedelta(seconds=5))
    assert wall(machine)(last, every) == START + timedelta(seconds=5)
    assert machine.naps == []


def test_the_wall_clock_waits_until_the_round_is_due_in_short_naps() -> None:
    machine = Machine(START + timedelta(minutes=55))
    assert wall(machine)(START, HOUR) == START + HOUR
    assert machine.naps == [60.0] * 5


def test_an_overdue_round_starts_at_once() -> None:
    machine = Machine(START + timedelta(hours=3))
    assert wall(machine)(START, HOUR) == START + timedelta(hours=3)
    assert machine.naps == []


def test_a_machine_that_was_suspended_is_noticed_after_one_nap() -> None:
    machine = Machine(START)
    machine.suspended = timedelta(hours=8)
    assert wall(machine)(START, HOUR) == START + timedelta(hours=8, minutes=1)
    assert machine.naps == [60.0]


@pytest.mark.parametrize("before", [True, False])
def test_a_clock_that_was_set_back_prolongs_no_wait(before: bool) -> None:
    machine = Machine(START - timedelta(days=400) if before else START)
    machine.set_back = timedelta() if before else timedelta(days=400)
    wall(machine)(START, HOUR)
    assert sum(machine.naps) == 3600


@given(
    st.timedeltas(min_value=timedelta(days=-3), max_value=timedelta(days=3)),
    st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(hours=12)),
)
def test_the_wait_ends_when_the_round_is_due(late: timedelta, every: timedelta) -> None:
    machine = Machine(START + late)
    start = wall(machine)(START, every)
    assert start == machine.time
    assert sum(machine.naps) <= every.total_seconds() * (1 + 1e-9)
    if late >= timedelta():
        # Naps and instants are rounded to microseconds.
        assert abs(start - max(START + late, START + every)) < timedelta(milliseconds=1)


def test_the_default_is_real_time() -> None:
    before = datetime.now(UTC)
    start = WallClock()(before, timedelta(milliseconds=20))
    assert start >= before + timedelta(milliseconds=20)
    assert start.tzinfo is UTC
    assert WallClock().name == "wall"
    assert WallClock().every is None


def test_imagined_time_passes_evenly_and_nobody_waits() -> None:
    clock = SimulatedClock(START, every="30min")
    first = clock(None, clock.every)
    assert (clock.name, clock.now(), first) == ("simulated", START, START)
    assert clock(first, clock.every) == START + timedelta(minutes=30)
    assert clock(first, None) == START + timedelta(minutes=30)
    assert clock(first, HOUR) == START + HOUR
    assert clock.now() == START


def test_imagined_time_is_kept_in_utc_and_needs_a_zone() -> None:
    zone = timezone(timedelta(hours=2))
    assert SimulatedClock(START.astimezone(zone)).start.tzinfo is UTC
    with pytest.raises(InputError, match="start: expected a time with a zone"):
        SimulatedClock(START.replace(tzinfo=None))


@given(st.timedeltas(min_value=timedelta(microseconds=1), max_value=timedelta(days=366)))
def test_durations_stay_what_they_are(duration: timedelta) -> None:
    assert as_duration(duration, "every") == duration


@pytest.mark.parametrize(
    "value",
    [
        "",
        "0h",
        "-1h",
        "soon",
        "1",
        timedelta(),
        timedelta(hours=-1),
        timedelta(days=367),
        3600,
        1.5,
    ],
)
def test_what_is_no_duration_is_refused(value: Any) -> None:
    with pytest.raises(InputError, match="expected a duration"):
        as_duration(value, "every")


@pytest.mark.parametrize("value", ["soon", 3600, None, timedelta()])
def test_the_argument_is_named(value: Any) -> None:
    with pytest.raises(InputError, match=r"^every: expected a duration .*, got ") as error:
        SimulatedClock(START, every=value)
    assert error.value.field == "every"
    with pytest.raises(InputError, match=r"^wait: expected a duration"):
        as_duration(value, "wait")


def test_a_duration_that_is_refused_is_shown_as_it_came() -> None:
    with pytest.raises(InputError, match=r"up to a year, got 367 d$"):
        as_duration(timedelta(days=367), "every")
    with pytest.raises(InputError, match=r"up to a year, got '367d'$"):
        as_duration("367d", "every")
    with pytest.raises(InputError, match=r"up to a year, got '99999999999d'$"):
        as_duration("99999999999d", "every")
