"""Who is asked although it failed: when nobody else is there, or owes as much."""

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.candidates import Candidates
from lowcarb.training.roster import Roster
from tests.helpers.rosters import booked, candidates, met, named


def able(found: Candidates) -> list[str]:
    return [name for name, is_able in named(found, found.able).items() if is_able]


def failing(one: Roster, *names: str, first: int = 1) -> None:
    """Let clients fail, one a round, with all others there."""
    for number, name in enumerate(names, start=first):
        one.record(booked(number, {name: Outcome.FAILED, "z": Outcome.TRAINED}))


def silent(one: Roster, *names: str, first: int = 1) -> None:
    """Let rounds of which nobody was heard follow each other, one client in each."""
    for number, name in enumerate(names, start=first):
        one.record(booked(number, {name: Outcome.SILENT}))


def test_who_rests_stays_at_rest_while_enough_others_are_there() -> None:
    one = met(a=1, b=2, z=9)
    failing(one, "a", "b")
    found = candidates(one, 3)
    assert able(found) == ["z"]
    assert able(found.trusted(2, 1)) == ["z"]


def test_of_those_that_rest_the_one_that_failed_longest_ago_is_woken() -> None:
    one = met(a=1, b=2, c=3, z=9)
    failing(one, "b", "a", "c")
    one.meet([1, 2, 3], {}, 4)
    for size, woken in ((1, ["b"]), (2, ["a", "b"]), (3, ["a", "b", "c"]), (4, ["a", "b", "c"])):
        # The rest of the first is over before.
        found = candidates(one, 3)
        assert able(found) == []
        assert able(found.trusted(size, 1)) == woken


def test_who_failed_less_often_is_woken_first() -> None:
    one = met(a=1, b=2, z=9)
    failing(one, "a", "a", "b")
    one.meet([1, 2], {}, 4)
    assert able(candidates(one, 4).trusted(1, 1)) == ["b"]


def test_when_the_whole_network_is_silent_all_are_asked_in_turn() -> None:
    one = met(a=1, b=2, c=3, d=4)
    asked: list[str] = []
    for number in range(1, 9):
        chosen = able(candidates(one, number).trusted(1, 1))[0]
        silent(one, chosen, first=number)
        asked.append(chosen)
    assert asked == [*"abcd"] * 2


@pytest.mark.parametrize(("least", "woken"), [(1, ["c", "d"]), (3, ["a", "c", "d"])])
def test_where_fewer_make_no_round_some_are_woken(least: int, woken: list[str]) -> None:
    one = met(a=1, b=2, c=3, d=4)
    silent(one, "a", "b")
    assert able(candidates(one, 3).trusted(3, least)) == woken


def test_who_failed_last_comes_after_others_that_owe_as_much() -> None:
    # Three clients, two seats, twenty rounds: each owes six turns. 14 rounds on, six are left.
    one = met(a=1, b=2, c=3)
    one.record(booked(13, {"a": Outcome.FAILED, "b": Outcome.DROPPED}))
    found = candidates(one, 14)
    # There is no time to rest.
    assert able(found) == ["a", "b", "c"]
    assert able(found.trusted(2, 1)) == ["b", "c"]
    assert able(found.trusted(3, 1)) == ["a", "b", "c"]
    # Others that owe less are not as good: it could not repay its turns.
    one.known["c"].turns = 1
    assert able(candidates(one, 14).trusted(2, 1)) == ["a", "b", "c"]
    # When its usual rest is over it is like the others.
    one.known["c"].turns = 0
    assert able(candidates(one, 16).trusted(2, 1)) == ["a", "b", "c"]


def test_who_was_blamed_with_a_cohort_makes_up_none_until_it_is_heard() -> None:
    one = met(a=1, b=2, c=3, z=9)
    silent(one, "a", "b", "c")
    one.record(booked(4, {"z": Outcome.TRAINED}))
    found = candidates(one, 7)
    assert able(found) == ["a", "b", "c", "z"]
    # Those that were asked longest ago come first, and a seat is left for another.
    assert able(found.trusted(2, 1)) == ["a", "z"]
    assert able(found.trusted(3, 1)) == ["a", "b", "z"]
    assert able(found.trusted(4, 1)) == ["a", "b", "c", "z"]
    one.record(booked(7, {"a": Outcome.TRAINED}))
    assert able(candidates(one, 8).trusted(2, 1)) == ["a", "b", "z"]
    # With nobody else there it is them or nobody.
    one.meet([2, 3], {}, 8)
    assert able(candidates(one, 8).trusted(2, 1)) == ["b", "c"]


def test_who_can_take_no_more_turns_keeps_nobody_at_rest() -> None:
    one = met(a=1, z=9)
    silent(one, "a")
    one.known["z"].turns = one.known["z"].member.max_rounds
    assert "a" in able(candidates(one, 2).trusted(1, 1))
