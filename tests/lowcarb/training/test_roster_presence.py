"""Who is here, who is expected back, and who has left."""

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.client_state import Facts
from tests.helpers.rosters import booked, candidates, met, named, online, roster


def test_nobody_is_known_at_first() -> None:
    one = roster()
    assert one.strangers([5, 3]) == [5, 3]
    assert one.candidates(1) is None
    one.meet([5, 3], {}, 1)
    assert one.candidates(1) is None


def test_who_is_offline_is_expected_back_in_the_next_round() -> None:
    one = met(a=1, b=2)
    one.meet([1], {}, 2)
    found = candidates(one)
    assert named(found, found.here) == {"a": True, "b": False}
    assert named(found, found.able) == {"a": True, "b": False}
    assert online(found, 3).tolist() == [[True] * 3, [False, True, True]]


def test_lost_turns_and_absences_make_it_less_likely_that_a_turn_comes_to_something() -> None:
    one = met(a=1, b=2, c=3, d=4)
    assert candidates(one, 1).lost == 0
    outcomes = (Outcome.TRAINED, Outcome.FAILED, Outcome.DROPPED, Outcome.SILENT)
    first = booked(1, dict(zip("abcd", outcomes, strict=True)))
    one.record(first)
    one.meet([1, 3, 4], {}, 2)
    # Three of four turns, with twenty more that went well; one of eight times a client was away.
    assert candidates(one).lost == pytest.approx(1 - (1 - 3 / 24) * (1 - 1 / 8))
    again = roster(members=one.members)
    again.record(first)
    again.meet([1], {1: Facts(name="a")}, 2)
    # After a restart the ledger tells of turns; whom nobody met yet was away.
    assert candidates(again).lost == pytest.approx(1 - (1 - 3 / 24) * (1 - 3 / 4))


def test_who_has_left_is_neither_expected_nor_away() -> None:
    one = met(a=1, b=2)
    for number in range(2, 9):
        one.meet([1], {}, number)
    # Eight rounds of the one that stayed, and four of the other: here in one, away in three.
    assert candidates(one, 8).lost == pytest.approx(3 / 12)


def test_who_was_away_for_three_rounds_has_left_until_it_is_back(
    caplog: pytest.LogCaptureFixture,
) -> None:
    one = met(a=1, b=2)
    for number in (2, 3):
        one.meet([1], {}, number)
        assert candidates(one, number).fleet.clients == ["a", "b"]
    for number in (4, 5):
        one.meet([1], {}, number)
        assert candidates(one, number).fleet.clients == ["a"]
    said_so = [m for m in caplog.messages if "counts as having left" in m]
    assert said_so == ["lowcarb: client 'b' has been away for 3 rounds and counts as having left"]
    one.record(booked(5, {"b": Outcome.TRAINED}))
    one.meet([1, 2], {}, 6)
    found = candidates(one, 6)
    assert named(found, found.turns) == {"a": 0, "b": 1}
    assert found.able.all()
    assert [member.name for member in one.members] == ["a", "b"]


def test_all_may_leave() -> None:
    one = met(a=1)
    for number in (2, 3, 4):
        one.meet([], {}, number)
    assert one.candidates(4) is None
