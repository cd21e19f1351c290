"""Clients that work for longer than a round: they wait, and nobody else does."""

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from lowcarb.planning.policies import POLICIES
from lowcarb.training.roster import Roster
from tests.helpers.data import START
from tests.helpers.deciding import HOUR, LEVELS, Levels, decide, decider_of, roster


@pytest.mark.parametrize(
    ("minutes", "lengths", "step"),
    [
        ([30, 30, 40, 480], [], 35),
        # A single long round decides nothing; from the third round on they alone decide.
        ([30, 30, 40, 480], [480], 35),
        ([30, 30, 30, 480], [480, 60, 480, 60, 60], 60),
        ([30, 30, 30, 30], [90, 90, 90], 90),
    ],
)
def test_where_rounds_follow_at_once_the_usual_round_is_the_step(
    minutes: list[float], lengths: list[float], step: float
) -> None:
    provider = Levels()
    one = roster()
    for client, duration in zip(one.known.values(), minutes, strict=True):
        client.member = replace(client.member, duration_s=60.0 * duration)
    found = one.candidates(1)
    assert found is not None
    past = [timedelta(minutes=length) for length in lengths]
    decider_of(POLICIES["regret"], provider=provider).decide(
        found, 1, START, None, past, cohort_size=2
    )
    assert provider.horizon == timedelta(minutes=6 * step + max(minutes))


def with_slow(minutes: float, number: int = 1, *, asked: int | None = None) -> Roster:
    """Four clients that take half an hour, and the cleanest takes longer."""
    one = roster(["NO", *LEVELS])
    slow = one.known["a0"]
    slow.member, slow.asked = replace(slow.member, duration_s=60 * minutes), asked
    one.meet([100, 101, 102, 103, 104], {}, number)
    return one


@pytest.mark.parametrize(
    ("minutes", "asked", "first", "gap"),
    [
        (60, 3, 0, 1),
        (61, 3, 1, 2),
        (120, 3, 1, 2),
        (180, 3, 2, 3),
        (180, 1, 0, 3),
        (600, None, 0, 10),
    ],
)
def test_a_slow_client_is_let_into_every_kth_round_once_it_can_be_back(
    minutes: float, asked: int | None, first: int, gap: int
) -> None:
    found = with_slow(minutes, 4, asked=asked).candidates(4)
    assert found is not None
    found = found.paced(3600, 4, 20)
    assert (found.resting[0], found.gap[0]) == (first, gap)
    assert (found.gap[1:] == 1).all()
    online = found.online(20)
    if gap > 1:
        assert online is not None
        assert np.flatnonzero(online[0]).tolist() == list(range(first, 20, gap))
        assert online[1:].all()


@pytest.mark.parametrize(
    ("owed", "rounds", "since", "slots"),
    [(6, 48, None, 6), (6, 40, 1, 6), (3, 5, 1, 3), (5, 5, 1, 5), (9, 5, 1, 5)],
)
def test_a_slow_client_is_asked_as_often_as_it_owes_turns(
    owed: int, rounds: int, since: int | None, slots: int
) -> None:
    one = with_slow(60 * 100, asked=None if since is None else 10 - since)
    one.known["a0"].member = replace(one.known["a0"].member, min_rounds=owed)
    found = one.candidates(10)
    assert found is not None
    found = found.paced(3600, 10, rounds)
    online = found.online(rounds)
    assert (rounds if online is None else online[0].sum()) >= slots


@pytest.mark.parametrize(("seats", "resting"), [(0, 4), (4, 4), (5, 0), (9, 0)])
def test_no_seat_stays_empty_for_the_pace_where_rounds_wait_for_all(
    seats: int, resting: int
) -> None:
    found = with_slow(150, 4, asked=3).candidates(4)
    assert found is not None
    assert found.paced(1800, 4, 20, seats=seats).resting[0] == resting


def test_of_the_slow_ones_the_shortest_fill_the_seats() -> None:
    one = roster(["NO", "NO", *LEVELS])
    for name, minutes in (("a0", 120), ("a1", 90)):
        client = one.known[name]
        client.member, client.asked = replace(client.member, duration_s=60 * minutes), 3
    one.meet([100 + i for i in range(len(one.known))], {}, 4)
    found = one.candidates(4)
    assert found is not None
    resting = found.paced(1800, 4, 20, seats=len(LEVELS) + 1).resting
    assert (resting[0] > 0, resting[1]) == (True, 0)


def test_seconds_make_nobody_slow(caplog: pytest.LogCaptureFixture) -> None:
    one = with_slow(0.5, 2, asked=1)
    for client in list(one.known.values())[1:]:
        client.member = replace(client.member, duration_s=0.4)
    found = one.candidates(2)
    assert found is not None
    decider = decider_of(POLICIES["regret"])
    decision = decider.decide(found, 2, START, None, [timedelta(seconds=0.5)] * 3, cohort_size=2)
    assert "a0" in decision.clients
    assert "is expected to work" not in caplog.text


def test_a_slow_client_that_is_away_may_come_in_the_next_round() -> None:
    one = with_slow(180)
    one.meet([101, 102, 103, 104], {}, 2)
    found = one.candidates(2)
    assert found is not None
    online = found.paced(3600, 2, 6).online(6)
    assert online is not None
    assert online[0].tolist() == [False, True, False, False, True, False]


def test_a_slow_client_is_charged_its_own_window_and_named_once(
    caplog: pytest.LogCaptureFixture,
) -> None:
    rising = Levels(dict.fromkeys(LEVELS, 1.0), range(24))
    decider = decider_of(POLICIES["regret"], provider=rising)
    for number in (1, 2):
        found = with_slow(240).candidates(number)
        assert found is not None
        decision = decider.decide(found, number, START, HOUR, cohort_size=5)
        assert [asked.intensity for asked in decision.asked] == [1.5, 0, 0, 0, 0]
    (message,) = [r.getMessage() for r in caplog.records if "'a0'" in r.getMessage()]
    assert "is expected to work for 4 h, rounds to last 1 h" in message
    assert "every 4th round at most" in message


def test_a_short_forecast_is_fresh_for_the_others_whatever_a_slow_client_needs() -> None:
    decision = decide(with_slow(480), 1, provider=Levels(hours=[1.0] * 4))
    assert decision.view.summary == ""


@pytest.mark.parametrize("every", [None, HOUR])
@pytest.mark.parametrize("trusted", [False, True])
def test_a_client_that_works_for_a_year_makes_no_plan_of_years(
    trusted: bool, every: timedelta | None
) -> None:
    provider = Levels()
    one = with_slow(30)
    one.known["a0"].member = replace(one.known["a0"].member, duration_s=3e7)
    if not trusted:
        one.meet([100, 101, 102, 103, 104], {}, 1)
    decision = decide(one, every=every, provider=provider)
    assert len(decision.asked) == 2
    step = every or timedelta(minutes=30)
    assert provider.horizon == 6 * step + (timedelta(days=1) if trusted else timedelta(minutes=30))
