"""Whom to trust with a turn: clients that fail rest, as long as there is time for it."""

import pytest

from lowcarb.ledger.entries import Outcome
from lowcarb.training.roster import Roster
from lowcarb.training.trust import MOST_REST
from tests.helpers.rosters import booked, candidates, met, named, online


def test_after_f_failures_in_a_row_a_client_rests_for_2_to_the_f_rounds() -> None:
    one = met(a=1, b=2)
    number = 1
    for failures in range(1, 9):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
        rest = min(2**failures, MOST_REST)
        for later in range(1, rest + 1):
            found = candidates(one, number + later)
            assert named(found, found.resting) == {"a": rest - later + 1, "b": 0}
            assert named(found, found.able) == {"a": False, "b": True}
        number += rest + 1
        assert candidates(one, number).able.all()


def test_a_failure_or_two_leave_time_to_repay_what_is_owed() -> None:
    # Two clients, two seats, twenty rounds: each owes ten turns.
    one = met(a=1, b=2)
    for number, rest in ((8, 1), (10, 0)):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
        assert named(candidates(one, number + 1), candidates(one, number + 1).resting)["a"] == rest
    # A third failure in a row is no chance any more.
    one.record(booked(11, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    assert named(candidates(one, 12), candidates(one, 12).resting)["a"] == 8


def test_rest_is_planned_for() -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.SILENT, "b": Outcome.TRAINED}))
    found = candidates(one)
    here = online(found, 4)
    assert here.tolist() == [[False, False, True, True], [True] * 4]


def test_the_longest_rest_is_planned_for_to_its_end() -> None:
    one = met(a=1, b=2)
    for number in range(1, 8):
        one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, 8)
    here = online(found, MOST_REST + 2)
    assert here[0].tolist() == [False] * MOST_REST + [True, True]


@pytest.mark.parametrize("good", [Outcome.TRAINED, Outcome.DROPPED])
def test_a_success_wipes_failures_out(good: Outcome) -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    one.record(booked(4, {"a": good, "b": Outcome.TRAINED}))
    one.record(booked(5, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, 6)
    assert named(found, found.resting)["a"] == 2


def test_who_was_heard_although_it_should_rest_is_trusted_again() -> None:
    one = met(a=1, b=2)
    one.record(booked(1, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    one.record(booked(2, {"a": Outcome.TRAINED}))
    assert candidates(one, 3).able.all()


@pytest.mark.parametrize(("number", "rest"), [(8, 2), (18, 2), (20, 2)])
def test_who_owes_nothing_rests_to_the_end_of_its_rest(number: int, rest: int) -> None:
    one = met(a=1, b=2)
    one.known["a"].turns = 10
    one.record(booked(number, {"a": Outcome.FAILED, "b": Outcome.TRAINED}))
    found = candidates(one, number + 1)
    assert named(found, found.resting) == {"a": rest, "b": 0}


SIX = {name: node for node, name in enumerate("abcdef", start=1)}


def silent(*names: str) -> dict[str, Outcome]:
    return dict(zip(names, (Outcome.FAILED, Outcome.SILENT) * 3, strict=False))


def passed_over(one: Roster, number: int) -> list[str]:
    found = candidates(one, number)
    return [name for name, able in named(found, found.able).items() if not able]


def test_a_cohort_of_which_nobody_was_heard_is_passed_over_and_not_blamed() -> None:
    one = met(**SIX)
    one.record(booked(1, silent("a", "b")))
    assert passed_over(one, 2) == ["a", "b"]
    # The plan reckons with them from the next round on.
    assert online(candidates(one), 3)[0].tolist() == [False, True, True]
    # A round that was left out says nothing.
    one.record(booked(2, {}))
    assert passed_over(one, 3) == ["a", "b"]
    one.record(booked(3, silent("c", "d")))
    assert passed_over(one, 4) == ["a", "b", "c", "d"]
    assert {client.failures for client in one.known.values()} == {0}


def test_when_another_cohort_is_heard_those_before_are_blamed() -> None:
    one = met(**SIX)
    one.record(booked(1, silent("a", "b")))
    one.record(booked(2, silent("c", "d")))
    one.record(booked(3, {"e": Outcome.TRAINED} | silent("f", "d")))
    assert {name: c.failures for name, c in one.known.items()} == dict.fromkeys("abcdf", 1) | {
        "e": 0
    }
    assert passed_over(one, 4) == passed_over(one, 5) == ["a", "b", "c", "d", "f"]
    assert passed_over(one, 6) == []
    # Once blamed, they are not blamed again.
    one.record(booked(6, {"e": Outcome.TRAINED}))
    assert one.known["a"].failures == 1


@pytest.mark.parametrize("good", [Outcome.TRAINED, Outcome.DROPPED])
def test_when_one_of_them_is_heard_it_was_the_network(good: Outcome) -> None:
    one = met(**SIX)
    for number, names in enumerate(("ab", "cd", "ef"), start=1):
        one.record(booked(number, silent(*names)))
    assert passed_over(one, 4) == [*"abcdef"]
    one.record(booked(4, {"a": good, "b": Outcome.SILENT}))
    assert {name for name, client in one.known.items() if client.failures} == {"b"}
    assert passed_over(one, 5) == ["b"]


def test_who_is_blamed_with_its_cohort_rests_for_a_round_whatever_it_owes() -> None:
    one = met(a=1, b=2)
    # Each owes ten turns, and ten rounds are left.
    one.record(booked(9, silent("a")))
    one.record(booked(10, {"b": Outcome.TRAINED}))
    assert passed_over(one, 11) == ["a"]
    assert passed_over(one, 12) == []


def test_without_those_that_are_suspected_no_round_can_be_had() -> None:
    one = met(**SIX)
    one.record(booked(1, silent("a", "b")))
    one.forgive()
    assert passed_over(one, 2) == []


def test_who_is_chosen_and_not_written_to_rests_longer_and_longer() -> None:
    one = met(**SIX)
    # It owes nothing, so it may rest to the end.
    one.known["a"].turns = 3
    assert candidates(one, 1).lost == 0
    number = 1
    for rest in (1, 2, 4, 8):
        one.pass_over(["a"], number)
        for later in range(1, rest + 1):
            assert passed_over(one, number + later) == ["a"]
        number += rest + 1
        assert passed_over(one, number) == []
    assert one.known["a"].failures == 0
    # Four of six times in the one round in which clients were expected.
    assert candidates(one, number).lost == pytest.approx(4 / 6)
    # Once it is written to, it begins anew.
    one.record(booked(number, {"a": Outcome.TRAINED}))
    one.pass_over(["a"], number + 1)
    assert passed_over(one, number + 2) == ["a"]
    assert passed_over(one, number + 3) == []
