"""The hours that rounds may take, and what of a deadline cannot be."""

from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lowcarb import InputError
from lowcarb._util.times import from_seconds
from lowcarb.planning.hours import Hours
from tests.helpers.data import START

HOUR = timedelta(hours=1)


def hours(**changes: Any) -> Hours:
    return Hours(**({"deadline": START + 24 * HOUR} | changes))


def starts(asked: Hours, now: datetime = START, length: timedelta = HOUR) -> list[str]:
    slots = asked.slots(now, length=length, slot=HOUR)
    return [f"{from_seconds(one):%d %H:%M}" for one in slots.starts]


def test_a_round_ends_by_the_deadline_and_while_it_is_open() -> None:
    day = hours(open_hours="20:00-23:30 UTC")
    assert starts(day) == ["15 20:00", "15 21:00", "15 22:00"]
    assert starts(day, length=timedelta(minutes=90)) == ["15 20:00", "15 21:00", "15 22:00"]
    assert starts(day, length=4 * HOUR) == []
    assert starts(hours(), START + timedelta(hours=21, minutes=20)) == ["15 21:20", "15 22:20"]
    late = hours(earliest=START + timedelta(hours=22, minutes=30), slot="30min")
    assert starts(late) == ["15 22:30", "15 23:00"]
    assert starts(late, START + timedelta(hours=22, minutes=45)) == ["15 22:45"]


@pytest.mark.parametrize(
    ("changes", "rounds", "minutes", "said"),
    [
        (
            {"open_hours": "07:00-17:00 UTC"},
            24,
            60,
            "deadline: 24 rounds of 1 h need until 2022-07-17 11:00 UTC; only 10 slots are open "
            "from 2022-07-15 00:00 to 2022-07-16 00:00 UTC",
        ),
        (
            {"open_hours": "07:00-07:50 UTC"},
            2,
            60,
            "deadline: 2 rounds of 1 h need longer hours, since it is open for 50 min at most; "
            "only 0 slots are open from 2022-07-15 00:00 to 2022-07-16 00:00 UTC",
        ),
        (
            {},
            25,
            20,
            "deadline: 25 rounds of 20 min need until 2022-07-16 00:20 UTC; only 24 slots are open "
            "from 2022-07-15 00:00 to 2022-07-16 00:00 UTC (one every 1 h; shorter slots hold "
            "more)",
        ),
        (
            {"open_hours": "07:00-09:00; 20:00-24:00 UTC", "longest_pause": "10h"},
            5,
            60,
            "longest-pause: only 4 rounds can follow each other, since none can begin from "
            "2022-07-15 09:00 to 2022-07-15 20:00 UTC, which is longer than the longest pause of "
            "10 h; give a longer pause or longer opening hours",
        ),
        (
            {"open_hours": "02:00-09:00; 20:00-24:00 UTC", "longest_pause": "10h"},
            9,
            60,
            "longest-pause: only 7 rounds can follow each other, since none can begin from "
            "2022-07-15 09:00 to 2022-07-15 20:00 UTC, which is longer than the longest pause of "
            "10 h; give a longer pause or longer opening hours",
        ),
        (
            {"deadline": START - HOUR},
            1,
            60,
            "deadline: 1 round of 1 h need until 2022-07-15 01:00 UTC; only 0 slots are open from "
            "2022-07-15 00:00 to 2022-07-14 23:00 UTC",
        ),
        ({"slot": "1s"}, 1, 60, "slot: expected at most 20,000 candidate starts"),
    ],
)
def test_what_cannot_be_is_refused_with_what_can(
    changes: dict[str, Any], rounds: int, minutes: int, said: str
) -> None:
    with pytest.raises(InputError) as error:
        hours(**changes).require_possible(
            START, rounds, length=timedelta(minutes=minutes), slot=HOUR
        )
    assert str(error.value).startswith(said)


def test_the_deadline_that_is_named_is_possible() -> None:
    asked = hours(open_hours="Mon-Fri 07:00-17:00 Europe/Berlin", deadline=START + 240 * HOUR)
    end = datetime.fromisoformat("2022-07-19T08:00+00:00")
    Hours(deadline=end, open_hours=asked.open_hours).require_possible(
        START, 23, length=HOUR, slot=HOUR
    )
    with pytest.raises(InputError, match="23 rounds of 1 h need until 2022-07-19 08:00 UTC"):
        Hours(deadline=end - timedelta(minutes=1), open_hours=asked.open_hours).require_possible(
            START, 23, length=HOUR, slot=HOUR
        )


def test_a_pause_counts_from_the_round_before() -> None:
    asked = hours(longest_pause="2h", open_hours="10:00-24:00 UTC")
    begun = {"length": HOUR, "slot": HOUR}
    asked.require_possible(START, 3, **begun, last_end=START + 8 * HOUR)
    with pytest.raises(
        InputError, match=r"0 rounds can follow .* from 2022-07-15 07:00 to 2022-07-15 10:00"
    ):
        asked.require_possible(START, 3, **begun, last_end=START + 7 * HOUR)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"deadline": datetime(2022, 7, 15)}, "deadline: expected a time with a zone"),  # noqa: DTZ001
        ({"earliest": START + 24 * HOUR}, "deadline: expected a time after the earliest start"),
        ({"longest_pause": "5"}, "longest-pause: expected a duration"),
        ({"longest_pause": 0}, "longest-pause: expected a duration"),
        ({"slot": timedelta(0)}, "slot: expected a duration longer than zero"),
        ({"open_hours": 7}, "open_hours: expected hours and a zone"),
    ],
)
def test_what_makes_no_sense_is_refused(changes: dict[str, Any], said: str) -> None:
    with pytest.raises(InputError) as error:
        hours(**changes)
    assert str(error.value).startswith(said)


@settings(max_examples=60, deadline=None)
@given(
    opens=st.integers(0, 22),
    long=st.integers(1, 20),
    rounds=st.integers(1, 12),
    minutes=st.sampled_from([20, 60, 90]),
    days=st.integers(1, 4),
)
def test_the_latest_start_is_the_last_that_suffices(
    opens: int, long: int, rounds: int, minutes: int, days: int
) -> None:
    length = timedelta(minutes=minutes)
    asked = hours(
        open_hours=f"{opens:02d}:00-{(opens + long) % 24:02d}:00 UTC" if long != 24 else None,
        deadline=START + days * 24 * HOUR,
    )
    latest = asked.latest_start(START, rounds, length)

    def fit(now: datetime) -> int:
        return len(asked.slots(now, length=length, slot=length).longest_chain())

    if latest is None:
        assert fit(START) < rounds
    else:
        assert fit(latest) >= rounds
        assert fit(latest + timedelta(minutes=1)) < rounds
        assert np.isfinite(latest.timestamp())
